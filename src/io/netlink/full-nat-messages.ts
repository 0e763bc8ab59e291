/**
 * The table that masquerades FULLNAT connections as nfnetlink messages (linux/netfilter/nf_tables.h): bytes only, no socket. One
 * rule for each service, in nft's words: `ct original ip daddr VIP meta l4proto tcp ct original proto-dst PORT ip daddr @SET
 * counter masquerade`. Chains of type nat see the first packet of a connection only.
 */

import { hostUint32 } from '../../base/host-order.js';
import { FAMILIES, addressBytes } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import { type Attribute, cstring, nested, u32be } from '../../base/attributes.js';
import type { TranslatedService } from '../../health/full-nat.js';
import type { WantedTable } from './filter-tables.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { equals, expression, loadAddress, lookup, makeSet, message, meta, removeTable } from './nftables-messages.js';

const TABLE_NAME = 'holdfast_fullnat';
const CHAIN_NAME = 'postrouting';
const MESSAGE = { newTable: 0, newChain: 3, newRule: 6 } as const;
const APPEND = 0x800;
const CHAIN = { table: 1, name: 3, hook: 4, policy: 5, type: 7 } as const;
const HOOK = { number: 1, priority: 2 } as const;
/** NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC and NF_ACCEPT. */
const POST_ROUTING = 4;
const SOURCE_NAT = 100;
const ACCEPT = 1;
const RULE = { table: 1, chain: 2, expressions: 4 } as const;
const CT = { register: 1, key: 2, direction: 3 } as const;
const CT_KEY = { protocolDestination: 12, ipv4Destination: 20, ipv6Destination: 22 } as const;
const ORIGINAL = 0;
const META = { mark: 3, l4proto: 16 } as const;
const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

/** In the place of whatever stands there: all of it at once, or with no services nothing. */
export function makeTranslation(services: readonly TranslatedService[]): readonly NetlinkRequest[] {
  return FAMILIES.flatMap((family) => {
    return [...removeTable(family, TABLE_NAME), ...translationTables(services).filter((table) => table.family === family).flatMap(({ requests }) => requests)];
  });
}

/** The tables as they should be, one for each family that is translated. */
export function translationTables(services: readonly TranslatedService[]): readonly WantedTable[] {
  return FAMILIES.flatMap((family) => {
    const own = services.filter((service) => service.family === family);
    return own.length === 0 ? [] : [{ family, name: TABLE_NAME, requests: makeTable(family, own) }];
  });
}

/** Removes the table of one family, whether or not it is there. */
export function removeTranslation(family: Family): readonly NetlinkRequest[] {
  return removeTable(family, TABLE_NAME);
}

function makeTable(family: Family, services: readonly TranslatedService[]): readonly NetlinkRequest[] {
  const chain: readonly Attribute[] = [
    text(CHAIN.table, TABLE_NAME),
    text(CHAIN.name, CHAIN_NAME),
    nested(CHAIN.hook, [number(HOOK.number, POST_ROUTING), number(HOOK.priority, SOURCE_NAT)]),
    number(CHAIN.policy, ACCEPT),
    text(CHAIN.type, 'nat'),
  ];
  return [
    message(MESSAGE.newTable, FLAG.create, family, [text(1, TABLE_NAME)], `make table ${TABLE_NAME}`),
    message(MESSAGE.newChain, FLAG.create, family, chain, `make chain ${CHAIN_NAME}`),
    ...services.flatMap((service, index) => {
      const name = `servers${index + 1}`;
      const key = family === 'ipv4' ? 'ipv4Address' : 'ipv6Address';
      const set = { name, key, isMap: false, elements: service.servers.map(addressBytes) } as const;
      return [...makeSet(family, TABLE_NAME, set, index + 1), makeRule(service, name)];
    }),
  ];
}

function makeRule({ identity, family }: TranslatedService, set: string): NetlinkRequest {
  const expressions = [
    ...matchService(identity),
    loadAddress(family, 'destination'),
    lookup(set),
    expression('counter', []),
    expression('masq', []),
  ];
  const attributes = [text(RULE.table, TABLE_NAME), text(RULE.chain, CHAIN_NAME), nested(RULE.expressions, expressions)];
  return message(MESSAGE.newRule, FLAG.create | APPEND, family, attributes, `make rule in ${CHAIN_NAME}`);
}

/** The connection as the client made it, before IPVS: a service without port takes all of them. */
function matchService(identity: TranslatedService['identity']): readonly Attribute[] {
  if (identity.kind === 'fwmark') return [meta(META.mark, 1), equals(hostUint32(identity.fwmark))];
  const { address, protocol, port } = identity;
  const key = address.includes(':') ? CT_KEY.ipv6Destination : CT_KEY.ipv4Destination;
  return [
    original(key),
    equals(addressBytes(address)),
    meta(META.l4proto, 1),
    equals(Uint8Array.of(PROTOCOL[protocol])),
    ...(port === 0 ? [] : [original(CT_KEY.protocolDestination), equals(Uint8Array.of(port >> 8, port & 0xff))]),
  ];
}

/** Into register 1. */
function original(key: number): Attribute {
  return expression('ct', [number(CT.register, 1), number(CT.key, key), { type: CT.direction, value: Uint8Array.of(ORIGINAL) }]);
}

function number(type: number, value: number): Attribute {
  return { type, value: u32be.encode(value) };
}

function text(type: number, value: string): Attribute {
  return { type, value: cstring.encode(value) };
}
