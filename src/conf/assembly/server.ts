/** Real servers and the sorry server of one virtual server. */

import { familyOf, parseAddress } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { RealServerConfig, SorryServerConfig } from '../../health/config.js';
import type { Word } from '../cst.js';
import { quote, readPort } from '../keywords/arguments.js';
import type { Values } from '../keywords/schema.js';
import type { Forwarding, virtualServer } from '../keywords/virtual-server.js';
import { buildCheckers } from './checker.js';
import { buildCommand } from './context.js';
import type { Build } from './context.js';

type ServiceValues = Values<(typeof virtualServer)['keywords']>;

/** What servers take from the service they belong to. */
export interface ServiceFacts {
  readonly name: string;
  /** 0 = none of its own (firewall mark or group). */
  readonly port: number;
  readonly kind: 'address' | 'fwmark' | 'group';
  readonly family: Family | undefined;
  readonly forwarding: Forwarding;
  readonly logAllFailures: boolean;
  readonly values: ServiceValues;
}

/** The servers that can be used, in file order; a second one with the same address and port is left out. */
export function buildRealServers(build: Build, service: ServiceFacts): readonly RealServerConfig[] {
  const servers = new Map<string, RealServerConfig>();
  for (const located of service.values.real_server) {
    const { value } = located;
    const { statement, values } = value;
    const forwarding = values.lvs_method?.value ?? service.forwarding;
    const header = readEndpoint(build, statement.words, 'real_server');
    if (header === undefined || !fitsFamily(build, service, header, forwarding, 'real_server')) continue;
    const port = portFor(build, service, header, forwarding);
    const key = `${header.address} ${port}`;
    if (servers.has(key)) {
      const message = `${service.name}: real_server ${header.address} port ${port} stands here twice; this block is skipped`;
      build.findings.report('realServerDuplicate', header.at, message, 'remove one of them');
      continue;
    }
    const checkPort = header.port === 0 ? service.port : header.port;
    const parents = {
      address: header.address,
      port: checkPort,
      server: values,
      service: service.values,
      logAllFailures: service.logAllFailures,
    };
    const server: RealServerConfig = {
      address: header.address,
      port,
      weight: values.weight?.value ?? service.values.weight?.value ?? 1,
      ...forwarding,
      upperThreshold: values.uthreshold?.value ?? 0,
      lowerThreshold: values.lthreshold?.value ?? 0,
      inhibitOnFailure: values.inhibit_on_failure?.value ?? service.values.inhibit_on_failure !== undefined,
      checkers: buildCheckers(build, parents),
      ...(values.notify_up === undefined ? {} : { notifyUp: buildCommand(build, values.notify_up) }),
      ...(values.notify_down === undefined ? {} : { notifyDown: buildCommand(build, values.notify_down) }),
    };
    build.origins?.realServers.set(server, located);
    servers.set(key, server);
  }
  return [...servers.values()];
}

export function buildSorryServer(build: Build, service: ServiceFacts): SorryServerConfig | undefined {
  const { sorry_server: located, sorry_server_inhibit: inhibit, sorry_server_lvs_method: method } = service.values;
  for (const [name, option] of Object.entries({ sorry_server_inhibit: inhibit, sorry_server_lvs_method: method })) {
    if (option !== undefined && (located === undefined || option.order < located.order)) {
      build.findings.report(
        'wrongOrder',
        option.at,
        `${name} must stand after sorry_server; it is ignored`,
        'move it below sorry_server',
      );
    }
  }
  if (located === undefined) return undefined;
  const later = <T>(option: { readonly value: T; readonly order: number } | undefined): T | undefined =>
    option !== undefined && option.order > located.order ? option.value : undefined;
  const forwarding = later(method) ?? service.forwarding;
  const header = readEndpoint(build, located.value.words, 'sorry_server');
  if (header === undefined || !fitsFamily(build, service, header, forwarding, 'sorry_server')) return undefined;
  const server: SorryServerConfig = {
    address: header.address,
    port: header.port === 0 ? service.port : header.port,
    ...forwarding,
    inhibit: later(inhibit) !== undefined,
  };
  build.origins?.sorryServers.set(server, located);
  return server;
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
function fitsFamily(build: Build, service: ServiceFacts, header: Endpoint, forwarding: Forwarding, what: string): boolean {
  if (service.family === undefined || familyOf(header.address) === service.family || forwarding.method === 'tunnel') return true;
  const message = `${service.name}: ${what} ${header.address} is not of the service's address family; it is skipped`;
  build.findings.report('familyMixed', header.at, message, 'only lb_kind TUN can lead to the other family');
  return false;
}

/** NAT translates the port; DR and TUN cannot, so the service's port is what the kernel is told. */
function portFor(build: Build, service: ServiceFacts, header: Endpoint, { method }: Forwarding): number {
  if (method === 'nat') return header.port === 0 ? service.port : header.port;
  if (service.kind === 'group') return header.port;
  if (header.port !== 0 && header.port !== service.port) {
    const kind = method === 'direct' ? 'DR' : 'TUN';
    const rule = service.port === 0 ? 'the port is cleared' : `the service's port ${service.port} is used`;
    build.findings.report(
      'portForced',
      header.at,
      `${service.name}: ${kind} cannot translate the port ${header.port} of ${header.address}: ${rule}`,
    );
  }
  return service.port;
}
