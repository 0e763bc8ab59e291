/** Configurations, adverts and a clockwork around one director, for the tests of this room. */

import { parseAddress, parseCidr, familyOf, type Cidr, type IpAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';
import { micros, seconds, type Micros } from '../../src/base/time.js';
import type { DirectorConfig, InstanceConfig, LinkState, SyncGroupConfig, VirtualAddress } from '../../src/vrrp/config.js';
import { directorDeadline, initialDirector, stepDirector, type DirectorState } from '../../src/vrrp/director.js';
import type { DirectorEffect, DirectorEvent } from '../../src/vrrp/events.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import type { AdvertV2, AdvertV3 } from '../../src/vrrp/packet.js';

export function address(text: string): IpAddress {
  return present(parseAddress(text), `${text} is no address`);
}

export function cidr(text: string): Cidr {
  return present(parseCidr(text), `${text} is no address`);
}

export function virtual(text: string, overrides: Partial<VirtualAddress> = {}): VirtualAddress {
  const { address: ip, prefixLength } = cidr(text);
  return {
    address: ip,
    prefixLength,
    interface: 'eth0',
    scope: 0,
    duplicateAddressDetection: false,
    noPrefixRoute: false,
    homeAddress: false,
    manageTemporaryAddress: false,
    autoJoin: false,
    preferredLifetime: familyOf(ip) === 'ipv6' && prefixLength === 128 ? 0 : 'forever',
    tracked: true,
    ...overrides,
  };
}

export function instance(overrides: Partial<InstanceConfig> = {}): InstanceConfig {
  return {
    name: 'V1',
    interface: 'eth0',
    family: 'ipv4',
    virtualRouterId: 51,
    version: 2,
    priority: 150,
    wantsMaster: false,
    advertInterval: seconds(1),
    downTimerAdverts: 3,
    preempt: true,
    preemptDelay: micros(0),
    authentication: { type: 'none' },
    virtualAddresses: [virtual('192.0.2.100')],
    excludedAddresses: [],
    announcements: {
      masterRepeat: 5,
      masterDelay: seconds(5),
      masterRefresh: micros(0),
      masterRefreshRepeat: 1,
      lowerPriorityRepeat: 5,
      lowerPriorityDelay: seconds(5),
    },
    trackPrimary: true,
    trackInterfaces: [],
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    skipCheckAdvertAddresses: false,
    notify: {},
    ...overrides,
  };
}

export function group(name: string, ...members: string[]): SyncGroupConfig {
  return { name, members, notify: {} };
}

export function director(
  instances: readonly InstanceConfig[],
  overrides: Partial<DirectorConfig> = {},
): DirectorConfig {
  return {
    instances,
    groups: [],
    multicastGroup4: address('224.0.0.18'),
    multicastGroup6: address('ff02::12'),
    startupDelay: micros(0),
    ...overrides,
  };
}

export function link(name: string, overrides: Partial<LinkState> = {}): LinkState {
  return { name, index: 2, up: true, mac: '02:00:00:00:00:0a', addresses: [cidr('192.0.2.1/24')], ...overrides };
}

export function advertV2(priority: number, overrides: Partial<AdvertV2> = {}): AdvertV2 {
  return {
    version: 2,
    virtualRouterId: 51,
    priority,
    advertInterval: seconds(1),
    authenticationType: 0,
    authenticationData: new Uint8Array(8),
    addresses: [address('192.0.2.100')],
    ...overrides,
  };
}

export function advertV3(priority: number, overrides: Partial<AdvertV3> = {}): AdvertV3 {
  return {
    version: 3,
    virtualRouterId: 51,
    priority,
    advertInterval: seconds(1),
    addresses: [address('192.0.2.100')],
    ...overrides,
  };
}

/** One director with a virtual clock; remembers everything it said. */
export interface Rig {
  readonly state: () => DirectorState;
  readonly now: () => Micros;
  /** Everything since the last call of `take`. */
  readonly take: () => { effects: DirectorEffect[]; notes: VrrpNote[] };
  readonly send: (event: DirectorEvent) => void;
  /** Lets time pass, waking the director at its deadlines. */
  readonly advance: (span: Micros) => void;
  /** Answers every open request for addresses with success. */
  readonly settle: () => void;
}

export function rig(seed = 1): Rig {
  let state = initialDirector(seed);
  let now = micros(0);
  let effects: DirectorEffect[] = [];
  let notes: VrrpNote[] = [];
  let open: Extract<DirectorEffect, { type: 'setAddresses' }>[] = [];
  const send = (event: DirectorEvent): void => {
    const step = stepDirector(state, event, now);
    state = step.state;
    effects.push(...step.effects);
    notes.push(...step.notes);
    for (const effect of step.effects) if (effect.type === 'setAddresses') open.push(effect);
  };
  return {
    state: () => state,
    now: () => now,
    take: () => {
      const taken = { effects, notes };
      effects = [];
      notes = [];
      return taken;
    },
    send,
    advance: (span) => {
      const end = now + span;
      for (let due = directorDeadline(state); due !== undefined && due <= end; due = directorDeadline(state)) {
        now = micros(Math.max(now, due));
        send({ type: 'timeout' });
      }
      now = micros(end);
    },
    settle: () => {
      const answered = open;
      open = [];
      for (const { instance: name, epoch } of answered) send({ type: 'addressesApplied', instance: name, epoch });
    },
  };
}

/** A rig whose interface is up and whose configuration is in force. */
export function started(config: DirectorConfig, links: readonly LinkState[] = [link('eth0')]): Rig {
  const made = rig();
  for (const state of links) made.send({ type: 'linkChanged', interface: state.name, link: state });
  made.send({ type: 'reconfigured', config });
  made.settle();
  return made;
}
