/** What the state of interfaces means to an instance: its source address, its faults, its priority. */

import { familyOf, isLinkLocal, type Cidr, type IpAddress } from '../base/address.js';
import type { TrackedInterface } from './config-track.js';
import type { DirectorConfig, InstanceConfig, LinkState } from './config.js';
import type { FaultReason } from './notes.js';
import { allAddresses } from './state.js';
import { effectivePriority, holdsInFault, type TrackerReading } from './track.js';

/** Every interface reported so far; `undefined` as a value: it does not exist. */
export type Links = ReadonlyMap<string, LinkState | undefined>;

export interface Assessment {
  readonly source: IpAddress | undefined;
  readonly faults: readonly FaultReason[];
  readonly priority: number;
}

/** The interfaces whose state matters to this instance, its own first, each once. */
export function dependencies(config: InstanceConfig): readonly string[] {
  return [config.interface, ...trackedInterfaces(config).map((tracked) => tracked.interface)];
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
): Assessment {
  const link = links.get(config.interface);
  const source = link === undefined ? undefined : (config.source ?? findSource(config, virtual, link, current));
  const faults: FaultReason[] = primaryFaults(config, link, source);
  const readings: TrackerReading[] = [];
  for (const tracked of trackedInterfaces(config)) {
    const reading = { weight: tracked.weight, reverse: tracked.reverse, up: links.get(tracked.interface)?.up === true };
    readings.push(reading);
    if (holdsInFault(reading)) {
      faults.push({ type: reading.up ? 'trackedInterfaceUp' : 'trackedInterfaceDown', interface: tracked.interface });
    }
  }
  return { source, faults, priority: effectivePriority(config.priority, readings) };
}

export function sameFault(a: FaultReason, b: FaultReason): boolean {
  return a.type === b.type && a.interface === b.interface;
}

/**
 * Beside its own: an address on a dead interface serves nobody, so each address but a `no_track` one makes its interface
 * count with weight 0, whatever track_interface says about it (keepalived).
 */
function trackedInterfaces(config: InstanceConfig): readonly TrackedInterface[] {
  const tracked = new Map(config.trackInterfaces.map((entry) => [entry.interface, entry]));
  for (const { tracked: counts, interface: name } of allAddresses(config)) {
    if (counts && name !== config.interface) tracked.set(name, { interface: name, weight: 0, reverse: false });
  }
  return [...tracked.values()];
}

function primaryFaults(config: InstanceConfig, link: LinkState | undefined, source: IpAddress | undefined): FaultReason[] {
  if (link === undefined) return [{ type: 'interfaceMissing', interface: config.interface }];
  const faults: FaultReason[] = [];
  if (config.trackPrimary && !link.up) faults.push({ type: 'interfaceDown', interface: config.interface });
  if (source === undefined) {
    faults.push({ type: 'noSourceAddress', interface: config.interface, family: config.family });
  }
  return faults;
}

/** The first address that fits: IPv6 speaks from a link-local one (RFC 5798 5.1.2.1), IPv4 from any other. */
function findSource(
  config: InstanceConfig,
  virtual: ReadonlySet<string>,
  link: LinkState,
  current: IpAddress | undefined,
): IpAddress | undefined {
  const fitting = link.addresses.filter(
    ({ address }) => familyOf(address) === config.family && isLinkLocal(address) === (config.family === 'ipv6'),
  );
  const own = fitting.filter((candidate) => !virtual.has(addressKey(candidate)));
  // An owner's virtual address is the interface's own.
  const candidates = own.length === 0 && config.priority === 255 ? fitting : own;
  const kept = candidates.find(({ address }) => address === current);
  return (kept ?? candidates[0])?.address;
}

/** With its prefix: an interface may have the address of a virtual one as its own in another network. */
function addressKey({ address, prefixLength }: Cidr): string {
  return `${address}/${prefixLength}`;
}
