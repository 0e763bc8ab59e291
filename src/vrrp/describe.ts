/** The director as an operator may see it: plain data without secrets, for dumps, status commands and metrics. */

import type { Family, IpAddress } from '../base/address.js';
import { given } from '../base/given.js';
import type { Micros } from '../base/time.js';
import type { Authentication } from './config/authentication.js';
import type { LinkState, VirtualAddress } from './config.js';
import type { DirectorState } from './director.js';
import { assess } from './links/links.js';
import type { FaultReason, VrrpState } from './notes.js';
import { downInterval, skewInterval, vrrpState, type Instance } from './instance/state.js';
import type { Route } from './host/routes.js';
import type { Rule } from './host/rules.js';
import type { Statistics } from './instance/statistics.js';
import type { PriorityMove } from './tracking/track.js';

export interface InstanceDescription {
  readonly name: string;
  readonly interface: string;
  readonly family: Family;
  readonly virtualRouterId: number;
  readonly version: 2 | 3;
  /** 'INIT' until its interfaces are known, and after the stop. */
  readonly state: VrrpState | 'INIT';
  /** Instant of the last change of state, on the monotonic clock. */
  readonly since: Micros;
  readonly basePriority: number;
  readonly priority: number;
  /** What moves the priority away from its base. An address owner is beyond that. */
  readonly priorityMoves: readonly PriorityMove[];
  readonly source?: IpAddress;
  /** Sender of the last accepted advert; absent while we are master ourselves. */
  readonly masterAddress?: IpAddress;
  readonly masterPriority?: number;
  readonly advertInterval: Micros;
  readonly masterInterval: Micros;
  readonly masterDownInterval: Micros;
  readonly skewTime: Micros;
  readonly preempt: boolean;
  readonly preemptDelay: Micros;
  /** garp_master_delay. */
  readonly gratuitousArpDelay: Micros;
  readonly authentication: Authentication['type'];
  readonly group?: string;
  readonly faults: readonly FaultReason[];
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  /** Confirmed by the kernel. */
  readonly heldAddresses: readonly IpAddress[];
  /** Of the last request to the kernel, of either kind. */
  readonly addressesStatus: 'applying' | 'applied' | 'failed';
  readonly statistics: Statistics;
}

export interface GroupDescription {
  readonly name: string;
  readonly state: VrrpState | 'INIT';
  readonly members: readonly string[];
}

/** A tracked script. */
export interface ScriptDescription {
  readonly name: string;
  /** Absent until the first result. */
  readonly up?: boolean;
  readonly running: boolean;
}

/** What instances depend on, by name. */
export interface WatchedDescription {
  /** Interfaces that instances use or track, as far as they exist. */
  readonly links: readonly Pick<LinkState, 'name' | 'index' | 'mac' | 'up'>[];
  /** `value` absent until it was read. */
  readonly files: readonly { readonly name: string; readonly value?: number }[];
  /** `count` and `up` absent until the first count. */
  readonly processes: readonly { readonly name: string; readonly count?: number; readonly up?: boolean }[];
  readonly sessions: readonly { readonly name: string; readonly up: boolean }[];
  /** Of the last request to the kernel for static addresses, routes and rules. */
  readonly staticObjects: 'applying' | 'applied' | 'failed';
}

export interface DirectorDescription {
  readonly stopped: boolean;
  readonly instances: readonly InstanceDescription[];
  readonly groups: readonly GroupDescription[];
  readonly scripts: readonly ScriptDescription[];
  /** Absent where only instances are of interest. */
  readonly watched?: WatchedDescription;
}

export function describeDirector(state: DirectorState): DirectorDescription {
  return {
    stopped: state.phase === 'stopped',
    instances: state.instances.map((instance, index) => {
      const group = state.groups[state.groupOf[index] ?? -1]?.config.name;
      return { ...describeInstance(instance, state), ...(group === undefined ? {} : { group }) };
    }),
    groups: state.groups.map((group) => ({
      name: group.config.name,
      state: group.state ?? 'INIT',
      members: group.members.flatMap((member) => state.instances[member]?.config.name ?? []),
    })),
    scripts: [...state.trackers.scripts.values()].map(({ config: { name }, up, run }) => ({
      name,
      running: run !== undefined,
      ...given({ up }),
    })),
    watched: describeWatched(state),
  };
}

function describeWatched({ links, trackers, staticObjects }: DirectorState): WatchedDescription {
  return {
    links: [...links.values()].flatMap((link) => (link === undefined ? [] : [{ name: link.name, index: link.index, up: link.up, ...given({ mac: link.mac }) }])),
    files: [...trackers.files].map(([name, { value }]) => ({ name, ...given({ value }) })),
    processes: [...trackers.processes].map(([name, { count, up }]) => ({ name, ...given({ count, up }) })),
    sessions: [...trackers.sessions].map(([name, up]) => ({ name, up })),
    staticObjects: staticObjects.status,
  };
}

function describeInstance(instance: Instance, { virtualAddresses, links, trackers }: DirectorState): InstanceDescription {
  const { config, source, master, addresses } = instance;
  return {
    name: config.name,
    interface: config.interface,
    family: config.family,
    virtualRouterId: config.virtualRouterId,
    version: config.version,
    state: vrrpState(instance.state) ?? 'INIT',
    since: instance.since,
    basePriority: config.yielded?.priority ?? config.priority,
    priority: instance.priority,
    priorityMoves: config.priority === 255 ? [] : assess(config, virtualAddresses, links, source, trackers).moves,
    ...(source === undefined ? {} : { source }),
    ...(master === undefined ? {} : { masterAddress: master.address, masterPriority: master.priority }),
    advertInterval: config.advertInterval,
    masterInterval: instance.masterInterval,
    masterDownInterval: downInterval(instance),
    skewTime: skewInterval(instance),
    preempt: config.preempt,
    preemptDelay: config.preemptDelay,
    gratuitousArpDelay: config.announcements.masterDelay,
    authentication: config.authentication.type,
    faults: instance.faults,
    virtualAddresses: config.virtualAddresses,
    excludedAddresses: config.excludedAddresses,
    routes: config.routes ?? [],
    rules: config.rules ?? [],
    heldAddresses: addresses.held.map(({ address }) => address),
    addressesStatus: addresses.status,
    statistics: instance.statistics,
  };
}
