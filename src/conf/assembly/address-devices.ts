/** Where the addresses of an instance go: on its own device, on a macvlan for addresses of other interfaces, or as written. */

import { familyOf } from '../../base/address.js';
import type { AddressDevice, DeviceConfig } from '../../vrrp/config/device.js';
import type { InstanceConfig, VirtualAddress } from '../../vrrp/config.js';
import type { AddressLists } from './addresses.js';
import type { Build } from './context.js';
import { deviceName, virtualMac } from './device.js';
import type { DeviceNames, DeviceOwner } from './device.js';

const NO_DEVICE: DeviceConfig = { transmitOnBase: false, promoteSecondaries: false };

/**
 * The lists with the devices that the addresses are to be put on, and those devices. `everywhere` (use_vmac_addr): what is
 * not on the instance's own device gets a macvlan as if it said use_vmac itself.
 */
export function placeAddresses(
  build: Build,
  owner: DeviceOwner,
  lists: AddressLists,
  { device, everywhere }: { readonly device: DeviceConfig | undefined; readonly everywhere: boolean },
  taken: DeviceNames,
): AddressLists & Pick<InstanceConfig, 'device'> {
  const made = new Map<string, AddressDevice>();
  const own = device?.virtual;
  const place = (address: VirtualAddress): VirtualAddress => {
    const family = familyOf(address.address);
    const { interface: base } = address;
    const wantsOwn = address.useVirtualMac === true || everywhere;
    // Only the adverts go through an ipvlan; and no macvlan can be where one is.
    if (own?.type === 'ipvlan' && base === owner.interface) return address;
    // A macvlan for IPv4 has no IPv6 link-local address to speak of.
    if (own !== undefined && base === owner.interface && !(wantsOwn && family !== owner.family)) {
      if (address.useVirtualMac === true) reportSaidTwice(build, owner, address);
      return { ...address, interface: own.name };
    }
    if (!wantsOwn) return address;
    const key = `${base} ${family}`;
    const found = made.get(key) ?? addressDevice(build, { ...owner, family }, base, taken);
    made.set(key, found);
    return { ...address, interface: found.device.name };
  };
  const placed = { virtualAddresses: lists.virtualAddresses.map(place), excludedAddresses: lists.excludedAddresses.map(place) };
  if (made.size > 0) return { ...placed, device: { ...NO_DEVICE, ...device, addressDevices: [...made.values()] } };
  return device === undefined ? placed : { ...placed, device };
}

function reportSaidTwice({ findings }: Build, { name }: DeviceOwner, { address }: VirtualAddress): void {
  const message = `(${name.text}) use_vmac stands behind ${address} and in the instance: the address goes to the device of the instance`;
  findings.report('contradiction', name, message, `remove use_vmac behind ${address}`);
}

function addressDevice(build: Build, owner: DeviceOwner, base: string, taken: DeviceNames): AddressDevice {
  const { globals } = build;
  const prefix = globals.vmac_addr_prefix?.value ?? globals.vmac_prefix?.value ?? 'vrrp';
  const name = deviceName(build, owner, undefined, owner.name, 'macvlan', taken, prefix);
  return { base, family: owner.family, device: { type: 'macvlan', name, mac: virtualMac(owner), notifyPeers: false } };
}
