/** What a director is configured with and hears, with ordinary values; a test names only what matters to it. */

import { familyOf } from '../../src/base/address.js';
import { micros, seconds } from '../../src/base/time.js';
import type { DirectorConfig, InstanceConfig, LinkState, SyncGroupConfig, VirtualAddress } from '../../src/vrrp/config.js';
import type { AdvertV2, AdvertV3 } from '../../src/vrrp/wire/packet.js';
import { address, cidr } from './address.js';

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
