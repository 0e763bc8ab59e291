/**
 * Watches over routes and rules that somebody else may remove: follows the kernel's events, and looks again whenever events
 * were lost. It tells what is gone; whether anybody misses it is not decided here.
 */

import { FAMILIES } from '../../base/address.js';
import type { DirectorEvent } from '../../vrrp/events.js';
import type { Route } from '../../vrrp/host/routes.js';
import type { Rule } from '../../vrrp/host/rules.js';
import type { LinkIndexes } from './addresses.js';
import type { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket, PROTOCOL, SHORT_DATAGRAMS } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';
import { decodeRouteKey, keyOfRoute, protocolOfRoute, routesOfProtocol } from './route-messages.js';
import { networkFilter } from './network-filter.js';
import { GROUP, RTM } from './rtnetlink.js';
import { allRules, decodeRuleKey, keyOfRule } from './rule-messages.js';
import type { ReceiveBuffers } from '../sockets/socket-options.js';

export type NetworkEvent = Extract<DirectorEvent, { readonly type: 'routeRemoved' | 'ruleRemoved' }>;

export interface Watched {
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

export interface NetworkMonitorOptions {
  readonly onEvent: (event: NetworkEvent) => void;
  /** The picture was incomplete for a moment: events were lost, or a dump failed. */
  readonly onLoss: (error: KernelError) => void;
}

/** Until a failed look is tried again. Milliseconds. */
const RETRY = 50;

const NO_ROUTES: ReadonlyMap<string, readonly Route[]> = new Map();
const NO_RULES: ReadonlyMap<string, Rule> = new Map();

export class NetworkMonitor {
  readonly #links: LinkIndexes;
  readonly #options: NetworkMonitorOptions;
  #routes = NO_ROUTES;
  #rules = NO_RULES;
  #protocols: ReadonlySet<number> = new Set();
  /** Of which the last word of the kernel was that it is gone. */
  readonly #missing = new Map<string, NetworkEvent>();
  #events: NetlinkSocket | undefined;
  #requester: NetlinkRequester | undefined;
  #buffers: ReceiveBuffers = {};
  /** Dumps without an answer: what has not been seen yet may still be. */
  #dumps = 0;
  /** Events while a picture is being taken: parts of it may be older than they. */
  #waiting: NetlinkMessage[] = [];
  /** Whether all dumps since there were none have been answered, and who wants to know. */
  #isWhole = true;
  #asking: ((isWhole: boolean) => void)[] = [];
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** Opens nothing yet. */
  constructor(links: LinkIndexes, options: NetworkMonitorOptions) {
    this.#links = links;
    this.#options = options;
  }

  /**
   * Follows the tracked ones among these from now on, instead of those before. Opens its socket, in the network namespace of
   * the moment, when there is something to follow for the first time. Throws KernelError.
   */
  watch({ routes, rules }: Watched): void {
    const tracked = routes.filter((route) => route.tracked);
    this.#routes = groupedByKey(this.#links, tracked);
    this.#rules = new Map(rules.filter((rule) => rule.tracked).map((rule) => [keyOfRule(rule), rule]));
    this.#protocols = new Set(tracked.map(({ protocol }) => protocol));
    const filter = networkFilter([...this.#protocols]);
    if (this.#events !== undefined) this.#events.setFilter(filter);
    else if (this.#routes.size + this.#rules.size > 0) this.#open(filter);
  }

  /** Receive buffers of its sockets, whether they are open or still to be opened; absent for the default. */
  setReceiveBuffers(buffers: ReceiveBuffers): void {
    this.#buffers = buffers;
    this.#requester?.setReceiveBuffer(buffers.commands);
    this.#events?.setReceiveBuffer(buffers.monitor);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#events?.close();
    this.#requester?.close();
  }

  #open(filter: Uint8Array): void {
    this.#requester = new NetlinkRequester(PROTOCOL.route);
    this.#events = new NetlinkSocket({
      protocol: PROTOCOL.route,
      groups: [GROUP.ipv4Route, GROUP.ipv6Route, GROUP.ipv4Rule, GROUP.ipv6Rule],
      datagrams: SHORT_DATAGRAMS,
      filter,
      onMessage: (message) => {
        if (this.#dumps === 0) this.#apply(message);
        else this.#waiting.push(message);
      },
      onIdle: () => this.#settle(),
      onLoss: (error) => this.#lookAgain(error),
    });
    this.setReceiveBuffers(this.#buffers);
  }

  #apply({ type, data }: NetlinkMessage): void {
    if (type === RTM.newRoute || type === RTM.deleteRoute) {
      // Before all else: what the kernel's filter lets through may still be others' routes of the same protocol.
      if (!this.#protocols.has(protocolOfRoute(data) ?? -1)) return;
      for (const route of matching(this.#links, this.#routes, data)) {
        this.#note(routeName(route), type === RTM.newRoute, { type: 'routeRemoved', route });
      }
    } else if (type === RTM.newRule || type === RTM.deleteRule) {
      const key = decodeRuleKey(data) ?? '';
      const rule = this.#rules.get(key);
      if (rule !== undefined) this.#note(ruleName(key), type === RTM.newRule, { type: 'ruleRemoved', rule });
    }
  }

  #note(name: string, exists: boolean, event: NetworkEvent): void {
    if (exists) this.#missing.delete(name);
    else this.#missing.set(name, event);
  }

  /** Once everything that arrived together is known: what was put back meanwhile is not gone. */
  #settle(): void {
    if (this.#dumps > 0) return;
    const gone = [...this.#missing.values()];
    this.#missing.clear();
    for (const event of gone) this.#options.onEvent(event);
  }

  #lookAgain(error: KernelError): void {
    this.#options.onLoss(error);
    this.#events?.discard();
    this.#lookUntilWhole();
  }

  #lookUntilWhole(): void {
    clearTimeout(this.#retry);
    this.look((isWhole) => {
      if (!isWhole && !this.#closed) this.#retry = setTimeout(() => this.#lookUntilWhole(), RETRY);
    });
  }

  /**
   * Everything counts as gone that does not stand in a picture taken now. Calls `done` when what is gone has been told, or with
   * false when the picture could not be taken (told as a loss): nobody is told anything then.
   */
  look(done: (isWhole: boolean) => void): void {
    if (this.#requester === undefined) {
      done(true);
      return;
    }
    this.#asking.push(done);
    for (const route of [...this.#routes.values()].flat()) this.#note(routeName(route), false, { type: 'routeRemoved', route });
    for (const [key, rule] of this.#rules) this.#note(ruleName(key), false, { type: 'ruleRemoved', rule });
    const dumps = dumpRequests(this.#protocols);
    this.#dumps += dumps.length;
    for (const request of dumps) {
      this.#requester.query(request, (result) => {
        this.#dumps -= 1;
        if (result.ok) for (const message of result.messages) this.#apply(message);
        else {
          // Nothing is known, so nobody is told that anything is gone.
          this.#isWhole = false;
          this.#missing.clear();
          this.#options.onLoss(result.error);
        }
        if (this.#dumps === 0) this.#looked();
      });
    }
  }

  #looked(): void {
    const isWhole = this.#isWhole;
    this.#isWhole = true;
    for (const message of this.#waiting.splice(0)) this.#apply(message);
    this.#settle();
    for (const done of this.#asking.splice(0)) done(isWhole);
  }
}

/** Routes that differ in their next hop only share a key. A VRF that does not exist has no table yet. */
function groupedByKey(links: LinkIndexes, tracked: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const grouped = new Map<string, Route[]>();
  for (const route of tracked) {
    const table = route.vrf === undefined ? route.table : (links.find(route.vrf)?.vrfTable ?? route.table);
    const key = keyOfRoute(route, table);
    grouped.set(key, [...(grouped.get(key) ?? []), route]);
  }
  return grouped;
}

/** Those of the message's key that go through its interface. */
function matching(links: LinkIndexes, routes: ReadonlyMap<string, readonly Route[]>, data: Uint8Array): readonly Route[] {
  const decoded = decodeRouteKey(data);
  const candidates = decoded === undefined ? [] : (routes.get(decoded.key) ?? []);
  const { interfaceIndex } = decoded ?? {};
  return candidates.filter(({ interface: name, gateway, nextHops }) => {
    if (gateway !== undefined && decoded?.gateway !== undefined && gateway !== decoded.gateway) return false;
    if (name === undefined || interfaceIndex === undefined || nextHops.length > 0) return true;
    return links.find(name)?.index === interfaceIndex;
  });
}

function routeName(route: Route): string {
  return `route ${keyOfRoute(route, route.table)} ${route.interface ?? ''} ${route.gateway ?? ''}`;
}

function ruleName(key: string): string {
  return `rule ${key}`;
}

function dumpRequests(protocols: ReadonlySet<number>): readonly NetlinkRequest[] {
  const dump = { flags: FLAG.dump };
  return [
    ...[...protocols].map((protocol) => ({ ...dump, type: RTM.getRoute, payload: routesOfProtocol(protocol), operation: 'list routes' })),
    ...FAMILIES.map((family) => ({ ...dump, type: RTM.getRule, payload: allRules(family), operation: 'list rules' })),
  ];
}
