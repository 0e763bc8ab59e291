/** Addresses, routes and rules as one line of text in the order of keepalived's own, for log sentences and dumps. */

import { addressBits, familyOf } from '../base/address.js';
import type { Cidr } from '../base/address.js';
import type { VirtualAddress } from '../vrrp/config.js';
import type { Encapsulation, NextHop, Realms, Route, RouteMetricValue } from '../vrrp/host/routes.js';
import type { NumberRange, Rule } from '../vrrp/host/rules.js';

/** Kernel scopes by iproute2's names (rtnetlink.h RT_SCOPE_*). */
const SCOPES: ReadonlyMap<number, string> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

const MAIN_TABLE = 254;

export function scopeText(scope: number): string {
  return SCOPES.get(scope) ?? String(scope);
}

/** `192.0.2.100/24 dev eth0 scope global label eth0:1`. */
export function addressText({ address, prefixLength, interface: name, scope, label }: VirtualAddress): string {
  return words(prefixText({ address, prefixLength }), 'dev', name, 'scope', scopeText(scope), labelled('label', label));
}

/** `prepend 10.9.0.0/16 via 192.0.2.254 dev eth0 proto 18`. */
export function routeText(route: Route): string {
  const { destination, source, preferredSource, typeOfService, table, vrf, protocol, scope } = route;
  return words(
    route.placement,
    route.type === 'unicast' ? '' : route.type,
    destination.prefixLength === 0 ? 'default' : prefixText(destination),
    labelled('from', source === undefined ? undefined : prefixText(source)),
    hopText(route),
    labelled('src', preferredSource),
    labelled('tos', typeOfService === 0 ? undefined : hexadecimal(typeOfService)),
    vrf === undefined ? labelled('table', table === MAIN_TABLE ? undefined : table) : labelled('vrf', vrf),
    labelled('proto', protocol),
    labelled('scope', scope === undefined ? undefined : scopeText(scope)),
    labelled('metric', route.metric),
    labelled('expires', route.expires),
    labelled('pref', route.preference),
    labelled('ttl-propagate', route.ttlPropagate === undefined ? undefined : route.ttlPropagate ? 'enabled' : 'disabled'),
    ...route.metrics.map(metricText),
    ...route.nextHops.map((hop) => words('nexthop', hopText(hop), 'weight', hop.weight)),
    route.tracked ? '' : 'no_track',
  );
}

/** `from 10.9.0.0/16 priority 100 protocol 18 lookup 100`. */
export function ruleText(rule: Rule): string {
  const { from, to, mark } = rule;
  return words(
    rule.inverted ? 'not' : '',
    labelled('from', from === undefined ? (to === undefined ? 'all' : undefined) : prefixText(from)),
    labelled('to', to === undefined ? undefined : prefixText(to)),
    labelled('priority', rule.priority),
    labelled('tos', rule.typeOfService === undefined ? undefined : hexadecimal(rule.typeOfService)),
    labelled('fwmark', mark === undefined ? undefined : `${hexadecimal(mark.value)}/${hexadecimal(mark.mask)}`),
    labelled('iif', rule.inputInterface),
    labelled('oif', rule.outputInterface),
    labelled('suppress_prefixlength', rule.suppressPrefixLength),
    labelled('suppress_ifgroup', rule.suppressInterfaceGroup),
    labelled('tunnel-id', rule.tunnelId),
    labelled('uidrange', rangeText(rule.userIds)),
    labelled('ipproto', rule.ipProtocol),
    labelled('sport', rangeText(rule.sourcePorts)),
    labelled('dport', rangeText(rule.destinationPorts)),
    labelled('realms', rule.realms === undefined ? undefined : realmsText(rule.realms)),
    labelled('protocol', rule.protocol),
    actionText(rule),
    rule.tracked ? '' : 'no_track',
  );
}

function actionText({ action }: Rule): string {
  if (action.type === 'table') return `lookup ${action.table}`;
  return action.type === 'goto' ? `goto ${action.target}` : action.type;
}

function hopText({ gateway, interface: name, onLink, encapsulation, realms }: NextHop): string {
  return words(
    labelled('via', gateway === undefined ? undefined : `${familyOf(gateway) === 'ipv4' ? 'inet' : 'inet6'} ${gateway}`),
    labelled('dev', name),
    onLink ? 'onlink' : '',
    encapsulation === undefined ? '' : words('encap', encapsulationText(encapsulation)),
    labelled('realms', realms === undefined ? undefined : realmsText(realms)),
  );
}

function encapsulationText(encapsulation: Encapsulation): string {
  switch (encapsulation.type) {
    case 'mpls':
      return `mpls ${encapsulation.labels.join('/')}`;
    case 'ila':
      return `ila ${encapsulation.locator}`;
    case 'ip':
    case 'ip6': {
      const { type, id, destination, source, typeOfService, hopLimit } = encapsulation;
      const [tos, ttl] = type === 'ip' ? ['tos', 'ttl'] : ['tc', 'hoplimit'];
      return words(type, labelled('id', id), labelled('dst', destination), labelled('src', source), labelled(tos, typeOfService), labelled(ttl, hopLimit));
    }
  }
}

function metricText({ metric, value, locked }: RouteMetricValue): string {
  return words(metric, locked ? 'lock' : '', value);
}

function realmsText({ source, destination }: Realms): string {
  return source === 0 ? String(destination) : `${source}/${destination}`;
}

function rangeText(range: NumberRange | undefined): string | undefined {
  return range === undefined ? undefined : `${range.first}-${range.last}`;
}

function prefixText({ address, prefixLength }: Cidr): string {
  return prefixLength === addressBits(familyOf(address)) ? address : `${address}/${prefixLength}`;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

function labelled(label: string | undefined, value: string | number | undefined): string {
  return value === undefined || label === undefined ? '' : `${label} ${value}`;
}

function words(...parts: readonly (string | number)[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
