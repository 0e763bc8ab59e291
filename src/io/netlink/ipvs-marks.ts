/**
 * The table of nftables_ipvs in the kernel: made before the services that rely on its marks, changed element by element, removed in
 * the end. What stands in it is decided in ipvs-mark-table.ts.
 */

import { markElements, markTable } from './ipvs-mark-table.js';
import type { MarkedAddresses } from '../../health/marks.js';
import type { FilterElement } from '../../vrrp/firewall.js';
import { KernelError } from '../kernel-error.js';
import type { NetlinkRequest } from './netlink-messages.js';
import { type Netfilter, openNetfilter } from './netfilter.js';
import { changeElements, makeTable, removeTable } from './nftables-messages.js';

export interface WantedMarks {
  readonly table: string;
  /** Of the chains. */
  readonly priority: number;
  readonly marked: readonly MarkedAddresses[];
}

export interface IpvsMarks {
  /** Undefined: no table. */
  readonly configure: (wanted: WantedMarks | undefined) => void;
}

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** Elements of one transaction: the kernel takes a transaction as one message, which a socket's buffer limits. */
const AT_ONCE = 500;

/** Opens nothing before a table is wanted; then `within` runs what opens the socket. `onFault` hears what the kernel refused. */
export function createIpvsMarks(within: <T>(open: () => T) => T, onFault: (error: KernelError) => void): IpvsMarks {
  let netfilter: Netfilter | undefined;
  let before: { readonly wanted: WantedMarks; readonly elements: ReadonlyMap<string, FilterElement> } | undefined;

  function perform(requests: readonly NetlinkRequest[]): boolean {
    let error: KernelError | undefined;
    try {
      netfilter ??= within(openNetfilter);
      error = netfilter.perform(requests);
    } catch (thrown) {
      if (!(thrown instanceof KernelError)) throw thrown;
      error = thrown;
    }
    if (error !== undefined) onFault(error);
    return error === undefined;
  }

  function change(present: boolean, table: string, elements: readonly FilterElement[]): boolean {
    for (let start = 0; start < elements.length; start += AT_ONCE) {
      if (!perform(changeElements(present, table, elements.slice(start, start + AT_ONCE)))) return false;
    }
    return true;
  }

  /** What is there goes and what is wanted comes in one step, but for the elements beyond the first. */
  function rebuild({ table, priority }: WantedMarks, elements: readonly FilterElement[]): boolean {
    const families = FAMILIES.filter((family) => elements.some((element) => element.family === family));
    const requests = [
      ...FAMILIES.flatMap((family) => removeTable(family, table)),
      ...families.flatMap((family) => makeTable(markTable(family, priority), { table, priority })),
      ...changeElements(true, table, elements.slice(0, AT_ONCE)),
    ];
    return perform(requests) && change(true, table, elements.slice(AT_ONCE));
  }

  return {
    configure: (wanted) => {
      const last = before;
      before = undefined;
      if (last !== undefined && last.wanted.table !== wanted?.table) perform(FAMILIES.flatMap((family) => removeTable(family, last.wanted.table)));
      if (wanted === undefined) return;
      const elements = new Map(markElements(wanted.marked).map((element) => [keyOf(element), element]));
      const isSame = last?.wanted.table === wanted.table && last.wanted.priority === wanted.priority && sameFamilies(last.elements, elements);
      const done = isSame ? update(wanted.table, last.elements, elements) : rebuild(wanted, [...elements.values()]);
      // After a fault nothing is known: the next configuration makes all of it anew.
      if (done) before = { wanted, elements };
    },
  };

  function update(table: string, there: ReadonlyMap<string, FilterElement>, elements: ReadonlyMap<string, FilterElement>): boolean {
    const gone = [...there].flatMap(([key, element]) => (elements.has(key) ? [] : [element]));
    const come = [...elements].flatMap(([key, element]) => (there.has(key) ? [] : [element]));
    return change(false, table, gone) && change(true, table, come);
  }
}

function keyOf({ family, set, key, value }: FilterElement): string {
  return [family, set, key.join('.'), value?.join('.') ?? ''].join(' ');
}

function sameFamilies(a: ReadonlyMap<string, FilterElement>, b: ReadonlyMap<string, FilterElement>): boolean {
  return FAMILIES.every((family) => hasFamily(a, family) === hasFamily(b, family));
}

function hasFamily(elements: ReadonlyMap<string, FilterElement>, family: 'ipv4' | 'ipv6'): boolean {
  return [...elements.values()].some((element) => element.family === family);
}
