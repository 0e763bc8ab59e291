/**
 * FirewallPort on nf_tables: makes the director's own table in one transaction, keeps the sets in it as addresses and
 * devices come and go, looks every second whether somebody else has changed it, and removes it in the end. The kernel answers
 * while we send, so an address is filtered before it is there. What the rules are is decided in vrrp/host/firewall.ts.
 */

import { FAMILIES } from '../../base/address.js';
import type { FirewallPort } from '../../runtime/ports.js';
import type { FilterNote } from '../../vrrp/host/device-notes.js';
import { type FilterElement, type WantedFirewall, elementsOf } from '../../vrrp/host/firewall.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import { type KeyedElements, changedElements, keyedElements } from './filter-elements.js';
import type { WantedTable } from './filter-tables.js';
import { FilterWatch, LOOK_EVERY, repairNotes } from './filter-watch.js';
import { FilterWriter } from './filter-writer.js';
import type { LinkMonitor } from './links.js';
import { changeElements, makeTable, removeTable } from './nftables-messages.js';

export interface OpenFirewallPort extends FirewallPort {
  /** Of the table that is there; undefined when there is none. */
  readonly tableName: () => string | undefined;
}

/** Opens nothing before rules are wanted. What the kernel refuses is told once, and tried again at every look. */
export function createFirewall(links: LinkMonitor, tell: (note: FilterNote) => void): OpenFirewallPort {
  return new Firewall(links, tell);
}

/** The tables as they should be, each with what its sets hold. */
export function wantedTables({ settings, tables }: WantedFirewall, elements: Iterable<FilterElement>): readonly WantedTable[] {
  const all = [...elements];
  return tables.map((table) => ({
    family: table.family,
    name: settings.table,
    requests: [...makeTable(table, settings), ...changeElements(true, settings.table, all.filter(({ family }) => family === table.family))],
  }));
}

/** What the sets of these tables should hold; those of families without drop rules have no set to be in. */
export function wantedElements(wanted: WantedFirewall, dropped: readonly VirtualAddress[], indexOf: (name: string) => number | undefined): readonly FilterElement[] {
  const sets = new Set(wanted.tables.flatMap(({ family, sets: ofTable }) => ofTable.map(({ name }) => `${family} ${name}`)));
  return elementsOf(wanted, dropped, indexOf).filter(({ family, set }) => sets.has(`${family} ${set}`));
}

class Firewall implements OpenFirewallPort {
  readonly #links: LinkMonitor;
  readonly #writer: FilterWriter;
  readonly #tell: (note: FilterNote) => void;
  readonly #watch = new FilterWatch();
  /** By identity: those whose packets are dropped. */
  readonly #dropped = new Map<string, VirtualAddress>();
  #wanted: WantedFirewall | undefined;
  /** What the sets hold; undefined when the kernel has refused the table. */
  #present: KeyedElements | undefined = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(links: LinkMonitor, tell: (note: FilterNote) => void) {
    this.#links = links;
    this.#writer = new FilterWriter((reason) => tell({ type: 'filterRefused', reason }));
    this.#tell = tell;
    links.on('event', ({ type, interface: name }) => {
      const isConcerned = this.#wanted?.devices.some((device) => device.name === name || device.base === name) ?? false;
      if (type === 'linkChanged' && isConcerned) this.#update();
    });
  }

  readonly configure = (wanted: WantedFirewall | undefined): void => {
    const before = this.#wanted;
    if (JSON.stringify(before) === JSON.stringify(wanted)) return;
    this.#wanted = wanted;
    if (before !== undefined && before.settings.table !== wanted?.settings.table) {
      this.#writer.perform(FAMILIES.flatMap((family) => removeTable(family, before.settings.table)));
      this.#present = new Map();
    }
    this.#rebuild();
    clearInterval(this.#timer);
    this.#timer = wanted === undefined ? undefined : setInterval(() => this.#look(wanted), LOOK_EVERY).unref();
  };

  readonly tableName = (): string | undefined => this.#wanted?.settings.table;

  readonly drop = (addresses: readonly VirtualAddress[], dropped: boolean): void => {
    for (const virtual of addresses) {
      const identity = `${virtual.address} ${virtual.interface}`;
      if (dropped) this.#dropped.set(identity, virtual);
      else this.#dropped.delete(identity);
    }
    this.#update();
  };

  #update(): void {
    const there = this.#present;
    if (this.#wanted === undefined) return;
    if (there === undefined) {
      this.#rebuild();
      return;
    }
    const next = this.#desired(this.#wanted);
    const { gone, come } = changedElements(there, next);
    if (gone.length + come.length === 0) return;
    const { table } = this.#wanted.settings;
    if (this.#writer.perform([...changeElements(false, table, gone), ...changeElements(true, table, come)])) this.#present = next;
    else this.#rebuild();
  }

  #look(wanted: WantedFirewall): void {
    const there = this.#present;
    const { netfilter } = this.#writer;
    if (netfilter === undefined || there === undefined) {
      this.#rebuild();
      return;
    }
    const differences = this.#watch.look(netfilter, () => wantedTables(wanted, there.values()));
    if (differences.length === 0) return;
    this.#rebuild();
    if (this.#writer.isAccepted) for (const note of repairNotes(differences)) this.#tell(note);
  }

  /** Everything at once, whatever is there. */
  #rebuild(): void {
    if (this.#wanted === undefined) return;
    const { settings } = this.#wanted;
    const next = this.#desired(this.#wanted);
    const remove = FAMILIES.flatMap((family) => removeTable(family, settings.table));
    const make = wantedTables(this.#wanted, next.values()).flatMap(({ requests }) => requests);
    this.#present = this.#writer.perform([...remove, ...make]) ? next : undefined;
  }

  #desired(wanted: WantedFirewall): KeyedElements {
    const elements = wantedElements(wanted, [...this.#dropped.values()], (name) => this.#links.find(name)?.index);
    return keyedElements(elements);
  }
}
