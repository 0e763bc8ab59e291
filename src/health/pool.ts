/**
 * All virtual servers with their real servers and checkers as one machine: events and time in, probes, commands and notes
 * out. What the kernel should hold is asked for with desiredTables; nothing here adds or deletes.
 *
 * Unlike its smaller siblings it changes the state it is given and hands the same object back (see pool-state.ts): use
 * the state of the last step only.
 */

import { given } from '../base/given.js';
import type { Step } from '../base/step.js';
import { earliest } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { checkerDeadline, goesAlong, isCalm, stepChecker } from './checker.js';
import type { CheckerEffect, CheckerEvent, CheckerState } from './checker.js';
import { silenceOf } from './check-kinds.js';
import type { FollowerConfig } from './config-check.js';
import { drainDeadline, expireDraining, finishIdle } from './draining.js';
import { judgeFollower } from './followers.js';
import type { PoolEffect, PoolEvent } from './events.js';
import type { CheckerFinding, HealthNote } from './notes.js';
import type { CheckerSlot, FollowerSlot, LastAnswer, PoolState, RealServerState } from './pool-state.js';
import { reportQuorums } from './quorum-report.js';
import { reconfigure } from './reload.js';
import { ask, askers, callBack, keepInStep, keepSeen } from './shared-questions.js';
import { expireServers, judgeServer, resumeServers } from './standing.js';
import { dropChecker, lookAtPresence } from './suspension.js';
import { changeWeight, lookAtQuorum, mailQuorum, mailServer, names, tellQuorum, tellServer } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/** No more than so many come together only because some ask before their time. Those of a group keep their time: one asks for all. */
const COMPANY = 16;

export type PoolStep = Step<PoolState, PoolEffect, HealthNote>;

/** Total: answers of probes that are no longer waited for change nothing; after a stop nothing does. */
export function stepPool(pool: PoolState, event: PoolEvent, now: Micros): PoolStep {
  const out: Outcome = { effects: [], notes: [] };
  pool.now = now;
  if (pool.phase !== 'stopped') {
    hear(pool, event, now, out);
    reportQuorums(pool, out);
  }
  return { state: pool, ...out };
}

/** When `timeout` is next worth delivering; never after a stop. */
export function poolDeadline(pool: PoolState): Micros | undefined {
  if (pool.phase === 'stopped') return undefined;
  const servers = earliest(pool.serverDeadlines.first()?.wakeAt, drainDeadline(pool));
  return earliest(pool.deadlines.first()?.wakeAt, servers);
}

function hear(pool: PoolState, event: PoolEvent, now: Micros, out: Outcome): void {
  switch (event.type) {
    case 'reconfigured':
      reconfigure(pool, event.config, now, out);
      pool.phase = 'running';
      return;
    case 'entriesSeenIdle':
      finishIdle(pool, event.idle, out);
      return;
    case 'timeout':
      expireDraining(pool, now, out);
      expireServers(pool, now, out);
      expireCheckers(pool, now, out);
      return;
    case 'probeAnswered': {
      for (const { slot, id } of askers(pool, event.id)) {
        // Whoever is told later waits from the answer all the same; consequences are of now.
        const at = event.at !== undefined && event.at < now && isCalm(slot.config, slot.state) && event.verdict.type === 'passed' ? event.at : now;
        advance(pool, slot, { type: 'probeAnswered', id, verdict: event.verdict }, at, out);
      }
      return;
    }
    case 'passesSeen':
      for (const each of event.seen) keepSeen(pool, each);
      return;
    case 'fileRead':
      pool.followed.files.set(event.path, event.value);
      follow(pool, (check) => check.type === 'FILE_CHECK' && check.path === event.path, now, out);
      return;
    case 'sessionChanged':
      pool.followed.sessions.set(event.session, event.up);
      follow(pool, (check) => check.type === 'BFD_CHECK' && check.session === event.session, now, out);
      return;
    case 'holdsInherited':
      for (const hold of event.holds) pool.held.add(hold);
      for (const [checker, up] of event.verdicts ?? []) pool.inherited.set(checker, up);
      return;
    case 'resumeRequested':
      resumeServers(pool, event, now, out);
      return;
    case 'addressChanged':
      if (event.present) pool.followed.addresses.add(event.address);
      else pool.followed.addresses.delete(event.address);
      for (const virtualServer of pool.virtualServers) lookAtPresence(pool, virtualServer, now, out);
      return;
    case 'stopRequested':
      stop(pool, event.keepTables, out);
      return;
    default:
      unreachable(event);
  }
}

function expireCheckers(pool: PoolState, now: Micros, out: Outcome): void {
  const { foresight, slack } = pool;
  let woken = 0;
  const isNext = (slot: CheckerSlot | undefined): slot is CheckerSlot =>
    slot !== undefined && (slot.wakeAt <= now || (woken > 0 && woken < COMPANY && slot.group.members.size === 1 && goesAlong(slot.config, slot.state, slack, now)));
  for (let slot = pool.deadlines.first(); isNext(slot); slot = pool.deadlines.first()) {
    woken += 1;
    pool.lastProbeId += 1;
    advance(pool, slot, { type: 'timeout', probeId: pool.lastProbeId, foresight, slack }, now, out);
  }
}

/** Followers of what has been told look again; what they find counts at once. */
function follow(pool: PoolState, isConcerned: (check: FollowerConfig['check']) => boolean, now: Micros, out: Outcome): void {
  const look = (server: RealServerState): void => {
    if (server.followers.length === 0) return;
    for (const slot of server.followers) if (isConcerned(slot.config.check)) lookAgain(pool, server, slot, now, out);
  };
  // Not by an iterator, as in desired.ts.
  for (const { servers } of pool.virtualServers) servers.forEach(look);
}

function lookAgain(pool: PoolState, server: RealServerState, slot: FollowerSlot, now: Micros, out: Outcome): void {
  const { check } = slot.config;
  const { up } = slot.state;
  slot.state = judgeFollower(slot.config, pool.followed);
  const then = slot.state;
  if (check.type === 'BFD_CHECK') out.notes.push({ type: 'sessionFollowed', session: check.session, up: then.up, ...names(server) });
  else if (up !== then.up) out.notes.push({ type: 'fileFollowed', file: check.file, up: then.up, ...names(server) });
  const weighs = changeWeight(pool, server, out);
  if (up !== then.up) {
    const wasAlive = server.alive;
    const passed = server.failedCheckers === 0;
    server.failedCheckers += then.up ? -1 : 1;
    judgeServer(pool, server, passed, now, out);
    if (server.alive !== wasAlive || !pool.mailsServersOnly) {
      mailServer(server, server.alive, { type: then.up ? 'checkPassed' : 'checkFailed', check: check.type }, out);
    }
  }
  if (weighs && server.alive) lookAtQuorum(pool, server.virtualServer, false, out);
}

function advance(pool: PoolState, slot: CheckerSlot, event: CheckerEvent, now: Micros, out: Outcome): void {
  const { server, state: before } = slot;
  const { state, effects, notes } = stepChecker(slot.config, before, event, now);
  slot.state = state;
  slot.lastAnswer = answerIn(slot, event, effects, now) ?? slot.lastAnswer;
  for (const effect of effects) {
    if (effect.type === 'cancelProbe') callBack(pool, slot, effect.id, out);
    else ask(pool, slot, effect, out);
  }
  slot.state = keepInStep(slot, now);
  pool.deadlines.set(slot, checkerDeadline(slot.config, slot.state, pool.foresight));
  const weighs = before.weight !== state.weight && changeWeight(pool, server, out);
  for (const finding of notes) out.notes.push({ ...finding, ...names(server) });
  if (before.up !== state.up) {
    const wasAlive = server.alive;
    const passed = server.failedCheckers === 0;
    server.failedCheckers += state.up ? -1 : 1;
    judgeServer(pool, server, passed, now, out);
    if (server.alive !== wasAlive || !pool.mailsServersOnly) mailCheck(slot, notes, out);
  } else if (notes.some(({ type }) => type === 'checkFailed') && isFirstFailure(slot)) {
    // A server that starts down (alpha) is told down once its first check has said so.
    tellServer(server, false, out);
    mailCheck(slot, notes, out);
  } else if (pool.tellsFirstSuccess && isFirstSuccess(slot, before)) tellServer(server, true, out);
  if (weighs && server.alive) lookAtQuorum(pool, server.virtualServer, false, out);
}

/** What the event says about the server, if anything: our own trouble says nothing. */
function answerIn({ config }: CheckerSlot, event: CheckerEvent, effects: readonly CheckerEffect[], now: Micros): LastAnswer | undefined {
  if (event.type === 'timeout') {
    const gaveUp = effects.some(({ type }) => type === 'cancelProbe');
    return gaveUp ? { at: now, failure: silenceOf(config.check) } : undefined;
  }
  const { verdict } = event;
  if (verdict.type === 'local') return undefined;
  const { latency } = verdict;
  return verdict.type === 'failed' ? { at: now, latency, failure: verdict.failure } : { at: now, latency };
}

function mailCheck({ server, config, state }: CheckerSlot, notes: readonly CheckerFinding[], out: Outcome): void {
  const failed = notes.find((note) => note.type === 'checkFailed' && note.failure !== undefined);
  const cause = failed?.type === 'checkFailed' ? given({ failure: failed.failure, target: failed.target }) : {};
  mailServer(server, server.alive, { type: state.up ? 'checkPassed' : 'checkFailed', check: config.check.type, ...cause }, out);
}

/** Of a server that counted as up from the start, by the last of its checkers to see it. */
function isFirstSuccess({ server }: CheckerSlot, { hasRun }: CheckerState): boolean {
  return !hasRun && server.alive && server.checkers.every(({ state }) => state.up && state.hasRun);
}

function isFirstFailure(slot: CheckerSlot): boolean {
  return slot.server.checkers.every((other) => other === slot || other.state.up || !other.state.hasRun);
}

/** keepalived names every server it shuts down, in the tables or not; omega adds the notifications of a real failure. */
function stop(pool: PoolState, keepTables: boolean, out: Outcome): void {
  pool.phase = 'stopped';
  for (const { config, servers, quorumUp } of pool.virtualServers) {
    for (const server of servers.values()) {
      for (const slot of server.checkers) dropChecker(pool, slot, out);
      if (keepTables) continue;
      const inhibited = server.config.inhibitOnFailure && !server.alive;
      out.notes.push({ type: 'serverShutDown', inhibited, ...names(server) });
      if (!config.omega || !server.alive) continue;
      tellServer(server, false, out);
      mailServer(server, false, { type: 'stopped' }, out);
    }
    if (keepTables || !config.omega || !quorumUp) continue;
    tellQuorum(config, false, out);
    mailQuorum(config, false, { type: 'stopped' }, out);
  }
  pool.draining.clear();
  if (!keepTables) pool.tables = new Map();
}
