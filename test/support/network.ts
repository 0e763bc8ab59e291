/** Routes and rules with ordinary values; a test names only what matters to it. */

import { familyOf } from '../../src/base/address.js';
import type { Route } from '../../src/vrrp/host/routes.js';
import type { Rule } from '../../src/vrrp/host/rules.js';
import { cidr } from './address.js';

export function route(destination: string, overrides: Partial<Route> = {}): Route {
  const to = cidr(destination);
  return {
    family: familyOf(to.address),
    type: 'unicast',
    destination: to,
    typeOfService: 0,
    table: 254,
    protocol: 18,
    interface: 'eth0',
    onLink: false,
    metrics: [],
    nextHops: [],
    placement: 'prepend',
    tracked: true,
    ...overrides,
  };
}

/** `from all lookup 100`. */
export function rule(priority: number, overrides: Partial<Rule> = {}): Rule {
  return {
    family: 'ipv4',
    action: { type: 'table', table: 100 },
    inverted: false,
    priority,
    protocol: 18,
    tracked: true,
    ...overrides,
  };
}
