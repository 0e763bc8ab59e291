/** Pools for the tests of this room, and one run in virtual time with answers that the test chooses. */

import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { CheckerConfig, HttpUrl, ConnectionOptions } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import type { PassSeen, PoolEffect, PoolEvent, PoolReport, ProbeFailure, Series, Verdict } from '../../src/health/events.js';
import type { HealthNote } from '../../src/health/notes.js';
import { initialPool } from '../../src/health/pool-state.js';
import type { PoolState } from '../../src/health/pool-state.js';
import { poolDeadline, stepPool } from '../../src/health/pool.js';
import type { Service } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';

export function connection(last: number, port = 80): ConnectionOptions {
  return { address: address(`198.51.100.${last}`), port, fwmark: 0, connectTimeout: seconds(1) };
}

const SCHEDULE = {
  delayLoop: seconds(10),
  retry: 1,
  delayBeforeRetry: seconds(1),
  warmup: micros(0),
  alpha: false,
  logAllFailures: false,
};

export function tcpCheck(last: number, changes: Partial<CheckerConfig> = {}): CheckerConfig {
  return { check: { type: 'TCP_CHECK', connection: connection(last) }, ...SCHEDULE, ...changes };
}

export function url(path: string, digest?: string): HttpUrl {
  return { path, statusCodes: [], ...(digest === undefined ? {} : { digest }) };
}

export function webCheck(
  last: number,
  urls: readonly HttpUrl[],
  changes: Partial<CheckerConfig> = {},
  fastRecovery = false,
): CheckerConfig {
  return {
    check: {
      type: 'HTTP_GET',
      connection: connection(last),
      urls,
      protocol: '1.0',
      serverNames: urls.map(() => undefined),
      fastRecovery,
    },
    ...SCHEDULE,
    ...changes,
  };
}

/** Checked by TCP unless told otherwise. */
export function realServer(last: number, changes: Partial<RealServerConfig> = {}): RealServerConfig {
  return {
    address: address(`198.51.100.${last}`),
    port: 80,
    weight: 1,
    method: 'nat',
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibitOnFailure: false,
    checkers: [tcpCheck(last)],
    ...changes,
  };
}

export function service(last: number): Service {
  return {
    identity: { kind: 'address', protocol: 'tcp', address: address(`192.0.2.${last}`), port: 80 },
    scheduler: 'rr',
    flags: 0,
    persistenceTimeout: 0,
    persistenceGranularity: '255.255.255.255',
  };
}

export function virtualServer(
  last: number,
  realServers: readonly RealServerConfig[],
  changes: Partial<VirtualServerConfig> = {},
): VirtualServerConfig {
  return {
    name: `[192.0.2.${last}]:tcp:80`,
    services: [service(last)],
    realServers,
    quorum: 1,
    hysteresis: 0,
    omega: false,
    ...changes,
  };
}

export function command(name: string): { readonly argv: readonly string[] } {
  return { argv: [name] };
}

export const PASSED: Verdict = { type: 'passed', latency: milliseconds(1) };

export function failure(type: 'refused' | 'connectTimeout' = 'refused'): Verdict {
  return { type: 'failed', failure: { type }, latency: milliseconds(1) };
}

export function statusFailure(status: number): Verdict {
  const reason: ProbeFailure = { type: 'statusCode', status };
  return { type: 'failed', failure: reason, latency: milliseconds(1) };
}

/** `TYPE SERVER VIRTUAL-SERVER`, the words of a note that stand for it in a test. */
export function brief(note: HealthNote): string {
  const server = 'server' in note ? ` ${short(note.server)}` : '';
  return `${note.type}${server} ${short(note.virtualServer)}`;
}

/** Last number of the address: `[198.51.100.3]:tcp:80` is 3. */
function short(name: string): string {
  return /\.(\d+)\]/.exec(name)?.[1] ?? name;
}

/** What a question is about: the last number of its address, and the path it asks for. */
export type Answerer = (last: number, path: string | undefined) => Verdict | undefined;

/** So much later are answers told that nobody waits for. */
const QUIET = milliseconds(250);

type Probe = Extract<PoolEffect, { type: 'startProbe' }>;

/** A pool in virtual time. Probes are answered `latency` later by `answer`, or never if it says undefined. */
export class PoolRun {
  now: Micros = micros(0);
  state: PoolState;
  readonly notes: HealthNote[] = [];
  /** `SECONDS ADDRESS PATH` of every question. */
  readonly questions: string[] = [];
  /** First words of every command. */
  readonly commands: string[] = [];
  /** Which object each command belongs to. */
  readonly commandKeys: string[] = [];
  /** `SERVER VIRTUAL-SERVER UP` or `VIRTUAL-SERVER DOWN`, by the last numbers of the addresses. */
  readonly states: string[] = [];
  /** Like `states`, with why. */
  readonly mails: string[] = [];
  /** What other processes have been told. */
  readonly reports: PoolReport[] = [];
  readonly cancelled: number[] = [];
  readonly attended: number[] = [];
  /** Series handed over ahead of their time. */
  readonly handedOver: { readonly now: Micros; readonly at: Micros }[] = [];
  answer: Answerer = () => PASSED;
  /** From a question to its answer. */
  latency: Micros = micros(1_000);
  /** What servers and probes do, in the order of time. */
  #plans: { readonly at: number; readonly run: () => void }[] = [];
  /** Series between two questions. */
  readonly #resting = new Map<number, PassSeen & { readonly askNow: () => void }>();

  /** `before`: what has been told before the first configuration. */
  constructor(config: PoolConfig, before: readonly PoolEvent[] = [], seed = 1, foresight = micros(0), slack = micros(0)) {
    this.state = initialPool(seed, foresight, slack);
    for (const event of before) this.deliver(event);
    this.deliver({ type: 'reconfigured', config });
  }

  deliver(event: PoolEvent): void {
    const step = stepPool(this.state, event, this.now);
    this.state = step.state;
    this.notes.push(...step.notes);
    for (const effect of step.effects) {
      if (effect.type === 'cancelProbe') this.cancelled.push(effect.id);
      else if (effect.type === 'runCommand') {
        this.commands.push(effect.command.argv[0] ?? '');
        this.commandKeys.push(effect.key);
      } else if (effect.type === 'tellState') {
        const { server, virtualServer, up } = effect;
        const subject = [...(server === undefined ? [] : [server]), virtualServer].map(short);
        this.states.push([...subject, up ? 'UP' : 'DOWN'].join(' '));
      } else if (effect.type === 'report') {
        this.reports.push(effect);
      } else if (effect.type === 'mail') {
        const { server, virtualServer, up, cause } = effect;
        this.mails.push([...[...(server === undefined ? [] : [server]), virtualServer].map(short), up ? 'UP' : 'DOWN', cause.type].join(' '));
      } else if (effect.type === 'attendProbe') {
        this.attended.push(effect.id);
        this.#resting.get(effect.id)?.askNow();
      } else if (effect.series === undefined) {
        this.#ask(effect, this.now);
      } else {
        const { series } = effect;
        this.handedOver.push({ now: this.now, at: series.at });
        this.#plan(series.at, () => this.#ask(effect, series.at, series));
      }
    }
  }

  /** What a real prober would say of the series under way. */
  look(): void {
    this.deliver({ type: 'passesSeen', seen: [...this.#resting.values()] });
  }

  #plan(at: number, run: () => void): void {
    this.#plans.push({ at, run });
    this.#plans.sort((one, other) => one.at - other.at);
  }

  #ask(probe: Probe, begins: number, series?: Series): void {
    const { spec } = probe;
    const last = Number(spec.type === 'misc' ? spec.command.argv.at(-1) : spec.connection.address.split('.')[3]);
    const path = spec.type === 'http' ? spec.url.path : undefined;
    this.questions.push([`${begins / 1e6}`, `${last}`, ...(path === undefined ? [] : [path])].join(' '));
    const verdict = this.answer(last, path);
    if (verdict === undefined) return;
    const at = micros(begins + this.latency);
    this.#plan(at, () => {
      if (series === undefined || verdict.type !== 'passed' || this.attended.includes(probe.id)) this.#tell(probe, verdict, at);
      else if (at + series.every <= series.until) this.#rest(probe, at, series);
      else this.#plan(at + QUIET, () => this.#tell(probe, verdict, at));
    });
  }

  #tell({ id }: Probe, verdict: Verdict, at: Micros): void {
    this.deliver({ type: 'probeAnswered', id, verdict, at });
  }

  /** It passed, and is asked again when its time has come. */
  #rest(probe: Probe, at: Micros, series: Series): void {
    const { id } = probe;
    const wake = (begins: Micros, next?: Series): void => {
      if (this.#resting.get(id) !== resting || this.cancelled.includes(id)) return;
      this.#resting.delete(id);
      this.#ask(probe, begins, next);
    };
    const resting = { id, latency: this.latency, at, askNow: () => wake(this.now) };
    this.#resting.set(id, resting);
    const again = micros(at + series.every);
    this.#plan(again, () => wake(again, series));
  }

  run(span: Micros): void {
    const end = this.now + span;
    for (;;) {
      const plan = this.#plans[0];
      const next = Math.min(plan?.at ?? Infinity, poolDeadline(this.state) ?? Infinity);
      if (next > end) break;
      this.now = micros(Math.max(this.now, next));
      if (plan !== undefined && plan.at <= next) {
        this.#plans.shift();
        plan.run();
      } else this.deliver({ type: 'timeout' });
    }
    this.now = micros(end);
  }

  /** The notes since the last call, in brief. */
  told(): string[] {
    return this.notes.splice(0).map(brief);
  }

  /** `ADDRESS=WEIGHT` of what should be in the kernel for one service. */
  table(last: number): string[] {
    const entry = desiredTables(this.state).get(`tcp 192.0.2.${last}:80`);
    return [...(entry?.destinations.values() ?? [])].map(({ address, weight }) => `${address.split('.')[3] ?? ''}=${weight}`);
  }
}
