/**
 * Policy rules as rtnetlink messages (linux/fib_rules.h): bytes and values, no socket. What a rule means stands in
 * vrrp/host/rules.ts.
 *
 *     struct fib_rule_hdr: family, destination length, source length, tos, table, two unused, action: one byte each; flags: four
 */

import { addressBytes, type Cidr } from '../../base/address.js';
import { type Attribute, type AttributeFormat, cstring, decodeAttributes, encodeAttributes, u16, u32, u8 } from '../../base/attributes.js';
import { viewOf } from '../../base/bytes.js';
import type { NumberRange, Rule, RuleAction } from '../../vrrp/host/rules.js';
import { littleEndian } from '../../base/host-order.js';
import { bigEndian64, flowOf } from './route-messages.js';
import { AF } from '../sockets/sockaddr.js';

const HEADER = 12;
const FRA = {
  destination: 1,
  source: 2,
  inputInterface: 3,
  goto: 4,
  priority: 6,
  mark: 10,
  flow: 11,
  tunnelId: 12,
  suppressInterfaceGroup: 13,
  suppressPrefixLength: 14,
  table: 15,
  markMask: 16,
  outputInterface: 17,
  l3mdev: 19,
  userIds: 20,
  protocol: 21,
  ipProtocol: 22,
  sourcePorts: 23,
  destinationPorts: 24,
} as const;

/** FR_ACT_*. */
const ACTIONS: Readonly<Record<RuleAction['type'], number>> = {
  table: 1,
  l3mdev: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};
const FIB_RULE_INVERT = 2;
/** RT_TABLE_UNSPEC: the number does not fit and stands in an attribute, or there is none. */
const NO_TABLE = 0;

/** The payload that sets or removes this rule: everything `ip rule` would say. */
export function encodeRule(rule: Rule): Uint8Array {
  const { action, typeOfService, inverted } = rule;
  const table = action.type === 'table' ? action.table : NO_TABLE;
  const tail = encodeAttributes(attributesOf(rule, table));
  const bytes = new Uint8Array(HEADER + tail.length);
  bytes.set([
    rule.family === 'ipv4' ? AF.inet : AF.inet6,
    rule.to?.prefixLength ?? 0,
    rule.from?.prefixLength ?? 0,
    typeOfService ?? 0,
    table > 255 ? NO_TABLE : table,
    0,
    0,
    ACTIONS[action.type],
  ]);
  viewOf(bytes).setUint32(8, inverted ? FIB_RULE_INVERT : 0, littleEndian);
  bytes.set(tail, HEADER);
  return bytes;
}

/** The payload of a request for all rules of one family. */
export function allRules(family: 'ipv4' | 'ipv6'): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  bytes[0] = family === 'ipv4' ? AF.inet : AF.inet6;
  return bytes;
}

/** RTM_NEWRULE or RTM_DELRULE: what identifies the rule, as keyOfRule says it; undefined when it is no whole message. */
export function decodeRuleKey(message: Uint8Array): string | undefined {
  if (message.length < HEADER || (message[0] !== AF.inet && message[0] !== AF.inet6)) return undefined;
  const attributes = decodeAttributes(message.subarray(HEADER));
  if (!attributes.ok) return undefined;
  const { value } = attributes;
  const number = (type: number): number => u32.decode(value.get(type) ?? new Uint8Array(0)) ?? 0;
  const name = (type: number): string => cstring.decode(value.get(type) ?? new Uint8Array(0)) ?? '';
  const action = message[7] ?? 0;
  return [
    message[0],
    prefixKey(value.get(FRA.source), message[2] ?? 0),
    prefixKey(value.get(FRA.destination), message[1] ?? 0),
    viewOf(message).getUint32(8, littleEndian) & FIB_RULE_INVERT,
    action,
    number(FRA.priority),
    action === ACTIONS.table ? number(FRA.table) : 0,
    number(FRA.goto),
    number(FRA.mark),
    name(FRA.inputInterface),
    name(FRA.outputInterface),
  ].join(' ');
}

/** The key under which the kernel tells of this rule. */
export function keyOfRule(rule: Rule): string {
  const { action, from, to, priority, mark, inverted } = rule;
  return [
    rule.family === 'ipv4' ? AF.inet : AF.inet6,
    from === undefined ? '' : prefixKey(addressBytes(from.address), from.prefixLength),
    to === undefined ? '' : prefixKey(addressBytes(to.address), to.prefixLength),
    inverted ? FIB_RULE_INVERT : 0,
    ACTIONS[action.type],
    priority,
    action.type === 'table' ? action.table : 0,
    action.type === 'goto' ? action.target : 0,
    mark?.value ?? 0,
    rule.inputInterface ?? '',
    rule.outputInterface ?? '',
  ].join(' ');
}

function prefixKey(bytes: Uint8Array | undefined, length: number): string {
  return length === 0 || bytes === undefined ? '' : `${bytes.join('.')}/${length}`;
}

function attributesOf(rule: Rule, table: number): Attribute[] {
  const { action, from, to, mark, realms, inputInterface, outputInterface, tunnelId, ipProtocol } = rule;
  const attributes: Attribute[] = [];
  const push = (type: number, value: Uint8Array | undefined): void => {
    if (value !== undefined) attributes.push({ type, value });
  };
  push(FRA.destination, prefixBytes(to));
  push(FRA.source, prefixBytes(from));
  push(FRA.priority, u32.encode(rule.priority));
  if (table > 255) push(FRA.table, u32.encode(table));
  if (action.type === 'goto') push(FRA.goto, u32.encode(action.target));
  if (action.type === 'l3mdev') push(FRA.l3mdev, u8.encode(1));
  if (mark !== undefined) {
    push(FRA.mark, u32.encode(mark.value));
    push(FRA.markMask, u32.encode(mark.mask));
  }
  push(FRA.flow, realms === undefined ? undefined : u32.encode(flowOf(realms)));
  push(FRA.suppressPrefixLength, optional32(rule.suppressPrefixLength));
  push(FRA.suppressInterfaceGroup, optional32(rule.suppressInterfaceGroup));
  push(FRA.inputInterface, inputInterface === undefined ? undefined : cstring.encode(inputInterface));
  push(FRA.outputInterface, outputInterface === undefined ? undefined : cstring.encode(outputInterface));
  push(FRA.tunnelId, tunnelId === undefined ? undefined : bigEndian64(BigInt(tunnelId)));
  push(FRA.userIds, rangeBytes(rule.userIds, u32));
  push(FRA.protocol, u8.encode(rule.protocol));
  push(FRA.ipProtocol, ipProtocol === undefined ? undefined : u8.encode(ipProtocol));
  push(FRA.sourcePorts, rangeBytes(rule.sourcePorts, u16));
  push(FRA.destinationPorts, rangeBytes(rule.destinationPorts, u16));
  return attributes;
}

function prefixBytes(prefix: Cidr | undefined): Uint8Array | undefined {
  return prefix === undefined || prefix.prefixLength === 0 ? undefined : addressBytes(prefix.address);
}

function optional32(value: number | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : u32.encode(value);
}

/** struct fib_rule_uid_range and fib_rule_port_range: first and last. */
function rangeBytes(range: NumberRange | undefined, format: AttributeFormat<number>): Uint8Array | undefined {
  return range === undefined ? undefined : Uint8Array.from([...format.encode(range.first), ...format.encode(range.last)]);
}

/** For error messages: `rule 100 from 10.9.0.0/16`. */
export function describeRule({ priority, from, to }: Rule): string {
  const text = (word: string, prefix: Cidr | undefined): string =>
    prefix === undefined ? '' : ` ${word} ${prefix.address}/${prefix.prefixLength}`;
  return `rule ${priority}${text('from', from)}${text('to', to)}`;
}
