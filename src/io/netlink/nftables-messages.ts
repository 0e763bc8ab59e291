/** Tables of the packet filter as nfnetlink messages (linux/netfilter/nf_tables.h): bytes only, no socket. */

import type { Family } from '../../base/address.js';
import { type Attribute, cstring, encodeAttributes, nested, u32be } from '../../base/attributes.js';
import type { Expression, FilterChain, FilterElement, FilterSet, FilterTable, KeyType } from '../../vrrp/host/firewall.js';
import type { FirewallConfig } from '../../vrrp/config/device.js';
import { interfaceName } from '../../vrrp/host/firewall.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';

const NFTABLES = 10;
const BATCH = { begin: 16, end: 17 } as const;
const NFT_MSG = { newTable: 0, deleteTable: 2, newChain: 3, newRule: 6, newSet: 9, newElement: 12, deleteElement: 14 } as const;
/** NFPROTO_* */
const PROTOCOL_FAMILY = { ipv4: 2, ipv6: 10 } as const;
const TABLE = { name: 1 } as const;
const CHAIN = { table: 1, name: 3, hook: 4, policy: 5, type: 7 } as const;
const HOOK = { number: 1, priority: 2 } as const;
const HOOK_NUMBER = { prerouting: 0, input: 1, output: 3 } as const;
const RULE = { table: 1, chain: 2, expressions: 4 } as const;
const LIST_ELEMENT = 1;
const EXPRESSION = { name: 1, data: 2 } as const;
const SET = { table: 1, name: 2, flags: 3, keyType: 4, keyLength: 5, dataType: 6, dataLength: 7, id: 10, userData: 13 } as const;
const SET_FLAG = { constant: 2, map: 8 } as const;
const ELEMENTS = { table: 1, set: 2, list: 3 } as const;
const ELEMENT = { key: 1, data: 2 } as const;
const DATA = { value: 1, verdict: 2 } as const;
const VERDICT = { code: 1, chain: 2 } as const;
const NF_DROP = 0;
const NF_ACCEPT = 1;
const NFT_GOTO = -4;
const META = { mark: 3, iif: 4, oif: 5, iifname: 6, oifname: 7, l4proto: 16, oifkind: 27 } as const;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;

/** What nft calls the types of keys, and their length in bytes (datatype.h of nftables; six bits each where two are joined). */
const KEYS: Readonly<Record<KeyType, readonly [type: number, length: number]>> = {
  ipv4Address: [7, 4],
  ipv6Address: [8, 16],
  interfaceIndex: [20, 4],
  icmpv6Type: [29, 1],
  ipv6AddressAndIndex: [(8 << 6) | 20, 20],
  ipv6AddressAndName: [(8 << 6) | 41, 32],
  protocolAndIpv4Address: [(12 << 6) | 7, 8],
  protocolAndIpv6Address: [(12 << 6) | 8, 20],
  protocolIpv4AddressAndPort: [(((12 << 6) | 7) << 6) | 13, 12],
  protocolIpv6AddressAndPort: [(((12 << 6) | 8) << 6) | 13, 24],
};

/** One transaction: the kernel performs all of them or none. The last of them is acknowledged. */
export function transaction(requests: readonly NetlinkRequest[]): readonly NetlinkRequest[] {
  const last = requests.length - 1;
  return [
    { type: BATCH.begin, flags: 0, payload: header(0, NFTABLES), operation: 'begin filter transaction' },
    ...requests.map((request, i) => (i === last ? { ...request, flags: request.flags | FLAG.acknowledge } : request)),
    { type: BATCH.end, flags: 0, payload: header(0, NFTABLES), operation: 'end filter transaction' },
  ];
}

/** Removes the table whether or not it is there. */
export function removeTable(family: Family, name: string): readonly NetlinkRequest[] {
  const table = [{ type: TABLE.name, value: cstring.encode(name) }];
  return [
    message(NFT_MSG.newTable, FLAG.create, family, table, `make table ${name}`),
    message(NFT_MSG.deleteTable, 0, family, table, `remove table ${name}`),
  ];
}

/** Makes the whole table, its changing sets empty. */
export function makeTable({ family, sets, chains }: FilterTable, { table, priority }: Pick<FirewallConfig, 'table' | 'priority'>): readonly NetlinkRequest[] {
  const name = { type: TABLE.name, value: cstring.encode(table) };
  return [
    message(NFT_MSG.newTable, FLAG.create, family, [name], `make table ${table}`),
    ...sets.flatMap((set, index) => makeSet(family, table, set, index + 1)),
    ...chains.map((chain) => makeChain(family, table, chain, chain.priority ?? priority)),
    ...chains.flatMap((chain) => chain.rules.map((rule) => makeRule(family, table, chain.name, rule))),
  ];
}

/** Adds elements to, or removes them from, sets that the table has. */
export function changeElements(present: boolean, table: string, elements: readonly FilterElement[]): readonly NetlinkRequest[] {
  return elements.map(({ family, set, key, value }) => {
    const operation = `${present ? 'add to' : 'remove from'} set ${set}`;
    const data = value === undefined ? [] : [nested(ELEMENT.data, [{ type: DATA.value, value }])];
    const element = nested(LIST_ELEMENT, [nested(ELEMENT.key, [{ type: DATA.value, value: key }]), ...data]);
    const attributes = [
      { type: ELEMENTS.table, value: cstring.encode(table) },
      { type: ELEMENTS.set, value: cstring.encode(set) },
      nested(ELEMENTS.list, [element]),
    ];
    return message(present ? NFT_MSG.newElement : NFT_MSG.deleteElement, present ? FLAG.create : 0, family, attributes, operation);
  });
}

/** Tells nft, which shows the numbers, that keys and values are in host order: two of its type-length-values, both 1. */
const HOST_ORDER = Uint8Array.of(0, 4, 1, 0, 0, 0, 1, 4, 1, 0, 0, 0);

/** The same of values alone: keys are as in the packet. */
const VALUE_IN_HOST_ORDER = Uint8Array.of(0, 4, 2, 0, 0, 0, 1, 4, 1, 0, 0, 0);
/** nft's type of marks and its length. */
const MARK = [19, 4] as const;

export function makeSet(family: Family, table: string, set: FilterSet, id: number): readonly NetlinkRequest[] {
  const [keyType, keyLength] = KEYS[set.key];
  const { elements } = set;
  const attributes: Attribute[] = [
    { type: SET.table, value: cstring.encode(table) },
    { type: SET.name, value: cstring.encode(set.name) },
    { type: SET.flags, value: u32be.encode((set.isMap ? SET_FLAG.map : 0) | (elements === undefined ? 0 : SET_FLAG.constant)) },
    { type: SET.keyType, value: u32be.encode(keyType) },
    { type: SET.keyLength, value: u32be.encode(keyLength) },
    { type: SET.id, value: u32be.encode(id) },
  ];
  if (set.gives === 'mark') attributes.push({ type: SET.userData, value: VALUE_IN_HOST_ORDER });
  if (set.key === 'interfaceIndex') attributes.push({ type: SET.userData, value: HOST_ORDER });
  if (set.isMap) {
    const [dataType, dataLength] = set.gives === 'mark' ? MARK : KEYS.interfaceIndex;
    attributes.push({ type: SET.dataType, value: u32be.encode(dataType) }, { type: SET.dataLength, value: u32be.encode(dataLength) });
  }
  const made = message(NFT_MSG.newSet, FLAG.create, family, attributes, `make set ${set.name}`);
  const fixed = (elements ?? []).map((key): FilterElement => ({ family, set: set.name, key }));
  return [made, ...changeElements(true, table, fixed)];
}

function makeChain(family: Family, table: string, { name, hook }: FilterChain, priority: number): NetlinkRequest {
  const attributes: Attribute[] = [
    { type: CHAIN.table, value: cstring.encode(table) },
    { type: CHAIN.name, value: cstring.encode(name) },
  ];
  if (hook !== undefined) {
    attributes.push(
      nested(CHAIN.hook, [
        { type: HOOK.number, value: u32be.encode(HOOK_NUMBER[hook]) },
        { type: HOOK.priority, value: u32be.encode(priority >>> 0) },
      ]),
      { type: CHAIN.policy, value: u32be.encode(NF_ACCEPT) },
      { type: CHAIN.type, value: cstring.encode('filter') },
    );
  }
  return message(NFT_MSG.newChain, FLAG.create, family, attributes, `make chain ${name}`);
}

function makeRule(family: Family, table: string, chain: string, rule: readonly Expression[]): NetlinkRequest {
  const expressions = rule.flatMap((each) => encodeExpression(family, each));
  const attributes = [
    { type: RULE.table, value: cstring.encode(table) },
    { type: RULE.chain, value: cstring.encode(chain) },
    nested(RULE.expressions, expressions),
  ];
  return message(NFT_MSG.newRule, FLAG.create | APPEND, family, attributes, `make rule in ${chain}`);
}

/** NLM_F_APPEND. */
const APPEND = 0x800;

const number = (type: number, value: number): Attribute => ({ type, value: u32be.encode(value) });
const text = (type: number, value: string): Attribute => ({ type, value: cstring.encode(value) });
const bytes = (type: number, value: Uint8Array): Attribute => nested(type, [{ type: DATA.value, value }]);

export function expression(name: string, data: readonly Attribute[]): Attribute {
  return nested(LIST_ELEMENT, [text(EXPRESSION.name, name), nested(EXPRESSION.data, data)]);
}

/** Register 1 holds what is compared; addresses stay there while register 2 holds an interface. */
function encodeExpression(family: Family, each: Expression): readonly Attribute[] {
  switch (each.type) {
    case 'protocolIs':
      return [family === 'ipv4' ? load(NETWORK_HEADER, 9, 1) : meta(META.l4proto, 1), equals(Uint8Array.of(each.protocol))];
    case 'icmpTypeIs':
      return [load(TRANSPORT_HEADER, 0, 1), equals(Uint8Array.of(each.icmpType))];
    case 'icmpTypeIn':
      return [load(TRANSPORT_HEADER, 0, 1), lookup(each.set)];
    case 'outputKindIs':
      return [meta(META.oifkind, 1), equals(interfaceName(each.kind))];
    case 'outputIn':
      return [meta(META.oif, 1), lookup(each.set)];
    case 'isLinkLocal':
      return [loadAddress(family, each.field), mask(LINK_LOCAL_MASK), equals(LINK_LOCAL)];
    case 'addressIn':
      return [loadAddress(family, each.field), lookup(each.set)];
    case 'addressOnInterfaceIn':
      return [loadAddress(family, each.field), meta(interfaceKey(each.field, each.by), 2), lookup(each.set)];
    case 'duplicateThrough':
      return [
        loadAddress(family, 'destination'),
        meta(META.oif, 2),
        expression('lookup', [text(1, each.map), number(2, 2), number(3, 2)]),
        expression('dup', [number(1, 1), number(2, 2)]),
      ];
    case 'markBy':
      return markBy(family, each);
    case 'counter':
      return [expression('counter', [])];
    case 'drop':
      return [verdict([number(VERDICT.code, NF_DROP)])];
    case 'accept':
      return [verdict([number(VERDICT.code, NF_ACCEPT)])];
    case 'goto':
      return [verdict([number(VERDICT.code, NFT_GOTO >>> 0), text(VERDICT.chain, each.chain)])];
  }
}

const LINK_LOCAL = Uint8Array.from({ length: 16 }, (_, i) => [0xfe, 0x80][i] ?? 0);
/** fe80::/10. */
const LINK_LOCAL_MASK = Uint8Array.from({ length: 16 }, (_, i) => [0xff, 0xc0][i] ?? 0);

function interfaceKey(field: 'source' | 'destination', by: 'index' | 'name'): number {
  if (field === 'source') return by === 'index' ? META.oif : META.oifname;
  return by === 'index' ? META.iif : META.iifname;
}

export function loadAddress(family: Family, field: 'source' | 'destination'): Attribute {
  if (family === 'ipv4') return load(NETWORK_HEADER, field === 'source' ? 12 : 16, 4);
  return load(NETWORK_HEADER, field === 'source' ? 8 : 24, 16);
}

/** NFT_REG32_00: registers of four bytes, of which a joined key takes as many as it needs. */
const KEY_REGISTER = 8;
/** NFT_REG_4, behind all of them. */
const MARK_REGISTER = 4;

function markBy(family: Family, { map, port }: Extract<Expression, { type: 'markBy' }>): readonly Attribute[] {
  const [offset, length] = family === 'ipv4' ? [16, 4] : [24, 16];
  const address = KEY_REGISTER + 1;
  return [
    meta(META.l4proto, KEY_REGISTER),
    load(NETWORK_HEADER, offset, length, address),
    ...(port ? [load(TRANSPORT_HEADER, 2, 2, address + length / 4)] : []),
    expression('lookup', [text(1, map), number(2, KEY_REGISTER), number(3, MARK_REGISTER)]),
    expression('meta', [number(2, META.mark), number(3, MARK_REGISTER)]),
  ];
}

/** Into register 1 unless told otherwise. */
function load(base: number, offset: number, length: number, register = 1): Attribute {
  return expression('payload', [number(1, register), number(2, base), number(3, offset), number(4, length)]);
}

export function meta(key: number, register: number): Attribute {
  return expression('meta', [number(1, register), number(2, key)]);
}

/** Of register 1. */
export function equals(value: Uint8Array): Attribute {
  return expression('cmp', [number(1, 1), number(2, 0), bytes(3, value)]);
}

function mask(value: Uint8Array): Attribute {
  return expression('bitwise', [number(1, 1), number(2, 1), number(3, value.length), bytes(4, value), bytes(5, new Uint8Array(value.length))]);
}

export function lookup(set: string): Attribute {
  return expression('lookup', [text(1, set), number(2, 1)]);
}

function verdict(attributes: readonly Attribute[]): Attribute {
  return expression('immediate', [number(1, 0), nested(2, [nested(DATA.verdict, attributes)])]);
}

export function message(type: number, flags: number, family: Family, attributes: readonly Attribute[], operation: string): NetlinkRequest {
  const tail = encodeAttributes(attributes);
  const payload = new Uint8Array(4 + tail.length);
  payload.set(header(PROTOCOL_FAMILY[family], 0));
  payload.set(tail, 4);
  return { type: (NFTABLES << 8) | type, flags, payload, operation };
}

/** struct nfgenmsg: family, version, resource in network order. */
function header(family: number, resource: number): Uint8Array {
  return Uint8Array.of(family, 0, resource >> 8, resource & 0xff);
}
