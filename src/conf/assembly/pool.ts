/** All that the health side is told: virtual servers with their IPVS services, real servers and checkers. */

import { given } from '../../base/given.js';
import { familyOf, parseAddress } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import type { GroupEntry, PoolConfig, RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { Protocol, Service, ServiceIdentity } from '../../ipvs/tables.js';
import type { Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import type { virtualServer } from '../keywords/virtual-server.js';
import type { Build } from './context.js';
import { buildScript } from './scripts.js';
import { joinDuplicates } from './duplicates.js';
import type { BuiltServer } from './duplicates.js';
import { schedulerFlags } from './scheduler-flags.js';
import { buildBackupServers, buildRealServers, buildSorryServer } from './server.js';
import type { ServiceFacts } from './server.js';
import { buildGroups, hasRoomFor, identitiesOf } from './group.js';
import type { EntryLine, Group } from './group.js';
import { expiresFlows } from './flow-expiry.js';
import { buildPoolGlobals, smtpAlertOf } from './pool-globals.js';
import { readServiceHeader } from './service.js';
import type { ServiceHeader } from './service.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;
type ServiceKeywords = (typeof virtualServer)['keywords'];
type ServiceValues = Values<ServiceKeywords>;

export function buildPool(top: TopLevel, build: Build): PoolConfig {
  const { globals } = build;
  const logAllFailures = globals.checker_log_all_failures?.value ?? false;
  const groups = buildGroups(build, top.virtual_server_group);
  const built: BuiltServer[] = [];
  for (const located of top.virtual_server) {
    const config = buildVirtualServer(build, located, groups, logAllFailures);
    if (config === undefined) continue;
    build.origins?.virtualServers.set(config, located);
    built.push({ at: located.at, config });
  }
  reportUnused(build, groups, built);
  const virtualServers = joinDuplicates(build, built);
  const expires = expiresFlows(virtualServers, build.globals.lvs_expire_nodest_conn?.value);
  return { virtualServers, ...buildPoolGlobals(top, build), ...(expires ? { expireFlows: true } : {}) };
}

function reportUnused({ findings }: Build, groups: ReadonlyMap<string, Group>, built: readonly BuiltServer[]): void {
  const used = new Set(built.map(({ config }) => config.group?.name));
  for (const { name, at } of groups.values()) {
    if (used.has(name)) continue;
    findings.report('groupUnused', at, `virtual_server_group ${name} is used by no virtual_server`, `write: virtual_server group ${name} {`);
  }
}

function buildVirtualServer(
  build: Build,
  located: Located<Section<ServiceKeywords>>,
  groups: ReadonlyMap<string, Group>,
  logAllFailures: boolean,
): VirtualServerConfig | undefined {
  const { statement, values } = located.value;
  const header = readServiceHeader(build, statement.words);
  if (header === undefined) return undefined;
  const group = header.kind === 'group' ? groups.get(header.group) : undefined;
  if (header.kind === 'group' && group === undefined) {
    const message = `there is no usable virtual_server_group ${header.group}; the block is skipped`;
    build.findings.report('groupUnknown', header.at, message, `write: virtual_server_group ${header.group} {`);
    return undefined;
  }
  if (group !== undefined && !hasRoomFor(build, group, header.at)) return undefined;
  const protocol = protocolOf(build, header, values, group);
  const name = nameOfService(header, protocol);
  const family = familyOfService(build, header, values, group);
  const facts: ServiceFacts = {
    name,
    kind: header.kind,
    port: header.kind === 'address' ? header.port : 0,
    groupPorts: (group?.entries ?? []).flatMap((entry) => (entry.kind === 'addresses' ? entry.port : [])),
    groupMarks: group?.entries.some(({ kind }) => kind === 'fwmark') ?? false,
    family: header.kind === 'group' && values.ip_family === undefined ? undefined : family,
    forwarding: forwardingOf(build, name, header, values),
    logAllFailures,
    values,
  };
  const realServers = buildRealServers(build, facts);
  if (realServers.length === 0) {
    build.findings.report(
      'virtualServerInvalid',
      header.at,
      `${name} has no usable real servers; the block is skipped`,
      'write a real_server block',
    );
    return undefined;
  }
  const backupServers = buildBackupServers(build, facts, realServers);
  const sorryServer = buildSorryServer(build, facts, realServers);
  return {
    name,
    services: buildServices(build, name, header, values, protocol, family, group),
    realServers,
    ...quorumOf(build, name, header.at, values, realServers),
    omega: values.omega !== undefined,
    ...(group === undefined ? {} : { group: { name: group.name, entries: group.entries.map(withoutPlace) } }),
    ...(values.drain_timeout === undefined ? {} : { drainTimeout: values.drain_timeout.value }),
    ...(suspends(build, name, values, header, group) ? { haSuspend: true } : {}),
    ...smtpAlertOf(build, values.smtp_alert),
    ...(values.snmp_name === undefined ? {} : { snmpName: values.snmp_name.value }),
    ...(sorryServer === undefined ? {} : { sorryServer }),
    ...(backupServers.length === 0 ? {} : { backupServers }),
    ...given({ quorumUp: buildScript(build, values.quorum_up), quorumDown: buildScript(build, values.quorum_down) }),
  };
}

function withoutPlace(entry: EntryLine): GroupEntry {
  return entry.kind === 'fwmark'
    ? { kind: 'fwmark', fwmark: entry.fwmark }
    : { kind: 'addresses', from: entry.from, to: entry.to, port: entry.port };
}

/** A firewall mark has no address whose coming and going could be watched. */
function suspends(build: Build, name: string, values: ServiceValues, header: ServiceHeader, group: Group | undefined): boolean {
  if (values.ha_suspend === undefined) return false;
  const marks = group?.entries.some(({ kind }) => kind === 'fwmark') ?? header.kind === 'fwmark';
  if (!marks) return true;
  const message = `${name}: ha_suspend needs addresses, firewall marks have none; it is ignored`;
  build.findings.report('contradiction', values.ha_suspend.at, message, 'remove the line');
  return false;
}

function onlyMarks(header: ServiceHeader, group: Group | undefined): boolean {
  return group?.entries.every(({ kind }) => kind === 'fwmark') ?? header.kind === 'fwmark';
}

function protocolOf(
  build: Build,
  header: ServiceHeader,
  values: ServiceValues,
  group: Group | undefined,
): Protocol {
  if (onlyMarks(header, group)) {
    if (values.protocol !== undefined) {
      build.findings.report(
        'contradiction',
        values.protocol.at,
        'a firewall mark service has no protocol; it is ignored',
        'remove the line',
      );
    }
    return 'tcp';
  }
  if (values.protocol !== undefined) return PROTOCOLS[values.protocol.value];
  build.findings.report('defaultApplied', header.at, 'no protocol is set: UDP is used', 'write: protocol TCP');
  return 'udp';
}

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** As keepalived's log sentences name it. */
function nameOfService(header: ServiceHeader, protocol: Protocol): string {
  if (header.kind === 'fwmark') return `FWM ${header.fwmark}`;
  if (header.kind === 'group') return `[${header.group}]:0`;
  return `[${header.address}]:${protocol}:${header.port}`;
}

/** Undefined while nothing fixes it: a group may mix families. */
function familyOfService(
  build: Build,
  header: ServiceHeader,
  values: ServiceValues,
  group: Group | undefined,
): Family | undefined {
  const asked = values.ip_family;
  const wanted: Family | undefined = asked === undefined ? undefined : asked.value === 'inet6' ? 'ipv6' : 'ipv4';
  if (header.kind === 'address') {
    const family = familyOf(header.address);
    if (asked !== undefined && wanted !== family) {
      build.findings.report(
        'wrongFamily',
        asked.at,
        `ip_family ${asked.value} contradicts the address ${header.address}; it is ignored`,
      );
    }
    return family;
  }
  if (wanted !== undefined) return wanted;
  if (header.kind === 'fwmark') return firstServerFamily(values);
  const families = new Set((group?.entries ?? []).flatMap(({ family: own }) => own ?? []));
  const [only] = families;
  if (families.size === 0) return firstServerFamily(values);
  return families.size === 1 ? only : undefined;
}

function firstServerFamily(values: ServiceValues): Family {
  for (const { value } of values.real_server) {
    const address = parseAddress(value.statement.words[1]?.text ?? '');
    if (address !== undefined) return familyOf(address);
  }
  return 'ipv4';
}

function forwardingOf(build: Build, name: string, header: ServiceHeader, values: ServiceValues): ServiceFacts['forwarding'] {
  if (values.lb_kind !== undefined) return values.lb_kind.value;
  const isSorryOpen = values.sorry_server !== undefined && values.sorry_server_lvs_method === undefined;
  if (isSorryOpen || values.real_server.some(({ value }) => value.values.lvs_method === undefined)) {
    build.findings.report(
      'defaultApplied',
      header.at,
      `${name}: no forwarding method is set: NAT is used`,
      'write: lb_kind NAT',
    );
  }
  return { method: 'nat' };
}

function buildServices(
  build: Build,
  name: string,
  header: ServiceHeader,
  values: ServiceValues,
  protocol: Protocol,
  serviceFamily: Family | undefined,
  group: Group | undefined,
): readonly Service[] {
  if (values.lb_algo === undefined) {
    build.findings.report('defaultApplied', header.at, `${name}: no scheduler is set: wlc is used`, 'write: lb_algo wlc');
  }
  const scheduler = values.lb_algo?.value ?? 'wlc';
  if (values.hashed !== undefined && scheduler !== 'sh' && scheduler !== 'mh') {
    build.findings.report(
      'schedulerFlag',
      values.hashed.at,
      `${name}: hashed means something for sh and mh only; it is ignored`,
      'remove the line',
    );
  }
  const flags = schedulerFlags(build, name, values, onlyMarks(header, group) ? undefined : protocol);
  const family = serviceFamily ?? 'ipv4';
  const granularity = persistenceGranularity(build, header, values, family);
  const timeout = persistenceTimeout(build, name, header, group, values, granularity);
  return identities(header, protocol, family, group).map((identity) => {
    const own = familyOfIdentity(identity);
    return {
      identity,
      scheduler,
      flags,
      persistenceTimeout: timeout,
      persistenceGranularity: own === family && granularity !== undefined ? granularity : WHOLE_ADDRESS[own],
      ...(values.persistence_engine === undefined ? {} : { persistenceEngine: values.persistence_engine.value }),
    };
  });
}

const WHOLE_ADDRESS: Readonly<Record<Family, string>> = { ipv4: '255.255.255.255', ipv6: '128' };

function familyOfIdentity(identity: ServiceIdentity): Family {
  return identity.kind === 'address' ? familyOf(identity.address) : identity.family;
}

function identities(
  header: ServiceHeader,
  protocol: Protocol,
  family: Family,
  group: Group | undefined,
): readonly ServiceIdentity[] {
  if (header.kind === 'address') return [{ kind: 'address', protocol, address: header.address, port: header.port }];
  if (header.kind === 'fwmark') return [{ kind: 'fwmark', fwmark: header.fwmark, family }];
  return (group?.entries ?? []).flatMap((entry) => identitiesOf(entry, protocol, family));
}

/** Granularity or an engine alone switch persistence on; a service on all ports cannot do without. */
function persistenceTimeout(
  build: Build,
  name: string,
  header: ServiceHeader,
  group: Group | undefined,
  values: ServiceValues,
  granularity: string | undefined,
): number {
  const { persistence_timeout: timeout, persistence_engine: engine } = values;
  if (timeout !== undefined) return timeout.value;
  const everyPort =
    header.kind === 'address'
      ? header.port === 0
      : group?.entries.some((entry) => entry.kind === 'addresses' && entry.port === 0) === true;
  if (everyPort && granularity === undefined && engine === undefined) {
    const message = `${name}: a service without port works only with persistence: persistence_timeout 360 is set`;
    build.findings.report('defaultApplied', header.at, message, 'write the port, or: persistence_timeout 360');
    return 360;
  }
  return granularity !== undefined || engine !== undefined ? 360 : 0;
}

/** Undefined when none is given that fits the family. */
function persistenceGranularity(build: Build, header: ServiceHeader, values: ServiceValues, family: Family): string | undefined {
  const located = values.persistence_granularity;
  if (located === undefined) return undefined;
  const text = located.value;
  const mask = parseAddress(text);
  const isMask = mask !== undefined && familyOf(mask) === 'ipv4';
  if (family === 'ipv4') {
    if (isMask) return mask;
  } else if (isMask && header.kind === 'fwmark' && values.ip_family === undefined) {
    const message = `persistence_granularity: ${text} is a mask of IPv4, and the servers of this firewall mark are IPv6; it is ignored`;
    build.findings.report('granularityOfOtherFamily', located.at, message, 'write a prefix length from 1 to 128');
    return undefined;
  } else if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 128) {
    return String(Number(text));
  }
  const wanted = family === 'ipv4' ? 'a mask like 255.255.255.0' : 'a prefix length from 1 to 128';
  build.findings.report(
    'badValue',
    located.at,
    `persistence_granularity: ${text} is not ${wanted}; it is ignored`,
    `write ${wanted}`,
  );
  return undefined;
}

/** More than all servers together can give, or a margin as large as the quorum, could never be met. */
function quorumOf(
  build: Build,
  name: string,
  at: Word,
  values: ServiceValues,
  servers: readonly RealServerConfig[],
): Pick<VirtualServerConfig, 'quorum' | 'hysteresis'> {
  const total = servers.reduce((sum, server) => sum + server.weight, 0);
  const asked = values.quorum?.value ?? 1;
  const quorum = Math.min(asked, total);
  if (quorum < asked) {
    const message = `${name}: quorum ${asked} is more than the weights of all real servers: ${quorum} is used`;
    build.findings.report('quorumTooHigh', values.quorum?.at ?? at, message, 'lower it or add servers');
  }
  const margin = values.hysteresis?.value ?? 0;
  if (margin < quorum || values.hysteresis === undefined) return { quorum, hysteresis: margin };
  const hysteresis = Math.max(0, quorum - 1);
  const message = `${name}: hysteresis ${margin} must be less than the quorum ${quorum}: ${hysteresis} is used`;
  build.findings.report('hysteresisTooHigh', values.hysteresis.at, message, 'lower it');
  return { quorum, hysteresis };
}
