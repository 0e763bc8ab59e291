/** Real servers and the sorry server of one virtual server. */

import { given } from '../../base/given.js';
import { familyOf, parseAddress } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { RealServerConfig, SorryServerConfig } from '../../health/config.js';
import type { Word } from '../cst.js';
import { quote, readPort } from '../keywords/arguments.js';
import type { Forwarding } from '../keywords/forwarding.js';
import { heldAt, historyOf } from '../keywords/schema.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { realServer, virtualServer } from '../keywords/virtual-server.js';
import { buildCheckers } from './checker.js';
import type { CheckerParents } from './connection.js';
import type { Build } from './context.js';
import { buildScript } from './scripts.js';
import { buildFollowers } from './followers.js';
import { smtpAlertOf } from './pool-globals.js';

type ServiceValues = Values<(typeof virtualServer)['keywords']>;
type ServerValues = Values<(typeof realServer)['keywords']>;
type ServerBlock = Located<Section<(typeof realServer)['keywords']>>;

/** What servers take from the service they belong to. */
export interface ServiceFacts {
  readonly name: string;
  /** 0 = none of its own (firewall mark or group). */
  readonly port: number;
  readonly kind: 'address' | 'fwmark' | 'group';
  /** The ports of a group's addresses; empty without a group. */
  readonly groupPorts: readonly number[];
  /** The group has firewall marks, whose packets keep their port. */
  readonly groupMarks: boolean;
  /** What servers must be of unless a tunnel leads to them; undefined where nothing fixes it. */
  readonly family: Family | undefined;
  readonly forwarding: Forwarding;
  readonly logAllFailures: boolean;
  readonly values: ServiceValues;
}

/** The servers that can be used, in file order; a second one with the same address and port is left out. */
export function buildRealServers(build: Build, service: ServiceFacts): readonly RealServerConfig[] {
  return [...buildServers(build, service, service.values.real_server, 'real_server', new Map()).values()];
}

/** Backup servers in file order, each with its tier; the address of a real server cannot be that of a backup server too. */
export function buildBackupServers(
  build: Build,
  service: ServiceFacts,
  realServers: readonly RealServerConfig[],
): readonly RealServerConfig[] {
  const taken = new Map(realServers.map((server) => [keyOf(server), server]));
  const built = buildServers(build, service, service.values.backup_server, 'backup_server', taken);
  let tier = 0;
  return [...built].map(([located, server]) => {
    tier = Math.min(located.value.values.tier?.value ?? tier + 1, 255);
    const backup = { ...server, tier };
    build.origins?.realServers.set(backup, located);
    return backup;
  });
}

function buildServers<B extends ServerBlock>(
  build: Build,
  service: ServiceFacts,
  blocks: readonly B[],
  what: 'real_server' | 'backup_server',
  servers: Map<string, RealServerConfig>,
): ReadonlyMap<B, RealServerConfig> {
  const built = new Map<B, RealServerConfig>();
  let { family } = service;
  const kinds = historyOf(service.values.lb_kind);
  for (const located of blocks) {
    const { value } = located;
    const { statement, values } = value;
    const known = values.lvs_method?.value ?? heldAt(kinds, located.order)?.value;
    const forwarding = known ?? service.forwarding;
    const header = readEndpoint(build, statement.words, what);
    if (header === undefined || !fitsFamily(build, { name: service.name, family }, header, known, what)) continue;
    // Where nothing else fixes it the first server does.
    family ??= familyOf(header.address);
    const port = portFor(build, service, header, forwarding);
    const key = keyOf({ address: header.address, port });
    if (servers.has(key)) {
      const message = `${service.name}: ${what} ${header.address} port ${port} stands here twice; this block is skipped`;
      build.findings.report('realServerDuplicate', header.at, message, 'remove one of them');
      continue;
    }
    const parents = {
      address: header.address,
      port: header.port === 0 ? service.port : header.port,
      server: values,
      service: service.values,
      logAllFailures: service.logAllFailures,
    };
    const server = buildRealServer(build, service, { ...header, port }, forwarding, parents);
    build.origins?.realServers.set(server, located);
    servers.set(key, server);
    built.set(located, server);
  }
  return built;
}

function keyOf({ address, port }: Pick<RealServerConfig, 'address' | 'port'>): string {
  return `${address} ${port}`;
}

function buildRealServer(
  build: Build,
  service: ServiceFacts,
  { address, port }: Endpoint,
  forwarding: Forwarding,
  parents: CheckerParents,
): RealServerConfig {
  const values = parents.server;
  const { uthreshold: upper, lthreshold: lower } = values;
  const checkers = buildCheckers(build, parents);
  const followers = buildFollowers(build, parents);
  return {
    address,
    port,
    weight: values.weight?.value ?? service.values.weight?.value ?? 1,
    ...forwarding,
    upperThreshold: upper?.value ?? 0,
    lowerThreshold: lower?.value ?? 0,
    inhibitOnFailure: values.inhibit_on_failure?.value ?? service.values.inhibit_on_failure !== undefined,
    checkers,
    ...(followers.length === 0 ? {} : { followers }),
    ...given({ notifyUp: buildScript(build, values.notify_up), notifyDown: buildScript(build, values.notify_down) }),
    ...smtpAlertOf(build, values.smtp_alert),
    ...(values.snmp_name === undefined ? {} : { snmpName: values.snmp_name.value }),
    ...returnOf(values, service.values),
  };
}

/** How it comes back: what it says itself, else what the service says. */
function returnOf(server: ServerValues, service: ServiceValues): Pick<RealServerConfig, 'slowStart' | 'manualResume' | 'flapDamping'> {
  const slowStart = (server.slow_start ?? service.slow_start)?.value ?? 0;
  const manualResume = (server.manual_resume ?? service.manual_resume)?.value === true;
  const flapDamping = (server.flap_damping ?? service.flap_damping)?.value ?? 'off';
  return {
    ...(slowStart === 0 ? {} : { slowStart }),
    ...(manualResume ? { manualResume } : {}),
    ...(flapDamping === 'off' ? {} : { flapDamping }),
  };
}

export function buildSorryServer(
  build: Build,
  service: ServiceFacts,
  realServers: readonly RealServerConfig[],
): SorryServerConfig | undefined {
  const { sorry_server: located, sorry_server_inhibit: inhibit, sorry_server_lvs_method: method } = service.values;
  const [first] = historyOf(located);
  for (const [name, option] of Object.entries({ sorry_server_inhibit: inhibit, sorry_server_lvs_method: method })) {
    for (const each of historyOf<unknown>(option)) {
      if (first !== undefined && first.order < each.order) break;
      build.findings.report(
        'wrongOrder',
        each.at,
        `${name} must stand after sorry_server; it is ignored`,
        'move it below sorry_server',
      );
    }
  }
  if (located === undefined) return undefined;
  const later = <T>(option: { readonly value: T; readonly order: number } | undefined): T | undefined =>
    option !== undefined && option.order > located.order ? option.value : undefined;
  const known = later(method) ?? heldAt(historyOf(service.values.lb_kind), located.order)?.value;
  const forwarding = known ?? service.forwarding;
  const header = readEndpoint(build, located.value.words, 'sorry_server');
  if (header === undefined || !fitsFamily(build, service, header, known, 'sorry_server')) return undefined;
  const server: SorryServerConfig = {
    address: header.address,
    port: sorryPortFor(build, service, header, forwarding),
    ...forwarding,
    inhibit: later(inhibit) !== undefined,
  };
  const kept = likeRealServer(build, service, header, server, realServers);
  build.origins?.sorryServers.set(kept, located);
  return kept;
}

const METHOD_NAMES: Readonly<Record<Forwarding['method'], string>> = { nat: 'NAT', direct: 'DR', tunnel: 'TUN' };

/** One entry of the kernel's table cannot both stay and go: the real server's setting counts. */
function likeRealServer(
  build: Build,
  service: ServiceFacts,
  header: Endpoint,
  sorry: SorryServerConfig,
  realServers: readonly RealServerConfig[],
): SorryServerConfig {
  const same = realServers.find(({ address, port }) => address === sorry.address && port === sorry.port);
  if (same === undefined || same.inhibitOnFailure === sorry.inhibit) return sorry;
  const inhibit = same.inhibitOnFailure;
  const message = `${service.name}: the sorry server is real server ${sorry.address} too, but does not share its inhibit_on_failure: it is ${inhibit ? 'set' : 'cleared'} on the sorry server`;
  build.findings.report('sorryServerInPool', header.at, message, `${inhibit ? 'write' : 'remove'} sorry_server_inhibit`);
  return { ...sorry, inhibit };
}

function sorryPortFor(build: Build, service: ServiceFacts, header: Endpoint, { method }: Forwarding): number {
  if (method === 'nat') return header.port === 0 ? service.port : header.port;
  if (service.kind === 'group') {
    if (header.port !== 0 && (service.groupMarks || service.groupPorts.some((port) => port !== header.port))) {
      const message = `${service.name}: ${METHOD_NAMES[method]} cannot translate the port ${header.port} of the sorry server: the port of each entry is used`;
      build.findings.report('portForced', header.at, message, 'remove the port');
    }
    return header.port;
  }
  if (header.port !== 0 && header.port !== service.port) {
    const rule = service.port === 0 ? 'the port is cleared' : `the service's port ${service.port} is used`;
    const message = `${service.name}: ${METHOD_NAMES[method]} cannot translate the port ${header.port} of the sorry server: ${rule}`;
    build.findings.report('portForced', header.at, message, 'write the port of the service');
  }
  return service.port;
}

interface Endpoint {
  readonly at: Word;
  readonly address: IpAddress;
  /** 0 = none given. */
  readonly port: number;
}

function readEndpoint(build: Build, words: readonly Word[], what: string): Endpoint | undefined {
  const [keyword, text, portWord, extra] = words;
  if (text === undefined) {
    if (keyword !== undefined) {
      build.findings.report(
        'missingParameter',
        keyword,
        `${what} needs an address`,
        `write: ${what} ADDRESS PORT`,
      );
    }
    return undefined;
  }
  if (extra !== undefined) build.findings.report('extraWords', extra, `${quote(extra.text)} has no effect here`);
  const address = parseAddress(text.text);
  if (address === undefined) {
    build.findings.report(
      'badAddress',
      text,
      `${what}: ${quote(text.text)} is not an IP address; it is skipped`,
      'write it like 192.0.2.1 or 2001:db8::1',
    );
    return undefined;
  }
  // 0 is keepalived's way of saying that there is none.
  const port = portWord === undefined || portWord.text === '0' ? 0 : readPort(portWord, what, build.findings);
  return port === undefined ? undefined : { at: text, address, port };
}

/** Only tunnels may lead to a server of the other family. */
/** `known`: how packets get there, as far as the lines above tell; keepalived judges the family before it reads on. */
function fitsFamily(build: Build, service: Pick<ServiceFacts, 'name' | 'family'>, header: Endpoint, known: Forwarding | undefined, what: string): boolean {
  if (service.family === undefined || familyOf(header.address) === service.family || known?.method === 'tunnel') return true;
  const message = `${service.name}: ${what} ${header.address} is not of the service's address family; it is skipped`;
  build.findings.report('familyMixed', header.at, message, 'only lb_kind TUN above it can lead to the other family');
  return false;
}

/** NAT translates the port; DR and TUN cannot, so the service's port is what the kernel is told. */
function portFor(build: Build, service: ServiceFacts, header: Endpoint, { method }: Forwarding): number {
  if (method === 'nat') return header.port === 0 ? service.port : header.port;
  if (service.kind === 'group') {
    const other = service.groupPorts.find((port) => port !== header.port);
    if (header.port !== 0 && (other !== undefined || service.groupMarks)) {
      const message = `${service.name}: ${METHOD_NAMES[method]} cannot translate the port ${header.port} of ${header.address}: the port of each entry is used`;
      build.findings.report('portForced', header.at, message, other === undefined ? 'remove the port' : `write the port of the group: ${other}`);
    }
    return header.port;
  }
  if (header.port !== 0 && header.port !== service.port) {
    const rule = service.port === 0 ? 'the port is cleared' : `the service's port ${service.port} is used`;
    build.findings.report(
      'portForced',
      header.at,
      `${service.name}: ${METHOD_NAMES[method]} cannot translate the port ${header.port} of ${header.address}: ${rule}`,
    );
  }
  return service.port;
}
