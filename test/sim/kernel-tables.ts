/**
 * One host's LVS tables as its kernel keeps them, with the errnos of linux/net/netfilter/ipvs/ip_vs_ctl.c. It answers
 * late, may be absent, and others may change it.
 */

import type { OpFailure } from '../../src/ipvs/events.js';
import type { Op } from '../../src/ipvs/plan.js';
import type { Destination, DestinationKey, Service, ServiceKey, Tables } from '../../src/ipvs/tables.js';
import type { World } from './world.js';

export interface KernelTables {
  readonly snapshot: (answer: (tables: Tables | undefined) => void) => void;
  /**
   * `undefined` failures: the exchange itself broke after some of the ops. A process that has died by the time the kernel
   * gets to them has not sent them.
   */
  readonly apply: (
    ops: readonly Op[],
    isAlive: () => boolean,
    answer: (failures: readonly OpFailure[] | undefined) => void,
  ) => void;
  readonly tables: () => Tables;
  /** What an operator does: the tables, while there are any, are handed over to be changed. */
  readonly interfere: (change: (tables: MutableTables) => void) => void;
  /** False: ip_vs is not loaded, everything answers ENOENT. */
  readonly setLoaded: (loaded: boolean) => void;
  /** Longest time for one request in microseconds, and the probability that an exchange breaks. */
  readonly setTrouble: (latency: number, breaking: number) => void;
}

export interface MutableEntry {
  service: Service;
  readonly destinations: Map<DestinationKey, Destination>;
}

export type MutableTables = Map<ServiceKey, MutableEntry>;

const ERRNO = { ENOENT: 2, ESRCH: 3, EEXIST: 17 } as const;
type Code = keyof typeof ERRNO;

export const CALM_TABLES_LATENCY = 5_000;

/** `onOp` hears every command with its errno name, or undefined when it was done. */
export function createKernelTables(world: World, onOp: (op: Op, code: Code | undefined) => void): KernelTables {
  const tables: MutableTables = new Map();
  let loaded = true;
  let latency = CALM_TABLES_LATENCY;
  let breaking = 0;
  let busyUntil = 0;

  const inTurn = (run: () => void): void => {
    busyUntil = Math.max(busyUntil, world.now()) + world.between(100, latency);
    world.at(busyUntil, run);
  };

  const performAll = (ops: readonly Op[]): readonly OpFailure[] | undefined => {
    const breaksAt = world.chance(breaking) ? world.between(0, ops.length) : -1;
    const before = occupied(tables);
    const failures: OpFailure[] = [];
    const emptied = new Set<ServiceKey>();
    for (const [index, op] of ops.entries()) {
      if (index === breaksAt) break;
      const code = perform(tables, op);
      onOp(op, code);
      if (code !== undefined) failures.push({ index, code, errno: ERRNO[code] });
      if (before.has(op.key) && tables.get(op.key)?.destinations.size === 0) emptied.add(op.key);
    }
    for (const key of emptied) {
      if (breaksAt < 0 && occupied(tables).has(key)) world.fail('E1 never empty on the way', `${key} was empty between two ops`);
    }
    world.trace(`applied ${ops.length} ${failures.length}`);
    return breaksAt < 0 ? failures : undefined;
  };

  return {
    snapshot: (answer) =>
      inTurn(() => {
        if (!loaded || world.chance(breaking)) answer(undefined);
        else answer(copyOf(tables));
      }),
    apply: (ops, isAlive, answer) =>
      inTurn(() => {
        if (isAlive()) answer(loaded ? performAll(ops) : undefined);
      }),
    tables: () => tables,
    interfere: (change) => {
      if (loaded) change(tables);
    },
    setLoaded: (next) => {
      if (loaded && !next) tables.clear();
      loaded = next;
    },
    setTrouble: (nextLatency, nextBreaking) => {
      latency = nextLatency;
      breaking = nextBreaking;
    },
  };
}

function perform(tables: MutableTables, op: Op): Code | undefined {
  const entry = tables.get(op.key);
  switch (op.type) {
    case 'addService':
      if (entry !== undefined) return 'EEXIST';
      tables.set(op.key, { service: op.service, destinations: new Map() });
      return undefined;
    case 'editService':
      if (entry === undefined) return 'ESRCH';
      entry.service = op.service;
      return undefined;
    case 'deleteService':
      return tables.delete(op.key) ? undefined : 'ESRCH';
    case 'addDestination':
      if (entry === undefined) return 'ESRCH';
      if (entry.destinations.has(op.destinationKey)) return 'EEXIST';
      entry.destinations.set(op.destinationKey, op.destination);
      return undefined;
    case 'editDestination':
      if (entry === undefined) return 'ESRCH';
      if (!entry.destinations.has(op.destinationKey)) return 'ENOENT';
      entry.destinations.set(op.destinationKey, op.destination);
      return undefined;
    case 'deleteDestination':
      if (entry === undefined) return 'ESRCH';
      return entry.destinations.delete(op.destinationKey) ? undefined : 'ENOENT';
  }
}

function occupied(tables: MutableTables): ReadonlySet<ServiceKey> {
  return new Set([...tables].filter(([, { destinations }]) => destinations.size > 0).map(([key]) => key));
}

function copyOf(tables: MutableTables): Tables {
  return new Map(
    [...tables].map(([key, { service, destinations }]) => [key, { service, destinations: new Map(destinations) }]),
  );
}
