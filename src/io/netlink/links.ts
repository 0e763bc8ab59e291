/**
 * What the kernel's interfaces and addresses are at every moment: dumped once, followed by events, dumped again whenever
 * events were lost. Emits whole states, never differences. It decides nothing and changes nothing.
 */

import { EventEmitter } from 'node:events';
import type { Cidr } from '../../base/address.js';
import { ETHERNET_ADDRESS, formatMac } from '../../base/mac.js';
import type { LinkState } from '../../vrrp/config.js';
import type { DirectorEvent } from '../../vrrp/events.js';
import type { KernelError } from '../kernel-error.js';
import { FLAG } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket, PROTOCOL, SHORT_DATAGRAMS } from './netlink-socket.js';
import { NetlinkRequester, type QueryResult } from './netlink.js';
import { GROUP, type LinkMessage, RTM, allAddresses, allLinks, decodeAddress, decodeLink } from './rtnetlink.js';
import type { ReceiveBuffers } from '../sockets/socket-options.js';

const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;
/** Kinds of devices on top of one of the same network namespace. */
const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'ipvlan']);
/** Until a failed dump is tried again. Milliseconds. */
const RETRY = 50;

export type LinkEvent = Extract<DirectorEvent, { readonly type: 'linkChanged' | 'addressRemoved' }>;

/** LinkState and what only adapters need to know: all that the kernel says of a device. */
export type KernelLink = LinkState & LinkMessage;

export interface LinkMonitorEvents {
  /** Adapters that follow interfaces listen before the machines do, so that they are ready when those act. */
  event: [event: LinkEvent];
  /** The picture was incomplete for a moment: events were lost, or a dump failed. It is being taken again. */
  resynchronising: [error: KernelError];
}

interface Entry {
  readonly link: LinkMessage;
  /** By address with prefix length, in kernel order. */
  readonly addresses: Map<string, Cidr>;
  /** Made when somebody asks, gone with the next change. */
  state: KernelLink | undefined;
}

type Telling =
  /** It was down in between. */
  | { readonly type: 'down'; readonly name: string; readonly link: KernelLink }
  | { readonly type: 'link'; readonly name: string }
  | { readonly type: 'removal'; readonly name: string; readonly address: Cidr };

export class LinkMonitor extends EventEmitter<LinkMonitorEvents> {
  readonly #requester: NetlinkRequester;
  readonly #events: NetlinkSocket;
  readonly #byIndex = new Map<number, Entry>();
  readonly #indexByName = new Map<string, number>();
  /** What drivers have answered, in place of IFF_RUNNING. */
  readonly #overruled = new Map<string, boolean>();
  readonly #changed = new Set<string>();
  /** Interfaces that were down in between, with what they were then: routes go with that, and the kernel says nothing of them. */
  readonly #downs = new Map<string, KernelLink>();
  readonly #removed = new Map<string, { readonly interface: string; readonly address: Cidr }>();
  /** Not told yet: who makes a device because another one went hears of it after everybody has heard of the other. */
  #tellings: Telling[] = [];
  #isTelling = false;
  #retry: NodeJS.Timeout | undefined;
  #started = false;
  /** Pictures asked for. */
  #pictures = 0;
  /** Events while a picture is being taken: parts of it are older than they. Undefined at other times. */
  #waiting: NetlinkMessage[] | undefined;

  /** Opens sockets in the network namespace of the moment. Throws KernelError. Nothing is emitted before start(). */
  constructor() {
    super();
    this.#events = new NetlinkSocket({
      protocol: PROTOCOL.route,
      groups: [GROUP.link, GROUP.ipv4Address, GROUP.ipv6Address],
      datagrams: SHORT_DATAGRAMS,
      onMessage: (message) => {
        if (this.#waiting === undefined) this.#apply(message);
        else this.#waiting.push(message);
      },
      onIdle: () => this.#settle(),
      onLoss: (error) => this.#resynchronise(error),
    });
    this.#requester = new NetlinkRequester(PROTOCOL.route);
  }

  /** Receive buffers of its sockets from now on; undefined for the default. */
  setReceiveBuffers({ commands, monitor }: ReceiveBuffers): void {
    this.#requester.setReceiveBuffer(commands);
    this.#events.setReceiveBuffer(monitor);
  }

  /** Takes the first picture and emits every interface; usually before it returns. */
  start(): void {
    this.#started = true;
    this.#takePicture();
  }

  /** The interface as it is known now. */
  find(name: string): KernelLink | undefined {
    const entry = this.#entry(name);
    if (entry === undefined) return undefined;
    return (entry.state ??= { ...kernelLink(entry.link, entry.addresses, this.#overruled.get(name)), ...this.#kindAndBase(entry.link) });
  }

  /** Of an interface that is known now. */
  nameOf(index: number): string | undefined {
    return this.#byIndex.get(index)?.link.name;
  }

  /** Emits linkChanged for these names, also for those that do not exist: for whoever has just begun to care. */
  report(names: Iterable<string>): void {
    for (const name of names) {
      this.#tellings = this.#tellings.filter((telling) => telling.type === 'removal' || telling.name !== name);
      this.#tell([{ type: 'link', name }]);
    }
  }

  /** The interface of this number as it is known now. */
  findByIndex(index: number): KernelLink | undefined {
    const name = this.#byIndex.get(index)?.link.name;
    return name === undefined ? undefined : this.find(name);
  }

  /** Whether the interface runs, said by somebody who knows better than netlink; undefined: netlink knows. */
  overrule(name: string, running: boolean | undefined): void {
    if (this.#overruled.get(name) === running) return;
    if (running === undefined) this.#overruled.delete(name);
    else this.#overruled.set(name, running);
    const entry = this.#entry(name);
    if (entry === undefined) return;
    entry.state = undefined;
    if (this.#started) this.#tell([{ type: 'link', name }]);
  }

  /** Emits what the kernel has told by now, before returning; called by a listener: after the event that it hears. */
  drain(): void {
    this.#events.drain();
  }

  /** Nothing is emitted afterwards. Closing again does nothing. */
  close(): void {
    clearTimeout(this.#retry);
    this.removeAllListeners();
    this.#events.close();
    this.#requester.close();
  }

  #resynchronise(error: KernelError): void {
    if (!this.#started) return;
    this.emit('resynchronising', error);
    // What is still queued is older than the picture to be taken, and has gaps.
    this.#events.discard();
    this.#takePicture();
  }

  #takePicture(): void {
    clearTimeout(this.#retry);
    this.#pictures += 1;
    const picture = this.#pictures;
    this.#waiting = [];
    const dump = { flags: FLAG.dump };
    let links: QueryResult | undefined;
    this.#requester.query({ ...dump, type: RTM.getLink, payload: allLinks(), operation: 'list links' }, (result) => {
      links = result;
    });
    const request = { ...dump, type: RTM.getAddress, payload: allAddresses(), operation: 'list addresses' };
    this.#requester.query(request, (addresses) => {
      if (picture !== this.#pictures) return;
      const since = this.#waiting ?? [];
      this.#waiting = undefined;
      if (links?.ok === true && addresses.ok) {
        this.#replace([...links.messages, ...addresses.messages, ...since]);
        return;
      }
      for (const message of since) this.#apply(message);
      this.#settle();
      this.#retryLater(links?.ok === true ? addresses : links);
    });
  }

  #retryLater(result: QueryResult | undefined): void {
    if (result === undefined || result.ok || result.error.code === 'ECANCELED') return;
    this.emit('resynchronising', result.error);
    this.#retry = setTimeout(() => this.#takePicture(), RETRY);
  }

  #replace(messages: readonly NetlinkMessage[]): void {
    const before = [...this.#byIndex.values()];
    this.#byIndex.clear();
    this.#indexByName.clear();
    for (const { link, addresses } of before) {
      this.#changed.add(link.name);
      for (const address of addresses.values()) this.#noteRemoval(link.name, address);
    }
    for (const message of messages) this.#apply(message);
    this.#settle();
  }

  #apply({ type, data }: NetlinkMessage): void {
    if (type === RTM.newLink || type === RTM.deleteLink) this.#applyLink(data, type === RTM.newLink);
    if (type === RTM.newAddress || type === RTM.deleteAddress) this.#applyAddress(data, type === RTM.newAddress);
  }

  #applyLink(data: Uint8Array, exists: boolean): void {
    const link = decodeLink(data);
    if (link === undefined) return;
    const known = this.#byIndex.get(link.index);
    this.#changed.add(link.name);
    if (known !== undefined) {
      this.#changed.add(known.link.name);
      // A new interface may have its name by now.
      if (this.#indexByName.get(known.link.name) === link.index) this.#indexByName.delete(known.link.name);
    }
    this.#byIndex.delete(link.index);
    if (!exists) return;
    const addresses = known?.addresses ?? new Map<string, Cidr>();
    if ((link.flags & IFF_UP) === 0) this.#downs.set(link.name, kernelLink(link, addresses, false));
    this.#byIndex.set(link.index, { link, addresses, state: undefined });
    this.#indexByName.set(link.name, link.index);
  }

  #applyAddress(data: Uint8Array, exists: boolean): void {
    const message = decodeAddress(data);
    const entry = message === undefined ? undefined : this.#byIndex.get(message.index);
    if (message === undefined || entry === undefined) return;
    const { name } = entry.link;
    const key = addressKey(message.address);
    this.#changed.add(name);
    entry.state = undefined;
    if (exists && message.usable) entry.addresses.set(key, message.address);
    else entry.addresses.delete(key);
    if (!exists) this.#noteRemoval(name, message.address);
  }

  /** Not known while the device below is not. */
  #kindAndBase({ hardwareType, kind = 'none', lowerIndex }: LinkMessage): Pick<KernelLink, 'kindAndBase'> {
    if (!STACKED.has(kind)) return { kindAndBase: `${hardwareType} ${kind}` };
    const base = lowerIndex === undefined ? undefined : this.nameOf(lowerIndex);
    return base === undefined ? {} : { kindAndBase: `${hardwareType} ${kind} on ${base}` };
  }

  #noteRemoval(name: string, address: Cidr): void {
    this.#removed.set(`${name} ${addressKey(address)}`, { interface: name, address });
  }

  #entry(name: string): Entry | undefined {
    const index = this.#indexByName.get(name);
    return index === undefined ? undefined : this.#byIndex.get(index);
  }

  /** Emits what changed once everything that arrived together is known. */
  #settle(): void {
    if (!this.#started) return;
    const changed = [...this.#changed];
    const removed = [...this.#removed.values()];
    const downs = [...this.#downs];
    this.#changed.clear();
    this.#removed.clear();
    this.#downs.clear();
    this.#tell([
      ...downs.map(([name, link]): Telling => ({ type: 'down', name, link })),
      ...changed.map((name): Telling => ({ type: 'link', name })),
      ...removed.map(({ interface: name, address }): Telling => ({ type: 'removal', name, address })),
    ]);
  }

  /** One after the other, as things are at that moment. */
  #tell(more: readonly Telling[]): void {
    this.#tellings.push(...more);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#tellings.shift(); next !== undefined; next = this.#tellings.shift()) this.#tellOne(next);
    } finally {
      this.#isTelling = false;
    }
  }

  #tellOne(telling: Telling): void {
    const { name } = telling;
    const link = this.find(name);
    switch (telling.type) {
      case 'down':
        if (link?.up === true) this.emit('event', { type: 'linkChanged', interface: name, link: telling.link });
        break;
      case 'link':
        this.emit('event', { type: 'linkChanged', interface: name, ...(link === undefined ? {} : { link }) });
        break;
      case 'removal':
        // Put back meanwhile: the echo of our own removal, or of somebody's restart.
        if (this.#entry(name)?.addresses.has(addressKey(telling.address)) === true) break;
        this.emit('event', { type: 'addressRemoved', interface: name, address: telling.address.address });
    }
  }
}

function addressKey({ address, prefixLength }: Cidr): string {
  return `${address}/${prefixLength}`;
}

function kernelLink(link: LinkMessage, addresses: ReadonlyMap<string, Cidr>, running: boolean | undefined): KernelLink {
  const { flags, hardwareAddress } = link;
  return {
    ...link,
    up: (flags & IFF_UP) !== 0 && (running ?? (flags & IFF_RUNNING) !== 0),
    ...(running === undefined ? {} : { polled: true }),
    ...(hardwareAddress.length === ETHERNET_ADDRESS ? { mac: formatMac(hardwareAddress) } : {}),
    addresses: [...addresses.values()],
  };
}
