/**
 * What follows when a server of a virtual server comes, goes or changes weight, in keepalived's order: the server is
 * named, its command runs, then the quorum is looked at. Changes the pool's state in place; it knows no timers.
 */

import type { VirtualServerConfig } from './config.js';
import { clampWeight } from './desired.js';
import type { MailCause, PoolEffect } from './events.js';
import type { HealthNote } from './notes.js';
import { serverName } from './pool-state.js';
import type { PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { judgeQuorum, quorumThreshold } from './quorum.js';

/** What one step hands back, collected while it goes. */
export interface Outcome {
  readonly effects: PoolEffect[];
  readonly notes: HealthNote[];
}

/** Forgets what was made from this virtual server's state. */
export function touch(pool: PoolState, virtualServer: VirtualServerState): void {
  virtualServer.entries = undefined;
  pool.tables = undefined;
}

export function names(server: RealServerState): { readonly server: string; readonly virtualServer: string } {
  return { server: server.name, virtualServer: server.virtualServer.config.name };
}

/** Counts a server in or out, without a word. */
export function setAlive(pool: PoolState, server: RealServerState, alive: boolean): void {
  if (server.alive === alive) return;
  server.alive = alive;
  server.since = pool.now;
  const weight = clampWeight(server.weight);
  if (server.config.tier === undefined) server.virtualServer.aliveWeight += alive ? weight : -weight;
  touch(pool, server.virtualServer);
}

/** Counts the server with what its checkers and followers add to its weight now. Answers whether that is a change. */
export function changeWeight(pool: PoolState, server: RealServerState, out: Outcome): boolean {
  const from = server.weight;
  const to = effectiveWeight(server);
  if (from === to) return false;
  if (server.alive && server.config.tier === undefined) server.virtualServer.aliveWeight += clampWeight(to) - clampWeight(from);
  server.weight = to;
  out.notes.push({ type: 'weightChanged', from, to, active: server.alive, ...names(server) });
  touch(pool, server.virtualServer);
  return true;
}

/** An operator's word counts before all; what a checker asks for replaces the configured weight; several of them, and files, add up. */
export function effectiveWeight({ config, checkers, followers }: RealServerState): number {
  if (config.byHand?.weight !== undefined) return config.byHand.weight;
  let weight = config.weight;
  for (const { state } of checkers) if (state.weight !== undefined) weight += state.weight - config.weight;
  for (const { state } of followers) weight += state.contribution;
  return weight;
}

/** A server comes up or goes down by its checkers. */
export function changeServer(pool: PoolState, server: RealServerState, alive: boolean, out: Outcome): void {
  if (server.alive === alive) return;
  out.notes.push({ type: changeType(server, alive), ...names(server) });
  setAlive(pool, server, alive);
  tellServer(server, alive, out);
  lookAtQuorum(pool, server.virtualServer, false, out);
}

/** How a change is told: with inhibit_on_failure the server stays in the tables. */
export function changeType(
  { config }: RealServerState,
  alive: boolean,
): 'serverAdded' | 'serverEnabled' | 'serverRemoved' | 'serverDisabled' {
  if (alive) return config.inhibitOnFailure ? 'serverEnabled' : 'serverAdded';
  return config.inhibitOnFailure ? 'serverDisabled' : 'serverRemoved';
}

/**
 * After a change of servers or of their weights. `starting`: the virtual server is new, or has just been given a sorry server
 * or backup servers, and has no quorum to lose.
 */
export function lookAtQuorum(pool: PoolState, virtualServer: VirtualServerState, starting: boolean, out: Outcome): void {
  const { config, aliveWeight, quorumUp } = virtualServer;
  const { quorum, hysteresis } = config;
  const facts = { quorum, hysteresis, weight: aliveWeight };
  const change = judgeQuorum(quorumUp, facts);
  const threshold = quorumThreshold(quorumUp, facts);
  const numbers = { quorum, hysteresis, threshold, weight: aliveWeight };
  if (change === 'gained') {
    setQuorum(pool, virtualServer, true);
    out.notes.push({ type: 'quorumGained', virtualServer: config.name, ...numbers });
    setStandIn(pool, virtualServer, 'none', out);
    tellQuorum(config, true, out);
    mailQuorum(config, true, { type: 'quorumGained', ...numbers }, out);
  } else if (change === 'lost' || (starting && hasStandIn(config))) {
    setQuorum(pool, virtualServer, false);
    const type = change === 'lost' ? 'quorumLost' : 'quorumDownAtStart';
    out.notes.push({ type, virtualServer: config.name, ...numbers });
    chooseStandIn(pool, virtualServer, out);
    tellQuorum(config, false, out);
    mailQuorum(config, false, { type, ...numbers }, out);
  } else if (!quorumUp && (config.backupServers !== undefined || virtualServer.activeTier !== undefined)) chooseStandIn(pool, virtualServer, out);
}

function hasStandIn({ sorryServer, backupServers = [] }: VirtualServerConfig): boolean {
  return sorryServer !== undefined || backupServers.length > 0;
}

/** Who serves while the quorum is lost: a tier of backup servers, the sorry server, or nobody but the real servers left. */
type StandIn = number | 'sorry' | 'none';

/** The first tier of which a backup server is alive serves, else the sorry server. */
function chooseStandIn(pool: PoolState, virtualServer: VirtualServerState, out: Outcome): void {
  let first: number | undefined;
  for (const { config, alive, weight } of virtualServer.servers.values()) {
    if (config.tier === undefined || !alive || clampWeight(weight) === 0) continue;
    if (first === undefined || config.tier < first) first = config.tier;
  }
  setStandIn(pool, virtualServer, first ?? (virtualServer.config.sorryServer === undefined ? 'none' : 'sorry'), out);
}

function setQuorum(pool: PoolState, virtualServer: VirtualServerState, up: boolean): void {
  if (virtualServer.quorumUp !== up) virtualServer.since = pool.now;
  virtualServer.quorumUp = up;
}

function setStandIn(pool: PoolState, virtualServer: VirtualServerState, to: StandIn, out: Outcome): void {
  const from: StandIn = virtualServer.sorryActive ? 'sorry' : (virtualServer.activeTier ?? 'none');
  if (from === to) return;
  virtualServer.sorryActive = to === 'sorry';
  virtualServer.activeTier = typeof to === 'number' ? to : undefined;
  touch(pool, virtualServer);
  tellStandIn(virtualServer, from, false, out);
  tellStandIn(virtualServer, to, true, out);
  const { name } = virtualServer.config;
  if (from === 'none') out.notes.push({ type: 'aliveServersRemoved', virtualServer: name });
  if (to === 'none') out.notes.push({ type: 'aliveServersAdded', virtualServer: name });
}

function tellStandIn(virtualServer: VirtualServerState, standIn: StandIn, comes: boolean, out: Outcome): void {
  const { name, sorryServer } = virtualServer.config;
  if (typeof standIn === 'number') {
    out.notes.push({ type: comes ? 'backupTierAdded' : 'backupTierRemoved', virtualServer: name, tier: standIn });
    return;
  }
  const sorry = standIn === 'sorry' ? sorryNames(virtualServer) : undefined;
  if (sorry === undefined) return;
  const inhibit = sorryServer?.inhibit === true;
  if (comes) out.notes.push({ type: inhibit ? 'sorryServerEnabled' : 'sorryServerAdded', ...sorry });
  else out.notes.push({ type: inhibit ? 'sorryServerDisabled' : 'sorryServerRemoved', ...sorry });
}

/** The sorry server's names for a note; undefined when there is none. */
export function sorryNames({
  config,
}: Pick<VirtualServerState, 'config'>): { readonly server: string; readonly virtualServer: string } | undefined {
  if (config.sorryServer === undefined) return undefined;
  return { server: serverName(config, config.sorryServer), virtualServer: config.name };
}

/** A server's own command, then whoever reads state changes. The same server in another virtual server is another object. */
export function tellServer({ name, config, virtualServer }: RealServerState, up: boolean, out: Outcome): void {
  const command = up ? config.notifyUp : config.notifyDown;
  const key = `${name} ${virtualServer.config.name}`;
  if (command !== undefined) out.effects.push({ type: 'runCommand', key, command });
  out.effects.push({ type: 'tellState', server: name, virtualServer: virtualServer.config.name, up });
}

/** A real server's changes are mailed unless it says otherwise. */
export function mailServer({ name, config, virtualServer }: RealServerState, up: boolean, cause: MailCause, out: Outcome): void {
  if (config.smtpAlert === false) return;
  out.effects.push({ type: 'mail', server: name, virtualServer: virtualServer.config.name, up, cause });
}

/** A quorum's changes are mailed only if its virtual server says so. */
export function mailQuorum({ name, smtpAlert }: VirtualServerConfig, up: boolean, cause: MailCause, out: Outcome): void {
  if (smtpAlert === true) out.effects.push({ type: 'mail', virtualServer: name, up, cause });
}

/** The quorum's command, then whoever reads state changes. */
export function tellQuorum({ name, quorumUp, quorumDown }: VirtualServerConfig, up: boolean, out: Outcome): void {
  const command = up ? quorumUp : quorumDown;
  if (command !== undefined) out.effects.push({ type: 'runCommand', key: name, command });
  out.effects.push({ type: 'tellState', virtualServer: name, up });
}
