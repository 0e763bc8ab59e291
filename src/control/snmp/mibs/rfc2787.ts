/**
 * VRRP-MIB (RFC 2787): instances of version 2 over IPv4. Whatever the RFC lets a manager change is read-only here, as in
 * keepalived, and passwords cannot be asked for.
 */

import type { IpAddress } from '../../../base/address.js';
import { addressBytes, familyOf, parseAddress } from '../../../base/address.js';
import { seconds } from '../../../base/time.js';
import type { Counter } from '../../../vrrp/instance/statistics.js';
import { counter, integer, ipv4Address, timeTicks, yesNo } from '../values.js';
import type { Oid, SnmpValue } from '../values.js';
import { scalars, table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { VRRP_MIB } from './identifiers.js';
import { macOctets, numbered, ROW_ACTIVE, STATUSES, totalOf } from './rfc-instances.js';
import type { NumberedInstance } from './rfc-instances.js';

/** vrrpOperAuthType. */
const AUTHENTICATION = { none: 1, pass: 2, ah: 3 } as const;

const NO_ADDRESS = parseAddress('0.0.0.0');

/** vrrpOperProtocol: ip. */
const PROTOCOL = 1;

const STATISTICS: readonly Counter[] = [
  'becameMaster',
  'advertsReceived',
  'advertIntervalErrors',
  'authenticationFailures',
  'hopLimitErrors',
  'priorityZeroReceived',
  'priorityZeroSent',
  'packetTypeErrors',
  'addressListErrors',
  'authenticationTypeErrors',
  'authenticationMismatches',
  'lengthErrors',
];

/** By interface and virtual router id. */
function instanceRows(world: SnmpWorld): readonly Row<NumberedInstance>[] {
  return numbered(world)
    .filter(({ config }) => config.version === 2 && config.family === 'ipv4')
    .map((of) => ({ index: [of.interfaceIndex, of.config.virtualRouterId], of }));
}

function addressRows(world: SnmpWorld): readonly Row<IpAddress>[] {
  return instanceRows(world).flatMap(({ index, of }) => of.config.virtualAddresses.map(({ address }) => ({ index: [...index, ...addressBytes(address)], of: address })));
}

export function rfc2787Columns(): readonly Column<SnmpWorld>[] {
  const operations: Oid = [...VRRP_MIB, 1];
  const statistics: Oid = [...VRRP_MIB, 2];
  return [
    ...scalars<SnmpWorld>(operations, {
      1: () => integer(2),
      2: ({ configuration }) => yesNo(configuration?.traps === true),
    }),
    ...table([...operations, 3, 1], instanceRows, operationCells()),
    ...table([...operations, 4, 1], addressRows, { 2: () => integer(ROW_ACTIVE) }),
    ...scalars<SnmpWorld>(statistics, {
      1: (world) => counter(totalOf(world, 'checksumErrors')),
      2: (world) => counter(totalOf(world, 'versionErrors')),
      // Adverts of virtual routers that are not ours are not counted.
      3: () => counter(0),
    }),
    ...table(
      [...statistics, 4, 1],
      instanceRows,
      Object.fromEntries(STATISTICS.map((name, i) => [i + 1, ({ live }: NumberedInstance) => counter(live?.statistics[name] ?? 0)])),
    ),
  ];
}

function operationCells(): Cells<NumberedInstance> {
  return {
    2: macOctets,
    3: ({ live }) => integer(STATUSES[live?.state ?? 'INIT']),
    4: () => integer(1),
    5: ({ config, live }) => integer(live?.basePriority ?? config.priority),
    6: ({ config }) => integer(config.virtualAddresses.length),
    7: masterAddress,
    8: ({ live }) => addressValue(live?.source),
    9: ({ config }) => integer(AUTHENTICATION[config.authentication]),
    11: ({ config }) => integer(config.advertInterval / seconds(1)),
    12: ({ config }) => yesNo(config.preempt),
    13: ({ startedAt }) => timeTicks(startedAt),
    14: () => integer(PROTOCOL),
    15: () => integer(ROW_ACTIVE),
  };
}

/** Our own while we are master. */
function masterAddress({ live }: NumberedInstance): SnmpValue | undefined {
  return addressValue(live?.state === 'MASTER' ? live.source : live?.masterAddress);
}

function addressValue(address: IpAddress | undefined): SnmpValue | undefined {
  const shown = address ?? NO_ADDRESS;
  return shown === undefined || familyOf(shown) === 'ipv6' ? undefined : ipv4Address(shown);
}
