/**
 * A second, slow and simple implementation of checkers, quorum and reload, written from the rules and not from the code:
 * everything is searched, summed and selected anew on every event. The test compares it with the real one.
 */

import { nextRandom } from '../../src/base/random.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import type { PoolEvent, Verdict } from '../../src/health/events.js';
import type { HealthNote } from '../../src/health/notes.js';
import { connectionOf } from '../support/connection.js';

interface Checker {
  config: CheckerConfig;
  up: boolean;
  ran: boolean;
  attempts: number;
  /** Next run, or the deadline of the running probe. */
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

/** A probe under way and the numbers under which its answer is waited for. */
interface Asked {
  readonly id: number;
  readonly key: string;
  readonly url: number;
  open: number[];
}

interface Server {
  config: RealServerConfig;
  alive: boolean;
  checkers: Checker[];
}

interface Virtual {
  config: VirtualServerConfig;
  servers: Server[];
  quorum: boolean;
  sorry: boolean;
}

export class Model {
  effects: string[] = [];
  notes: HealthNote[] = [];
  #virtuals: Virtual[] = [];
  #seed: number;
  #probes = 0;
  #stopped = false;
  #configured = false;
  /** Checkers in the order in which they were started. */
  #all: Checker[] = [];
  #asked: Asked[] = [];
  #joined = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  step(event: PoolEvent, now: number): void {
    this.effects = [];
    this.notes = [];
    if (this.#stopped) return;
    if (event.type === 'reconfigured') this.#reconfigure(event.config, now);
    else if (event.type === 'timeout') this.#timeout(now);
    else if (event.type === 'probeAnswered') {
      const asked = this.#asked.find(({ id }) => id === event.id);
      this.#asked = this.#asked.filter((each) => each !== asked);
      for (const own of asked?.open ?? []) {
        const checker = this.#all.find(({ probe }) => probe === own);
        if (checker !== undefined) this.#changing(checker, now, () => this.#verdict(checker, event.verdict, now));
      }
    } else if (event.type === 'stopRequested') this.#stop(event.keepTables);
  }

  deadline(): number | undefined {
    return this.#stopped || this.#all.length === 0 ? undefined : Math.min(...this.#all.map(({ at }) => at));
  }

  /** `SERVICE: ADDRESS=WEIGHT ...`, sorted. */
  tables(): string[] {
    if (this.#stopped) return [];
    return this.#virtuals.map(({ config, servers, sorry }) => {
      const weights = new Map<string, number>();
      for (const { config: server, alive } of servers) {
        if (alive && !sorry) weights.set(server.address, server.weight);
        else if (server.inhibitOnFailure) weights.set(server.address, 0);
      }
      const spare = config.sorryServer;
      if (spare !== undefined && sorry) weights.set(spare.address, 1);
      if (spare?.inhibit === true && !sorry && !weights.has(spare.address)) weights.set(spare.address, 0);
      return `${config.name}: ${[...weights].map(([address, weight]) => `${address}=${weight}`).sort().join(' ')}`;
    });
  }

  #timeout(now: number): void {
    for (;;) {
      const due = this.#all.filter(({ at }) => at <= now);
      const earliest = Math.min(...due.map(({ at }) => at));
      const checker = due.find(({ at }) => at === earliest);
      if (checker === undefined) return;
      this.#probes += 1;
      this.#changing(checker, now, () => this.#wake(checker, now));
    }
  }

  #wake(checker: Checker, now: number): void {
    const { check, delayLoop } = checker.config;
    if (checker.probe === undefined && now - checker.at > 1_000_000) {
      checker.at = now + (checker.at % Math.min(1_000_000, delayLoop));
    } else if (checker.probe === undefined) {
      const path = 'urls' in check ? check.urls[checker.next]?.path : '-';
      checker.probe = this.#probes;
      checker.at = now + connectionOf(check).connectTimeout * ('urls' in check ? 10 : 1);
      checker.looked = false;
      const running = this.#asked.find(({ key, url }) => key === checker.key && url === checker.next);
      running?.open.push(this.#probes);
      if (running !== undefined) return;
      this.#asked.push({ id: this.#probes, key: checker.key, url: checker.next, open: [this.#probes] });
      this.effects.push(`probe ${this.#probes} ${connectionOf(check).address} ${path ?? ''} ${checker.at}`);
    } else if (!checker.looked) {
      checker.looked = true;
      checker.at = now + 100_000;
    } else {
      this.#abandon(checker);
      const type = check.type === 'TCP_CHECK' ? 'connectTimeout' : 'readTimeout';
      this.#verdict(checker, { type: 'failed', failure: { type }, latency: connectionOf(check).connectTimeout }, now);
    }
  }

  #verdict(checker: Checker, verdict: Verdict, now: number): void {
    const { config, ran } = checker;
    const { check: { type: check } } = config;
    const web = check !== 'TCP_CHECK';
    const who = this.#who(checker);
    checker.probe = undefined;
    checker.at = now + config.delayLoop;
    if (verdict.type === 'local') {
      this.notes.push({ type: 'probeRescheduled', check, operation: verdict.operation, code: verdict.code, ...who });
      return;
    }
    checker.ran = true;
    const urls = 'urls' in config.check ? config.check.urls : [];
    const total = web ? urls.length : 1;
    if (verdict.type === 'failed') {
      if (checker.up && config.logAllFailures) {
        const position = web ? { url: checker.next + 1 } : {};
        this.notes.push({ type: 'probeFailed', check, failure: verdict.failure, ...position, ...who });
      }
      if (checker.up && checker.attempts < config.retry) {
        checker.attempts += 1;
        checker.at = now + config.delayBeforeRetry;
        return;
      }
      const loud = checker.up || (!ran && checker.attempts >= config.retry);
      if (loud) this.notes.push({ type: 'checkFailed', check, retries: ran || web ? config.retry : 0, ...who });
      if (web) checker.at = now + Math.max(config.delayLoop, config.delayBeforeRetry);
      Object.assign(checker, { up: false, attempts: 0, failing: true, missing: total });
      return;
    }
    checker.attempts = 0;
    if (web && !checker.up) {
      const asked = urls[checker.next];
      const criterion = asked?.digest === undefined ? 'statusCode' : 'digest';
      this.notes.push({ type: 'urlPassed', check, url: checker.next + 1, path: asked?.path ?? '', criterion, ...who });
    }
    if (web && checker.failing) Object.assign(checker, { failing: false, next: 0 });
    else {
      checker.next = (checker.next + 1) % total;
      if (checker.missing === 1) this.notes.push({ type: 'checkSucceeded', check, ...who });
      checker.missing = Math.max(0, checker.missing - 1);
      if (checker.missing === 0) Object.assign(checker, { up: true, failing: false });
    }
    if (checker.missing > 0 && 'urls' in config.check && config.check.fastRecovery) checker.at = now;
  }

  /** Runs a change of one checker and draws the consequences for its server. */
  #changing(checker: Checker, now: number, change: () => void): void {
    const [virtual, server] = this.#owner(checker);
    const wasUp = checker.up;
    const before = this.notes.length;
    change();
    this.#fallIntoStep(checker, now);
    const alive = server.checkers.every(({ up }) => up);
    if (alive !== server.alive) {
      this.#tellServer(virtual, server, alive);
      server.alive = alive;
      this.#run(alive ? server.config.notifyUp : server.config.notifyDown);
      this.#quorum(virtual, false);
    } else if (checker.up === wasUp && this.notes.slice(before).some(({ type }) => type === 'checkFailed')) {
      const others = server.checkers.filter((each) => each !== checker);
      if (!others.some(({ ran, up }) => ran && !up)) this.#run(server.config.notifyDown);
    }
  }

  #tellServer(virtual: Virtual, { config }: Server, alive: boolean): void {
    const type = alive
      ? config.inhibitOnFailure ? 'serverEnabled' : 'serverAdded'
      : config.inhibitOnFailure ? 'serverDisabled' : 'serverRemoved';
    this.notes.push({ type, ...name(virtual, config) });
  }

  #quorum(virtual: Virtual, starting: boolean): void {
    const { config: { quorum, hysteresis, name: virtualServer, sorryServer, quorumUp, quorumDown } } = virtual;
    const weight = virtual.servers.reduce((sum, { alive, config }) => sum + (alive ? config.weight : 0), 0);
    const threshold = virtual.quorum ? quorum - hysteresis : quorum + hysteresis;
    const numbers = { virtualServer, quorum, hysteresis, threshold, weight };
    const inhibit = sorryServer?.inhibit === true;
    if (!virtual.quorum && weight >= threshold) {
      virtual.quorum = true;
      this.notes.push({ type: 'quorumGained', ...numbers });
      if (virtual.sorry && sorryServer !== undefined) {
        virtual.sorry = false;
        this.notes.push({ type: inhibit ? 'sorryServerDisabled' : 'sorryServerRemoved', ...name(virtual, sorryServer) });
        this.notes.push({ type: 'aliveServersAdded', virtualServer });
      }
      this.#run(quorumUp);
      return;
    }
    const lost = virtual.quorum && (weight < threshold || (weight === 0 && quorum + hysteresis > 0));
    if (!lost && !(starting && !virtual.quorum && sorryServer !== undefined)) return;
    virtual.quorum = false;
    this.notes.push({ type: lost ? 'quorumLost' : 'quorumDownAtStart', ...numbers });
    if (!virtual.sorry && sorryServer !== undefined) {
      virtual.sorry = true;
      this.notes.push({ type: inhibit ? 'sorryServerEnabled' : 'sorryServerAdded', ...name(virtual, sorryServer) });
      this.notes.push({ type: 'aliveServersRemoved', virtualServer });
    }
    this.#run(quorumDown);
  }

  #reconfigure(config: PoolConfig, now: number): void {
    const before = this.#virtuals;
    const started: Checker[] = [];
    for (const virtual of before) {
      const next = config.virtualServers.find(({ name: wanted }) => wanted === virtual.config.name);
      if (next === undefined) this.notes.push({ type: 'virtualServerGone', virtualServer: virtual.config.name });
      const spare = virtual.config.sorryServer;
      if (next !== undefined && spare !== undefined && spare.address !== next.sorryServer?.address) {
        if (virtual.sorry || spare.inhibit) this.notes.push({ type: 'sorryServerRemoved', ...name(virtual, spare) });
        virtual.sorry = false;
      }
      virtual.servers = virtual.servers.filter((server) => {
        if (next?.realServers.some(({ address }) => address === server.config.address) === true) return true;
        const who = name(virtual, server.config);
        if (next !== undefined) this.notes.push({ type: 'serverGone', ...who });
        this.notes.push({ type: 'serverWithdrawn', inhibited: server.config.inhibitOnFailure && !server.alive, ...who });
        if (server.alive) this.#run(server.config.notifyDown);
        for (const checker of server.checkers) this.#drop(checker);
        return false;
      });
      if (next === undefined && virtual.quorum) this.#run(virtual.config.quorumDown);
    }
    this.#virtuals = config.virtualServers.map((wanted) => {
      const old = before.find(({ config: { name: known } }) => known === wanted.name);
      if (old !== undefined && equal(old.config, wanted)) return old;
      const virtual = old ?? { config: wanted, servers: [], quorum: false, sorry: false };
      virtual.config = wanted;
      const known = virtual.servers;
      virtual.servers = wanted.realServers.map((server) => {
        const same = known.find(({ config: { address } }) => address === server.address);
        if (same !== undefined && equal(same.config, server)) return same;
        return same === undefined ? this.#newServer(server, now, started) : this.#adapt(virtual, same, server, now, started);
      });
      this.#quorum(virtual, old === undefined || (!old.quorum && !old.sorry));
      return virtual;
    });
    this.#configured = true;
    for (const checker of started) {
      this.notes.push({ type: 'checkerActivated', check: checker.config.check.type, ...this.#who(checker) });
    }
  }

  #newServer(config: RealServerConfig, now: number, started: Checker[]): Server {
    const checkers = config.checkers.map((each) => this.#start(each, !each.alpha, now, started));
    return { config, checkers, alive: checkers.every(({ up }) => up) };
  }

  #adapt(virtual: Virtual, server: Server, config: RealServerConfig, now: number, started: Checker[]): Server {
    const from = server.config.weight;
    if (from !== config.weight) {
      this.notes.push({ type: 'weightChanged', from, to: config.weight, active: server.alive, ...name(virtual, config) });
    }
    server.config = config;
    const left = [...server.checkers];
    server.checkers = config.checkers.map((wanted) => {
      const index = left.findIndex((each) => equal(each.config.check, wanted.check));
      const kept = left.splice(index, index < 0 ? 0 : 1)[0];
      if (kept === undefined) return this.#start(wanted, !wanted.alpha || server.alive, now, started);
      if (equal(kept.config, wanted)) return kept;
      this.#abandon(kept);
      Object.assign(kept, { ...this.#join(wanted), config: wanted, probe: undefined, attempts: Math.min(kept.attempts, wanted.retry) });
      kept.at = this.#first(wanted, now);
      this.#fallIntoStep(kept, now);
      return kept;
    });
    for (const checker of left) this.#drop(checker);
    const alive = server.checkers.every(({ up }) => up);
    if (alive !== server.alive) {
      this.#tellServer(virtual, server, alive);
      this.#run(alive ? config.notifyUp : config.notifyDown);
    }
    server.alive = alive;
    return server;
  }

  #start(config: CheckerConfig, up: boolean, now: number, started: Checker[]): Checker {
    const missing = 'urls' in config.check ? config.check.urls.length : 1;
    const attempts = this.#configured ? 0 : config.retry;
    const rest = { up, ran: false, attempts, probe: undefined, looked: false, failing: false, next: 0, missing };
    const checker = { config, at: this.#first(config, now), ...rest, ...this.#join(config) };
    this.#all.push(checker);
    this.#fallIntoStep(checker, now);
    started.push(checker);
    return checker;
  }

  #first(config: CheckerConfig, now: number): number {
    const { value, seed } = nextRandom(this.#seed);
    this.#seed = seed;
    return now + 1_000_000 + Math.round(value * config.warmup);
  }

  #join({ check, delayLoop, delayBeforeRetry, retry, warmup }: CheckerConfig): { key: string; joined: number } {
    this.#joined += 1;
    return { key: JSON.stringify({ check, delayLoop, delayBeforeRetry, retry, warmup }), joined: this.#joined };
  }

  /** The rhythm is that of whoever came first to the question. */
  #fallIntoStep(checker: Checker, now: number): void {
    const first = this.#all.filter(({ key }) => key === checker.key).sort((a, b) => a.joined - b.joined)[0];
    const idle = ({ probe, ran, up, attempts }: Checker): boolean => probe === undefined && (!ran || !up || attempts === 0);
    if (first === undefined || first === checker || !idle(first) || !idle(checker) || first.at < now) return;
    const isNew = !checker.ran && first.at <= now + 1_000_000 + checker.config.warmup;
    if (isNew || first.at < checker.at) checker.at = first.at;
  }

  /** A probe is called back when nobody waits for its answer any more. */
  #abandon({ probe }: Checker): void {
    for (const asked of this.#asked.filter(({ open }) => probe !== undefined && open.includes(probe))) {
      asked.open = asked.open.filter((own) => own !== probe);
      if (asked.open.length > 0) continue;
      this.effects.push(`cancel ${asked.id}`);
      this.#asked = this.#asked.filter((each) => each !== asked);
    }
  }

  #drop(checker: Checker): void {
    this.#abandon(checker);
    this.#all = this.#all.filter((each) => each !== checker);
  }

  #stop(keepTables: boolean): void {
    for (const virtual of this.#virtuals) {
      for (const server of virtual.servers) {
        for (const checker of server.checkers) this.#drop(checker);
        if (keepTables) continue;
        const inhibited = server.config.inhibitOnFailure && !server.alive;
        this.notes.push({ type: 'serverShutDown', inhibited, ...name(virtual, server.config) });
        if (virtual.config.omega && server.alive) this.#run(server.config.notifyDown);
      }
      if (!keepTables && virtual.config.omega && virtual.quorum) this.#run(virtual.config.quorumDown);
    }
    this.#stopped = true;
  }

  #run(command: RealServerConfig['notifyUp']): void {
    if (command !== undefined) this.effects.push(`run ${command.argv.join(' ')}`);
  }

  #owner(checker: Checker): readonly [Virtual, Server] {
    for (const virtual of this.#virtuals) {
      for (const server of virtual.servers) if (server.checkers.includes(checker)) return [virtual, server];
    }
    throw new Error('a checker without a server');
  }

  #who(checker: Checker): { server: string; virtualServer: string } {
    const [virtual, server] = this.#owner(checker);
    return name(virtual, server.config);
  }
}

function name({ config }: Virtual, { address, port }: RealServerConfig | SorryServerConfig): { server: string; virtualServer: string } {
  return { server: `[${address}]:tcp:${port}`, virtualServer: config.name };
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
