/** The rules of `nft -j list ruleset` (libnftables-json(5)) as values of ruleset.ts. */

import type { Action, Chain, FilterRule, Packet, Truth } from './ruleset.js';
import { every, not, some } from './ruleset.js';

type Json = Readonly<Record<string, unknown>>;

export interface EntryChain {
  /** As in `chains`. */
  readonly name: string;
  readonly family: 'ip' | 'ip6' | 'inet';
}

export interface Ruleset {
  readonly chains: ReadonlyMap<string, Chain>;
  /** Those that packets to this host enter. */
  readonly entries: readonly EntryChain[];
}

const PROTOCOLS: Readonly<Record<string, number>> = { vrrp: 112, ah: 51, tcp: 6, udp: 17, icmp: 1, igmp: 2, 'ipv6-icmp': 58, icmpv6: 58, esp: 50, sctp: 132, ospf: 89, gre: 47 };
/** Fields of these belong to packets of other protocols. */
const OTHER_HEADERS: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'comp', 'th']);
const HOOKS: ReadonlySet<string> = new Set(['input', 'prerouting']);

/** Throws SyntaxError for what is no JSON. */
export function readRuleset(text: string): Ruleset {
  const { nftables = [] } = JSON.parse(text) as { readonly nftables?: readonly Json[] };
  const rules = new Map<string, FilterRule[]>();
  const policies = new Map<string, 'accept' | 'drop'>();
  const entries: EntryChain[] = [];
  for (const entry of nftables) {
    const chain = record(entry['chain']);
    const rule = record(entry['rule']);
    if (chain !== undefined) {
      const name = chainName(chain, word(chain['name']));
      rules.set(name, rules.get(name) ?? []);
      const family = word(chain['family']);
      if (!HOOKS.has(word(chain['hook'])) || (family !== 'ip' && family !== 'ip6' && family !== 'inet')) continue;
      policies.set(name, chain['policy'] === 'drop' ? 'drop' : 'accept');
      entries.push({ name, family });
    } else if (rule !== undefined) {
      const name = chainName(rule, word(rule['chain']));
      rules.set(name, [...(rules.get(name) ?? []), ...readRule(rule)]);
    }
  }
  const chains = new Map([...rules].map(([name, list]) => {
    const policy = policies.get(name);
    return [name, { rules: list, ...(policy === undefined ? {} : { policy }) }] as const;
  }));
  return { chains, entries };
}

function chainName(object: Json, chain: string): string {
  return `${word(object['family'])} ${word(object['table'])} ${chain}`;
}

/** A rule with a verdict map is as many rules as the map has elements. */
function readRule(rule: Json): readonly FilterRule[] {
  const expressions = list(rule['expr']).flatMap((expression) => recordsIn(expression));
  const conditions = expressions.flatMap((expression) => recordsIn(expression['match']));
  const holds = (packet: Packet): Truth => every(conditions.map((match) => matches(match, packet)));
  const text = `number ${String(rule['handle'])} of chain ${chainName(rule, word(rule['chain']))}`;
  return expressions.flatMap((expression): readonly FilterRule[] => {
    const map = record(expression['vmap']);
    if (map !== undefined) return verdictMap(map, rule, holds, text);
    const action = actionOf(expression, rule);
    // What another module of the kernel decides is not known.
    if ('xt' in expression) return [{ holds: () => undefined, action: () => ({ type: 'drop' }), text }];
    return action === undefined ? [] : [{ holds, action: () => action, text }];
  });
}

function verdictMap(map: Json, rule: Json, holds: FilterRule['holds'], text: string): readonly FilterRule[] {
  const elements = list(record(map['data'])?.['set']);
  return elements.flatMap((element): readonly FilterRule[] => {
    const [key, verdict] = list(element);
    const action = actionOf(record(verdict) ?? {}, rule);
    if (action === undefined) return [];
    return [{ holds: (packet) => every([holds(packet), matches({ op: '==', left: map['key'], right: key }, packet)]), action: () => action, text }];
  });
}

function actionOf(expression: Json, rule: Json): Action | undefined {
  for (const verdict of ['accept', 'drop', 'return'] as const) if (verdict in expression) return { type: verdict };
  if ('reject' in expression) return { type: 'drop' };
  for (const type of ['jump', 'goto'] as const) {
    const target = record(expression[type]);
    if (target !== undefined) return { type, chain: chainName(rule, word(target['target'])) };
  }
  return undefined;
}

function matches({ op, left, right }: Json, packet: Packet): Truth {
  const plain = compare(record(left) ?? {}, right, packet);
  return op === '!=' ? not(plain) : op === '==' || op === 'in' ? plain : undefined;
}

function compare(left: Json, right: unknown, packet: Packet): Truth {
  const meta = record(left['meta']);
  const payload = record(left['payload']);
  const ct = record(left['ct']);
  if (meta !== undefined) return compareMeta(word(meta['key']), right, packet);
  if (ct !== undefined) return ct['key'] === 'state' ? oneOf(right, (state) => state === 'new' || state === 'untracked') : undefined;
  if (payload === undefined) return undefined;
  const protocol = word(payload['protocol']);
  if (OTHER_HEADERS.has(protocol)) return false;
  if (protocol === 'ah') return packet.protocol === PROTOCOLS['ah'] ? undefined : false;
  if ((protocol === 'ip' && packet.family === 'ipv6') || (protocol === 'ip6' && packet.family === 'ipv4')) return false;
  const field = word(payload['field']);
  if (field === 'protocol' || field === 'nexthdr') return oneOf(right, (value) => protocolNumber(value) === packet.protocol);
  if (field === 'daddr') return oneOf(right, (value) => isAddress(value, packet.destination));
  return undefined;
}

function compareMeta(key: string, right: unknown, packet: Packet): Truth {
  switch (key) {
    case 'l4proto':
    case 'protocol':
      return key === 'protocol' ? oneOf(right, (value) => (value === 'ip') === (packet.family === 'ipv4')) : oneOf(right, (value) => protocolNumber(value) === packet.protocol);
    case 'nfproto':
      return oneOf(right, (value) => value === packet.family);
    case 'iifname':
    case 'iif':
      return oneOf(right, (value) => isInterface(value, packet.interface));
    default:
      return undefined;
  }
}

/** A value, or a set of them. */
function oneOf(right: unknown, fits: (value: unknown) => Truth): Truth {
  const set = record(right)?.['set'];
  if (typeof right === 'string' && right.startsWith('@')) return undefined;
  if (Array.isArray(right)) return some(right.map(fits));
  return set === undefined ? fits(right) : some(list(set).map(fits));
}

function protocolNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : (PROTOCOLS[word(value)] ?? (/^\d+$/.test(word(value)) ? Number(value) : undefined));
}

function isInterface(value: unknown, name: string): Truth {
  const wanted = word(value);
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
}

/** A prefix that is not a single address is left open, but for the one of all multicast. */
function isAddress(value: unknown, address: string | undefined): Truth {
  if (address === undefined) return undefined;
  const prefix = record(record(value)?.['prefix']);
  if (prefix === undefined) return typeof value === 'string' ? value === address : undefined;
  return prefix['addr'] === '224.0.0.0' && address.startsWith('224.0.0.') ? true : undefined;
}

function record(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function recordsIn(value: unknown): readonly Json[] {
  const found = record(value);
  return found === undefined ? [] : [found];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
