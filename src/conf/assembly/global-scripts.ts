/** Programs and FIFOs of the daemon as a whole, with their accounts. */

import type { AccountName, Command } from '../../base/command.js';
import type { Word } from '../cst.js';
import type { FifoPlace } from '../keywords/global-scripts.js';
import type { Located } from '../keywords/schema.js';
import type { FifoConfig, FifoContent, GlobalConfig, ScriptsConfig, TimedCommand } from '../model.js';
import { buildCommand, withSupplementaryGroups } from './context.js';
import type { Build } from './context.js';
import { given } from '../../base/given.js';

/** Whom keepalived runs scripts as that name nobody, if the machine has it. */
const DEFAULT_ACCOUNT = 'keepalived_script';

/** Seconds startup_script and shutdown_script may take. */
const SCRIPT_LIMIT = 10;

/** script_user; an account that the machine does not have counts as none. */
export function buildScriptUser(build: Build): AccountName | undefined {
  const located = build.globals.script_user;
  if (located === undefined || !isKnown(build, located)) return undefined;
  return withSupplementaryGroups(build, located.value);
}

export function buildScripts(build: Build): ScriptsConfig {
  const { globals } = build;
  return {
    keepLinks: globals.use_symlink_paths?.value ?? false,
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
  checkDefaultAccount(build, place.at);
  return { ...place.value, ...(reader === undefined ? {} : { reader: buildCommand(build, reader) }) };
}

function timed(
  build: Build,
  script: Located<Command> | undefined,
  limit: Located<number> | undefined,
): TimedCommand | undefined {
  if (script === undefined) return undefined;
  const { user, group } = script.value;
  if (user === undefined ? !checkDefaultAccount(build, script.at) : !isKnown(build, { ...script, value: { user, ...given({ group }) } })) {
    return undefined;
  }
  return { command: buildCommand(build, script), limit: limit?.value ?? SCRIPT_LIMIT };
}

/** With script security scripts do not run as root just because nobody named an account. */
function checkDefaultAccount({ accountExists, findings, globals }: Build, at: Word): boolean {
  if (accountExists === undefined || globals.enable_script_security === undefined || globals.script_user !== undefined) return true;
  if (accountExists({ user: DEFAULT_ACCOUNT })) return true;
  const message = `there is no account ${DEFAULT_ACCOUNT}, and script security forbids to run scripts as root instead`;
  findings.report('badValue', at, message, 'name one: script_user USER');
  return false;
}

function isKnown({ accountExists, findings }: Build, { at, value }: Located<AccountName>): boolean {
  if (accountExists === undefined || accountExists(value)) return true;
  const named = value.group === undefined ? value.user : `${value.user} with group ${value.group}`;
  findings.report('badValue', at, `there is no account ${named} on this machine; the line is ignored`);
  return false;
}
