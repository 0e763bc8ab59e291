/**
 * FirewallPort on nf_tables: makes the director's own table in one transaction, keeps the sets in it as addresses and
 * devices come and go, and removes it in the end. The kernel answers while we send, so an address is filtered before it is
 * there. What the rules are is decided in vrrp/firewall.ts.
 */

import type { FirewallPort } from '../../runtime/ports.js';
import { type FilterElement, type WantedFirewall, elementsOf } from '../../vrrp/firewall.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import { KernelError } from '../kernel-error.js';
import type { LinkMonitor } from './links.js';
import { type Netfilter, openNetfilter } from './netfilter.js';
import type { NetlinkRequest } from './netlink-messages.js';
import { changeElements, makeTable, removeTable } from './nftables-messages.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;

export interface OpenFirewallPort extends FirewallPort {
  /** Of the table that is there; undefined when there is none. */
  readonly tableName: () => string | undefined;
}

/** Opens nothing before rules are wanted. `onFault` hears what the kernel refused. */
export function createFirewall(links: LinkMonitor, onFault: (error: KernelError) => void): OpenFirewallPort {
  return new Firewall(links, onFault);
}

class Firewall implements OpenFirewallPort {
  readonly #links: LinkMonitor;
  readonly #onFault: (error: KernelError) => void;
  /** By identity: those whose packets are dropped. */
  readonly #dropped = new Map<string, VirtualAddress>();
  #netfilter: Netfilter | undefined;
  #wanted: WantedFirewall | undefined;
  /** What the sets hold. */
  #present = new Map<string, FilterElement>();

  constructor(links: LinkMonitor, onFault: (error: KernelError) => void) {
    this.#links = links;
    this.#onFault = onFault;
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
      this.#perform(FAMILIES.flatMap((family) => removeTable(family, before.settings.table)));
      this.#present = new Map();
    }
    this.#rebuild();
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
    if (this.#wanted === undefined) return;
    const next = this.#desired(this.#wanted);
    const gone = [...this.#present].flatMap(([key, element]) => (next.has(key) ? [] : [element]));
    const come = [...next].flatMap(([key, element]) => (this.#present.has(key) ? [] : [element]));
    if (gone.length + come.length === 0) return;
    const { table } = this.#wanted.settings;
    if (this.#perform([...changeElements(false, table, gone), ...changeElements(true, table, come)])) this.#present = next;
    else this.#rebuild();
  }

  /** Everything at once, whatever is there. */
  #rebuild(): void {
    if (this.#wanted === undefined) return;
    const { settings, tables } = this.#wanted;
    const next = this.#desired(this.#wanted);
    const remove = FAMILIES.flatMap((family) => removeTable(family, settings.table));
    const make = tables.flatMap((table) => makeTable(table, settings));
    const fill = changeElements(true, settings.table, [...next.values()]);
    this.#present = this.#perform([...remove, ...make, ...fill]) ? next : new Map<string, FilterElement>();
  }

  /** The elements that the sets should hold; those of families without drop rules have no set to be in. */
  #desired(wanted: WantedFirewall): Map<string, FilterElement> {
    const sets = new Set(wanted.tables.flatMap(({ family, sets: ofTable }) => ofTable.map(({ name }) => `${family} ${name}`)));
    const elements = elementsOf(wanted, [...this.#dropped.values()], (name) => this.#links.find(name)?.index);
    return new Map(elements.filter(({ family, set }) => sets.has(`${family} ${set}`)).map((element) => [keyOf(element), element]));
  }

  #perform(requests: readonly NetlinkRequest[]): boolean {
    let error: KernelError | undefined;
    try {
      this.#netfilter ??= openNetfilter();
      error = this.#netfilter.perform(requests);
    } catch (thrown) {
      if (!(thrown instanceof KernelError)) throw thrown;
      error = thrown;
    }
    if (error !== undefined) this.#onFault(error);
    return error === undefined;
  }
}

function keyOf({ family, set, key, value }: FilterElement): string {
  return [family, set, key.join('.'), value?.join('.') ?? ''].join(' ');
}
