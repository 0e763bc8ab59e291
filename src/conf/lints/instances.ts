/** Instances beside each other and their neighbours: what only shows when two settings, or two instances, are compared. */

import { addressBytes } from '../../base/address.js';
import type { InstanceConfig, VirtualAddress } from '../../vrrp/config.js';
import type { LintSubject } from './subject.js';
import { placeOfValue } from '../origins.js';
import { tracksOf } from './tracks.js';

/** Two interfaces in one network are one link to VRRP: the same id is two routers that think they are one. */
export function lintRouterIds({ model, origins, findings }: LintSubject): void {
  const seen = new Map<string, InstanceConfig[]>();
  for (const instance of model.director.instances) {
    if (instance.unicast !== undefined) continue;
    const key = `${instance.family} ${instance.virtualRouterId}`;
    const others = seen.get(key) ?? [];
    seen.set(key, [...others, instance]);
    const block = origins.instances.get(instance);
    const other = others.find((candidate) => sharedNetwork(candidate, instance) !== undefined);
    if (block === undefined || other === undefined) continue;
    findings.report(
      'routerIdOnSameNetwork',
      placeOfValue(block, 'virtual_router_id'),
      `(${instance.name}) ${other.name} on ${other.interface} has virtual_router_id ${instance.virtualRouterId} too, ` +
        `and both have addresses in ${sharedNetwork(other, instance) ?? ''}: if that is one link, they take each other for one router`,
      'choose another one',
    );
  }
}

function sharedNetwork(a: InstanceConfig, b: InstanceConfig): string | undefined {
  const networks = new Set(networksOf(a));
  return networksOf(b).find((network) => networks.has(network));
}

function networksOf({ family, virtualAddresses }: InstanceConfig): readonly string[] {
  const whole = family === 'ipv4' ? 32 : 128;
  return virtualAddresses.filter(({ prefixLength, scope }) => prefixLength < whole && scope === 0).map(networkOf);
}

/** Comparable text of a network: its address bytes with the host bits cleared, and the length. */
function networkOf({ address, prefixLength }: VirtualAddress): string {
  const bytes = addressBytes(address).map((byte, i) => {
    const bits = Math.min(8, Math.max(0, prefixLength - i * 8));
    return byte & (0xff << (8 - bits));
  });
  const text =
    bytes.length === 4
      ? bytes.join('.')
      : Array.from({ length: 8 }, (_, i) => (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16)).join(':');
  return `${text}/${prefixLength}`;
}

/** Neighbours keep sending to the old master until they hear otherwise: an only packet must not get lost. */
export function lintAnnouncements({ model, origins, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    if (block === undefined || instance.virtualAddresses.length + instance.excludedAddresses.length === 0) continue;
    const { masterRepeat, masterDelay, masterRefresh, lowerPriorityRepeat } = instance.announcements;
    if (masterRepeat === 1 && masterDelay === 0 && masterRefresh === 0) {
      findings.report(
        'fewAnnouncements',
        placeOfValue(block, 'garp_master_repeat', 'garp_master_delay'),
        `(${instance.name}) a new master announces each address once: if that packet is lost, traffic goes to the old one`,
        'raise garp_master_repeat, or set garp_master_delay or garp_master_refresh',
      );
    }
    if (lowerPriorityRepeat === 0 && masterRefresh === 0 && instance.strict !== true) {
      findings.report(
        'fewAnnouncements',
        placeOfValue(block, 'garp_lower_prio_repeat'),
        `(${instance.name}) after two directors were master at once nobody corrects the neighbours: ` +
          'garp_lower_prio_repeat is 0',
        'leave it at its default, or set garp_master_refresh',
      );
    }
  }
}

/** Members that decide differently pull their group to and fro. */
export function lintGroups({ model, origins, findings }: LintSubject): void {
  for (const group of model.director.groups) {
    const block = origins.groups.get(group);
    const members = model.director.instances.filter(({ name }) => group.members.includes(name));
    const [first, ...others] = members;
    if (block === undefined || first === undefined) continue;
    for (const [keyword, valueOf] of SHARED) {
      const other = others.find((member) => valueOf(member) !== valueOf(first));
      if (other === undefined) continue;
      findings.report(
        'unequalGroup',
        block.at,
        `group ${group.name}: ${first.name} has ${keyword} ${valueOf(first)}, ${other.name} has ${valueOf(other)}: ` +
          'members of a group should agree',
        `write the same ${keyword} in all of them`,
      );
    }
  }
}

const SHARED: readonly (readonly [keyword: string, valueOf: (instance: InstanceConfig) => string | number])[] = [
  ['nopreempt', ({ preempt }) => (preempt ? 'off' : 'on')],
  ['preempt_delay', ({ preemptDelay }) => preemptDelay / 1_000_000],
  ['down_timer_adverts', ({ downTimerAdverts }) => downTimerAdverts],
  ['advert_int', ({ advertInterval }) => advertInterval / 1_000_000],
];

/** A priority never goes beyond 254: what a tracker would add on top of that is lost, and so is the difference it makes. */
export function lintWeights({ model, origins, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    const gain = tracksOf({ ...instance, tracks: { ...instance.tracks, files: [] } }).reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
    if (block === undefined || instance.priority === 255 || instance.priority + gain <= 254) continue;
    findings.report(
      'weightBeyondRange',
      placeOfValue(block, 'priority'),
      `(${instance.name}) priority ${instance.priority} and weights of ${gain} are more than 254: what is above makes no difference`,
      `lower the priority to ${Math.max(1, 254 - gain)} or less`,
    );
  }
}
