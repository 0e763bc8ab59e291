/**
 * A second, slow and simple implementation of checkers, quorum, reload and what operators say by hand, written from the rules and
 * not from the code: everything is searched, summed and selected anew on every event. The test compares it with the real one.
 * What happens to servers is in model-servers.ts.
 */

import { nextRandom } from '../../src/base/random.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import type { Verdict } from '../../src/health/events.js';
import { connectionOf } from '../support/connection.js';
import { overlaid } from './model-events.js';
import type { ModelEvent } from './model-events.js';
import { ServersModel, checkersOf, equal, inKernel, isKeptOut, isPassing, isSame, isSettled, looksAhead, name, waitingKey, wakingTime, weightOf } from './model-servers.js';
import type { Asked, Checker, Server, Virtual } from './model-servers.js';

export class Model extends ServersModel {
  #seed: number;
  #probes = 0;
  #addresses = new Set<string>();
  #numbers = 0;
  /** Checkers in the order in which they were started. */
  #all: Checker[] = [];
  #asked: Asked[] = [];
  #joined = 0;
  readonly #foresight: number;

  constructor(seed: number, foresight = 0) {
    super();
    this.#seed = seed;
    this.#foresight = foresight;
  }

  step(event: ModelEvent, now: number): void {
    this.effects = [];
    this.notes = [];
    if (this.stopped) return;
    switch (event.type) {
      case 'reconfigured':
        this.#reconfigure(overlaid(event.config, event.words), now);
        break;
      case 'timeout':
        this.expire(now);
        this.#timeout(now);
        break;
      case 'probeAnswered':
        this.#answered(event.id, event.verdict, now, event.at ?? now);
        break;
      case 'entriesSeenIdle':
        this.idle((name, address) => event.idle.some(([virtual, config]) => virtual.name === name && config.address === address));
        break;
      case 'holdsInherited':
        for (const key of event.holds) this.waiting.add(key);
        break;
      case 'resumeRequested':
        this.resume(event, now);
        break;
      case 'addressChanged':
        if (event.present) this.#addresses.add(event.address);
        else this.#addresses.delete(event.address);
        for (const virtual of this.virtuals) this.#look(virtual, now);
        break;
      case 'stopRequested':
        this.#stop(event.keepTables);
        break;
      default:
        throw new Error('the model follows no files and no sessions');
    }
    this.report();
  }

  deadline(): number | undefined {
    const first = Math.min(this.serverDeadline(), ...this.#all.map((checker) => wakingTime(checker, this.#foresight)));
    return this.stopped || first === Infinity ? undefined : first;
  }

  #answered(id: number, verdict: Verdict, now: number, at: number): void {
    const asked = this.#asked.find((each) => each.id === id);
    this.#asked = this.#asked.filter((each) => each !== asked);
    for (const own of asked?.open ?? []) {
      const checker = this.#all.find(({ probe }) => probe === own);
      if (checker === undefined) continue;
      const since = verdict.type === 'passed' && isSettled(checker) ? Math.min(at, now) : now;
      this.#changing(checker, since, () => this.#verdict(checker, verdict, since));
    }
  }

  #timeout(now: number): void {
    for (;;) {
      const first = Math.min(...this.#all.map((each) => wakingTime(each, this.#foresight)));
      const checker = this.#all.find((each) => wakingTime(each, this.#foresight) === first);
      if (checker === undefined || first > now) return;
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
      const ahead = looksAhead(checker, this.#foresight);
      const begins = ahead ? Math.max(now, checker.at) : now;
      const ends = ahead ? begins + 30_000_000 - (30_000_000 % delayLoop) : now;
      checker.probe = this.#probes;
      checker.at = ends + connectionOf(check).connectTimeout * ('urls' in check ? 10 : 1);
      checker.looked = false;
      const running = this.#asked.find(({ key, url }) => key === checker.key && url === checker.next);
      running?.open.push(this.#probes);
      if (running?.ahead === true && !ahead) {
        running.ahead = false;
        this.effects.push(`attend ${running.id}`);
      }
      if (running !== undefined) return;
      this.#asked.push({ id: this.#probes, key: checker.key, url: checker.next, open: [this.#probes], ahead });
      this.effects.push(`probe ${this.#probes} ${connectionOf(check).address} ${path ?? ''} ${checker.at} ${ahead ? `${begins} to ${ends} by ${delayLoop}` : 'now'}`);
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
    const passed = isPassing(server);
    const before = this.notes.length;
    change();
    this.#fallIntoStep(checker, now);
    if (checker.up !== wasUp) this.judge(virtual, server, passed, now);
    else if (this.notes.slice(before).some(({ type }) => type === 'checkFailed')) {
      const others = server.checkers.filter((each) => each !== checker);
      if (!others.some(({ ran, up }) => ran && !up)) this.run(server.config.notifyDown);
    }
  }

  /** ha_suspend. */
  #rests({ haSuspend, services }: VirtualServerConfig): boolean {
    const isHere = services.some(({ identity }) => identity.kind === 'address' && this.#addresses.has(identity.address));
    return haSuspend === true && !isHere;
  }

  #look(virtual: Virtual, now: number): void {
    const rests = this.#rests(virtual.config);
    if (rests === virtual.rests) return;
    virtual.rests = rests;
    for (const checker of virtual.servers.flatMap(({ checkers }) => checkers)) {
      this.#abandon(checker);
      this.#schedule(checker, rests, now);
      this.notes.push({ type: rests ? 'checkerSuspended' : 'checkerActivated', check: checker.config.check.type, ...this.#who(checker) });
    }
  }

  /** From the beginning. */
  #schedule(checker: Checker, rests: boolean, now: number): void {
    const first = this.#first(checker.config, now);
    Object.assign(checker, this.#join(checker.config), { probe: undefined, at: rests ? Infinity : first });
    checker.attempts = Math.min(checker.attempts, checker.config.retry);
    this.#fallIntoStep(checker, now);
  }

  #reconfigure(config: PoolConfig, now: number): void {
    const before = this.virtuals;
    const started: Checker[] = [];
    for (const virtual of before) this.#takeOut(virtual, config.virtualServers.find(({ name: wanted }) => wanted === virtual.config.name), now);
    const next: Virtual[] = [];
    this.virtuals = next;
    for (const wanted of config.virtualServers) {
      const old = before.find(({ config: { name: known } }) => known === wanted.name);
      const virtual: Virtual = old ?? { config: wanted, servers: [], leaving: [], quorum: false, standIn: 'nobody', rests: false, told: undefined };
      next.push(virtual);
      if (old !== undefined && equal(old.config, wanted)) continue;
      virtual.config = wanted;
      if (old === undefined) virtual.rests = this.#rests(wanted);
      else this.#look(virtual, now);
      this.#fill(virtual, now, started);
      this.quorum(virtual, old === undefined || (!old.quorum && old.standIn === 'nobody'));
    }
    if (!this.running) this.forgetStrangers();
    for (const virtual of next) if (!this.followed.includes(virtual.config.name)) virtual.told = undefined;
    this.followed = [...(config.tracked ?? [])];
    this.running = true;
    for (const checker of started) {
      const { rests } = this.#owner(checker)[0];
      this.notes.push({ type: rests ? 'checkerSuspended' : 'checkerActivated', check: checker.config.check.type, ...this.#who(checker) });
    }
  }

  /** What the next configuration does not name. */
  #takeOut(virtual: Virtual, next: VirtualServerConfig | undefined, now: number): void {
    if (next === undefined) {
      this.notes.push({ type: 'virtualServerGone', virtualServer: virtual.config.name });
      this.drainers = this.drainers.filter((each) => each !== virtual);
      for (const server of virtual.servers) this.#withdraw(virtual, server);
      if (virtual.quorum) this.run(virtual.config.quorumDown);
      return;
    }
    const spare = virtual.config.sorryServer;
    if (spare !== undefined && spare.address !== next.sorryServer?.address) {
      if (virtual.standIn === 'sorry' || spare.inhibit) this.notes.push({ type: 'sorryServerRemoved', ...name(virtual, spare) });
      if (virtual.standIn === 'sorry') virtual.standIn = 'nobody';
    }
    const wanted = [...next.realServers, ...(next.backupServers ?? [])];
    virtual.leaving = virtual.leaving.filter(({ server }) => !wanted.some(({ address }) => address === server.config.address));
    this.drainers = this.drainers.filter((each) => each !== virtual || virtual.leaving.length > 0);
    for (const server of [...virtual.servers]) {
      if (wanted.some((each) => isSame(each, server.config))) continue;
      this.notes.push({ type: 'serverGone', ...name(virtual, server.config) });
      const limit = wanted.some(({ address }) => address === server.config.address) ? 0 : (next.drainTimeout ?? 0);
      const drains = limit > 0 && server.alive && inKernel(virtual, server) !== undefined;
      this.#withdraw(virtual, server);
      virtual.servers = virtual.servers.filter((each) => each !== server);
      if (drains) this.drain(virtual, server, limit, now);
    }
  }

  #withdraw(virtual: Virtual, server: Server): void {
    this.notes.push({ type: 'serverWithdrawn', inhibited: server.config.inhibitOnFailure && !server.alive, ...name(virtual, server.config) });
    if (server.alive) this.run(server.config.notifyDown);
    this.hold(virtual, server, false);
    for (const checker of server.checkers) this.#drop(checker);
  }

  #fill(virtual: Virtual, now: number, started: Checker[]): void {
    const known = virtual.servers;
    virtual.servers = [];
    for (const config of [...virtual.config.realServers, ...(virtual.config.backupServers ?? [])]) {
      const same = known.find((each) => isSame(each.config, config));
      if (same === undefined) this.#enter(virtual, config, now, started);
      else {
        virtual.servers.push(same);
        if (!equal(same.config, config)) this.#adapt(virtual, same, config, now, started);
      }
    }
  }

  #enter(virtual: Virtual, config: RealServerConfig, now: number, started: Checker[]): void {
    this.#numbers += 1;
    const server: Server = { config, checkers: [], alive: false, number: this.#numbers, waits: false, penalty: undefined, ramp: undefined };
    virtual.servers.push(server);
    server.checkers = checkersOf(config).map((each) => this.#start(virtual, each, !each.alpha, now, started));
    server.waits = config.manualResume === true && this.waiting.has(waitingKey(virtual, server));
    if (server.waits) this.notes.push({ type: 'serverHeld', inherited: true, ...name(virtual, config) });
    server.alive = isPassing(server) && !isKeptOut(server);
    if (server.alive && this.running) this.begin(virtual, server, now);
  }

  #adapt(virtual: Virtual, server: Server, config: RealServerConfig, now: number, started: Checker[]): void {
    const from = weightOf(server);
    server.config = config;
    const to = weightOf(server);
    if (from !== to) this.notes.push({ type: 'weightChanged', from, to, active: server.alive, ...name(virtual, config) });
    const left = [...server.checkers];
    server.checkers = checkersOf(config).map((wanted) => {
      const index = left.findIndex((each) => equal(each.config.check, wanted.check));
      const kept = left.splice(index, index < 0 ? 0 : 1)[0];
      if (kept === undefined) return this.#start(virtual, wanted, !wanted.alpha || server.alive, now, started);
      if (equal(kept.config, wanted)) return kept;
      this.#abandon(kept);
      kept.config = wanted;
      this.#schedule(kept, virtual.rests, now);
      return kept;
    });
    for (const checker of left) this.#drop(checker);
    if (config.manualResume !== true) this.hold(virtual, server, false);
    if (config.flapDamping === undefined) server.penalty = undefined;
    this.climb(virtual, server, now);
    const alive = isPassing(server) && !isKeptOut(server);
    if (alive === server.alive) return;
    this.turn(virtual, server, alive);
    if (alive) this.begin(virtual, server, now);
    else server.ramp = undefined;
  }

  #start(virtual: Virtual, config: CheckerConfig, up: boolean, now: number, started: Checker[]): Checker {
    const missing = 'urls' in config.check ? config.check.urls.length : 1;
    const attempts = this.running ? 0 : config.retry;
    const first = this.#first(config, now);
    const rest = { up, ran: false, attempts, probe: undefined, looked: false, failing: false, next: 0, missing };
    const checker = { config, at: virtual.rests ? Infinity : first, ...rest, ...this.#join(config) };
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
    const first = this.#all.filter(({ key, at }) => key === checker.key && at < Infinity).sort((a, b) => a.joined - b.joined)[0];
    const idle = ({ probe, ran, up, attempts }: Checker): boolean => probe === undefined && (!ran || !up || attempts === 0);
    if (first === undefined || first === checker || checker.at === Infinity || !idle(first) || !idle(checker) || first.at < now) return;
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
    for (const virtual of this.virtuals) {
      for (const server of virtual.servers) {
        for (const checker of server.checkers) this.#drop(checker);
        if (keepTables) continue;
        const inhibited = server.config.inhibitOnFailure && !server.alive;
        this.notes.push({ type: 'serverShutDown', inhibited, ...name(virtual, server.config) });
        if (virtual.config.omega && server.alive) this.run(server.config.notifyDown);
      }
      if (!keepTables && virtual.config.omega && virtual.quorum) this.run(virtual.config.quorumDown);
    }
    this.stopped = true;
  }

  #owner(checker: Checker): readonly [Virtual, Server] {
    for (const virtual of this.virtuals) {
      for (const server of virtual.servers) if (server.checkers.includes(checker)) return [virtual, server];
    }
    throw new Error('a checker without a server');
  }

  #who(checker: Checker): { server: string; virtualServer: string } {
    const [virtual, server] = this.#owner(checker);
    return name(virtual, server.config);
  }
}
