/**
 * The half of the independent model that knows servers and no checkers: who serves with which weight, who is kept out, who stands
 * in, who drains, and what others are told. Everything is searched and summed anew whenever it is asked for.
 */

import type { CheckerConfig } from '../../src/health/config-check.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import type { HealthNote } from '../../src/health/notes.js';

export interface Checker {
  config: CheckerConfig;
  up: boolean;
  ran: boolean;
  attempts: number;
  /** Next run, or the deadline of the running probe; Infinity while it rests. */
  at: number;
  probe: number | undefined;
  looked: boolean;
  failing: boolean;
  next: number;
  missing: number;
  /** What it asks and in which rhythm, and its place among those who do the same. */
  key: string;
  joined: number;
}

export interface Server {
  config: RealServerConfig;
  alive: boolean;
  checkers: Checker[];
  /** In the order in which they came. */
  number: number;
  waits: boolean;
  penalty: { value: number; at: number; suppresses: boolean } | undefined;
  ramp: { since: number; now: number; next: number } | undefined;
}

export interface Virtual {
  config: VirtualServerConfig;
  servers: Server[];
  leaving: { server: Server; until: number }[];
  quorum: boolean;
  /** Who serves in place of the real servers. */
  standIn: 'nobody' | 'sorry' | number;
  rests: boolean;
  told: boolean | undefined;
}

/** A probe under way and the numbers under which its answer is waited for. */
export interface Asked {
  readonly id: number;
  readonly key: string;
  readonly url: number;
  open: number[];
  /** Handed over before its time, and nobody waits. */
  ahead: boolean;
}

export class ServersModel {
  effects: string[] = [];
  notes: HealthNote[] = [];
  protected virtuals: Virtual[] = [];
  protected stopped = false;
  protected running = false;
  /** In the order in which they began to drain. */
  protected drainers: Virtual[] = [];
  protected waiting = new Set<string>();
  protected followed: string[] = [];
  protected news = false;

  /** `SERVICE: ADDRESS=WEIGHT ...`, sorted. */
  tables(): string[] {
    if (this.stopped) return [];
    return this.virtuals.map((virtual) => {
      const { config, servers, leaving, standIn } = virtual;
      const weights = new Map<string, number>();
      for (const server of servers) {
        const weight = inKernel(virtual, server);
        if (weight !== undefined) weights.set(server.config.address, weight);
      }
      for (const { server } of leaving) weights.set(server.config.address, 0);
      const spare = config.sorryServer;
      if (spare !== undefined && standIn === 'sorry') weights.set(spare.address, 1);
      else if (spare?.inhibit === true && !weights.has(spare.address)) weights.set(spare.address, 0);
      return `${config.name}: ${[...weights].map(([address, weight]) => `${address}=${weight}`).sort().join(' ')}`;
    });
  }

  /** When something happens to servers by time alone. */
  protected serverDeadline(): number {
    const drained = this.virtuals.flatMap(({ leaving }) => leaving.map(({ until }) => until));
    return Math.min(Infinity, ...drained, ...this.servers().map(wakeTime));
  }

  protected servers(): Server[] {
    return this.virtuals.flatMap(({ servers }) => servers);
  }

  protected expire(now: number): void {
    for (const virtual of [...this.drainers]) {
      for (const each of [...virtual.leaving]) if (each.until <= now) this.left(virtual, each.server, false);
    }
    for (;;) {
      const [server] = this.servers().filter((each) => wakeTime(each) <= now).sort((a, b) => wakeTime(a) - wakeTime(b) || a.number - b.number);
      if (server === undefined) return;
      const virtual = this.home(server);
      if ((server.ramp?.next ?? Infinity) <= now) this.climb(virtual, server, now);
      if (releaseTime(server) <= now) {
        this.release(virtual, server, false);
        this.settle(virtual, server, now);
      }
    }
  }

  /** Connections are gone, wherever `isIdle` says so. */
  protected idle(isIdle: (virtualServer: string, address: string) => boolean): void {
    for (const virtual of [...this.drainers]) {
      for (const { server } of [...virtual.leaving]) if (isIdle(virtual.config.name, server.config.address)) this.left(virtual, server, true);
    }
  }

  protected drain(virtual: Virtual, server: Server, limit: number, now: number): void {
    if (!this.drainers.includes(virtual)) this.drainers.push(virtual);
    virtual.leaving.push({ server, until: now + limit });
    this.notes.push({ type: 'serverDraining', limit: limit as never, ...name(virtual, server.config) });
  }

  protected left(virtual: Virtual, server: Server, inTime: boolean): void {
    virtual.leaving = virtual.leaving.filter((each) => each.server !== server);
    this.drainers = this.drainers.filter((each) => each !== virtual || virtual.leaving.length > 0);
    this.notes.push({ type: 'serverDrained', inTime, ...name(virtual, server.config) });
  }

  protected home(server: Server): Virtual {
    const virtual = this.virtuals.find(({ servers }) => servers.includes(server));
    if (virtual === undefined) throw new Error('a server of nobody');
    return virtual;
  }

  /** Its checks found something new; `passed`: all of them did before. */
  protected judge(virtual: Virtual, server: Server, passed: boolean, now: number): void {
    const passes = isPassing(server);
    if (passed && !passes) this.fail(virtual, server, now);
    if (!passed && passes && server.waits) this.notes.push({ type: 'serverHeld', ...name(virtual, server.config) });
    this.settle(virtual, server, now);
    if (virtual.quorum) return;
    for (const spared of virtual.servers.filter((each) => each.penalty?.suppresses === true && isPassing(each) && !each.waits)) {
      if (this.hasQuorum(virtual)) return;
      this.release(virtual, spared, true);
      this.settle(virtual, spared, now);
    }
  }

  protected hasQuorum({ quorum }: Virtual): boolean {
    return quorum;
  }

  protected fail(virtual: Virtual, server: Server, now: number): void {
    const { manualResume, flapDamping } = server.config;
    if (manualResume === true) this.hold(virtual, server, true);
    if (flapDamping === undefined) return;
    const { halfLife, suppress, reuse, longest } = flapDamping;
    const { penalty } = server;
    const rest = penalty === undefined ? 0 : penalty.value * 2 ** (-(now - penalty.at) / halfLife);
    const value = Math.min(rest + 1_000, reuse * 2 ** (longest / halfLife));
    const before = penalty?.suppresses === true;
    server.penalty = { value, at: now, suppresses: before || value > suppress };
    if (before || value <= suppress) return;
    const span = releaseTime(server) - now;
    this.notes.push({ type: 'serverSuppressed', penalty: Math.round(value), suppress, span: span as never, ...name(virtual, server.config) });
  }

  protected settle(virtual: Virtual, server: Server, now: number): void {
    const alive = isPassing(server) && !isKeptOut(server);
    if (alive === server.alive) return;
    this.turn(virtual, server, alive);
    this.quorum(virtual, false);
    if (alive) this.begin(virtual, server, now);
    else server.ramp = undefined;
  }

  protected turn(virtual: Virtual, server: Server, alive: boolean): void {
    const { inhibitOnFailure, notifyUp, notifyDown } = server.config;
    const words = inhibitOnFailure ? (['serverEnabled', 'serverDisabled'] as const) : (['serverAdded', 'serverRemoved'] as const);
    this.notes.push({ type: words[alive ? 0 : 1], ...name(virtual, server.config) });
    server.alive = alive;
    this.run(alive ? notifyUp : notifyDown);
  }

  protected release(virtual: Virtual, server: Server, forQuorum: boolean): void {
    if (server.penalty !== undefined) server.penalty.suppresses = false;
    this.notes.push({ type: 'serverReleased', forQuorum, ...name(virtual, server.config) });
  }

  protected hold(virtual: Virtual, server: Server, waits: boolean): void {
    const key = waitingKey(virtual, server);
    server.waits = waits;
    if (this.waiting.has(key) !== waits) this.news = true;
    if (waits) this.waiting.add(key);
    else this.waiting.delete(key);
  }

  protected resume(wanted: { server?: string; virtualServer?: string }, now: number): void {
    for (const virtual of this.virtuals) {
      for (const server of virtual.servers) {
        const who = name(virtual, server.config);
        if (!server.waits || (wanted.server ?? who.server) !== who.server || (wanted.virtualServer ?? who.virtualServer) !== who.virtualServer) continue;
        this.hold(virtual, server, false);
        this.notes.push({ type: 'serverResumed', ...who });
        this.settle(virtual, server, now);
      }
    }
  }

  protected begin(virtual: Virtual, server: Server, now: number): void {
    const span = server.config.slowStart ?? 0;
    const weight = weightOf(server);
    if (span === 0 || weight < 2) return;
    server.ramp = { since: now, now, next: now + stepOf(span) };
    this.notes.push({ type: 'slowStartBegan', weight, span: span, ...name(virtual, server.config) });
  }

  protected climb(virtual: Virtual, server: Server, now: number): void {
    if (server.ramp === undefined) return;
    const span = server.config.slowStart ?? 0;
    if (server.alive && server.ramp.since + span > now) {
      server.ramp = { since: server.ramp.since, now, next: now + stepOf(span) };
      return;
    }
    server.ramp = undefined;
    if (server.alive) this.notes.push({ type: 'slowStartEnded', weight: weightOf(server), ...name(virtual, server.config) });
  }

  protected quorum(virtual: Virtual, starting: boolean): void {
    const { config: { quorum, hysteresis, name: virtualServer, sorryServer, backupServers, quorumUp, quorumDown } } = virtual;
    const weight = sumOf(virtual, ({ alive }) => alive);
    const threshold = virtual.quorum ? quorum - hysteresis : quorum + hysteresis;
    const numbers = { virtualServer, quorum, hysteresis, threshold, weight };
    if (!virtual.quorum && weight > 0 && weight >= threshold) {
      virtual.quorum = true;
      this.notes.push({ type: 'quorumGained', ...numbers });
      this.replace(virtual, 'nobody');
      this.run(quorumUp);
      return;
    }
    const lost = virtual.quorum && isLost(virtual, weight);
    if (lost || (starting && !virtual.quorum && (sorryServer !== undefined || (backupServers ?? []).length > 0))) {
      virtual.quorum = false;
      this.notes.push({ type: lost ? 'quorumLost' : 'quorumDownAtStart', ...numbers });
      this.replace(virtual, standInFor(virtual));
      this.run(quorumDown);
    } else if (!virtual.quorum && (backupServers !== undefined || typeof virtual.standIn === 'number')) this.replace(virtual, standInFor(virtual));
  }

  /** Somebody else serves in place of the real servers, or nobody any more. */
  protected replace(virtual: Virtual, next: Virtual['standIn']): void {
    const before = virtual.standIn;
    if (before === next) return;
    virtual.standIn = next;
    const { name: virtualServer, sorryServer } = virtual.config;
    for (const [who, comes] of [[before, false], [next, true]] as const) {
      if (typeof who === 'number') this.notes.push({ type: comes ? 'backupTierAdded' : 'backupTierRemoved', virtualServer, tier: who });
      if (who !== 'sorry' || sorryServer === undefined) continue;
      const words = sorryServer.inhibit ? (['sorryServerEnabled', 'sorryServerDisabled'] as const) : (['sorryServerAdded', 'sorryServerRemoved'] as const);
      this.notes.push({ type: words[comes ? 0 : 1], ...name(virtual, sorryServer) });
    }
    if (before === 'nobody') this.notes.push({ type: 'aliveServersRemoved', virtualServer });
    if (next === 'nobody') this.notes.push({ type: 'aliveServersAdded', virtualServer });
  }

  /** Of an earlier process: whoever is not met waits for nobody. */
  protected forgetStrangers(): void {
    const known = this.virtuals.flatMap((virtual) => virtual.servers.filter(({ waits }) => waits).map((server) => waitingKey(virtual, server)));
    const strangers = [...this.waiting].filter((key) => !known.includes(key));
    for (const key of strangers) this.waiting.delete(key);
    if (strangers.length > 0) this.news = true;
  }

  /** Others hear whatever is new and certain. */
  protected report(): void {
    const followed = this.virtuals.filter(({ config }) => this.followed.includes(config.name));
    for (const virtual of followed) {
      if (virtual.told === virtual.quorum || (virtual.told === undefined && !isCertain(virtual))) continue;
      virtual.told = virtual.quorum;
      this.news = true;
    }
    if (!this.news) return;
    this.news = false;
    const quorums = followed.flatMap(({ config, told }) => (told === undefined ? [] : [`${config.name} ${told ? 'up' : 'down'}`]));
    this.effects.push(`report ${quorums.join(', ')}; ${[...this.waiting].join(', ')}`);
  }

  protected run(command: RealServerConfig['notifyUp']): void {
    if (command !== undefined) this.effects.push(`run ${command.argv.join(' ')}`);
  }
}

export function name({ config }: Virtual, { address, port }: RealServerConfig | SorryServerConfig): { server: string; virtualServer: string } {
  return { server: `[${address}]:tcp:${port}`, virtualServer: config.name };
}

export function waitingKey(virtual: Virtual, { config }: Server): string {
  return Object.values(name(virtual, config)).join(' ');
}

export function weightOf({ config: { byHand, weight } }: Server): number {
  return byHand?.weight ?? weight;
}

export function isPassing({ checkers, config }: Server): boolean {
  return config.byHand?.action !== 'disable' && checkers.every(({ up }) => up);
}

export function isKeptOut({ waits, penalty }: Server): boolean {
  return waits || penalty?.suppresses === true;
}

/** Undefined = not there. */
export function inKernel({ standIn }: Virtual, server: Server): number | undefined {
  const { config: { tier = 'nobody', inhibitOnFailure, slowStart = 0 }, alive, ramp } = server;
  if (!alive || standIn !== tier) return inhibitOnFailure ? 0 : undefined;
  const weight = weightOf(server);
  if (ramp === undefined || weight === 0) return weight;
  return Math.max(1, Math.floor(weight * ((ramp.now - ramp.since) / slowStart)));
}

function sumOf({ servers }: Virtual, counts: (server: Server) => boolean): number {
  return servers.reduce((sum, server) => sum + (server.config.tier === undefined && counts(server) ? weightOf(server) : 0), 0);
}

function isLost({ config: { quorum, hysteresis } }: Virtual, weight: number): boolean {
  return weight < quorum - hysteresis || weight === 0;
}

/** Whatever the checks that have not run yet may find, the quorum stays. */
function isCertain(virtual: Virtual): boolean {
  const { config: { quorum, hysteresis }, quorum: isUp } = virtual;
  const unseen = (server: Server): boolean => server.checkers.some(({ ran }) => !ran);
  if (isUp) return !isLost(virtual, sumOf(virtual, (server) => server.alive && !unseen(server)));
  return sumOf(virtual, (server) => (unseen(server) ? !isKeptOut(server) : server.alive)) < Math.max(1, quorum + hysteresis);
}

function standInFor({ servers, config: { sorryServer } }: Virtual): Virtual['standIn'] {
  const tiers = servers.flatMap((server) => (server.alive && weightOf(server) > 0 ? (server.config.tier ?? []) : []));
  if (tiers.length > 0) return Math.min(...tiers);
  return sorryServer === undefined ? 'nobody' : 'sorry';
}

function wakeTime(server: Server): number {
  return Math.min(server.ramp?.next ?? Infinity, releaseTime(server));
}

function releaseTime({ penalty, config: { flapDamping } }: Server): number {
  if (penalty?.suppresses !== true || flapDamping === undefined) return Infinity;
  return penalty.at + Math.ceil(Math.max(0, flapDamping.halfLife * Math.log2(penalty.value / flapDamping.reuse)));
}

function stepOf(span: number): number {
  return Math.min(Math.max(Math.ceil(span / 20), 100_000), 1_000_000);
}

export function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A server that stands by is another one, wherever it is. */
export function isSame(a: RealServerConfig, b: RealServerConfig): boolean {
  return a.address === b.address && (a.tier === undefined) === (b.tier === undefined);
}

export function checkersOf({ checkers, byHand }: RealServerConfig): readonly CheckerConfig[] {
  return byHand?.action === 'disable' ? [] : checkers;
}

/** Up, and nothing new would follow from another pass. */
export function isSettled({ config, up, ran, attempts, failing, missing }: Checker): boolean {
  return config.check.type === 'TCP_CHECK' && up && ran && attempts === 0 && !failing && missing === 0;
}

/** Whether its next half minute of questions is handed over, with those of the same fifth of a second. */
export function looksAhead(checker: Checker, foresight: number): boolean {
  return foresight > 0 && checker.probe === undefined && checker.config.delayLoop >= 1_000_000 && isSettled(checker);
}

/** Those are woken 50 ms before that fifth begins. */
export function wakingTime(checker: Checker, foresight: number): number {
  return checker.at < Infinity && looksAhead(checker, foresight) ? checker.at - (checker.at % foresight) - 50_000 : checker.at;
}
