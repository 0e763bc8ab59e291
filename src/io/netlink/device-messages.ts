/** Making, raising and removing virtual devices as rtnetlink messages (linux/if_link.h): bytes only, no socket. */

import { type Attribute, cstring, encodeAttributes, nested, u16, u32 } from '../../base/attributes.js';
import { viewOf } from '../../base/bytes.js';
import { parseMac } from '../../base/mac.js';
import type { VirtualDevice } from '../../vrrp/config/device.js';
import { deviceMode } from '../../vrrp/host/devices.js';
import { littleEndian } from '../../base/host-order.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { RTM } from './rtnetlink.js';

const IFINFOMSG = 16;
const IFF_UP = 0x1;
const IFLA = { address: 1, name: 3, link: 5, master: 10, linkInfo: 18, group: 27 } as const;
const IFLA_INFO = { kind: 1, data: 2 } as const;
/** The same number in both enums. */
const MODE = 1;
const IFLA_IPVLAN_FLAGS = 2;
/** IPVLAN_F_PRIVATE, IPVLAN_F_VEPA; 0 = bridge. */
const IPVLAN_FLAGS = { bridge: 0, private: 1, vepa: 2 } as const;

/** Where a device goes: on top of which one, and into which VRF. */
export interface DevicePlace {
  readonly baseIndex: number;
  /** Of the VRF that the interface below belongs to; absent = none. */
  readonly vrfIndex?: number;
  /** Interface group of the interface below. */
  readonly group: number;
}

/** Makes the device, down. EEXIST when something has its name already. */
export function makeDevice(device: VirtualDevice, { baseIndex, vrfIndex, group }: DevicePlace): NetlinkRequest {
  const attributes: Attribute[] = [
    { type: IFLA.name, value: cstring.encode(device.name) },
    { type: IFLA.link, value: u32.encode(baseIndex) },
    { type: IFLA.group, value: u32.encode(device.group ?? group) },
    nested(IFLA.linkInfo, [
      { type: IFLA_INFO.kind, value: cstring.encode(device.type) },
      nested(IFLA_INFO.data, modeOf(device)),
    ]),
  ];
  if (vrfIndex !== undefined) attributes.push({ type: IFLA.master, value: u32.encode(vrfIndex) });
  if (device.type === 'macvlan') attributes.push({ type: IFLA.address, value: parseMac(device.mac) });
  return {
    type: RTM.newLink,
    flags: FLAG.create | FLAG.exclusive,
    payload: linkPayload(0, 0, attributes),
    operation: `make ${device.type} ${device.name}`,
  };
}

/** Brings a device up. */
export function raiseDevice(name: string): NetlinkRequest {
  const attributes = [{ type: IFLA.name, value: cstring.encode(name) }];
  return { type: RTM.newLink, flags: 0, payload: linkPayload(IFF_UP, IFF_UP, attributes), operation: `bring ${name} up` };
}

/** Gives a device the MAC it has: whoever watches the bus hears of it once more (netlink_notify_msg). */
export function repeatMac(name: string, mac: string): NetlinkRequest {
  const attributes = [
    { type: IFLA.name, value: cstring.encode(name) },
    { type: IFLA.address, value: parseMac(mac) },
  ];
  return { type: RTM.newLink, flags: 0, payload: linkPayload(0, 0, attributes), operation: `set MAC of ${name}` };
}

/** ENODEV when there is none of that name. */
export function removeDevice(name: string): NetlinkRequest {
  const attributes = [{ type: IFLA.name, value: cstring.encode(name) }];
  return { type: RTM.deleteLink, flags: 0, payload: linkPayload(0, 0, attributes), operation: `remove ${name}` };
}

function modeOf(device: VirtualDevice): readonly Attribute[] {
  const mode = deviceMode(device);
  if (device.type === 'macvlan') return [{ type: MODE, value: u32.encode(mode) }];
  return [
    { type: MODE, value: u16.encode(mode) },
    { type: IFLA_IPVLAN_FLAGS, value: u16.encode(IPVLAN_FLAGS[device.mode]) },
  ];
}

/** struct ifinfomsg, the device named by its attributes. */
function linkPayload(flags: number, change: number, attributes: readonly Attribute[]): Uint8Array {
  const tail = encodeAttributes(attributes);
  const payload = new Uint8Array(IFINFOMSG + tail.length);
  const view = viewOf(payload);
  view.setUint32(8, flags, littleEndian);
  view.setUint32(12, change, littleEndian);
  payload.set(tail, IFINFOMSG);
  return payload;
}
