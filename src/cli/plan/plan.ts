/**
 * What a reload would change: two models compared by what the machines themselves go by at a reload. The LVS side is tried out
 * with the checkers' own machine and planner (health/rehearsal.ts), so the kernel commands are those that would be sent.
 */

import type { Model } from '../../conf/model.js';
import type { Status } from '../../control/status.js';
import { rehearseReload } from '../../health/rehearsal.js';
import { planOps } from '../../ipvs/plan.js';
import { narrateHealth } from '../../runtime/narrate/health.js';
import { childrenFor, unchangeable } from '../../daemon/configuration/configuration.js';
import type { Child } from '../../runtime/children-events.js';
import { namedChanges } from './change.js';
import type { PlanChange } from './change.js';
import { fieldChanges } from './fields.js';
import { ipvsCommand } from './kernel-commands.js';
import { poolChanges } from './pool-changes.js';
import { vrrpChanges } from './vrrp-changes.js';

export interface Plan {
  readonly version: 1;
  /** Why the daemon would refuse the file; nothing would change then. */
  readonly refusal?: string;
  readonly changes: readonly PlanChange[];
  /** Instances that are MASTER now and would give that up. */
  readonly rolesLost: readonly string[];
  /** Commands to the kernel in the words of ipvsadm and iproute2, in order. */
  readonly kernel: readonly string[];
  /** What the checkers would log of their servers. */
  readonly sentences: readonly string[];
}

/** The models with what operators have said laid over them. `status`: of the daemon that runs; absent = all is up, nobody is master. */
export function makePlan(before: Model, after: Model, status: Status | undefined): Plan {
  const refused = unchangeable(before.global, after.global);
  if (refused !== undefined) {
    return { version: 1, refusal: `the ${refused} changes, which needs a restart`, changes: [], rolesLost: [], kernel: [], sentences: [] };
  }
  const vrrp = vrrpChanges(before.director, after.director, mastersIn(status));
  const standing = serverStanding(status);
  const rehearsal = rehearseReload(before.pool, after.pool, (pool, server) => standing.get(`${pool} ${server}`));
  const ops = planOps(rehearsal.after, rehearsal.before, new Set(rehearsal.before.keys()));
  return {
    version: 1,
    changes: [
      ...globalChanges(before, after),
      ...processChanges(before, after, status),
      ...vrrp.changes,
      ...bfdChanges(before, after),
      ...poolChanges(before.pool, after.pool),
    ],
    rolesLost: vrrp.rolesLost,
    kernel: [...vrrp.kernel, ...ops.map(ipvsCommand)],
    sentences: rehearsal.notes.map((note) => narrateHealth(note)).filter(({ level }) => level !== 'debug').map(({ text }) => text),
  };
}

function mastersIn(status: Status | undefined): ReadonlySet<string> {
  return new Set((status?.vrrp?.instances ?? []).filter(({ state }) => state === 'MASTER').map(({ name }) => name));
}

/** By `VIRTUAL_SERVER SERVER`. */
function serverStanding(status: Status | undefined): ReadonlyMap<string, boolean> {
  const pools = status?.lvs?.virtualServers ?? [];
  return new Map(pools.flatMap(({ name, realServers }) => realServers.map((server) => [`${name} ${server.name}`, server.state === 'up' || server.state === 'unchecked'] as const)));
}

function globalChanges({ global: before }: Model, { global: after }: Model): readonly PlanChange[] {
  const fields = fieldChanges(before, after);
  return fields.length === 0 ? [] : [{ subject: 'global', change: 'change', name: 'global_defs', fields }];
}

/** What the command line leaves out now it leaves out then. */
function processChanges(before: Model, after: Model, status: Status | undefined): readonly PlanChange[] {
  const allowed = { runVrrp: true, runCheckers: true, runBfd: true, runUnconfigured: false };
  const configured = childrenFor(before, allowed);
  const running = status?.daemon?.processes.map(({ name }) => name) ?? configured;
  const wanted = childrenFor(after, allowed).filter((child) => running.includes(child) || !configured.includes(child));
  const change = (kind: 'add' | 'remove', child: Child): PlanChange => ({ subject: 'process', change: kind, name: child, fields: [] });
  // What --all starts without work stays.
  const idle = running.filter((child) => !configured.includes(child));
  return [
    ...wanted.filter((child) => !running.includes(child)).map((child) => change('add', child)),
    ...running.filter((child) => !wanted.includes(child) && !idle.includes(child)).map((child) => change('remove', child)),
  ];
}

function bfdChanges({ bfd: { sessions: before } }: Model, { bfd: { sessions: after } }: Model): readonly PlanChange[] {
  return namedChanges('bfdSession', before, after);
}
