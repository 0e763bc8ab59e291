/** The VRRP part of the status, from a picture of the VRRP process. */

import { given } from '../base/given.js';
import { seconds } from '../base/time.js';
import { faultText } from '../runtime/narrate/fault.js';
import type { VirtualAddress } from '../vrrp/config.js';
import type { InstanceDescription } from '../vrrp/describe.js';
import type { Picture } from './feed.js';
import { partStatus, timeIn } from './picture-time.js';
import type { AddressStatus, InstanceStatus, VrrpStatus } from './status.js';
import { moveText, stateReason } from './words.js';

export function vrrpStatus(picture: Picture<'vrrp'>): VrrpStatus {
  const { instances, groups, scripts } = picture.shown;
  return {
    ...partStatus(picture),
    instances: instances.map((instance) => instanceStatus(instance, picture)),
    groups: groups.map(({ name, state, members }) => ({ name, state, members })),
    scripts,
  };
}

function instanceStatus(instance: InstanceDescription, picture: Picture): InstanceStatus {
  const { masterAddress, masterPriority, heldAddresses } = instance;
  const held: ReadonlySet<string> = new Set(heldAddresses);
  const address = (virtual: VirtualAddress, excluded: boolean): AddressStatus => ({
    address: virtual.address,
    prefixLength: virtual.prefixLength,
    interface: virtual.interface,
    held: held.has(virtual.address),
    excluded,
  });
  const master = masterAddress === undefined ? undefined : { address: masterAddress, ...given({ priority: masterPriority }) };
  return {
    name: instance.name,
    interface: instance.interface,
    family: instance.family,
    virtualRouterId: instance.virtualRouterId,
    protocolVersion: instance.version,
    state: instance.state,
    reason: stateReason(instance),
    since: timeIn(picture, instance.since),
    priority: {
      configured: instance.basePriority,
      effective: instance.priority,
      reasons: instance.priorityMoves.map(moveText),
    },
    faults: instance.faults.map(faultText),
    preempt: instance.preempt,
    advertIntervalSeconds: instance.advertInterval / seconds(1),
    masterDownSeconds: instance.masterDownInterval / seconds(1),
    gratuitousArpDelaySeconds: instance.gratuitousArpDelay / seconds(1),
    addresses: [
      ...instance.virtualAddresses.map((virtual) => address(virtual, false)),
      ...instance.excludedAddresses.map((virtual) => address(virtual, true)),
    ],
    addressesStatus: instance.addressesStatus,
    statistics: { ...instance.statistics },
    ...given({ source: instance.source, master, group: instance.group }),
  };
}
