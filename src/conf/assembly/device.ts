/** The devices of an instance: its interface, the macvlan or ipvlan on top, VRF; and who may have packets to its addresses. */

import { familyOf } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import { given } from '../../base/given.js';
import type { DeviceConfig, VirtualDevice } from '../../vrrp/config/device.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { SourcePosition } from '../../base/source.js';
import type { Word } from '../cst.js';
import type { IpVlanWords, VirtualMacWords } from '../keywords/device.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import { interfaceExists } from './context.js';
import type { Build } from './context.js';
import { breaksStrictMode } from './strict.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;

const LONGEST_NAME = 15;

/** What the devices of an instance depend on. */
export interface DeviceOwner {
  readonly name: Word;
  readonly interface: string;
  readonly family: Family;
  readonly virtualRouterId: number;
  readonly strict: boolean;
  readonly unicast: boolean;
}

/** The names of devices that instances have been given. */
export type DeviceNames = Map<string, string>;

/** Without anything to say about devices the instance has none. */
export function buildDevice(
  build: Build,
  owner: DeviceOwner,
  values: InstanceValues,
  taken: DeviceNames,
): Pick<InstanceConfig, 'device' | 'unusable'> {
  const virtual = virtualDevice(build, owner, values, taken);
  const transmitOnBase = transmitsOnBase(build, owner, values, virtual !== undefined);
  const promote = values.promote_secondaries;
  if (promote !== undefined && virtual !== undefined) {
    const message = `(${owner.name.text}) a macvlan or ipvlan always promotes secondary addresses; the line is ignored`;
    build.findings.report('badDevice', promote.at, message, 'remove promote_secondaries');
  }
  const device: DeviceConfig = {
    transmitOnBase,
    promoteSecondaries: promote !== undefined && virtual === undefined,
    ...given({ virtual, vrf: vrfOf(build, owner, values.vrf) }),
  };
  const nothing = !device.promoteSecondaries && device.vrf === undefined && virtual === undefined;
  const unusable = whyUnusable(build, owner, values, virtual);
  return { ...(nothing ? {} : { device }), ...given({ unusable }) };
}

/** RFC 5798 7.3. */
export function virtualMac({ family, virtualRouterId }: Pick<DeviceOwner, 'family' | 'virtualRouterId'>): string {
  return `00:00:5e:00:0${family === 'ipv4' ? 1 : 2}:${virtualRouterId.toString(16).padStart(2, '0')}`;
}

function virtualDevice(build: Build, owner: DeviceOwner, values: InstanceValues, taken: DeviceNames): VirtualDevice | undefined {
  const { use_vmac: macvlan, use_ipvlan: ipvlan } = values;
  const line = macvlan ?? ipvlan;
  if (owner.interface === '' && line !== undefined) {
    const message = `(${owner.name.text}) a macvlan or ipvlan needs an interface below it; the line is ignored`;
    build.findings.report('badDevice', line.at, message, 'write: interface NAME');
    return undefined;
  }
  if (ipvlan !== undefined) {
    if (macvlan !== undefined) {
      const message = `(${owner.name.text}) use_ipvlan stands here too and counts; use_vmac is ignored`;
      build.findings.report('uselessLine', macvlan.at, message, 'remove one of them');
    }
    return ipVlan(build, owner, ipvlan, taken);
  }
  return macvlan === undefined ? undefined : macVlan(build, owner, macvlan, taken);
}

function macVlan(build: Build, owner: DeviceOwner, { value, at }: Located<VirtualMacWords>, taken: DeviceNames): VirtualDevice {
  const { virtualRouterId, strict, name } = owner;
  const lastOctet = virtualRouterId.toString(16).padStart(2, '0');
  const standard = virtualMac(owner);
  let mac = standard;
  if (value.mac !== undefined && strict) {
    breaksStrictMode(build, name, value.mac.at, `the MAC of the virtual router must be ${standard}`, 'remove the MAC');
  } else if (value.mac !== undefined) {
    mac = value.mac.text.length === 14 ? `${value.mac.text}:${lastOctet}` : value.mac.text;
  }
  const device = deviceName(build, owner, value.name, at, 'macvlan', taken);
  return { type: 'macvlan', name: device, mac, notifyPeers: value.notifyPeers, ...given({ group: value.group }) };
}

function ipVlan(build: Build, owner: DeviceOwner, { value, at }: Located<IpVlanWords>, taken: DeviceNames): VirtualDevice {
  const { address, mode, group, name } = value;
  let cidr = address?.cidr;
  if (address !== undefined && familyOf(address.cidr.address) !== owner.family) {
    const message = `(${owner.name.text}) the address of the ipvlan is not of the instance's address family; it is ignored`;
    build.findings.report('wrongFamily', address.at, message);
    cidr = undefined;
  }
  return { type: 'ipvlan', name: deviceName(build, owner, name, at, 'ipvlan', taken), mode, ...given({ address: cidr, group }) };
}

/** The configured name when it is free, else one made from the prefix and the router id. */
export function deviceName(
  build: Build,
  { name, family, virtualRouterId }: DeviceOwner,
  wanted: Word | undefined,
  at: SourcePosition,
  kind: 'macvlan' | 'ipvlan',
  taken: DeviceNames,
  prefix = build.globals.vmac_prefix?.value ?? 'vrrp',
): string {
  if (wanted !== undefined) {
    const why = whyNotFree(build, wanted.text, kind, taken);
    if (why === undefined) {
      taken.set(wanted.text, name.text);
      return wanted.text;
    }
    build.findings.report('badDevice', wanted, `(${name.text}) ${wanted.text} ${why}; the name is ignored`, 'choose another name');
  }
  const candidates = family === 'ipv6' ? ['', '6'] : [''];
  for (const infix of [...candidates, ...Array.from({ length: 100 }, (_, i) => String(i + 1))]) {
    const end = `${infix}.${virtualRouterId}`;
    const made = prefix.slice(0, LONGEST_NAME - end.length) + end;
    if (whyNotFree(build, made, kind, taken) !== undefined) continue;
    taken.set(made, name.text);
    return made;
  }
  build.findings.report('badDevice', at, `(${name.text}) no name is free for its ${kind}`, 'write a name');
  return `${prefix.slice(0, 4)}.${virtualRouterId}`;
}

function whyNotFree(build: Build, device: string, kind: 'macvlan' | 'ipvlan', taken: DeviceNames): string | undefined {
  const other = taken.get(device);
  if (other !== undefined) return `belongs to ${other} already`;
  if (build.knownInterfaces === undefined || !interfaceExists(build, device)) return undefined;
  return build.describeInterface(device)?.kind === kind ? undefined : `is an interface already, and no ${kind}`;
}

function transmitsOnBase(build: Build, owner: DeviceOwner, values: InstanceValues, hasDevice: boolean): boolean {
  const { name, strict, unicast } = owner;
  const line = values.vmac_xmit_base;
  if (!hasDevice) {
    if (line !== undefined) {
      build.findings.report('badDevice', line.at, `(${name.text}) vmac_xmit_base has no effect without use_vmac`, 'remove it');
    }
    return false;
  }
  if (unicast) {
    const device = values.use_ipvlan ?? values.use_vmac;
    if (line === undefined && device !== undefined && values.use_ipvlan === undefined) {
      const message = `(${name.text}) unicast with use_vmac sends on the interface below: vmac_xmit_base is assumed`;
      build.findings.report('badDevice', device.at, message, 'write: vmac_xmit_base');
    }
    return true;
  }
  if (line === undefined || !strict) return line !== undefined;
  breaksStrictMode(build, name, line.at, 'adverts must come from the virtual MAC', 'remove vmac_xmit_base');
  return false;
}

function vrfOf(build: Build, owner: DeviceOwner, vrf: Located<string> | undefined): string | undefined {
  if (vrf === undefined) return undefined;
  const problem = vrfProblem(owner, vrf.value);
  if (problem === undefined) {
    if (interfaceExists(build, vrf.value) || build.globals.dynamic_interfaces !== undefined) return vrf.value;
    build.findings.report('interfaceUnknown', vrf.at, `there is no interface ${vrf.value}`);
    return undefined;
  }
  build.findings.report('badDevice', vrf.at, `(${owner.name.text}) ${problem}; it is ignored`, 'remove vrf');
  return undefined;
}

function vrfProblem(owner: DeviceOwner, vrf: string): string | undefined {
  if (owner.interface !== '') return 'vrf is for instances without interface';
  return vrf === 'lo' ? 'the loopback interface is no VRF' : undefined;
}

function whyUnusable(
  build: Build,
  { name, interface: device, family, unicast }: DeviceOwner,
  values: InstanceValues,
  virtual: VirtualDevice | undefined,
): InstanceConfig['unusable'] {
  const facts = device === '' ? undefined : build.describeInterface(device);
  const at = values.interface?.at ?? name;
  if (virtual?.type === 'ipvlan' && family === 'ipv4' && virtual.address === undefined) {
    const message = `(${name.text}) an ipvlan for IPv4 needs an address of its own: the instance stays in FAULT`;
    build.findings.report('permanentFault', values.use_ipvlan?.at ?? at, message, 'write: use_ipvlan NAME ADDRESS');
    return 'noDeviceAddress';
  }
  if (facts?.ethernet === false && virtual?.type === 'macvlan') {
    const message = `(${name.text}) ${device} is no Ethernet and takes no macvlan: the instance stays in FAULT`;
    build.findings.report('permanentFault', at, message, 'remove use_vmac');
    return 'noEthernet';
  }
  if (facts?.multicast === false && !unicast) {
    const message = `(${name.text}) ${device} does not carry multicast: the instance stays in FAULT`;
    build.findings.report('permanentFault', at, message, 'write unicast_peer { ADDRESS }');
    return 'noMulticast';
  }
  return undefined;
}

/**
 * Whether packets to the addresses of a master that does not own them are accepted: the later of accept and no_accept; in
 * strict mode not unless version 3 is told to.
 */
export function acceptsPackets(
  build: Build,
  owner: { readonly name: Word; readonly version: 2 | 3; readonly priority: number; readonly strict: boolean },
  { accept, no_accept: refuse }: InstanceValues,
): boolean {
  const { name, version, priority, strict } = owner;
  const wanted = accept !== undefined && (refuse === undefined || accept.order > refuse.order);
  if (refuse !== undefined && !wanted) return false;
  if (!strict || priority === 255) return true;
  if (wanted && version === 3) return true;
  if (wanted) breaksStrictMode(build, name, accept.at, 'version 2 does not accept packets to the addresses', 'remove accept');
  return false;
}
