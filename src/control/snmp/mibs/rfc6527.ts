/** VRRPV3-MIB (RFC 6527): instances of both versions and both families. Read-only, as in keepalived. */

import type { IpAddress } from '../../../base/address.js';
import { addressBytes } from '../../../base/address.js';
import { milliseconds, seconds } from '../../../base/time.js';
import type { Counter } from '../../../vrrp/instance/statistics.js';
import { MASTER_REASONS } from '../history.js';
import { counter, counter64, gauge, integer, octets, timeTicks, yesNo } from '../values.js';
import type { Oid, SnmpValue } from '../values.js';
import { scalars, table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { VRRPV3_MIB } from './identifiers.js';
import { macOctets, numbered, ROW_ACTIVE, STATUSES, totalOf } from './rfc-instances.js';
import type { NumberedInstance } from './rfc-instances.js';
import { ADDRESS_TYPES } from './vrrp-instances.js';

const CENTISECOND = seconds(1) / 100;

/** Columns of 64-bit counters. */
const COUNTERS: Readonly<Record<number, Counter>> = {
  3: 'advertsReceived',
  4: 'advertIntervalErrors',
  5: 'hopLimitErrors',
  7: 'priorityZeroReceived',
  8: 'priorityZeroSent',
  9: 'packetTypeErrors',
  10: 'addressListErrors',
  11: 'lengthErrors',
};

/** By interface, virtual router id and type of address. */
function instanceRows(world: SnmpWorld): readonly Row<NumberedInstance>[] {
  return numbered(world).map((of) => ({ index: rfc6527Index(of), of }));
}

export function rfc6527Index({ interfaceIndex, config }: NumberedInstance): Oid {
  return [interfaceIndex, config.virtualRouterId, ADDRESS_TYPES[config.family]];
}

/** Behind those the bytes of the address, without the length that RFC 2578 wants there: as keepalived has it. */
function addressRows(world: SnmpWorld): readonly Row<IpAddress>[] {
  return instanceRows(world).flatMap(({ index, of }) => of.config.virtualAddresses.map(({ address }) => ({ index: [...index, ...addressBytes(address)], of: address })));
}

export function rfc6527Columns(): readonly Column<SnmpWorld>[] {
  const operations: Oid = [...VRRPV3_MIB, 1, 1];
  const statistics: Oid = [...VRRPV3_MIB, 1, 2];
  return [
    ...table([...operations, 1, 1], instanceRows, operationCells()),
    ...table([...operations, 2, 1], addressRows, { 2: () => integer(ROW_ACTIVE) }),
    ...scalars<SnmpWorld>(statistics, {
      1: (world) => counter64(totalOf(world, 'checksumErrors')),
      2: (world) => counter64(totalOf(world, 'versionErrors')),
      // Adverts of virtual routers that are not ours are not counted.
      3: () => counter64(0),
      4: () => timeTicks(0),
    }),
    ...table([...statistics, 5, 1], instanceRows, statisticsCells()),
  ];
}

function operationCells(): Cells<NumberedInstance> {
  return {
    3: ({ live, config }) => addressOctets(live?.state === 'MASTER' ? live.source : live?.masterAddress, config.family),
    4: ({ live, config }) => addressOctets(live?.source, config.family),
    5: macOctets,
    6: ({ live }) => integer(STATUSES[live?.state ?? 'INIT']),
    7: ({ config, live }) => gauge(live?.basePriority ?? config.priority),
    8: ({ config }) => integer(config.virtualAddresses.length),
    9: ({ config }) => integer(config.advertInterval / CENTISECOND),
    10: ({ config }) => yesNo(config.preempt),
    11: ({ config }) => yesNo(config.accept ?? true),
    12: ({ upTime }) => timeTicks(upTime),
    13: () => integer(ROW_ACTIVE),
  };
}

function statisticsCells(): Cells<NumberedInstance> {
  const counters = Object.entries(COUNTERS).map(([column, name]) => [column, ({ live }: NumberedInstance) => counter64(live?.statistics[name] ?? 0)] as const);
  return {
    ...Object.fromEntries(counters),
    1: ({ live }) => counter(live?.statistics.becameMaster ?? 0),
    2: ({ history }) => integer(MASTER_REASONS[history.masterReason]),
    6: () => integer(0),
    12: () => timeTicks(0),
    13: ({ config }) => gauge(config.advertInterval / milliseconds(1)),
  };
}

/** Zeros where there is none. */
export function addressOctets(address: IpAddress | undefined, family: 'ipv4' | 'ipv6'): SnmpValue {
  return octets(address === undefined ? new Uint8Array(family === 'ipv4' ? 4 : 16) : addressBytes(address));
}
