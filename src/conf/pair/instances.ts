/** vrrp_instance blocks of two directors: which belong together, and whether they can work as one virtual router. */

import type { InstanceConfig } from '../../vrrp/config.js';
import { compareAuthentication, compareUnicast } from './adverts.js';
import { without } from './findings.js';
import type { Blocks, PairFindings, PairSide } from './findings.js';

/** The second file's instance of each instance of the first. */
export type Partners = ReadonlyMap<InstanceConfig, InstanceConfig>;

export function compareInstances(first: PairSide, second: PairSide, findings: PairFindings): Partners {
  const partners = pairUp(first.model.director.instances, second.model.director.instances);
  for (const instance of first.model.director.instances) {
    const partner = partners.get(instance);
    const block = first.origins.instances.get(instance);
    if (partner === undefined) {
      findings.lack('pairInstance', block, second, describe(instance), 'write the instance into both files');
      continue;
    }
    const blocks = { first: block, second: second.origins.instances.get(partner) };
    compareIdentity(instance, partner, blocks, findings);
    compareAddresses(instance, partner, blocks, findings);
    comparePriorities(instance, partner, blocks, findings);
    compareDevices(instance, partner, blocks, findings);
    compareAuthentication(instance, partner, blocks, findings);
    compareUnicast(instance, partner, blocks, findings);
    compareDestination(first, second, instance, partner, blocks, findings);
  }
  const taken = new Set(partners.values());
  for (const instance of second.model.director.instances.filter((candidate) => !taken.has(candidate))) {
    const hint = 'write the instance into both files';
    findings.lack('pairInstance', second.origins.instances.get(instance), first, describe(instance), hint);
  }
  return partners;
}

function describe({ name, virtualRouterId }: InstanceConfig): string {
  return `vrrp_instance ${name} (virtual_router_id ${virtualRouterId})`;
}

/** Same id and family first, those of the same name or interface before others; then, of what is left, the same name. */
function pairUp(left: readonly InstanceConfig[], right: readonly InstanceConfig[]): Partners {
  const partners = new Map<InstanceConfig, InstanceConfig>();
  const free = new Set(right);
  const rules: readonly ((a: InstanceConfig, b: InstanceConfig) => boolean)[] = [
    (a, b) => sameRouter(a, b) && a.name === b.name,
    (a, b) => sameRouter(a, b) && a.interface === b.interface,
    sameRouter,
    (a, b) => a.name === b.name,
  ];
  for (const belong of rules) {
    for (const instance of left) {
      if (partners.has(instance)) continue;
      const partner = [...free].find((candidate) => belong(instance, candidate));
      if (partner === undefined) continue;
      partners.set(instance, partner);
      free.delete(partner);
    }
  }
  return partners;
}

function sameRouter(a: InstanceConfig, b: InstanceConfig): boolean {
  return a.virtualRouterId === b.virtualRouterId && a.family === b.family;
}

function compareIdentity(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  const both = 'both directors become master';
  if (a.virtualRouterId !== b.virtualRouterId) {
    findings.differ('pairRouterId', blocks, {
      keywords: ['virtual_router_id'],
      message: `(${a.name}) virtual_router_id is ${a.virtualRouterId} here and ${b.virtualRouterId} there: ${both}`,
      there: `here it is ${b.virtualRouterId}`,
      hint: 'write the same id',
    });
  }
  if (a.version !== b.version || a.family !== b.family) {
    const name = ({ version, family }: InstanceConfig): string => `version ${version} over ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`;
    findings.differ('pairVersion', blocks, {
      keywords: a.family === b.family ? ['version'] : ['virtual_ipaddress'],
      message: `(${a.name}) ${name(a)} here and ${name(b)} there: neither hears the other, ${both}`,
      there: `here it is ${name(b)}`,
      hint: 'write the same version',
    });
  }
  if (a.advertInterval !== b.advertInterval) {
    const consequence =
      a.version === 2 || b.version === 2
        ? `version 2 drops such adverts, ${both}`
        : 'whoever is backup waits by the interval of the master, so that takeover times differ';
    findings.differ('pairInterval', blocks, {
      keywords: ['advert_int'],
      message: `(${a.name}) advert_int is ${a.advertInterval / 1e6} s here and ${b.advertInterval / 1e6} s there: ${consequence}`,
      there: `here it is ${b.advertInterval / 1e6} s`,
      hint: 'write the same interval',
    });
  }
}

function compareAddresses(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  const lists = [
    { keyword: 'virtual_ipaddress', kind: 'pairAddresses', here: a.virtualAddresses, there: b.virtualAddresses },
    { keyword: 'virtual_ipaddress_excluded', kind: 'pairExcludedAddresses', here: a.excludedAddresses, there: b.excludedAddresses },
  ] as const;
  for (const { keyword, kind, here, there } of lists) {
    const left = here.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    const right = there.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    const [onlyHere, onlyThere] = [without(left, right), without(right, left)];
    if (onlyHere.length + onlyThere.length > 0) {
      const parts = [...listed('only here', onlyHere), ...listed('only there', onlyThere)];
      findings.differ(kind, blocks, {
        keywords: [keyword],
        message: `(${a.name}) ${keyword} differs: ${parts.join(', ')}`,
        there: onlyThere.length === 0 ? 'they are missing here' : `here there is ${few(onlyThere)}`,
        hint: 'write the same addresses in the same order',
      });
    } else if (kind === 'pairAddresses' && left.join() !== right.join()) {
      const place = left.findIndex((address, i) => address !== right[i]);
      findings.differ('pairAddressOrder', blocks, {
        keywords: [keyword],
        message: `(${a.name}) the addresses stand in another order: number ${place + 1} is ${left[place] ?? ''} here`,
        there: `here it is ${right[place] ?? ''}`,
        hint: 'write the same addresses in the same order',
      });
    }
  }
}

function listed(where: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${where} ${few(items)}`];
}

const SHOWN = 4;

function few(items: readonly string[]): string {
  const more = items.length - SHOWN;
  return items.slice(0, SHOWN).join(' ') + (more > 0 ? ` and ${more} more` : '');
}

function comparePriorities(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  if (a.priority === b.priority) {
    const start = a.wantsMaster && b.wantsMaster ? ', and both begin as MASTER' : '';
    const winner = a.priority === 255 ? 'both claim to own the addresses' : 'the higher address decides who wins a tie';
    findings.differ('pairPriority', blocks, {
      keywords: ['priority'],
      message: `(${a.name}) both directors have priority ${a.priority}${start}: ${winner}`,
      there: `here it is ${b.priority} as well`,
      hint: 'give the director that should be master the higher priority',
    });
    return;
  }
  const [higher, lower] = a.priority > b.priority ? [a, b] : [b, a];
  if (!higher.preempt || lower.preempt) return;
  findings.differ('pairPreemption', blocks, {
    keywords: ['nopreempt', 'priority'],
    message: `(${a.name}) nopreempt stands only where the priority is lower (${lower.priority}): the other one takes over all the same`,
    there: `here the priority is ${b.priority}`,
    hint: 'write nopreempt on both directors',
  });
}

function compareDevices(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  const [here, there] = [macOf(a), macOf(b)];
  if (here === there) return;
  findings.differ('pairVirtualMac', blocks, {
    keywords: ['use_vmac', 'use_vmac_addr', 'use_ipvlan'],
    message: `(${a.name}) the addresses are on ${here} here and on ${there} there: neighbours see another MAC at each takeover`,
    there: `here they are on ${there}`,
    hint: 'write use_vmac into both files, or into none',
  });
}

function macOf({ device }: InstanceConfig): string {
  if (device?.virtual?.type === 'macvlan') return `the virtual MAC ${device.virtual.mac}`;
  if (device?.addressDevices !== undefined) return 'virtual MACs of their interfaces';
  return "the interface's own MAC";
}

function compareDestination(
  first: PairSide,
  second: PairSide,
  a: InstanceConfig,
  b: InstanceConfig,
  blocks: Blocks,
  findings: PairFindings,
): void {
  if (a.unicast !== undefined || b.unicast !== undefined || a.family !== b.family) return;
  const [here, there] = [destinationOf(first, a), destinationOf(second, b)];
  if (here === there) return;
  findings.differ('pairDestination', blocks, {
    keywords: ['mcast_dst_ip'],
    message: `(${a.name}) adverts go to ${here} here and to ${there} there: neither hears the other`,
    there: `here they go to ${there}`,
    hint: 'write the same mcast_dst_ip, vrrp_mcast_group4 and vrrp_mcast_group6',
  });
}

function destinationOf({ model }: PairSide, { family, multicastDestination }: InstanceConfig): string {
  const { multicastGroup4, multicastGroup6 } = model.director;
  return multicastDestination ?? (family === 'ipv4' ? multicastGroup4 : multicastGroup6);
}
