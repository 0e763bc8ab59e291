/** Looks at tables of the packet filter beside what they should hold. Nothing is changed here. */

import type { Family } from '../../base/address.js';
import { type Attribute, cstring } from '../../base/attributes.js';
import { KernelError } from '../kernel-error.js';
import { type FilterContent, type FilterMessage, contentOf, generationIn, setNamedIn, tableNamedIn } from './filter-content.js';
import type { Netfilter } from './netfilter.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import type { NetlinkMessage } from './netlink-socket.js';
import { message } from './nftables-messages.js';

const GET = { table: 1, chain: 4, rule: 7, set: 10, element: 13, generation: 16 } as const;
const ATTRIBUTE = { table: 1, set: 2 } as const;

export interface NamedTable {
  readonly family: Family;
  readonly name: string;
}

export interface WantedTable extends NamedTable {
  /** That make the table and fill it, and nothing else. */
  readonly requests: readonly NetlinkRequest[];
}

export interface FilterDifference {
  readonly table: string;
  /** Of the table, in an operator's words; absent = the table as a whole. */
  readonly what?: string;
  readonly found: 'missing' | 'different' | 'too much';
}

/** Of all tables of all, which every change of anybody raises; undefined where the kernel does not tell. */
export function generationNow(netfilter: Netfilter): number | undefined {
  const answers = netfilter.ask(message(GET.generation, FLAG.acknowledge, 'ipv4', [], 'ask for the generation of the packet filter'));
  const [first] = answers instanceof KernelError ? [] : answers;
  return first === undefined ? undefined : generationIn(asRead(first));
}

/** What differs now, in the order of the table. An error when the kernel cannot be asked, or while somebody changes the table. */
export function tableDifferences(netfilter: Netfilter, { family, name, requests }: WantedTable): readonly FilterDifference[] | KernelError {
  const table = tableText({ family, name });
  const found = readTable(netfilter, { family, name });
  if (found instanceof KernelError) return found.code === 'ENOENT' ? [{ table, found: 'missing' }] : found;
  const wanted = contentOf(requests.map(({ type, payload }) => ({ type, payload })));
  return [...objectDifferences(wanted, found), ...ruleDifferences(wanted, found)].map((difference) => ({ table, ...difference }));
}

/** In nft's words. */
export function tableText({ family, name }: NamedTable): string {
  return `table ${family === 'ipv4' ? 'ip' : 'ip6'} ${name}`;
}

/** `rule 2 of chain in: missing`. */
export function differenceText({ table, what, found }: FilterDifference): string {
  return `${what === undefined ? table : what}: ${found}`;
}

function readTable(netfilter: Netfilter, { family, name }: NamedTable): FilterContent | KernelError {
  const table: Attribute = { type: ATTRIBUTE.table, value: cstring.encode(name) };
  const messages: FilterMessage[] = [];
  for (const [type, flags] of [[GET.table, FLAG.acknowledge], [GET.chain, FLAG.dump], [GET.set, FLAG.dump], [GET.rule, FLAG.dump]] as const) {
    // Not every kernel asks for the chains of one table only.
    const answers = netfilter.ask(message(type, flags, family, type === GET.chain ? [] : [table], `look at table ${name}`));
    if (answers instanceof KernelError) return answers;
    const own = answers.map(asRead).filter((each) => tableNamedIn(each) === name);
    messages.push(...own);
    if (type !== GET.set) continue;
    for (const set of own.map(setNamedIn)) {
      const elements = netfilter.ask(message(GET.element, FLAG.dump, family, [table, { type: ATTRIBUTE.set, value: cstring.encode(set) }], `look at set ${set}`));
      if (elements instanceof KernelError) return elements;
      messages.push(...elements.map(asRead));
    }
  }
  return contentOf(messages);
}

function asRead({ type, data }: NetlinkMessage): FilterMessage {
  return { type, payload: data };
}

type Difference = Omit<FilterDifference, 'table'>;

function objectDifferences(wanted: FilterContent, found: FilterContent): readonly Difference[] {
  const named = (name: string): Pick<Difference, 'what'> => (name === '' ? {} : { what: name });
  const lost = [...wanted.objects].flatMap(([name, text]): readonly Difference[] => {
    const there = found.objects.get(name);
    if (there === text) return [];
    return [{ ...named(name), found: there === undefined ? 'missing' : 'different' }];
  });
  const strange = [...found.objects.keys()].filter((name) => !wanted.objects.has(name));
  return [...lost, ...strange.map((name): Difference => ({ ...named(name), found: 'too much' }))];
}

/** A rule has no name but its place. */
function ruleDifferences(wanted: FilterContent, found: FilterContent): readonly Difference[] {
  return [...new Set([...wanted.rules.keys(), ...found.rules.keys()])].flatMap((chain): readonly Difference[] => {
    const [ours, theirs] = [wanted.rules.get(chain) ?? [], found.rules.get(chain) ?? []];
    if (ours.length === theirs.length && ours.every((rule, i) => rule === theirs[i])) return [];
    const missing = placesWithout(ours, theirs).map((place): Difference => ({ what: `rule ${place} of chain ${chain}`, found: 'missing' }));
    const strange = placesWithout(theirs, ours).map((place): Difference => ({ what: `rule ${place} of chain ${chain}`, found: 'too much' }));
    if (missing.length + strange.length > 0) return [...missing, ...strange];
    return [{ what: `the order of rules in chain ${chain}`, found: 'different' }];
  });
}

/** From 1 on: of rules here for which there is none over there; equal ones are counted. */
function placesWithout(here: readonly string[], there: readonly string[]): readonly number[] {
  const left = new Map<string, number>();
  for (const rule of there) left.set(rule, (left.get(rule) ?? 0) + 1);
  return here.flatMap((rule, i) => {
    const count = left.get(rule) ?? 0;
    left.set(rule, count - 1);
    return count > 0 ? [] : [i + 1];
  });
}
