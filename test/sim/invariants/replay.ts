/** The journal of a process leads to the state in which it is: what happened can be looked into afterwards. */

import { isDeepStrictEqual } from 'node:util';
import { replay } from '../../../src/runtime/journal.js';
import { describeDirector } from '../../../src/vrrp/describe.js';
import type { Cluster } from '../cluster.js';
import type { VrrpHost } from '../vrrp-host.js';
import type { World } from '../world.js';

export function requireReplayable(world: World, host: VrrpHost, { machine }: Cluster): void {
  const { journal, seed } = host.journal();
  const replayed = describeDirector(replay(machine, seed, journal));
  if (!isDeepStrictEqual(replayed, host.snapshot())) world.fail('H1 the journal replays', host.plan.name);
}
