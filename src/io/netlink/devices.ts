/**
 * DevicePort on rtnetlink: macvlans and ipvlans of instances, made when the interface below is there, made again when
 * somebody removes them, taken over from a former run when they fit, removed when nobody wants them. What is wanted is
 * decided in vrrp/host/devices.ts.
 */

import { familyOf, isLinkLocal, addressFromBytes, type Cidr } from '../../base/address.js';
import { interfaceIdentifier } from '../../base/mac.js';
import { given } from '../../base/given.js';
import type { DevicePort } from '../../runtime/ports.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import type { DeviceNote } from '../../vrrp/host/device-notes.js';
import { type Setting, type WantedDevice, type WantedDevices, NO_DEVICES, deviceSettings, planDevice } from '../../vrrp/host/devices.js';
import { makeDevice, raiseDevice, removeDevice, repeatMac } from './device-messages.js';
import { type Originals, createKernelSettings, reversePathSettings } from './kernel-settings.js';
import type { KernelLink, LinkEvent, LinkMonitor } from './links.js';
import { interfaceIndex } from '../sockets/native-socket.js';
import type { NetlinkRequest } from './netlink-messages.js';
import { FLAG } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';
import { RTM, encodeAddressAddition } from './rtnetlink.js';
import type { BufferSize } from '../sockets/socket-options.js';

export interface OpenDevicePort extends DevicePort {
  /** The device is in the making: what is told of it now is not how it will be. It is reported anew when it is ready. */
  readonly isUnderWay: (name: string) => boolean;
  /** Names of the devices that it would remove in the end. */
  readonly made: () => readonly string[];
  /** Settings to be put back by whoever comes after this process, should it die. */
  readonly originals: () => Originals;
  readonly inherit: (originals: Originals) => void;
  /** Of answers that may wait to be read; undefined for the default of NetlinkSocket. */
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
}

/** Until a device that could not be made, or was taken away right after, is tried again. Milliseconds. */
const RETRY = 1000;

/** Opens the port in the network namespace of the moment. Throws KernelError. */
export function openDevices(links: LinkMonitor, tell: (note: DeviceNote) => void): OpenDevicePort {
  return new Devices(links, tell);
}

class Devices implements OpenDevicePort {
  readonly #links: LinkMonitor;
  readonly #tell: (note: DeviceNote) => void;
  readonly #requester = new NetlinkRequester(PROTOCOL.route);
  readonly #settings;
  #wanted: WantedDevices = NO_DEVICES;
  #reversePath: readonly Setting[] | undefined;
  /** What we have made or taken over, by name, with the number that it had then. */
  readonly #ours = new Map<string, { readonly wanted: WantedDevice; readonly index: number; readonly since: number }>();
  readonly #refusals = new Map<string, string>();
  readonly #underWay = new Set<string>();
  readonly #indexes = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(links: LinkMonitor, tell: (note: DeviceNote) => void) {
    this.#links = links;
    this.#tell = tell;
    this.#settings = createKernelSettings(tell);
    links.on('event', (event) => this.#follow(event));
  }

  readonly made = (): readonly string[] => [...this.#ours.keys()];
  readonly originals = (): Originals => this.#settings.originals();
  readonly inherit = (originals: Originals): void => this.#settings.inherit(originals);

  readonly setReceiveBuffer = (size: BufferSize | undefined): void => this.#requester.setReceiveBuffer(size);

  readonly isUnderWay = (name: string): boolean => this.#underWay.has(name);

  readonly configure = (wanted: WantedDevices): void => {
    this.#wanted = wanted;
    const names = new Set(wanted.devices.map(({ device }) => device.name));
    for (const name of wanted.settings.map((setting) => setting.interface)) this.#remember(name);
    if (wanted.ownReversePath) this.#reversePath ??= reversePathSettings(names);
    else this.#reversePath = undefined;
    this.#settings.configure([...(this.#reversePath ?? []), ...wanted.settings]);
    for (const [name, { wanted: device }] of this.#ours) if (!names.has(name)) this.#remove(name, device);
    this.#ensure(wanted.devices);
    this.#links.drain();
  };

  #follow(event: LinkEvent): void {
    if (event.type !== 'linkChanged') return;
    const { interface: name, link } = event;
    if (link !== undefined && this.#indexes.has(name) && this.#indexes.get(name) !== link.index) {
      this.#indexes.set(name, link.index);
      this.#settings.interfaceAppeared(name);
    }
    this.#ensure(this.#wanted.devices.filter(({ base, device }) => base === name || device.name === name));
  }

  /** Settings of interfaces are written again when another one has the name. */
  #remember(name: string | undefined): void {
    if (name !== undefined && !this.#indexes.has(name)) this.#indexes.set(name, this.#links.find(name)?.index ?? 0);
  }

  #ensure(devices: readonly WantedDevice[]): void {
    // Making one is seen in the links, which come back here: what is under way is not begun twice.
    if (this.#busy || devices.length === 0) return;
    this.#busy = true;
    try {
      for (const device of devices) this.#ensureOne(device);
    } finally {
      this.#busy = false;
    }
  }

  #ensureOne(wanted: WantedDevice): void {
    const base = this.#links.find(wanted.base);
    const { name } = wanted.device;
    if (base === undefined || this.#underWay.has(name)) return;
    const existing = this.#links.find(name);
    const ours = this.#ours.get(name);
    switch (planDevice(wanted, base.index, existing)) {
      case 'keep':
        if (existing !== undefined && ours?.index !== existing.index) this.#take(wanted, base, existing.index, 'deviceFound');
        else this.#followLinkLocal(wanted, base, existing);
        this.#ours.set(name, { since: performance.now(), ...ours, wanted, index: existing?.index ?? 0 });
        break;
      case 'occupied':
        this.#refuse(wanted, `${name} is another kind of device`);
        break;
      case 'replace':
        this.#tell({ ...aboutDevice(wanted), type: 'deviceReplaced' });
        this.#make(wanted, base, [removeDevice(name)]);
        break;
      case 'make':
        // Somebody who removes it again and again does not make us busy.
        if (ours !== undefined && performance.now() - ours.since < RETRY) this.#retryLater();
        else this.#make(wanted, base, []);
        break;
    }
  }

  #make(wanted: WantedDevice, base: KernelLink, before: readonly NetlinkRequest[]): void {
    const { device } = wanted;
    this.#underWay.add(device.name);
    const vrf = base.masterIndex === undefined ? undefined : this.#links.findByIndex(base.masterIndex);
    const vrfIndex = vrf?.kind === 'vrf' ? vrf.index : undefined;
    const place = { baseIndex: base.index, group: base.group, ...given({ vrfIndex }) };
    this.#requester.batch([...before, makeDevice(device, place)], (errors) => {
      const refusal = errors.at(-1);
      const index = interfaceIndex(device.name);
      if (refusal !== undefined || index === undefined) {
        this.#refuse(wanted, refusal?.message ?? `make ${device.name}: gone at once`);
        return;
      }
      this.#ours.set(device.name, { wanted, index, since: performance.now() });
      this.#refusals.delete(device.name);
      this.#take(wanted, base, index, 'deviceMade');
    });
  }

  /** Settings first: what a device does as it comes up depends on them. */
  #take(wanted: WantedDevice, base: KernelLink, index: number, note: 'deviceMade' | 'deviceFound'): void {
    const { device } = wanted;
    this.#underWay.add(device.name);
    for (const setting of deviceSettings(wanted)) this.#settings.set(setting);
    const requests = [raiseDevice(device.name)];
    if (device.type === 'macvlan' && device.notifyPeers && note === 'deviceMade') requests.push(repeatMac(device.name, device.mac));
    const own = ownAddress(wanted, base);
    if (own !== undefined) requests.push(addAddress(own, index));
    this.#requester.batch(requests, (errors) => {
      const reasons = errors.flatMap((error) => (error === undefined || error.code === 'EEXIST' ? [] : [error.message]));
      this.#tell({ ...aboutDevice(wanted), type: note });
      if (reasons.length > 0) this.#refuse(wanted, reasons.join('; '));
      else this.#ready(device.name);
    });
  }

  /** The interface below has another link-local address now: adverts come from that. */
  #followLinkLocal(wanted: WantedDevice, base: KernelLink, device: KernelLink | undefined): void {
    const own = ownAddress(wanted, base);
    if (own === undefined || device === undefined || device.addresses.some(({ address }) => address === own.address)) return;
    this.#requester.batch([addAddress(own, device.index)], () => undefined);
  }

  #remove(name: string, wanted: WantedDevice): void {
    this.#ours.delete(name);
    this.#refusals.delete(name);
    this.#requester.batch([removeDevice(name)], ([error]) => {
      if (error === undefined) this.#tell({ ...aboutDevice(wanted), type: 'deviceRemoved' });
      else if (error.code !== 'ENODEV') this.#refuse(wanted, error.message);
    });
  }

  #ready(name: string): void {
    this.#links.drain();
    this.#underWay.delete(name);
    this.#links.report([name]);
  }

  /** A reason is told once, and the device tried again for as long as it takes. */
  #refuse(wanted: WantedDevice, reason: string): void {
    const { instance, device } = wanted;
    if (this.#refusals.get(device.name) !== reason) this.#tell({ type: 'deviceFailed', instance, device: device.name, reason });
    this.#refusals.set(device.name, reason);
    this.#ready(device.name);
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#ensure(this.#wanted.devices), RETRY).unref();
  }
}

function aboutDevice({ instance, device }: WantedDevice): { instance: string; device: string; kind: 'macvlan' | 'ipvlan' } {
  return { instance, device: device.name, kind: device.type };
}

/** What the device speaks from: an ipvlan has an address of its own, an IPv6 macvlan the link-local one of its interface. */
function ownAddress({ device, family }: WantedDevice, base: KernelLink): VirtualAddress | undefined {
  if (device.type === 'ipvlan') return device.address === undefined ? undefined : asAddress(device.address, device.name, 'forever');
  if (family === 'ipv4') return undefined;
  const linkLocal = base.addresses.find(({ address }) => familyOf(address) === 'ipv6' && isLinkLocal(address));
  // Never a source of its own accord.
  return asAddress(linkLocal ?? madeLinkLocal(base.hardwareAddress), device.name, 0);
}

function madeLinkLocal(mac: Uint8Array): Cidr {
  const bytes = new Uint8Array(16);
  bytes.set([0xfe, 0x80]);
  bytes.set(interfaceIdentifier(mac), 8);
  return { address: addressFromBytes(bytes), prefixLength: 64 };
}

function asAddress({ address, prefixLength }: Cidr, device: string, preferredLifetime: VirtualAddress['preferredLifetime']): VirtualAddress {
  return {
    address,
    prefixLength,
    interface: device,
    scope: 0,
    duplicateAddressDetection: false,
    noPrefixRoute: false,
    homeAddress: false,
    manageTemporaryAddress: false,
    autoJoin: false,
    preferredLifetime,
    tracked: false,
  };
}

function addAddress(address: VirtualAddress, index: number): NetlinkRequest {
  return {
    type: RTM.newAddress,
    flags: FLAG.create | FLAG.exclusive,
    payload: encodeAddressAddition(address, index),
    operation: `add address ${address.address} to ${address.interface}`,
  };
}
