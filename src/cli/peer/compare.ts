/** Two directors compared by what their status says of them. */

import type { InstanceStatus, RealServerStatus, Status, VirtualServerStatus } from '../../control/status.js';

export interface Side {
  readonly status: Status;
  /** Its clock less ours, milliseconds; undefined where that cannot be told. */
  readonly clock?: number;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly here: string;
  readonly there: string;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly disagreements: readonly string[];
}

/** Clocks are told in whole seconds. */
const TOLERATED = 2_000;
const NOTHING = '-';

export function comparePeers(here: Status, there: Side): Comparison {
  const parts = [daemons(here, there), instances(here, there.status), pools(here, there.status)];
  return { rows: parts.flatMap(({ rows }) => rows), disagreements: parts.flatMap(({ disagreements }) => disagreements) };
}

function daemons(here: Status, { status: there, clock }: Side): Comparison {
  const [a, b] = [here.daemon, there.daemon];
  const row = (what: string, ours: string | undefined, theirs: string | undefined): Row => ({ what, here: ours ?? NOTHING, there: theirs ?? NOTHING });
  const differ = (what: string, ours: string | undefined, theirs: string | undefined): readonly string[] =>
    ours !== undefined && theirs !== undefined && ours !== theirs ? [`${what}: ${ours} here, ${theirs} there`] : [];
  const [own, other] = [a?.configuration.digests, b?.configuration.digests];
  const offset = clock === undefined ? undefined : `${clock < 0 ? '' : '+'}${Math.round(clock / 1_000)} s`;
  return {
    rows: [
      row('version', a?.version, b?.version),
      row('configuration', a?.configuration.file, b?.configuration.file),
      row('  VRRP, what both must share', own?.vrrp, other?.vrrp),
      row('  LVS, what both must share', own?.lvs, other?.lvs),
      row('clock', '0 s', offset),
    ],
    disagreements: [
      ...differ('version', a?.version, b?.version),
      ...(a === undefined ? ['the daemon here has said nothing yet'] : []),
      ...(b === undefined ? ['the daemon there has said nothing yet'] : []),
      ...(own?.vrrp !== other?.vrrp && own !== undefined && other !== undefined ? ['the VRRP configurations differ in what both must share: holdfast check --pair says in what'] : []),
      ...(own?.lvs !== other?.lvs && own !== undefined && other !== undefined ? ['the LVS configurations differ: holdfast check --pair says in what'] : []),
      ...(clock !== undefined && Math.abs(clock) > TOLERATED ? [`the clock there differs by ${offset ?? ''}`] : []),
    ],
  };
}

/** By virtual router and family: names are each director's own. */
function instances({ vrrp: here }: Status, { vrrp: there }: Status): Comparison {
  const keyed = (list: readonly InstanceStatus[]): ReadonlyMap<string, InstanceStatus> => new Map(list.map((each) => [`${each.family} ${each.virtualRouterId}`, each]));
  const [ours, theirs] = [keyed(here?.instances ?? []), keyed(there?.instances ?? [])];
  const pairs = union(ours, theirs);
  const text = (one: InstanceStatus | undefined): string => (one === undefined ? NOTHING : `${one.state} ${one.priority.effective}`);
  return {
    rows: pairs.map(([a, b]) => ({ what: nameOf(a, b), here: text(a), there: text(b) })),
    disagreements: pairs.flatMap(([a, b]) => roleDisagreement(nameOf(a, b), a, b)),
  };
}

function nameOf(here: InstanceStatus | undefined, there: InstanceStatus | undefined): string {
  const one = here ?? there;
  const names = [...new Set([here?.name, there?.name])].filter((name) => name !== undefined).join('/');
  return `${names} (vrid ${one?.virtualRouterId ?? 0}, ${one?.family ?? ''})`;
}

function roleDisagreement(name: string, here: InstanceStatus | undefined, there: InstanceStatus | undefined): readonly string[] {
  if (here === undefined || there === undefined) return [`${name}: only ${here === undefined ? 'there' : 'here'}`];
  if (here.state === 'MASTER' && there.state === 'MASTER') return [`${name}: both are MASTER, they do not hear each other`];
  if (here.state !== 'MASTER' && there.state !== 'MASTER') {
    const third = here.master !== undefined && here.master.address !== there.source ? `, ${here.master.address} is` : '';
    return [`${name}: neither is MASTER${third} (${here.state} here: ${here.reason}; ${there.state} there: ${there.reason})`];
  }
  return [];
}

function pools({ lvs: here }: Status, { lvs: there }: Status): Comparison {
  const pairs = union(byName(here?.virtualServers ?? []), byName(there?.virtualServers ?? []));
  const text = (one: VirtualServerStatus | undefined): string => (one === undefined ? NOTHING : `${one.state}, ${upOf(one)} of ${one.realServers.length} servers up`);
  return {
    rows: pairs.map(([a, b]) => ({ what: a?.name ?? b?.name ?? '', here: text(a), there: text(b) })),
    disagreements: pairs.flatMap(([a, b]) => {
      const name = a?.name ?? b?.name ?? '';
      if (a === undefined || b === undefined) return [`${name}: only ${a === undefined ? 'there' : 'here'}`];
      const states = a.state === b.state ? [] : [`${name}: ${a.state} here, ${b.state} there`];
      return [...states, ...union(byName(a.realServers), byName(b.realServers)).flatMap(([x, y]) => serverDisagreement(name, x, y))];
    }),
  };
}

function upOf({ realServers }: VirtualServerStatus): number {
  return realServers.filter(({ state }) => state === 'up' || state === 'unchecked').length;
}

function serverDisagreement(pool: string, here: RealServerStatus | undefined, there: RealServerStatus | undefined): readonly string[] {
  const name = `${here?.name ?? there?.name ?? ''} in ${pool}`;
  if (here === undefined || there === undefined) return [`${name}: only ${here === undefined ? 'there' : 'here'}`];
  const alike = (state: RealServerStatus['state']): string => (state === 'unchecked' ? 'up' : state);
  const because = ({ reason }: RealServerStatus): string => (reason === undefined ? '' : ` (${reason})`);
  if (alike(here.state) !== alike(there.state)) return [`${name}: ${here.state} here${because(here)}, ${there.state} there${because(there)}`];
  const [a, b] = [here.weight.effective, there.weight.effective];
  return a === b ? [] : [`${name}: weight ${a} here${because(here)}, ${b} there${because(there)}`];
}

function byName<T extends { readonly name: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((each) => [each.name, each]));
}

function union<T>(here: ReadonlyMap<string, T>, there: ReadonlyMap<string, T>): readonly (readonly [T | undefined, T | undefined])[] {
  return [...new Set([...here.keys(), ...there.keys()])].map((key) => [here.get(key), there.get(key)]);
}
