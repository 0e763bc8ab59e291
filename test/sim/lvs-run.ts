/**
 * One seed of the LVS simulation: servers that come and go, a kernel that is slow, absent or changed by others, a process
 * that suffers; then calm, in which the kernel must hold exactly what an independent reading of the configuration says.
 */

import { milliseconds } from '../../src/base/time.js';
import { createLvsMachine } from '../../src/runtime/lvs-machine.js';
import type { LvsMachine } from '../../src/runtime/lvs-machine.js';
import { serviceKey } from '../../src/ipvs/tables.js';
import type { ServiceKey } from '../../src/ipvs/tables.js';
import { createBackends } from './backends.js';
import type { Backends } from './backends.js';
import { CALM_TABLES_LATENCY, createKernelTables } from './kernel-tables.js';
import type { KernelTables } from './kernel-tables.js';
import { createLvsHost } from './lvs-host.js';
import type { LvsHost } from './lvs-host.js';
import { lvsStorm } from './lvs-storm.js';
import { BACKENDS, drawPool, expectedDestinations, slowestChange } from './pool-config.js';
import { createWorld } from './world.js';
import type { World, WorldOptions } from './world.js';
import type { RunResult } from './vrrp-run.js';

export interface LvsRunOptions extends WorldOptions {
  /** The machine under test; production's unless a fault is planted. */
  readonly machine?: LvsMachine;
}

export interface LvsWorld {
  readonly world: World;
  readonly kernel: KernelTables;
  readonly backends: Backends;
  readonly host: LvsHost;
  /** Services that belong to nobody we know: never ours, or left over by a process that was killed. */
  readonly foreign: Set<ServiceKey>;
  /** While others change the tables or break exchanges, refused commands are excused. */
  readonly excuse: (refusals: boolean) => void;
}

/** What drift costs at most: a look every second, two requests, alarms. */
const REPAIR = 2_000_000;

export function runLvs(seed: number, options: LvsRunOptions = {}): RunResult {
  const world = createWorld(seed, options);
  let excused = false;
  const kernel = createKernelTables(world, (op, code) => {
    if (code !== undefined && !excused) world.fail('E2 every command is valid', `${op.type} ${op.key} answers ${code}`);
  });
  const backends = createBackends(world);
  const config = drawPool(world);
  const host = createLvsHost({ world, kernel, backends, config, machine: options.machine ?? createLvsMachine({ lvsFlush: false, foresight: milliseconds(200), slack: milliseconds(50) }) });
  const foreign = new Set<ServiceKey>();
  const lvs: LvsWorld = {
    world,
    kernel,
    backends,
    host,
    foreign,
    excuse: (refusals) => {
      excused = refusals;
    },
  };

  host.start();
  world.pass(world.between(0, 5_000_000));
  lvsStorm(lvs, world.between(10_000_000, 60_000_000));
  world.trace('calm');
  world.pass(settling(lvs));
  lvs.excuse(false);
  requireExpected(lvs, 'after the storm');
  repairs(lvs);
  oneServerChanges(lvs);
  stops(lvs);
  return { traceHash: world.traceHash(), coverage: world.coverage(), virtualSeconds: world.now() / 1e6 };
}

/** Refused commands and broken exchanges are tried again after pauses of up to some seconds. */
function settling({ host }: LvsWorld): number {
  return slowestChange(host.config()) + 35_000_000;
}

function requireExpected(lvs: LvsWorld, when: string): void {
  const { world, kernel, host, backends, foreign } = lvs;
  const tables = kernel.tables();
  const ours = new Set<ServiceKey>();
  for (const virtualServer of host.config().virtualServers) {
    for (const service of virtualServer.services) {
      const key = serviceKey(service.identity);
      ours.add(key);
      const entry = tables.get(key);
      const actual = [...(entry?.destinations.values() ?? [])].map(({ address, weight }) => `${address} ${weight}`).sort().join(', ');
      const expected = expectedDestinations(virtualServer, backends);
      if (entry === undefined || !expected.includes(actual)) {
        const found = entry === undefined ? 'is missing' : `holds [${actual}]`;
        world.fail('K2 the kernel holds what is desired', `${when}: ${key} ${found}, not [${expected.join('] or [')}]`);
      }
      if (entry?.service.scheduler !== service.scheduler) world.fail('K2 the kernel holds what is desired', `${key}: scheduler`);
    }
  }
  for (const key of tables.keys()) {
    if (!ours.has(key) && !foreign.has(key)) world.fail('K3 nothing is left behind', `${when}: ${key} is in the kernel`);
  }
  for (const key of foreign) {
    if (!tables.has(key)) world.fail('F1 foreign services stay', `${when}: ${key} is gone`);
  }
}

/** ipvsadm -C behind our back: two seconds later it is as if nothing had happened. */
function repairs(lvs: LvsWorld): void {
  const { world, kernel, foreign } = lvs;
  world.cover('repair');
  lvs.excuse(true);
  kernel.interfere((tables) => tables.clear());
  foreign.clear();
  world.pass(REPAIR);
  requireExpected(lvs, 'after ipvsadm -C');
  lvs.excuse(false);
}

/** One server changes in calm: it has left, or come back to, the kernel within the bound of its checkers. */
function oneServerChanges(lvs: LvsWorld): void {
  const { world, backends, host } = lvs;
  const backend = world.pick(BACKENDS);
  const next = backends.isHealthy(backend) ? world.pick(['refusing', 'hanging'] as const) : 'up';
  world.cover(`single ${next}`);
  world.pass(world.between(0, 3_000_000));
  backends.set(backend, next);
  world.trace(`${backend} ${next}`);
  world.pass(slowestChange(host.config()) + 4 * CALM_TABLES_LATENCY);
  requireExpected(lvs, `after ${backend} became ${next}`);
}

/** An orderly stop leaves nothing of ours and everything of others. */
function stops(lvs: LvsWorld): void {
  const { world, kernel, host, foreign } = lvs;
  host.stop();
  world.pass(3_100_000);
  if (host.isRunning()) world.fail('Q2 a stop ends', 'the process still runs');
  const left = [...kernel.tables().keys()].filter((key) => !foreign.has(key));
  if (left.length > 0) world.fail('K4 a stop leaves nothing', left.join(', '));
}

