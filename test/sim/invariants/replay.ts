/** The journal of a process leads to the state in which it is: what happened can be looked into afterwards. */

import { isDeepStrictEqual } from 'node:util';
import { replay } from '../../../src/runtime/journal.js';
import { describeDirector } from '../../../src/vrrp/describe.js';
import type { Cluster } from '../cluster.js';

export function requireReplayable({ world, machine, hosts }: Cluster): void {
  for (const host of hosts) {
    const history = host.history();
    if (history === undefined) continue;
    const replayed = describeDirector(replay(machine, history.seed, history.journal));
    if (!isDeepStrictEqual(replayed, host.snapshot())) world.fail('H1 the journal replays', host.plan.name);
  }
}
