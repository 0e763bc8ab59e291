/** Root of the BFD process: opens its sockets, wires them to the sessions' driver and serves the supervisor. */

import { randomInt } from 'node:crypto';
import type { BfdEvent } from '../bfd/events.js';
import type { GlobalConfig } from '../conf/model.js';
import { openBfdChannels } from '../io/sockets/bfd-channels.js';
import { openClock } from '../io/clock.js';
import { bfdDumpText } from '../runtime/bfd-dump-text.js';
import { createBfdDriver } from '../runtime/bfd-driver.js';
import { drawAtOnce } from './feed/publisher.js';
import { enterChild } from './children/child.js';
import type { ChildSettings } from './children/ipc.js';
import { writeDump } from './dumps/dump.js';
import { dumpFilePath, processTitle } from './start/process-names.js';
import { createScheduling } from './children/scheduling.js';

/** Runs until the supervisor asks for the end or is gone. */
export function runBfd(settings: ChildSettings): void {
  const child = enterChild('bfd', settings);
  const { log, tell, report } = child;
  const deliver = (event: BfdEvent): void => driver.deliver(event);
  const scheduling = createScheduling('bfd', tell);
  const clock = openClock();
  const channels = openBfdChannels(deliver);
  const driver = createBfdDriver(
    {
      clock,
      alarm: scheduling.openAlarm(clock, () => driver.onAlarm()),
      channels,
      followers: { tell: (session, up) => report({ type: 'session', change: { session, up, at: clock.now() } }) },
      logger: log,
    },
    { seed: randomInt(2 ** 32), onStopped: child.leave },
  );
  let configuration: GlobalConfig | undefined;
  child.serve({
    configure: ({ global, bfd, umask }, done) => {
      process.umask(umask);
      process.title = processTitle('bfd', global);
      scheduling.configure(global);
      if (configuration !== undefined) tell({ type: 'childReloading' });
      configuration = global;
      deliver({ type: 'reconfigured', config: bfd });
      done();
    },
    draw: () => drawAtOnce(driver.snapshot()),
    dataText: () => (configuration === undefined ? undefined : bfdDumpText(driver.snapshot())),
    dump: (kind) => {
      if (kind !== 'data' || configuration === undefined) return;
      tell({ type: 'dumping', subject: 'BFD', pid: process.pid });
      writeDump(dumpFilePath('bfd', configuration), bfdDumpText(driver.snapshot()), tell);
    },
    // Its sessions begin anew, as after any end of this process; whoever follows them is told nothing by that.
    relieve: child.quit,
    stop: () => deliver({ type: 'stopRequested' }),
  });
}
