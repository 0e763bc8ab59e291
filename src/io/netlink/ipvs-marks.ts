/**
 * The table of nftables_ipvs in the kernel: made before the services that rely on its marks, changed element by element, put right
 * where somebody else has changed it, removed in the end. What stands in it is decided in ipvs-mark-table.ts.
 */

import { markElements, markTable } from './ipvs-mark-table.js';
import { FAMILIES } from '../../base/address.js';
import type { MarkedAddresses } from '../../health/marks.js';
import type { FilterNote } from '../../vrrp/host/device-notes.js';
import type { FilterElement } from '../../vrrp/host/firewall.js';
import { type KeyedElements, changedElements, keyedElements } from './filter-elements.js';
import type { WantedTable } from './filter-tables.js';
import { FilterWatch, LOOK_EVERY, repairNotes } from './filter-watch.js';
import { FilterWriter } from './filter-writer.js';
import { openNetfilter } from './netfilter.js';
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

/** Elements of one transaction: the kernel takes a transaction as one message, which a socket's buffer limits. */
const AT_ONCE = 500;

/** Opens nothing before a table is wanted; then `within` runs what opens the socket. What the kernel refuses is told once, and tried again. */
export function createIpvsMarks(within: <T>(open: () => T) => T, tell: (note: FilterNote) => void): IpvsMarks {
  return new MarkTable(within, tell);
}

/** The tables as they should be, one for each family that is marked. */
export function wantedMarkTables({ table, priority, marked }: WantedMarks): readonly WantedTable[] {
  const elements = markElements(marked);
  return FAMILIES.flatMap((family) => {
    const own = elements.filter((element) => element.family === family);
    return own.length === 0 ? [] : [{ family, name: table, requests: [...makeTable(markTable(family, priority), { table, priority }), ...changeElements(true, table, own)] }];
  });
}

class MarkTable implements IpvsMarks {
  readonly #writer: FilterWriter;
  readonly #tell: (note: FilterNote) => void;
  readonly #watch = new FilterWatch();
  #wanted: WantedMarks | undefined;
  /** What the kernel has taken; undefined = nothing is known of what is there. */
  #made: { readonly wanted: WantedMarks; readonly elements: KeyedElements } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(within: <T>(open: () => T) => T, tell: (note: FilterNote) => void) {
    this.#writer = new FilterWriter((reason) => tell({ type: 'filterRefused', reason }), () => within(openNetfilter));
    this.#tell = tell;
  }

  readonly configure = (wanted: WantedMarks | undefined): void => {
    const before = this.#wanted;
    this.#wanted = wanted;
    if (before !== undefined && before.table !== wanted?.table) {
      this.#made = undefined;
      this.#writer.perform(FAMILIES.flatMap((family) => removeTable(family, before.table)));
    }
    if (wanted !== undefined) this.#make(wanted);
    clearInterval(this.#timer);
    this.#timer = wanted === undefined ? undefined : setInterval(() => this.#look(wanted), LOOK_EVERY).unref();
  };

  #make(wanted: WantedMarks): void {
    const last = this.#made;
    const elements = keyedElements(markElements(wanted.marked));
    this.#made = undefined;
    const isSame = last !== undefined && last.wanted.priority === wanted.priority && sameFamilies(last.elements, elements);
    const done = isSame ? this.#update(wanted.table, last.elements, elements) : this.#rebuild(wanted, [...elements.values()]);
    if (done) this.#made = { wanted, elements };
  }

  #look(wanted: WantedMarks): void {
    const { netfilter } = this.#writer;
    if (netfilter === undefined || this.#made === undefined) {
      this.#make(wanted);
      return;
    }
    const differences = this.#watch.look(netfilter, () => wantedMarkTables(wanted));
    if (differences.length === 0) return;
    this.#made = undefined;
    this.#make(wanted);
    if (this.#writer.isAccepted) for (const note of repairNotes(differences)) this.#tell(note);
  }

  #update(table: string, there: KeyedElements, elements: KeyedElements): boolean {
    const { gone, come } = changedElements(there, elements);
    return this.#change(false, table, gone) && this.#change(true, table, come);
  }

  /** What is there goes and what is wanted comes in one step, but for the elements beyond the first. */
  #rebuild({ table, priority }: WantedMarks, elements: readonly FilterElement[]): boolean {
    const families = FAMILIES.filter((family) => elements.some((element) => element.family === family));
    const requests = [
      ...FAMILIES.flatMap((family) => removeTable(family, table)),
      ...families.flatMap((family) => makeTable(markTable(family, priority), { table, priority })),
      ...changeElements(true, table, elements.slice(0, AT_ONCE)),
    ];
    return this.#writer.perform(requests) && this.#change(true, table, elements.slice(AT_ONCE));
  }

  #change(present: boolean, table: string, elements: readonly FilterElement[]): boolean {
    for (let start = 0; start < elements.length; start += AT_ONCE) {
      if (!this.#writer.perform(changeElements(present, table, elements.slice(start, start + AT_ONCE)))) return false;
    }
    return true;
  }
}

function sameFamilies(a: KeyedElements, b: KeyedElements): boolean {
  return FAMILIES.every((family) => hasFamily(a, family) === hasFamily(b, family));
}

function hasFamily(elements: KeyedElements, family: 'ipv4' | 'ipv6'): boolean {
  return [...elements.values()].some((element) => element.family === family);
}
