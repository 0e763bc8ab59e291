/** What the state of interfaces means to an instance: its source address, its faults, its priority. */

import { familyOf, isLinkLocal, type Cidr, type Family, type IpAddress } from '../../base/address.js';
import type { TrackedInterface } from '../config/track.js';
import type { DirectorConfig, InstanceConfig, LinkState } from '../config.js';
import type { FaultReason } from '../notes.js';
import { contribution, effectivePriority, holdsInFault, priorityWithDeadPool, type PriorityMove } from '../tracking/track.js';
import { NO_TRACKERS, type Trackers } from '../tracking/tracker-state.js';
import { readTrackers } from '../tracking/trackers.js';
import { allAddresses, allBelongings, type Belongings } from '../instance/belongings.js';

/** Every interface reported so far; `undefined` as a value: it does not exist. */
export type Links = ReadonlyMap<string, LinkState | undefined>;

export interface Assessment {
  readonly source: IpAddress | undefined;
  readonly faults: readonly FaultReason[];
  readonly priority: number;
  /** What makes it another than the configured one. */
  readonly moves: readonly PriorityMove[];
}

/** The interfaces whose state matters to this instance, its own first, each once. */
export function dependencies(config: InstanceConfig): readonly string[] {
  return [...ownInterfaces(config), ...trackedInterfaces(config).map((tracked) => tracked.interface)];
}

/** Whether a change of this interface may matter: the source of track_src_ip may be on any. */
export function isConcerned(config: InstanceConfig, name: string): boolean {
  return config.trackSource === true || dependencies(config).includes(name);
}

/** All virtual addresses of a configuration, in the form in which `assess` compares them. */
export function virtualAddressKeys(config: DirectorConfig): ReadonlySet<string> {
  return new Set(config.instances.flatMap(allAddresses).map(addressKey));
}

/**
 * `virtual` holds the virtual addresses of all instances: what another one has put on the interface, or an earlier process
 * has left there, is no address to speak from. `current` is the source in use: it stays as long as it exists.
 */
export function assess(
  config: InstanceConfig,
  virtual: ReadonlySet<string>,
  links: Links,
  current: IpAddress | undefined,
  trackers: Trackers = NO_TRACKERS,
): Assessment {
  const source = findSource(config, virtual, links, current);
  const faults: FaultReason[] = [...unusable(config), ...primaryFaults(config, links, source), ...sourceFaults(config, links)];
  const moves: PriorityMove[] = [];
  for (const tracked of trackedInterfaces(config)) {
    const reading = { weight: tracked.weight, reverse: tracked.reverse, up: links.get(tracked.interface)?.up === true };
    const change = contribution(reading);
    if (change !== 0) moves.push({ tracked: 'interface', name: tracked.interface, change });
    if (holdsInFault(reading)) {
      faults.push({ type: reading.up ? 'trackedInterfaceUp' : 'trackedInterfaceDown', interface: tracked.interface });
    }
  }
  const named = readTrackers(config.tracks ?? {}, trackers);
  faults.push(...named.faults);
  moves.push(...named.moves);
  if (config.yielded !== undefined) {
    const change = config.priority - config.yielded.priority;
    return { source, faults, priority: config.priority, moves: change === 0 ? [] : [{ tracked: 'operator', name: 'yield', change }] };
  }
  let priority = effectivePriority(config.priority, moves.map(({ change }) => change));
  for (const name of named.deadPools) {
    const lower = priorityWithDeadPool(priority);
    if (lower !== priority) moves.push({ tracked: 'virtualServer', name, change: lower - priority });
    priority = lower;
  }
  return { source, faults, priority, moves };
}

/** With this configuration it cannot work; only another one helps. */
function unusable(config: InstanceConfig): readonly FaultReason[] {
  return config.unicast?.peers.length === 0 ? [{ type: 'noPeer', interface: config.interface }] : [];
}

/** track_src_ip. */
function sourceFaults({ trackSource, source, interface: device }: InstanceConfig, links: Links): readonly FaultReason[] {
  if (trackSource !== true || source === undefined) return [];
  const isThere = [...links.values()].some((link) => link?.addresses.some(({ address }) => address === source));
  return isThere ? [] : [{ type: 'sourceAddressMissing', interface: device, address: source }];
}

export function sameFault(a: FaultReason, b: FaultReason): boolean {
  return a.type === b.type && subjectOf(a) === subjectOf(b);
}

/** The name of what is at fault. */
export function subjectOf(reason: FaultReason): string {
  switch (reason.type) {
    case 'scriptUnknown':
    case 'trackedScript':
      return reason.script;
    case 'trackedFile':
      return reason.file;
    case 'trackedProcess':
      return reason.process;
    case 'trackedSession':
      return reason.session;
    default:
      return reason.interface;
  }
}

/**
 * Beside its own: an address on a dead interface serves nobody, so each address, route and rule but a `no_track` one makes
 * its interface count with weight 0, whatever track_interface says about it (keepalived).
 */
function trackedInterfaces(config: InstanceConfig): readonly TrackedInterface[] {
  const tracked = new Map(config.trackInterfaces.map((entry) => [entry.interface, entry]));
  for (const name of interfacesOf(allBelongings(config))) {
    if (name !== config.interface && !ownDevice(config).includes(name)) tracked.set(name, { interface: name, weight: 0, reverse: false });
  }
  return [...tracked.values()];
}

/** Those that addresses, routes and rules need, no_track ones left out. */
function interfacesOf({ addresses, routes, rules }: Belongings): readonly string[] {
  const names = [
    ...[...addresses, ...routes].map((belonging) => (belonging.tracked ? belonging.interface : undefined)),
    ...rules.flatMap((rule) => (rule.tracked ? [rule.inputInterface, rule.outputInterface] : [])),
  ];
  return names.filter((name) => name !== undefined);
}

function primaryFaults(config: InstanceConfig, links: Links, source: IpAddress | undefined): FaultReason[] {
  const own = ownInterfaces(config);
  const missing = own.find((name) => links.get(name) === undefined);
  if (missing !== undefined) return [{ type: 'interfaceMissing', interface: missing }];
  const faults: FaultReason[] = [];
  // A device goes down with the interface below it: told is the one that is to blame.
  const down = own.find((name) => links.get(name)?.up !== true);
  if (config.trackPrimary && down !== undefined) faults.push({ type: 'interfaceDown', interface: down });
  if (source === undefined && config.interface !== '') {
    faults.push({ type: 'noSourceAddress', interface: config.interface, family: config.family });
  }
  return faults;
}

/** What its adverts go through: the interface and the device on it, or the VRF, or nothing of a name. */
export function ownInterfaces(config: InstanceConfig): readonly string[] {
  if (config.interface !== '') return [config.interface, ...ownDevice(config)];
  return config.device?.vrf === undefined ? [] : [config.device.vrf];
}

/** The device that is made for it, as a list of none or one. */
function ownDevice({ device }: InstanceConfig): readonly string[] {
  return device?.virtual === undefined ? [] : [device.virtual.name];
}

/**
 * The configured one; that of an ipvlan, which has a link-local one by itself; else one of the interface. A macvlan has none but the link-local one that it was
 * given, which is the interface's unless that has none.
 */
function findSource(
  config: InstanceConfig,
  virtual: ReadonlySet<string>,
  links: Links,
  current: IpAddress | undefined,
): IpAddress | undefined {
  if (config.interface === '') return config.source;
  const base = links.get(config.interface);
  if (base === undefined) return undefined;
  if (config.source !== undefined) return config.source;
  const own = config.device?.virtual;
  if (own?.type === 'ipvlan' && own.address !== undefined) return own.address.address;
  const device = own === undefined || config.device?.transmitOnBase === true ? undefined : links.get(own.name);
  const speaker = own?.type === 'ipvlan' && config.device?.transmitOnBase !== true ? device : base;
  const found = speaker === undefined ? undefined : fittingAddress(config, virtual, speaker, current);
  return found ?? (device === undefined ? undefined : fittingAddress(config, virtual, device, current));
}

/** The first address that fits, or the current one if that does. */
function fittingAddress(
  config: InstanceConfig,
  virtual: ReadonlySet<string>,
  link: LinkState,
  current: IpAddress | undefined,
): IpAddress | undefined {
  const fitting = fittingOf(link, config.family);
  const kept = fitting.find(({ address, key }) => address === current && !virtual.has(key));
  const own = kept ?? fitting.find(({ key }) => !virtual.has(key));
  if (own !== undefined || config.priority !== 255) return own?.address;
  // An owner's virtual address is the interface's own.
  return (fitting.find(({ address }) => address === current) ?? fitting[0])?.address;
}

interface FittingAddress {
  readonly address: IpAddress;
  readonly key: string;
}

/** Of each link as it was seen: hundreds of instances of one interface ask the same of it. */
const FITTING: Readonly<Record<Family, WeakMap<LinkState, readonly FittingAddress[]>>> = { ipv4: new WeakMap(), ipv6: new WeakMap() };

/** IPv6 speaks from a link-local address (RFC 5798 5.1.2.1), IPv4 from any other. */
function fittingOf(link: LinkState, family: Family): readonly FittingAddress[] {
  const known = FITTING[family].get(link);
  if (known !== undefined) return known;
  const fitting = link.addresses
    .filter(({ address }) => familyOf(address) === family && isLinkLocal(address) === (family === 'ipv6'))
    .map((each) => ({ address: each.address, key: addressKey(each) }));
  FITTING[family].set(link, fitting);
  return fitting;
}

/** With its prefix: an interface may have the address of a virtual one as its own in another network. */
function addressKey({ address, prefixLength }: Cidr): string {
  return `${address}/${prefixLength}`;
}
