/** The blocks of addresses, routes and rules: those of an instance, and the static ones. */

import { readStaticAddress, readVirtualAddress, staticAddressOptions, virtualAddressOptions } from './address-options.js';
import { entries } from './kinds.js';
import { readStaticRoute, readVirtualRoute, staticRouteOptions, virtualRouteOptions } from './route-options.js';
import { readStaticRule, readVirtualRule, staticRuleOptions, virtualRuleOptions } from './rule-options.js';

export const virtualAddresses = entries({
  doc: 'Addresses that move with the master and stand in its adverts. One that somebody else removes is put back at once; at the sixth time within 10 s the master leaves its role to another router for a master-down interval. The same holds for routes and rules.',
  example: 'virtual_ipaddress {\n  192.0.2.100/24 dev eth0\n}',
  line: 'ADDR[/LEN] [OPTION...]',
  entry: readVirtualAddress,
  options: virtualAddressOptions,
});

export const virtualAddressesExcluded = entries({
  doc: 'Addresses that move with the master but stay out of its adverts.',
  example: 'virtual_ipaddress_excluded {\n  2001:db8::100/64\n}',
  line: 'ADDR[/LEN] [OPTION...]',
  entry: readVirtualAddress,
  options: virtualAddressOptions,
});

export const virtualRoutes = entries({
  doc: 'Routes that move with the master.',
  example: 'virtual_routes {\n  10.9.0.0/16 via 192.0.2.254 dev eth0\n}',
  line: '[TYPE] [to] DESTINATION [OPTION...]',
  entry: readVirtualRoute,
  options: virtualRouteOptions,
});

export const virtualRules = entries({
  doc: 'Policy rules that move with the master.',
  example: 'virtual_rules {\n  from 10.9.0.0/16 table 100 preference 100\n}',
  line: 'OPTION...',
  entry: readVirtualRule,
  options: virtualRuleOptions,
});

export const staticAddresses = entries({
  doc: 'Addresses that are there while the daemon runs; put back when somebody else removes them.',
  example: 'static_ipaddress {\n  192.0.2.9/24 dev eth0\n}',
  line: 'ADDR[/LEN] [OPTION...]',
  entry: readStaticAddress,
  options: staticAddressOptions,
});

export const staticRoutes = entries({
  doc: 'Routes that are there while the daemon runs; put back when somebody else removes them.',
  example: 'static_routes {\n  10.9.0.0/16 via 192.0.2.254 dev eth0\n}',
  line: '[TYPE] [to] DESTINATION [OPTION...]',
  entry: readStaticRoute,
  options: staticRouteOptions,
});

export const staticRules = entries({
  doc: 'Policy rules that are there while the daemon runs; put back when somebody else removes them.',
  example: 'static_rules {\n  from 10.9.0.0/16 table 100 preference 100\n}',
  line: 'OPTION...',
  entry: readStaticRule,
  options: staticRuleOptions,
});
