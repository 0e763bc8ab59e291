/**
 * What of a director's state a monitoring system should hear, and how grave each of it is. Pure: everything has been asked
 * already.
 */

import type { Health } from '../../control/health.js';
import { isCalled, shortName } from '../../control/server-names.js';
import type { ControlEvent, InstanceStatus, RealServerStatus, Status, VirtualServerStatus } from '../../control/status.js';

/** In the words and the order of the Monitoring Plugins guidelines; the place of each is its exit status. */
export const SEVERITIES = ['ok', 'warning', 'critical', 'unknown'] as const;
export type Severity = Exclude<(typeof SEVERITIES)[number], 'unknown'>;

/** What can be wrong, and how grave it is unless somebody says otherwise. */
export const KINDS = {
  daemon: { severity: 'critical', doc: 'the daemon does not answer, hangs or stops' },
  process: { severity: 'warning', doc: 'one of its processes does not run at this moment' },
  fault: { severity: 'critical', doc: 'an instance in FAULT or INIT' },
  role: { severity: 'critical', doc: 'an instance in another role than --role says' },
  address: { severity: 'critical', doc: 'a master whose address is not on its interface' },
  conflict: { severity: 'critical', doc: 'of late: two masters, foreign adverts, a taken address' },
  tables: { severity: 'critical', doc: "the kernel's IPVS tables are out of reach" },
  drift: { severity: 'warning', doc: 'the kernel refuses changes; of late: somebody else changed tables or addresses' },
  down: { severity: 'critical', doc: 'a virtual server without quorum, or fewer servers up than -c' },
  degraded: { severity: 'warning', doc: 'fewer of its servers up than -w' },
  standin: { severity: 'warning', doc: 'a sorry server or backup servers serve in their place' },
  certificate: { severity: 'warning', doc: 'a certificate that ends within --certificate days' },
  reload: { severity: 'warning', doc: 'the last reload was refused' },
  byhand: { severity: 'ok', doc: 'something that an operator has said holds' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly doc: string }>>;
export type Kind = keyof typeof KINDS;

export interface Wishes {
  /** Shares of a virtual server's servers, 0 to 1. */
  readonly warning: number;
  readonly critical: number;
  readonly role?: 'MASTER' | 'BACKUP';
  /** How long what has been put right is still told, milliseconds. */
  readonly within: number;
  readonly certificateDays: number;
  /** Only these; empty = all. */
  readonly instances: readonly string[];
  readonly virtualServers: readonly string[];
  readonly severities: ReadonlyMap<Kind, Severity>;
}

export interface Seen {
  readonly status: Status;
  readonly health: Health;
  readonly events: readonly ControlEvent[];
}

export interface Problem {
  readonly kind: Kind;
  readonly text: string;
}

export interface Judgement {
  readonly severity: Severity;
  /** The gravest first; those that are `ok` are left out. */
  readonly problems: readonly Problem[];
  /** Named in the wishes, and not there. */
  readonly missing: readonly string[];
}

/** Events that tell of something that others changed and that was put right. */
const CHANGED_BY_OTHERS: ReadonlySet<string> = new Set(['driftFound', 'addressLost', 'settingRepaired', 'filterRepaired']);

/** `now`: milliseconds since 1970. */
export function judge(seen: Seen, wishes: Wishes, now: number): Judgement {
  const instances = instancesOf(seen.status, wishes);
  const pools = poolsOf(seen.status, wishes);
  const isWhole = wishes.instances.length === 0 && wishes.virtualServers.length === 0;
  const found = [
    ...ofHealth(seen.health, new Set(instances.map(({ name }) => name))),
    ...instances.flatMap((instance) => ofRole(instance, wishes)),
    ...pools.flatMap((pool) => ofPool(pool, wishes)),
    ...(isWhole ? ofWhole(seen, wishes, now) : []),
  ];
  const severityOf = ({ kind }: Problem): number => SEVERITIES.indexOf(wishes.severities.get(kind) ?? KINDS[kind].severity);
  const problems = found.filter((problem) => severityOf(problem) > 0).sort((a, b) => severityOf(b) - severityOf(a));
  const worst = problems[0] === undefined ? 0 : severityOf(problems[0]);
  return { severity: worst === 0 ? 'ok' : worst === 1 ? 'warning' : 'critical', problems, missing: missingOf(seen.status, wishes) };
}

/** Those that are judged: only virtual servers were named = no instance, and the other way round. */
export function instancesOf({ vrrp }: Status, { instances, virtualServers }: Wishes): readonly InstanceStatus[] {
  const all = vrrp?.instances ?? [];
  return instances.length + virtualServers.length === 0 ? all : all.filter(({ name }) => instances.includes(name));
}

export function poolsOf({ lvs }: Status, { instances, virtualServers }: Wishes): readonly VirtualServerStatus[] {
  const all = lvs?.virtualServers ?? [];
  return instances.length + virtualServers.length === 0 ? all : all.filter(({ name }) => virtualServers.some((wanted) => isCalled(name, wanted)));
}

function missingOf({ vrrp, lvs }: Status, { instances, virtualServers }: Wishes): readonly string[] {
  return [
    ...instances.filter((wanted) => !(vrrp?.instances ?? []).some(({ name }) => name === wanted)),
    ...virtualServers.filter((wanted) => !(lvs?.virtualServers ?? []).some(({ name }) => isCalled(name, wanted))),
  ];
}

const KIND_OF_HEALTH = { daemon: 'daemon', instance: 'fault', address: 'address', tables: 'tables' } as const;

function ofHealth({ problems }: Health, judged: ReadonlySet<string>): readonly Problem[] {
  return problems.flatMap(({ kind, instance, text }) => (instance === undefined || judged.has(instance) ? [{ kind: KIND_OF_HEALTH[kind], text }] : []));
}

/** FAULT and INIT are told as such. */
function ofRole({ name, state, reason }: InstanceStatus, { role }: Wishes): readonly Problem[] {
  if (role === undefined || state === role || state === 'FAULT' || state === 'INIT') return [];
  return [{ kind: 'role', text: `${name} is ${state}, not ${role}: ${reason}` }];
}

function ofPool(pool: VirtualServerStatus, { warning, critical, certificateDays }: Wishes): readonly Problem[] {
  const title = shortName(pool.name);
  const { total, down } = serversOf(pool);
  const share = total === 0 ? 1 : (total - down.length) / total;
  const which = down.length === 0 ? '' : `: ${namesOf(down)}`;
  const state = `${total - down.length} of ${total} servers up${which}`;
  const kind = pool.state === 'down' || share < critical ? 'down' : share < warning ? 'degraded' : undefined;
  const quorum = pool.state === 'down' ? `is down (weight ${pool.aliveWeight} of quorum ${pool.quorum}), ` : 'has ';
  const standIn = standInOf(pool);
  return [
    ...(kind === undefined ? [] : [{ kind, text: `${title} ${quorum}${state}` } as const]),
    ...(standIn === undefined ? [] : [{ kind: 'standin', text: `${standIn} of ${title}` } as const]),
    ...pool.realServers.flatMap((server) => ofCertificates(server, certificateDays)),
  ];
}

/** Backup servers do not count, and neither does who was disabled by hand. */
export function serversOf({ realServers }: VirtualServerStatus): { readonly total: number; readonly down: readonly RealServerStatus[] } {
  const counted = realServers.filter(({ tier, state }) => tier === undefined && state !== 'disabled');
  return { total: counted.length, down: counted.filter(({ state }) => state === 'down') };
}

function standInOf({ sorryServer, activeTier }: VirtualServerStatus): string | undefined {
  if (sorryServer?.active === true) return `sorry server ${shortName(sorryServer.name)} serves in place`;
  return activeTier === undefined ? undefined : `backup servers of tier ${activeTier} serve in place`;
}

/** Servers that are named of one virtual server. */
const MOST_NAMES = 3;

function namesOf(servers: readonly RealServerStatus[]): string {
  const named = servers.slice(0, MOST_NAMES).map(({ name, reason }) => `${shortName(name)}${reason === undefined ? '' : ` (${reason})`}`);
  const rest = servers.length - named.length;
  return `${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}

function ofCertificates({ name, checks }: RealServerStatus, most: number): readonly Problem[] {
  const days = checks.flatMap(({ certificateDays }) => certificateDays ?? []).reduce((least, each) => Math.min(least, each), Infinity);
  if (days >= most) return [];
  const when = days < 0 ? `ended ${-days} days ago` : `ends in ${days} days`;
  return [{ kind: 'certificate', text: `the certificate of ${shortName(name)} ${when}` }];
}

/** What is of the director as a whole. */
function ofWhole({ status, events }: Seen, { within }: Wishes, now: number): readonly Problem[] {
  const { daemon, lvs, byHand = [] } = status;
  const silent = (daemon?.processes ?? []).filter(({ pid }) => pid === undefined);
  const refused = lvs?.kernel.refusedCommands ?? 0;
  const lately = events.filter(({ time }) => now - Date.parse(time) <= within);
  const changes = lately.filter(({ event }) => CHANGED_BY_OTHERS.has(event));
  const conflicts = new Map(lately.flatMap((each) => (each.event === 'conflictFound' ? [[`${String(each.fields['instance'])} ${String(each.fields['kind'])} ${String(each.fields['by'])}`, each] as const] : [])));
  const lastLoad = events.findLast(({ event }) => event === 'reloadFailed' || event === 'configurationComplete');
  return [
    ...silent.map(({ name }): Problem => ({ kind: 'process', text: `the ${name} process does not run and is started again` })),
    ...(refused === 0 ? [] : [{ kind: 'drift', text: `the kernel refuses ${refused} changes to its IPVS tables` } as const]),
    ...lastOf(changes, 'drift'),
    ...[...conflicts.values()].map(({ text }): Problem => ({ kind: 'conflict', text })),
    ...(lastLoad?.event === 'reloadFailed' ? [{ kind: 'reload', text: `the reload at ${lastLoad.time} was refused: holdfast check says why` } as const] : []),
    ...(byHand.length === 0 ? [] : [{ kind: 'byhand', text: `by hand: ${byHand.map(({ action, instance, server }) => `${action} ${instance ?? shortName(server ?? '')}`).join(', ')}` } as const]),
  ];
}

/** The last of them with the number of all. */
function lastOf(events: readonly ControlEvent[], kind: Kind): readonly Problem[] {
  const last = events.at(-1);
  if (last === undefined) return [];
  return [{ kind, text: `${last.text}${events.length === 1 ? '' : ` (${events.length} such events)`}` }];
}
