/** virtualServerTable and the tables of groups of KEEPALIVED-MIB. */

import { addressBytes, familyOf, parseAddress } from '../../../base/address.js';
import { micros, seconds } from '../../../base/time.js';
import type { Micros } from '../../../base/time.js';
import type { GroupEntry } from '../../../health/config.js';
import type { VirtualServerDescription } from '../../../health/describe.js';
import { sumOfTraffic } from '../../../ipvs/counts.js';
import type { Traffic } from '../../../ipvs/counts.js';
import { SERVICE_FLAGS } from '../../../ipvs/tables.js';
import type { ForwardingMethod, Service, Tunnel } from '../../../ipvs/tables.js';
import type { CheckSchedule, ShownVirtualServer } from '../configuration.js';
import { gauge, inetAddress, integer, octets, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_CHECK } from './identifiers.js';
import { trafficCells } from './traffic.js';
import { ADDRESS_TYPES, optionalText, script } from './vrrp-instances.js';
import { optionalNumber } from './vrrp-routes.js';

const TYPES = { fwmark: 1, address: 2, group: 3 } as const;
const PROTOCOLS = { tcp: 1, udp: 2, sctp: 3 } as const;

/** virtualServerLoadBalancingAlgo. */
const SCHEDULERS: Readonly<Record<string, number>> = { rr: 1, wrr: 2, lc: 3, wlc: 4, lblc: 5, lblcr: 6, dh: 7, sh: 8, sed: 9, nq: 10, fo: 11, ovf: 12, mh: 13, twos: 14 };
const OTHER_SCHEDULER = 99;

export const METHODS: Readonly<Record<ForwardingMethod, number>> = { nat: 1, direct: 2, tunnel: 3 };
const TUNNELS: Readonly<Record<Tunnel['type'], number>> = { ipip: 1, gue: 2, gre: 3 };
const CHECKSUMS: Readonly<Record<Tunnel['checksum'], number>> = { none: 1, checksum: 2, remote: 3 };

/** delay_loop of keepalived. */
const DEFAULT_DELAY_LOOP = seconds(60);
/** connect_timeout of keepalived. */
const DEFAULT_CONNECT_TIMEOUT = seconds(5);

export interface VirtualServerRow {
  readonly config: ShownVirtualServer;
  /** The first service of a group stands for all: they differ in their addresses only. */
  readonly service: Service;
  readonly live?: VirtualServerDescription;
}

/** Numbered from 1 as the file has them. */
export function virtualServerRows({ configuration, checkers }: SnmpWorld): readonly Row<VirtualServerRow>[] {
  const live = byName(checkers?.shown.pool.virtualServers);
  return (configuration?.pool.virtualServers ?? []).flatMap((config, i) => {
    const [service] = config.services;
    const shown = live.get(config.name);
    return service === undefined ? [] : [{ index: [i + 1], of: { config, service, ...(shown === undefined ? {} : { live: shown }) } }];
  });
}

export function virtualServerColumns(): readonly Column<SnmpWorld>[] {
  const columns = { connections: 27, amounts: 28, rates: 32, wideAmounts: 38, wideRates: 41 };
  return [
    ...groupColumns(),
    ...table([...KEEPALIVED_CHECK, 3, 1], virtualServerRows, { ...identityCells(), ...settingCells(), ...standingCells(), ...trafficCells(columns, trafficOf) }),
  ];
}

export function virtualServerType({ config, service }: VirtualServerRow): SnmpValue {
  return integer(config.group !== undefined ? TYPES.group : TYPES[service.identity.kind]);
}

function identityCells(): Cells<VirtualServerRow> {
  return {
    2: virtualServerType,
    3: ({ config }) => optionalText(config.group?.name),
    4: ({ config, service: { identity } }) => (config.group === undefined && identity.kind === 'fwmark' ? gauge(identity.fwmark) : undefined),
    5: ({ service: { identity } }) => integer(ADDRESS_TYPES[identity.kind === 'fwmark' ? identity.family : familyOf(identity.address)]),
    6: ({ config, service: { identity } }) => (config.group === undefined && identity.kind === 'address' ? inetAddress(identity.address) : undefined),
    7: ({ config, service: { identity } }) => (config.group === undefined && identity.kind === 'address' ? gauge(identity.port) : undefined),
    8: ({ config }) => {
      const addressed = config.services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.protocol] : []));
      return optionalNumber(addressed.map((protocol) => PROTOCOLS[protocol]).at(0), integer);
    },
    71: ({ config }) => optionalText(config.snmpName),
  };
}

/** In traps keepalived takes what is not TCP for UDP. */
export function trapProtocol({ config }: VirtualServerRow): SnmpValue {
  const [protocol = 'udp'] = config.services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.protocol] : []));
  return integer(PROTOCOLS[protocol]);
}

function settingCells(): Cells<VirtualServerRow> {
  const flag = (bit: number) => ({ service }: VirtualServerRow) => yesNo((service.flags & bit) !== 0);
  return {
    9: ({ service }) => integer(SCHEDULERS[service.scheduler] ?? OTHER_SCHEDULER),
    10: ({ config }) => optionalNumber(config.realServers.map(({ method }) => METHODS[method]).at(0), integer),
    13: ({ service }) => yesNo(service.persistenceTimeout > 0),
    14: ({ service }) => (service.persistenceTimeout > 0 ? gauge(service.persistenceTimeout) : undefined),
    15: ({ service }) => {
      const mask = parseAddress(service.persistenceGranularity);
      return mask === undefined ? undefined : octets(addressBytes(mask));
    },
    17: ({ config }) => yesNo(config.haSuspend === true),
    18: (row) => yesNo(scheduleOf(row)?.alpha === true),
    19: ({ config }) => yesNo(config.omega),
    ...scheduleCells({ delayLoop: 16, retry: 57, delayBeforeRetry: 58, warmup: 59, delayLoopMicros: 64, delayBeforeRetryMicros: 65, warmupMicros: 66, connectTimeoutMicros: 67 }, scheduleOf),
    37: flag(SERVICE_FLAGS.onePacket),
    51: ({ service }) => (/^\d+$/.test(service.persistenceGranularity) ? gauge(Number(service.persistenceGranularity)) : undefined),
    52: () => yesNo(false),
    53: flag(SERVICE_FLAGS.scheduler1),
    54: flag(SERVICE_FLAGS.scheduler2),
    55: flag(SERVICE_FLAGS.scheduler3),
    56: ({ config }) => integer(config.realServers.every(({ inhibitOnFailure }) => inhibitOnFailure) ? 2 : 1),
    61: ({ config }) => yesNo(config.smtpAlert === true),
    62: flag(SERVICE_FLAGS.scheduler1),
    63: flag(SERVICE_FLAGS.scheduler2),
    ...tunnelCells(68, ({ config }) => config.realServers.at(0)),
  };
}

/** Of the first real server that is checked. */
function scheduleOf({ config }: VirtualServerRow): CheckSchedule | undefined {
  return config.realServers.find(({ schedule }) => schedule !== undefined)?.schedule;
}

interface ScheduleColumns {
  readonly delayLoop: number;
  readonly retry: number;
  readonly delayBeforeRetry: number;
  readonly warmup: number;
  readonly delayLoopMicros: number;
  readonly delayBeforeRetryMicros: number;
  readonly warmupMicros: number;
  readonly connectTimeoutMicros: number;
}

/** Whole seconds in one column and microseconds in another. */
export function scheduleCells<R>(columns: ScheduleColumns, scheduleFor: (row: R) => CheckSchedule | undefined): Cells<R> {
  const inSeconds = (value: Micros): SnmpValue => gauge(value / seconds(1));
  const delayLoop = (row: R): Micros => scheduleFor(row)?.delayLoop ?? DEFAULT_DELAY_LOOP;
  const delayBeforeRetry = (row: R): Micros => scheduleFor(row)?.delayBeforeRetry ?? micros(0);
  const warmup = (row: R): Micros => scheduleFor(row)?.warmup ?? micros(0);
  return {
    [columns.delayLoop]: (row) => inSeconds(delayLoop(row)),
    [columns.retry]: (row) => gauge(scheduleFor(row)?.retry ?? 0),
    [columns.delayBeforeRetry]: (row) => inSeconds(delayBeforeRetry(row)),
    [columns.warmup]: (row) => inSeconds(warmup(row)),
    [columns.delayLoopMicros]: (row) => gauge(delayLoop(row)),
    [columns.delayBeforeRetryMicros]: (row) => gauge(delayBeforeRetry(row)),
    [columns.warmupMicros]: (row) => gauge(warmup(row)),
    [columns.connectTimeoutMicros]: (row) => gauge(scheduleFor(row)?.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT),
  };
}

/** Type, port and checksum; each where it means something. */
export function tunnelCells<R>(first: number, serverOf: (row: R) => { readonly method: ForwardingMethod; readonly tunnel?: Tunnel } | undefined): Cells<R> {
  const tunnelOf = (row: R): Tunnel | undefined => {
    const server = serverOf(row);
    return server?.method === 'tunnel' ? (server.tunnel ?? { type: 'ipip', port: 0, checksum: 'none' }) : undefined;
  };
  return {
    [first]: (row) => {
      const tunnel = tunnelOf(row);
      return tunnel === undefined ? undefined : integer(TUNNELS[tunnel.type]);
    },
    [first + 1]: (row) => (tunnelOf(row)?.type === 'gue' ? gauge(tunnelOf(row)?.port ?? 0) : undefined),
    [first + 2]: (row) => {
      const tunnel = tunnelOf(row);
      return tunnel === undefined || tunnel.type === 'ipip' ? undefined : integer(CHECKSUMS[tunnel.checksum]);
    },
  };
}

function standingCells(): Cells<VirtualServerRow> {
  return {
    11: ({ live }) => integer(live?.quorumUp === true || live?.realServers.some(({ alive }) => alive) === true ? 1 : 2),
    20: ({ config }) => gauge(config.realServers.length),
    21: ({ live }) => gauge(serversUp(live)),
    22: ({ config }) => gauge(config.quorum),
    23: ({ live }) => integer(live?.quorumUp === true ? 1 : 2),
    24: ({ config }) => script(config.quorumUp),
    25: ({ config }) => script(config.quorumDown),
    26: ({ config }) => gauge(config.hysteresis),
  };
}

export function serversUp(live: VirtualServerDescription | undefined): number {
  return live?.realServers.filter(({ alive }) => alive).length ?? 0;
}

function trafficOf({ live }: VirtualServerRow): Traffic | undefined {
  return sumOfTraffic(live?.services.flatMap(({ traffic }) => traffic ?? []) ?? []);
}

interface Group {
  readonly name: string;
  readonly entries: readonly GroupEntry[];
}

/** Those that are used, in the order of their first use. */
function groupsOf({ configuration }: SnmpWorld): readonly Group[] {
  return [...byName((configuration?.pool.virtualServers ?? []).flatMap(({ group }) => group ?? [])).values()];
}

const MEMBERS = { fwmark: 1, address: 2, range: 3 } as const;

function memberKind(entry: GroupEntry): keyof typeof MEMBERS {
  return entry.kind === 'fwmark' ? 'fwmark' : entry.from === entry.to ? 'address' : 'range';
}

/** Marks first, then addresses, then ranges, as keepalived numbers them. */
function memberRows(world: SnmpWorld): readonly Row<GroupEntry>[] {
  return groupsOf(world).flatMap(({ entries }, i) =>
    [...entries].sort((a, b) => MEMBERS[memberKind(a)] - MEMBERS[memberKind(b)]).map((of, j) => ({ index: [i + 1, j + 1], of })),
  );
}

function groupColumns(): readonly Column<SnmpWorld>[] {
  const addressed = (read: (entry: Extract<GroupEntry, { kind: 'addresses' }>) => SnmpValue | undefined) => (entry: GroupEntry) => (entry.kind === 'addresses' ? read(entry) : undefined);
  return [
    ...table([...KEEPALIVED_CHECK, 1, 1], (world: SnmpWorld) => groupsOf(world).map((of, i) => ({ index: [i + 1], of })), { 2: ({ name }) => text(name) }),
    ...table([...KEEPALIVED_CHECK, 2, 1], memberRows, {
      2: (entry) => integer(MEMBERS[memberKind(entry)]),
      3: (entry) => (entry.kind === 'fwmark' ? gauge(entry.fwmark) : undefined),
      4: addressed(({ from }) => integer(ADDRESS_TYPES[familyOf(from)])),
      5: addressed(({ from, to }) => (from === to ? inetAddress(from) : undefined)),
      6: addressed(({ from, to }) => (from === to ? undefined : inetAddress(from))),
      7: addressed(({ from, to }) => (from === to ? undefined : inetAddress(to))),
      8: addressed(({ port }) => gauge(port)),
    }),
  ];
}
