/** The objects of each trap, in keepalived's order: without the index of their rows, as it sends them. */

import { familyOf, parseAddress } from '../../base/address.js';
import type { VarBind } from './agentx-pdu.js';
import { MASTER_REASONS } from './history.js';
import { KEEPALIVED_CHECK, KEEPALIVED_GLOBAL, KEEPALIVED_VRRP, VRRP_MIB, VRRPV3_MIB } from './mibs/identifiers.js';
import { numbered } from './mibs/rfc-instances.js';
import { addressOctets, rfc6527Index } from './mibs/rfc6527.js';
import { trapProtocol, virtualServerRows, virtualServerType } from './mibs/virtual-servers.js';
import type { VirtualServerRow } from './mibs/virtual-servers.js';
import { ADDRESS_TYPES, instanceRows, STATES } from './mibs/vrrp-instances.js';
import type { SnmpSettings } from './settings.js';
import { gauge, inetAddress, integer, ipv4Address, oid, oidOf, text } from './values.js';
import type { Oid, SnmpValue } from './values.js';
import type { SnmpWorld } from './world.js';

/** virtualServerQuorumStatus. */
export const QUORUM = { met: 1, notMet: 2, shutdown: 3 } as const;

/** SNMPv2-MIB. */
const TRAP_OID = oidOf('1.3.6.1.6.3.1.1.4.1.0');

type Trap = readonly VarBind[];

function trap(identifier: Oid, objects: readonly (readonly [Oid, SnmpValue])[]): Trap {
  return [{ oid: TRAP_OID, value: oid(identifier) }, ...objects.map(([each, value]) => ({ oid: each, value }))];
}

function routerId({ configuration }: SnmpWorld): readonly [Oid, SnmpValue] {
  return [[...KEEPALIVED_GLOBAL, 2, 0], text(configuration?.routerId ?? '')];
}

function stateValue(state: string): SnmpValue {
  const numbers: Readonly<Record<string, number>> = STATES;
  return integer(numbers[state] ?? STATES.INIT);
}

export function groupTrap(world: SnmpWorld, name: string, state: string): Trap {
  const entry = [...KEEPALIVED_VRRP, 1, 1];
  return trap([...KEEPALIVED_VRRP, 10, 0, 1], [[[...entry, 2], text(name)], [[...entry, 3], stateValue(state)], routerId(world)]);
}

/** None for an instance that is not configured. */
export function instanceTrap(world: SnmpWorld, name: string, state: string): readonly Trap[] {
  const row = instanceRows(world).find(({ of }) => of.config.name === name);
  if (row === undefined) return [];
  const entry = [...KEEPALIVED_VRRP, 3, 1];
  const initial = integer(row.of.config.wantsMaster ? STATES.MASTER : STATES.BACKUP);
  return [trap([...KEEPALIVED_VRRP, 10, 0, 2], [[[...entry, 2], text(name)], [[...entry, 4], stateValue(state)], [[...entry, 5], initial], routerId(world)])];
}

/** vrrpTrapNewMaster and vrrpv3NewMaster, as far as these MIBs are served. */
export function newMasterTraps(world: SnmpWorld, name: string, { rfc2787, rfc6527 }: SnmpSettings): readonly Trap[] {
  const instance = numbered(world).find(({ config }) => config.name === name);
  if (instance === undefined) return [];
  const { config, live, history, interfaceIndex } = instance;
  const source = live?.source;
  const operations = [...VRRPV3_MIB, 1, 1, 1, 1];
  const statistics = [...VRRPV3_MIB, 1, 2, 5, 1];
  const index = rfc6527Index(instance);
  const isVersion2 = rfc2787 && config.version === 2 && source !== undefined && familyOf(source) === 'ipv4';
  return [
    ...(isVersion2 ? [trap([...VRRP_MIB, 0, 1], [[[...VRRP_MIB, 1, 3, 1, 7, interfaceIndex, config.virtualRouterId], ipv4Address(source)]])] : []),
    ...(rfc6527
      ? [
          trap([...VRRPV3_MIB, 0, 1], [
            [[...operations, 3, ...index], addressOctets(source, config.family)],
            [[...statistics, 2, ...index], integer(MASTER_REASONS[history.masterReason])],
          ]),
        ]
      : []),
  ];
}

/** vrrpTrapAuthErrorType, by the reasons for which adverts are refused. */
const AUTHENTICATION_ERRORS: ReadonlyMap<string, number> = new Map([
  ['authenticationUnknown', 1],
  ['authenticationMismatch', 2],
  ['headerMissing', 2],
  ['headerUnexpected', 2],
  ['password', 3],
  ['headerInvalid', 3],
  ['headerReplayed', 3],
]);

/** vrrpv3StatisticsProtoErrReason. */
const PROTOCOL_ERRORS: ReadonlyMap<string, number> = new Map([
  ['hopLimit', 1],
  ['version', 2],
  ['checksum', 3],
]);

/** vrrpTrapAuthFailure and vrrpv3ProtoError, as far as these MIBs are served and have a name for the reason. */
export function refusalTraps(world: SnmpWorld, name: string, source: string, reason: string, { rfc2787, rfc6527 }: SnmpSettings): readonly Trap[] {
  const instance = numbered(world).find(({ config }) => config.name === name);
  const address = parseAddress(source);
  const authentication = AUTHENTICATION_ERRORS.get(reason);
  const protocol = PROTOCOL_ERRORS.get(reason);
  if (instance === undefined || address === undefined) return [];
  const isVersion2 = rfc2787 && instance.config.version === 2 && familyOf(address) === 'ipv4';
  return [
    ...(isVersion2 && authentication !== undefined
      ? [
          trap([...VRRP_MIB, 0, 2], [
            [[...VRRP_MIB, 1, 5, 0], ipv4Address(address)],
            [[...VRRP_MIB, 1, 6, 0], integer(authentication)],
          ]),
        ]
      : []),
    ...(rfc6527 && protocol !== undefined ? [trap([...VRRPV3_MIB, 0, 2], [[[...VRRPV3_MIB, 1, 2, 5, 1, 6, ...rfc6527Index(instance)], integer(protocol)]])] : []),
  ];
}

/** `alive`: what is known beyond the picture, by `VIRTUAL SERVER SERVER`. None for servers that are not configured. */
export function serverTrap(world: SnmpWorld, virtualServer: string, server: string, up: boolean, alive: ReadonlyMap<string, boolean>): readonly Trap[] {
  const row = rowOf(world, virtualServer);
  const real = row?.live?.realServers.find(({ name }) => name === server);
  if (row === undefined || real === undefined) return [];
  const entry = [...KEEPALIVED_CHECK, 4, 1];
  const { address, port } = real;
  return [
    trap([...KEEPALIVED_CHECK, 5, 0, 1], [
      [[...entry, 3], integer(ADDRESS_TYPES[familyOf(address)])],
      [[...entry, 4], inetAddress(address)],
      [[...entry, 5], gauge(port)],
      [[...entry, 6], integer(up ? 1 : 2)],
      ...identity(row),
      ...counts(row, alive),
      routerId(world),
    ]),
  ];
}

export function quorumTrap(world: SnmpWorld, virtualServer: string, status: number, alive: ReadonlyMap<string, boolean>): readonly Trap[] {
  const row = rowOf(world, virtualServer);
  if (row === undefined) return [];
  const entry = [...KEEPALIVED_CHECK, 3, 1];
  return [
    trap([...KEEPALIVED_CHECK, 5, 0, 2], [
      ...identity(row),
      [[...entry, 23], integer(status)],
      [[...entry, 22], gauge(row.config.quorum)],
      ...counts(row, alive),
      routerId(world),
    ]),
  ];
}

function rowOf(world: SnmpWorld, name: string): VirtualServerRow | undefined {
  return virtualServerRows(world).find(({ of }) => of.config.name === name)?.of;
}

/** Which virtual server: by mark, by group, or by address and port. */
function identity(row: VirtualServerRow): readonly (readonly [Oid, SnmpValue])[] {
  const entry = [...KEEPALIVED_CHECK, 3, 1];
  const { config, service } = row;
  const own = service.identity;
  const which: readonly (readonly [Oid, SnmpValue])[] =
    config.group !== undefined
      ? [[[...entry, 3], text(config.group.name)]]
      : own.kind === 'fwmark'
        ? [[[...entry, 4], gauge(own.fwmark)]]
        : [
            [[...entry, 5], integer(ADDRESS_TYPES[familyOf(own.address)])],
            [[...entry, 6], inetAddress(own.address)],
            [[...entry, 7], gauge(own.port)],
          ];
  return [[[...entry, 2], virtualServerType(row)], ...which, [[...entry, 8], trapProtocol(row)]];
}

/** Servers that are up, and all. */
function counts({ config, live }: VirtualServerRow, alive: ReadonlyMap<string, boolean>): readonly (readonly [Oid, SnmpValue])[] {
  const entry = [...KEEPALIVED_CHECK, 3, 1];
  const up = (live?.realServers ?? []).filter((server) => alive.get(`${config.name} ${server.name}`) ?? server.alive).length;
  return [
    [[...entry, 21], gauge(up)],
    [[...entry, 20], gauge(config.realServers.length)],
  ];
}
