/** One simulated checkers process: the production driver and machine between backends, a kernel and a clock. */

import type { PoolConfig } from '../../src/health/config.js';
import type { Verdict } from '../../src/health/events.js';
import { createLvsDriver } from '../../src/runtime/lvs-driver.js';
import type { LvsDriver } from '../../src/runtime/lvs-driver.js';
import type { LvsEvent, LvsMachine } from '../../src/runtime/lvs-machine.js';
import type { LvsPorts } from '../../src/runtime/ports.js';
import type { Backends } from './backends.js';
import type { KernelTables } from './kernel-tables.js';
import type { World } from './world.js';

export interface LvsHost {
  readonly config: () => PoolConfig;
  readonly isRunning: () => boolean;
  readonly start: () => void;
  readonly kill: () => void;
  readonly pause: (span: number) => void;
  readonly wake: () => void;
  readonly reload: (config: PoolConfig) => void;
  /** TERM; ends once the machine says that it has stopped. */
  readonly stop: () => void;
  readonly snapshot: () => ReturnType<LvsDriver['snapshot']>;
}

export interface LvsHostOptions {
  readonly world: World;
  readonly kernel: KernelTables;
  readonly backends: Backends;
  readonly config: PoolConfig;
  readonly machine: LvsMachine;
}

interface Process {
  readonly driver: LvsDriver;
  readonly probes: Set<number>;
  /** Passes that nobody waits for. */
  readonly untold: Map<number, () => void>;
  readonly attended: Set<number>;
  /** Series between two questions: what asks the next. */
  readonly resting: Map<number, () => void>;
  /** Of the configuration that it has heard. */
  checkers: number;
  paused: boolean;
  alarmPlan: number;
  alarmDue: boolean;
  /** What has arrived while it was paused, in order. */
  readonly waiting: LvsEvent[];
}

export function createLvsHost(options: LvsHostOptions): LvsHost {
  const { world, kernel, backends, machine } = options;
  let config = options.config;
  let current: Process | undefined;

  const deliver = (process: Process, event: LvsEvent): void => {
    if (process !== current) return;
    if (process.paused) process.waiting.push(event);
    else {
      world.cover(`lvs ${event.type}`);
      if (event.type === 'reconfigured') process.checkers = countCheckers(event.config);
      process.driver.deliver(event);
    }
  };

  const alarm = (process: Process): void => {
    if (process !== current) return;
    if (process.paused) process.alarmDue = true;
    else {
      process.alarmDue = false;
      process.driver.onAlarm();
    }
  };

  const ports = (self: () => Process): LvsPorts => ({
    clock: { now: world.now },
    alarm: {
      set: (deadline) => {
        const process = self();
        process.alarmPlan += 1;
        process.alarmDue = false;
        const planned = process.alarmPlan;
        if (deadline === undefined) return;
        const jitter = world.chance(0.1) ? -world.between(0, 200) : world.between(0, 1_000);
        world.at(deadline + jitter, () => {
          if (process.alarmPlan === planned) alarm(process);
        });
      },
    },
    ipvs: {
      snapshot: (id) => {
        const process = self();
        kernel.snapshot((tables) =>
          deliver(process, tables === undefined ? { type: 'snapshotFailed', id, code: 'ENOENT' } : { type: 'snapshotTaken', id, tables }),
        );
      },
      apply: (id, ops) => {
        const process = self();
        const isAlive = (): boolean => process === current;
        kernel.apply(ops, isAlive, (failures) => {
          if (failures === undefined) deliver(process, { type: 'opsFailed', id, code: 'ENOBUFS', failures: [] });
          else if (failures.length === 0) deliver(process, { type: 'opsApplied', id });
          else deliver(process, { type: 'opsFailed', id, code: failures[0]?.code ?? '', failures });
        });
      },
    },
    probes: {
      start: (id, spec, deadline, series) => {
        const process = self();
        process.probes.add(id);
        const limit = process.checkers;
        if (process.probes.size > limit) world.fail('B1 one probe per checker', `${process.probes.size} probes for ${limit} checkers`);
        const answered = (verdict: Verdict): void => {
          const event: LvsEvent = { type: 'probeAnswered', id, verdict, at: world.now() };
          const tell = (): void => {
            process.untold.delete(id);
            if (process.probes.delete(id)) deliver(process, event);
          };
          // A pass that changes nothing is told when it suits, or never, where the question is asked again.
          if (series === undefined || verdict.type !== 'passed' || process.attended.has(id)) tell();
          else if (world.now() + series.every <= series.until) {
            process.resting.set(id, begin);
            world.after(series.every, () => process.resting.get(id)?.());
          } else {
            process.untold.set(id, tell);
            world.after(world.between(0, 250_000), tell);
          }
        };
        const begin = (): void => {
          process.resting.delete(id);
          if (process.probes.has(id)) backends.probe(spec, deadline, answered);
        };
        if (series === undefined || series.at <= world.now()) begin();
        else world.at(series.at, begin);
      },
      attend: (id) => {
        self().attended.add(id);
        self().untold.get(id)?.();
        self().resting.get(id)?.();
      },
      seen: () => [],
      drain: () => {
        for (const tell of [...self().untold.values()]) tell();
      },
      cancel: (id) => void self().probes.delete(id),
    },
    commands: { run: () => undefined },
    fifo: { write: () => undefined },
    alerts: { send: () => undefined },
    reports: { send: () => undefined, sendServices: () => undefined },
    logger: {
      log: (entry) => {
        world.explain(`    ${entry.text}`);
        world.trace(entry.event);
      },
    },
  });

  const wake = (): void => {
    const process = current;
    if (process?.paused !== true) return;
    process.paused = false;
    const hear = (): void => {
      for (const event of process.waiting.splice(0)) deliver(process, event);
    };
    const expire = (): void => {
      if (process.alarmDue) alarm(process);
    };
    // A driver must not depend on the order in which an awakened loop serves timers and sockets.
    for (const serve of world.chance(0.6) ? [expire, hear] : [hear, expire]) serve();
  };

  return {
    config: () => config,
    isRunning: () => current !== undefined,
    start: () => {
      if (current !== undefined) return;
      const self = (): Process => process;
      const process: Process = {
        driver: createLvsDriver(ports(self), {
          seed: world.between(1, 1 << 30),
          lvsFlush: false,
          machine,
          onStopped: () => {
            world.trace('stopped');
            if (process === current) current = undefined;
          },
        }),
        probes: new Set(),
        untold: new Map(),
        attended: new Set(),
        resting: new Map(),
        checkers: countCheckers(config),
        paused: false,
        alarmPlan: 0,
        alarmDue: false,
        waiting: [],
      };
      current = process;
      world.trace('starts');
      process.driver.deliver({ type: 'reconfigured', config });
    },
    kill: () => {
      current = undefined;
    },
    pause: (span) => {
      const process = current;
      if (process === undefined || process.paused) return;
      process.paused = true;
      world.after(span, () => {
        if (process === current) wake();
      });
    },
    wake,
    reload: (next) => {
      config = next;
      if (current !== undefined) deliver(current, { type: 'reconfigured', config: next });
    },
    stop: () => {
      if (current !== undefined) deliver(current, { type: 'stopRequested', release: 'own' });
    },
    snapshot: () => {
      if (current === undefined) throw new Error('the checkers are not running');
      return current.driver.snapshot();
    },
  };
}

function countCheckers({ virtualServers }: PoolConfig): number {
  return virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ checkers }) => checkers)).length;
}
