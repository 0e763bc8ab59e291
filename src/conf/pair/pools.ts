/** Virtual servers of two directors: after a takeover clients must find the same services with the same servers. */

import type { CheckerConfig } from '../../health/config-check.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { AnySection } from '../origins.js';
import type { FindingKind } from '../catalog.js';
import type { Blocks, PairFindings, PairSide } from './findings.js';

export function comparePools(first: PairSide, second: PairSide, findings: PairFindings): void {
  const hint = 'write the virtual server into both files';
  const there = byKey(second.model.pool.virtualServers);
  const here = byKey(first.model.pool.virtualServers);
  const compared = new Set<string>();
  for (const [key, server] of here) {
    const other = there.get(key);
    const block = first.origins.virtualServers.get(server);
    if (other === undefined) {
      findings.lack('pairService', block, second, `the service ${nameOfKey(key, server)}`, hint);
      continue;
    }
    // A group has many services, and one pool.
    const pool = `${server.name}\0${other.name}`;
    if (compared.has(pool)) continue;
    compared.add(pool);
    const blocks = { first: block, second: second.origins.virtualServers.get(other) };
    compareServices(server, other, blocks, findings);
    compareServers(first, second, server, other, findings);
  }
  for (const [key, server] of there) {
    const block = second.origins.virtualServers.get(server);
    if (!here.has(key)) findings.lack('pairService', block, first, `the service ${nameOfKey(key, server)}`, hint);
  }
  compareSyncDaemons(first, second, findings);
}

function byKey(servers: readonly VirtualServerConfig[]): ReadonlyMap<string, VirtualServerConfig> {
  return new Map(servers.flatMap((server) => server.services.map(({ identity }) => [JSON.stringify(identity), server] as const)));
}

/** The block's name; for a group also which of its services. */
function nameOfKey(key: string, { name, services }: VirtualServerConfig): string {
  const service = services.find(({ identity }) => JSON.stringify(identity) === key)?.identity;
  if (services.length === 1 || service === undefined) return name;
  return service.kind === 'fwmark' ? `fwmark ${service.fwmark} of ${name}` : `${service.address} ${service.port} of ${name}`;
}

/** One setting of a block: the keywords that set it, and its value as text. */
interface Setting<T> {
  readonly keywords: readonly string[];
  readonly valueOf: (item: T) => string;
}

const SERVICE_SETTINGS: readonly Setting<VirtualServerConfig>[] = [
  { keywords: ['lb_algo'], valueOf: ({ services }) => services[0]?.scheduler ?? '' },
  { keywords: ['persistence_timeout'], valueOf: ({ services }) => `${services[0]?.persistenceTimeout ?? 0} s` },
  { keywords: ['persistence_granularity'], valueOf: ({ services }) => services[0]?.persistenceGranularity ?? '' },
  { keywords: ['persistence_engine'], valueOf: ({ services }) => services[0]?.persistenceEngine ?? 'none' },
  {
    keywords: ['ops', 'mh-port', 'mh-fallback', 'sh-port', 'sh-fallback', 'flag-1', 'flag-2', 'flag-3'],
    valueOf: ({ services }) => `scheduler flags ${services[0]?.flags ?? 0}`,
  },
  { keywords: ['quorum'], valueOf: ({ quorum }) => String(quorum) },
  { keywords: ['hysteresis'], valueOf: ({ hysteresis }) => String(hysteresis) },
  { keywords: ['sorry_server'], valueOf: ({ sorryServer }) => (sorryServer === undefined ? 'none' : sorryText(sorryServer)) },
];

function sorryText({ address, port, method }: SorryServerConfig): string {
  return `${address} ${port} by ${method}`;
}

const SERVER_SETTINGS: readonly Setting<RealServerConfig>[] = [
  { keywords: ['weight'], valueOf: ({ weight }) => String(weight) },
  { keywords: ['lvs_method'], valueOf: ({ method, tunnel }) => (tunnel === undefined ? method : `${method} ${tunnel.type}`) },
  { keywords: ['uthreshold'], valueOf: ({ upperThreshold }) => String(upperThreshold) },
  { keywords: ['lthreshold'], valueOf: ({ lowerThreshold }) => String(lowerThreshold) },
  { keywords: ['inhibit_on_failure'], valueOf: ({ inhibitOnFailure }) => (inhibitOnFailure ? 'on' : 'off') },
];

function compareServices(a: VirtualServerConfig, b: VirtualServerConfig, blocks: Blocks, findings: PairFindings): void {
  compareSettings('pairServiceSetting', a.name, SERVICE_SETTINGS, a, b, blocks, findings);
}

function compareSettings<T>(
  kind: FindingKind,
  name: string,
  settings: readonly Setting<T>[],
  a: T,
  b: T,
  blocks: Blocks,
  findings: PairFindings,
): void {
  for (const { keywords, valueOf } of settings) {
    const [here, there] = [valueOf(a), valueOf(b)];
    if (here === there) continue;
    const [keyword = ''] = keywords;
    findings.differ(kind, blocks, {
      keywords,
      message: `${name}: ${keyword} is ${here} here and ${there} there`,
      there: `here it is ${there}`,
      hint: 'write the same value into both files',
    });
  }
}

function compareServers(
  first: PairSide,
  second: PairSide,
  a: VirtualServerConfig,
  b: VirtualServerConfig,
  findings: PairFindings,
): void {
  const hint = 'write the real server into both files';
  const keyOf = ({ address, port }: RealServerConfig): string => `${address} ${port}`;
  const there = new Map(b.realServers.map((server) => [keyOf(server), server]));
  const here = new Map(a.realServers.map((server) => [keyOf(server), server]));
  for (const [key, server] of here) {
    const other = there.get(key);
    const block = first.origins.realServers.get(server);
    const name = `${a.name}: real_server ${key}`;
    if (other === undefined) {
      findings.lack('pairServer', block, second, name, hint);
      continue;
    }
    const blocks = { first: block, second: second.origins.realServers.get(other) };
    compareSettings('pairServerSetting', name, SERVER_SETTINGS, server, other, blocks, findings);
    compareChecks(name, server, other, { first, second, blocks }, findings);
  }
  for (const [key, server] of there) {
    const block = second.origins.realServers.get(server);
    if (!here.has(key)) findings.lack('pairServer', block, first, `${b.name}: real_server ${key}`, hint);
  }
}

interface Context {
  readonly first: PairSide;
  readonly second: PairSide;
  readonly blocks: Blocks;
}

/** Directors that ask differently disagree about who is alive. Where a check comes from may differ. */
function compareChecks(
  name: string,
  a: RealServerConfig,
  b: RealServerConfig,
  { first, second, blocks }: Context,
  findings: PairFindings,
): void {
  const [here, there] = [a.checkers.map(comparable), b.checkers.map(comparable)];
  const place = here.findIndex((check, i) => check !== there[i]);
  if (place < 0 && here.length === there.length) return;
  const [mine, other] = place < 0 ? [undefined, b.checkers[here.length]] : [a.checkers[place], b.checkers[place]];
  const kinds = (server: RealServerConfig): string => server.checkers.map(({ check }) => check.type).join(' ') || 'no check';
  const same = kinds(a) === kinds(b);
  findings.differ('pairChecks', { first: checkOf(first, mine) ?? blocks.first, second: checkOf(second, other) ?? blocks.second }, {
    keywords: [],
    message: same ? `${name}: ${mine?.check.type ?? ''} is set up differently there` : `${name}: ${kinds(a)} here and ${kinds(b)} there`,
    there: same ? 'here it is set up differently' : `here it is ${kinds(b)}`,
    hint: 'write the same checks into both files: otherwise the directors disagree about who is alive',
  });
}

function checkOf({ origins }: PairSide, checker: CheckerConfig | undefined): AnySection | undefined {
  return checker === undefined ? undefined : origins.checkers.get(checker);
}

/** A check without its own end of the connection, which each director has for itself. */
function comparable(checker: CheckerConfig): string {
  return JSON.stringify(checker, (key, value: unknown) => (/^bind(Address|Port|Interface)$/.test(key) ? undefined : value));
}

/** What is copied by one daemon is only taken by one that listens to the same group and id. */
function compareSyncDaemons({ file, model: a }: PairSide, { model: b }: PairSide, findings: PairFindings): void {
  const [here, there] = [a.pool.syncDaemon, b.pool.syncDaemon];
  const text = (daemon: typeof here): string =>
    daemon === undefined
      ? 'none'
      : `id ${daemon.syncId ?? 'of the instance'}, group ${daemon.group ?? 'default'}, port ${daemon.port ?? 'default'}`;
  if (text(here) === text(there)) return;
  findings.differ('pairSyncDaemon', { first: undefined, second: undefined }, {
    keywords: [],
    message: `lvs_sync_daemon of ${file} is ${text(here)}, there it is ${text(there)}: connections are not copied`,
    there: `here it is ${text(there)}`,
    hint: 'write the same lvs_sync_daemon into both files',
  });
}
