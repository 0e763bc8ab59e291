/**
 * AddressPort on rtnetlink: adds and removes virtual addresses, routes and rules in the order asked. Whether it should is
 * not decided here.
 */

import { present as known } from '../../base/invariant.js';
import type { AddressPort } from '../../runtime/ports.js';
import type { Belongings } from '../../vrrp/instance/belongings.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import type { DirectorEvent } from '../../vrrp/events.js';
import type { Route } from '../../vrrp/host/routes.js';
import type { Rule } from '../../vrrp/host/rules.js';
import type { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';
import { describeRoute, encodeRouteAddition, encodeRouteRemoval, routeDevices, routeFlags } from './route-messages.js';
import { RTM, describeAddress, encodeAddressAddition, encodeAddressRemoval } from './rtnetlink.js';
import { describeRule, encodeRule } from './rule-messages.js';
import type { BufferSize } from '../sockets/socket-options.js';

export type AddressEvent = Extract<DirectorEvent, { readonly type: 'addressesApplied' | 'addressesFailed' }>;

/** As LinkMonitor answers. */
export interface LinkIndexes {
  readonly find: (name: string) => { readonly index: number; readonly vrfTable?: number } | undefined;
}

export interface OpenAddressPort extends AddressPort {
  /** Of answers that may wait to be read; undefined for the default of NetlinkSocket. */
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
  readonly close: () => void;
}

/** One thing to be done: a request, or why it cannot be made. */
interface Task {
  readonly address?: VirtualAddress;
  /** A name of what is missing, or the request; `nothing` when nothing is left to do. */
  readonly request: NetlinkRequest | { readonly missing: string } | 'nothing';
}

/**
 * Opens the port in the network namespace of the moment. Every set() is answered once through `onEvent`, usually before it
 * returns. Adding what is there and removing what is not both succeed. Throws KernelError.
 */
export function openAddresses(links: LinkIndexes, onEvent: (event: AddressEvent) => void): OpenAddressPort {
  const requester = new NetlinkRequester(PROTOCOL.route);
  return {
    set: (instance, epoch, present, belongings) => {
      const tasks = plan(links, present, belongings);
      const possible = tasks.flatMap(({ request, address }) => (isRequest(request) ? [{ request, address }] : []));
      const absent = tasks.flatMap(({ request }) => (request !== 'nothing' && 'missing' in request ? [request.missing] : []));
      requester.batch(possible.map(({ request }) => request), (errors) => {
        const failures = errors.map((error) => (error === undefined || isHarmless(error, present) ? undefined : error.message));
        const reasons = [...absent, ...failures.filter((reason) => reason !== undefined)];
        const applied = possible.flatMap(({ address }, i) => (address === undefined || failures[i] !== undefined ? [] : [address.address]));
        if (reasons.length === 0) onEvent({ type: 'addressesApplied', instance, epoch });
        else onEvent({ type: 'addressesFailed', instance, epoch, reason: reasons.join('; '), applied });
      });
    },
    setReceiveBuffer: (size) => requester.setReceiveBuffer(size),
    close: () => requester.close(),
  };
}

/** The requests by which all of them are removed, in order; for whoever sends them in our place. */
export function removalRequests(links: LinkIndexes, belongings: Belongings): readonly NetlinkRequest[] {
  return plan(links, false, belongings).flatMap(({ request }) => (isRequest(request) ? [request] : []));
}

function isRequest(request: Task['request']): request is NetlinkRequest {
  return request !== 'nothing' && 'payload' in request;
}

function plan(links: LinkIndexes, present: boolean, { addresses, routes, rules }: Belongings): readonly Task[] {
  const kinds = [
    addresses.map((address) => addressTask(links, present, address)),
    routes.map((route) => routeTask(links, present, route)),
    rules.map((rule) => ruleTask(present, rule)),
  ];
  return (present ? kinds : kinds.reverse()).flat();
}

/** An interface that does not exist holds no address: nothing to remove, and nowhere to add. */
function addressTask(links: LinkIndexes, present: boolean, address: VirtualAddress): Task {
  const index = links.find(address.interface)?.index;
  const operation = `${present ? 'add' : 'remove'} address ${describeAddress(address)}`;
  if (index === undefined) return { address, request: present ? { missing: `${operation}: ENODEV` } : 'nothing' };
  const request = present
    ? { type: RTM.newAddress, flags: FLAG.create | FLAG.exclusive, payload: encodeAddressAddition(address, index), operation }
    : { type: RTM.deleteAddress, flags: 0, payload: encodeAddressRemoval(address, index), operation };
  return { address, request };
}

/** The same of a route whose interface does not exist. */
function routeTask(links: LinkIndexes, present: boolean, route: Route): Task {
  const operation = `${present ? 'add' : 'remove'} ${describeRoute(route)}`;
  const vrf = route.vrf === undefined ? undefined : links.find(route.vrf);
  const table = route.vrf === undefined ? route.table : vrf?.vrfTable;
  if (table === undefined || routeDevices(route).some((name) => links.find(name) === undefined)) {
    return { request: present ? { missing: `${operation}: ENODEV` } : 'nothing' };
  }
  const indexOf = (name: string): number => known(links.find(name), `${name} has been found`).index;
  const context = { indexOf, table };
  return {
    request: present
      ? { type: RTM.newRoute, flags: routeFlags(route), payload: encodeRouteAddition(route, context), operation }
      : { type: RTM.deleteRoute, flags: 0, payload: encodeRouteRemoval(route, context), operation },
  };
}

/** Rules name interfaces, whether they exist or not. */
function ruleTask(present: boolean, rule: Rule): Task {
  const operation = `${present ? 'add' : 'remove'} ${describeRule(rule)}`;
  const payload = encodeRule(rule);
  return {
    request: present
      ? { type: RTM.newRule, flags: FLAG.create | FLAG.exclusive, payload, operation }
      : { type: RTM.deleteRule, flags: 0, payload, operation },
  };
}

const GONE: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV', 'ESRCH', 'ENOENT', 'ENETDOWN', 'EAFNOSUPPORT']);

function isHarmless({ code }: KernelError, present: boolean): boolean {
  return present ? code === 'EEXIST' : GONE.has(code);
}
