/**
 * What a configuration wants of the host's devices: macvlans and ipvlans to be made, settings of interfaces to be changed
 * while it runs. Values only; the io room makes, changes and restores them and follows interfaces that come and go.
 */

import { familyOf, type Family } from '../../base/address.js';
import type { VirtualDevice } from '../config/device.js';
import type { DirectorConfig, InstanceConfig } from '../config.js';

/** A device on top of `base` that belongs to one instance. */
export interface WantedDevice {
  readonly instance: string;
  readonly base: string;
  readonly family: Family;
  readonly device: VirtualDevice;
  /** Some address that goes on it is an IPv6 one. */
  readonly carriesIpv6: boolean;
}

/** One file below /proc/sys/net, e.g. `ipv4/conf/eth0/arp_ignore`. */
export interface Setting {
  readonly path: string;
  readonly value: string;
  /** The interface it goes away with; absent = it is the host's. */
  readonly interface?: string;
}

export interface WantedDevices {
  readonly devices: readonly WantedDevice[];
  /** Of interfaces that are there anyway: what they were before comes back when they are not wanted any more. */
  readonly settings: readonly Setting[];
  /**
   * The reverse-path filter of `all` overrules that of each interface, and a macvlan must have none: it moves from `all` to
   * every interface, which comes to the same for these.
   */
  readonly ownReversePath: boolean;
}

export const NO_DEVICES: WantedDevices = { devices: [], settings: [], ownReversePath: false };

/** The interface that adverts go through; '' for a unicast instance that is bound to its source address only. */
export function advertInterface({ interface: base, device }: Pick<InstanceConfig, 'interface' | 'device'>): string {
  if (base === '') return device?.vrf ?? '';
  const own = device?.virtual;
  return own === undefined || device?.transmitOnBase === true ? base : own.name;
}

/** Whether the interface is a device that was made for this instance. */
export function isOwnDevice({ device }: Pick<InstanceConfig, 'device'>, name: string): boolean {
  return device?.virtual?.name === name || device?.addressDevices?.some((each) => each.device.name === name) === true;
}

/** Everything these instances of a configuration want, each device and setting once. */
export function devicesOf({ disableLocalIgmp }: Pick<DirectorConfig, 'disableLocalIgmp'>, instances: readonly InstanceConfig[]): WantedDevices {
  const devices = new Map<string, WantedDevice>();
  const settings = new Map<string, Setting>();
  if (disableLocalIgmp === true) settings.set(NO_LOCAL_REPORTS.path, NO_LOCAL_REPORTS);
  for (const config of instances) {
    const { name: instance, interface: base, family, device } = config;
    const own = device?.virtual === undefined ? [] : [{ base, family, device: device.virtual }];
    for (const each of [...own, ...(device?.addressDevices ?? [])]) {
      devices.set(each.device.name, { instance, ...each, carriesIpv6: carriesIpv6(config, each.device.name) });
      if (each.device.type !== 'macvlan' || each.family !== 'ipv4') continue;
      for (const setting of quietBase(each.base)) settings.set(setting.path, setting);
    }
    if (device?.promoteSecondaries === true) settings.set(promotion(base).path, promotion(base));
  }
  const all = [...devices.values()];
  const ownReversePath = all.some(({ device, family }) => device.type === 'macvlan' && family === 'ipv4');
  return { devices: all, settings: [...settings.values()], ownReversePath };
}

/** The kernel reports no membership of groups that no router forwards. */
const NO_LOCAL_REPORTS: Setting = { path: 'ipv4/igmp_link_local_mcast_reports', value: '0' };

function carriesIpv6({ virtualAddresses, excludedAddresses }: InstanceConfig, device: string): boolean {
  return [...virtualAddresses, ...excludedAddresses].some(({ address, interface: name }) => name === device && familyOf(address) === 'ipv6');
}

/** What the device itself must be set to, before it comes up. */
export function deviceSettings({ device, family, carriesIpv6: needsIpv6 }: WantedDevice): readonly Setting[] {
  const { name } = device;
  const ipv6 = (key: string, value: string): Setting => ({ path: `ipv6/conf/${name}/${key}`, value });
  if (device.type === 'ipvlan') return [ipv6('disable_ipv6', family === 'ipv6' || needsIpv6 ? '0' : '1')];
  // Its one link-local address is given to it.
  const speaksIpv6 = [ipv6('disable_ipv6', '0'), ipv6('addr_gen_mode', '1'), ipv6('accept_dad', '0')];
  if (family === 'ipv6') return speaksIpv6;
  const ipv4 = (key: string, value: string): Setting => ({ path: `ipv4/conf/${name}/${key}`, value });
  return [
    ...(needsIpv6 ? speaksIpv6 : [ipv6('addr_gen_mode', '1'), ipv6('disable_ipv6', '1')]),
    ipv4('arp_ignore', '1'),
    ipv4('accept_local', '1'),
    ipv4('rp_filter', '0'),
    promotion(name),
  ];
}

/**
 * The interface below answers no ARP for what is on the macvlan, since the answer must carry the virtual MAC; nor does it ask
 * in the name of it, as what it sends by itself to the same network would: neighbours learn from questions too. keepalived
 * leaves the latter as it is, and loses its virtual MAC in the neighbours' tables.
 */
function quietBase(base: string): readonly Setting[] {
  return [
    { path: `ipv4/conf/${base}/arp_announce`, value: '2', interface: base },
    { path: `ipv4/conf/${base}/arp_ignore`, value: '1', interface: base },
    { path: `ipv4/conf/${base}/arp_filter`, value: '1', interface: base },
  ];
}

function promotion(name: string): Setting {
  return { path: `ipv4/conf/${name}/promote_secondaries`, value: '1', interface: name };
}

/** What is known of an existing device, in the kernel's terms. */
export interface DeviceFacts {
  /** `macvlan`, `ipvlan`, ...; absent = a device without rtnl kind. */
  readonly kind?: string;
  readonly mac?: string;
  /** Of the device below. */
  readonly lowerIndex?: number;
  /** MACVLAN_MODE_* or IPVLAN_MODE_*. */
  readonly mode?: number;
}

/** MACVLAN_MODE_PRIVATE, MACVLAN_MODE_BRIDGE (include/uapi/linux/if_link.h). */
const PRIVATE = 1;
/** IPVLAN_MODE_L2. */
const LAYER_2 = 0;

/** The number of the mode in which a device is made. */
export function deviceMode(device: VirtualDevice): number {
  return device.type === 'macvlan' ? PRIVATE : LAYER_2;
}

/**
 * What has to be done to have the device: a fitting one of a former run is taken as it is, another one of the same kind
 * gives way, and anything else is none of ours.
 */
export function planDevice({ device }: WantedDevice, baseIndex: number, existing: DeviceFacts | undefined): 'make' | 'keep' | 'replace' | 'occupied' {
  if (existing === undefined) return 'make';
  if (existing.kind !== device.type) return 'occupied';
  const fits = existing.lowerIndex === baseIndex && existing.mode === deviceMode(device);
  return fits && (device.type === 'ipvlan' || existing.mac === device.mac) ? 'keep' : 'replace';
}
