/** In steady state the log is silent: an hour of a cluster and an hour of a pool to which nothing happens. */

import { milliseconds } from '../../src/base/time.js';
import assert from 'node:assert/strict';
import test from 'node:test';

import { createLvsMachine } from '../../src/runtime/lvs-machine.js';
import { DIRECTOR } from '../../src/runtime/vrrp-driver.js';
import { createBackends } from './backends.js';
import { drawCluster } from './cluster-config.js';
import { createCluster } from './cluster.js';
import { createKernelTables } from './kernel-tables.js';
import { createLvsHost } from './lvs-host.js';
import { drawPool } from './pool-config.js';
import { mend } from './storm.js';
import { convergence } from './vrrp-run.js';
import { createWorld } from './world.js';

const HOUR = 3_600_000_000;

/** What was said, by anybody. */
function listener(): { readonly lines: string[]; readonly onTrace: (line: string) => void } {
  const lines: string[] = [];
  return { lines, onTrace: (line) => lines.push(line) };
}

for (const seed of [1, 2, 3]) {
  test(`a cluster in calm says nothing for an hour (seed ${seed})`, () => {
    const { lines, onTrace } = listener();
    const world = createWorld(seed, { onTrace });
    const cluster = createCluster(world, drawCluster(world), { machine: DIRECTOR, drains: true });
    for (const host of cluster.hosts) host.powerOn();
    mend(cluster, new Set());
    world.pass(2 * convergence(cluster));
    assert.ok(lines.some((line) => /^ {4}.* Entering \w+ STATE/.test(line)), 'it spoke while it had something to say');
    lines.length = 0;
    world.pass(HOUR);
    assert.deepEqual(lines.filter((line) => line.startsWith('    ')), []);
  });

  test(`a pool in calm says nothing for an hour (seed ${seed})`, () => {
    const { lines, onTrace } = listener();
    const world = createWorld(seed, { onTrace });
    const kernel = createKernelTables(world, () => undefined);
    const host = createLvsHost({ world, kernel, backends: createBackends(world), config: drawPool(world), machine: createLvsMachine({ lvsFlush: false, foresight: milliseconds(200), slack: milliseconds(50) }) });
    host.start();
    world.pass(600_000_000);
    assert.ok(lines.some((line) => line.startsWith('    ')), 'it spoke while it had something to say');
    lines.length = 0;
    world.pass(HOUR);
    assert.deepEqual(lines.filter((line) => line.startsWith('    ')), []);
  });
}
