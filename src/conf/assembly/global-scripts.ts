/** Programs and FIFOs of the daemon as a whole, with their accounts. */

import type { Command } from '../../base/command.js';
import type { FifoPlace } from '../keywords/global-scripts.js';
import type { Located } from '../keywords/schema.js';
import type { FifoConfig, FifoContent, GlobalConfig, ScriptsConfig, TimedCommand } from '../model.js';
import { defaultAccount } from './accounts.js';
import type { Build } from './context.js';
import { buildScript } from './scripts.js';
import { given } from '../../base/given.js';

/** Seconds startup_script and shutdown_script may take. */
const SCRIPT_LIMIT = 10;

export function buildScripts(build: Build): ScriptsConfig {
  const { globals } = build;
  return {
    ...given({
      startup: timed(build, globals.startup_script, globals.startup_script_timeout),
      shutdown: timed(build, globals.shutdown_script, globals.shutdown_script_timeout),
    }),
  };
}

export function buildFifoContent({ globals }: Build): FifoContent {
  return {
    priorityChanges: globals.vrrp_notify_priority_changes?.value ?? false,
    statesAfterReload: globals.fifo_write_vrrp_states_on_reload !== undefined,
  };
}

/** The same path twice is one FIFO: notify_fifo. */
export function buildFifos(build: Build): Pick<GlobalConfig, 'notifyFifo' | 'vrrpNotifyFifo' | 'lvsNotifyFifo'> {
  const { globals } = build;
  const common = fifoOf(build, globals.notify_fifo, globals.notify_fifo_script);
  function other(place: Located<FifoPlace> | undefined, reader: Located<Command> | undefined): FifoConfig | undefined {
    return place !== undefined && place.value.path === common?.path ? undefined : fifoOf(build, place, reader);
  }
  return given({
    notifyFifo: common,
    vrrpNotifyFifo: other(globals.vrrp_notify_fifo, globals.vrrp_notify_fifo_script),
    lvsNotifyFifo: other(globals.lvs_notify_fifo, globals.lvs_notify_fifo_script),
  });
}

function fifoOf(
  build: Build,
  place: Located<FifoPlace> | undefined,
  reader: Located<Command> | undefined,
): FifoConfig | undefined {
  if (place === undefined) {
    if (reader !== undefined) build.findings.report('uselessLine', reader.at, 'there is no FIFO for this program to read');
    return undefined;
  }
  // Who a FIFO belongs to is settled like the account of a script.
  if (place.value.owner === undefined && build.globals.script_user === undefined && build.host !== undefined) defaultAccount(build, build.host, place.at);
  return { ...place.value, ...given({ reader: buildScript(build, reader) }) };
}

function timed(
  build: Build,
  script: Located<Command> | undefined,
  limit: Located<number> | undefined,
): TimedCommand | undefined {
  const command = buildScript(build, script, 'scriptAccount');
  return command === undefined ? undefined : { command, limit: limit?.value ?? SCRIPT_LIMIT };
}
