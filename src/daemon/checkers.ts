/** Root of the checkers process: opens its adapters, wires them to the LVS driver and serves the supervisor. */

import type { GlobalConfig } from '../conf/model.js';
import { openAlarm } from '../io/alarm.js';
import { openClock } from '../io/clock.js';
import { openIpvs } from '../io/ipvs-kernel.js';
import { openTcpProber } from '../io/probes/tcp.js';
import type { LvsDriver } from '../runtime/lvs-driver.js';
import { createLvsDriver } from '../runtime/lvs-driver.js';
import type { LvsEvent } from '../runtime/lvs-machine.js';
import type { LvsPorts } from '../runtime/ports.js';
import type { ChildContext } from './child.js';
import { enterChild } from './child.js';
import { renderDump, writeDump } from './dump.js';
import type { DumpKind } from './ipc.js';

/** Runs until the supervisor asks for the end or is gone. */
export function runCheckers(settingsText: string | undefined): void {
  const child = enterChild('checkers', settingsText);
  const { tell, settings } = child;
  const deliver = (event: LvsEvent): void => driver?.deliver(event);
  const ports = openPorts(child, deliver, () => driver?.onAlarm());
  let driver: LvsDriver | undefined;
  let global: GlobalConfig | undefined;
  child.serve({
    configure: (part, done) => {
      process.title = part.global.checkerProcessName;
      if (driver !== undefined) tell({ type: 'childReloading' });
      global = part.global;
      driver ??= createLvsDriver(ports, { seed: process.pid, lvsFlush: global.lvsFlush, onStopped: child.leave });
      deliver({ type: 'reconfigured', config: part.pool });
      done();
    },
    dump: (kind) => dump(kind, driver, child),
    stop: () => {
      if (driver === undefined) child.leave();
      else deliver({ type: 'stopRequested', release: releaseAtStop(settings.keepAtExit, global) });
    },
  });
}

/** --dont-release-ipvs wins over lvs_flush_on_stop. */
function releaseAtStop(keep: boolean, global: GlobalConfig | undefined): 'own' | 'all' | 'nothing' {
  if (keep) return 'nothing';
  return global?.lvsFlushOnStop === 'all' ? 'all' : 'own';
}

function openPorts(
  { log, tell }: ChildContext<'checkers'>,
  deliver: (event: LvsEvent) => void,
  onAlarm: () => void,
): LvsPorts {
  const clock = openClock();
  const tcp = openTcpProber(clock, (id, verdict) => deliver({ type: 'probeAnswered', id, verdict }));
  return {
    clock,
    alarm: openAlarm(onAlarm),
    ipvs: openIpvs(deliver),
    probes: {
      start: (id, spec, deadline) => {
        if (spec.type === 'tcp') tcp.start(id, spec.connection, deadline);
      },
      cancel: tcp.cancel,
    },
    commands: { run: (key) => tell({ type: 'remark', text: `Notify script of ${key} is not supported yet - not run` }) },
    logger: log,
  };
}

function dump(kind: DumpKind, driver: LvsDriver | undefined, { tell, settings }: ChildContext<'checkers'>): void {
  if (kind !== 'data' || driver === undefined) return;
  tell({ type: 'dumping', subject: 'checker', pid: process.pid });
  const { pool, reconciler } = driver.snapshot();
  const sections = [
    { title: 'Health checkers', content: pool },
    { title: 'LVS Topology', content: reconciler },
  ];
  writeDump(settings.dumpFile, renderDump(sections), tell);
}
