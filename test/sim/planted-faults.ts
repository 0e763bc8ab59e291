/**
 * Bugs a VRRP implementation may have, planted around production's machine: the simulation must find each. None of them
 * touches production code; a bug is what the machine hears, says or remembers wrongly.
 */

import { after } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import { DIRECTOR } from '../../src/runtime/vrrp-driver.js';
import type { DirectorMachine } from '../../src/runtime/vrrp-driver.js';
import { authenticationData, authenticationType } from '../../src/vrrp/wire/authentication.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { TrackedObject } from '../../src/vrrp/config/track.js';
import type { DirectorState, DirectorStep } from '../../src/vrrp/director.js';
import type { DirectorEffect, DirectorEvent } from '../../src/vrrp/events.js';
import type { BackupState, Instance } from '../../src/vrrp/instance/state.js';
import { skewTime } from '../../src/vrrp/instance/timers.js';
import { QUORUM } from './conditions.js';
import type { VrrpRunOptions } from './vrrp-run.js';

export interface PlantedFault {
  readonly name: string;
  readonly options: VrrpRunOptions;
  /** The property that must find it; absent = any. */
  readonly property?: string;
}

type AdvertEvent = Extract<DirectorEvent, { type: 'advertReceived' }>;

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'the skew grows with the priority',
    options: remembering((before, now) => {
      const { version, priority } = now.config;
      const wrong = skewTime(version, 256 - priority, now.masterInterval) - skewTime(version, priority, now.masterInterval);
      return moved(before, now, (state) => after(state.masterDownAt, wrong as Micros));
    }),
  },
  {
    name: 'a backup preempts a master of equal priority',
    options: hearing((event, instance) =>
      instance.state.role === 'backup' && event.advert.priority === instance.priority
        ? withPriority(event, Math.max(1, event.advert.priority - 1))
        : event,
    ),
  },
  { name: 'priority 0 is ignored', options: hearing((event) => (event.advert.priority === 0 ? undefined : event)) },
  {
    name: 'an advert does not restart the master-down timer',
    property: 'C1 monotonic convergence',
    options: remembering((before, now, event) =>
      event.type === 'advertReceived' && before?.state.role === 'backup'
        ? moved(before, now, () => (before.state.role === 'backup' ? before.state.masterDownAt : undefined))
        : now,
    ),
  },
  {
    name: 'a lower-priority advert restarts the master-down timer',
    options: hearing((event, instance) =>
      instance.state.role === 'backup' && event.advert.priority > 0 && event.advert.priority < instance.priority
        ? withPriority(event, instance.priority)
        : event,
    ),
  },
  { name: 'the owner waits like everybody else', options: configuredAs((instance) => ({ ...instance, wantsMaster: false })) },
  { name: 'the advert timer is not armed again', options: machine({ deadline: deadlineWithoutMasters }) },
  { name: 'addresses are announced before the kernel has them', options: saying(announceAtOnce) },
  { name: 'a stale answer of the kernel counts', options: machine({ step: withEpochForged }) },
  { name: 'sync groups are forgotten', options: machine({ step: withoutGroups }) },
  {
    name: 'the addresses stay when a master becomes backup',
    options: saying((effects) => effects.filter((effect) => effect.type !== 'setAddresses' || effect.present)),
  },
  {
    name: 'a master ignores a better one',
    property: 'S3 no silent split',
    options: hearing((event, instance) =>
      instance.state.role === 'master' && event.advert.priority > instance.priority ? undefined : event,
    ),
  },
  {
    name: 'of two equal masters neither gives way',
    options: hearing((event, instance) =>
      instance.state.role === 'master' && event.advert.priority === instance.priority ? undefined : event,
    ),
  },
  { name: 'nopreempt is ignored', options: configuredAs((instance) => ({ ...instance, preempt: true })) },
  { name: 'the preempt delay is ignored', options: configuredAs((instance) => ({ ...instance, preemptDelay: 0 as Micros })) },
  {
    name: 'a leaving master says nothing',
    options: saying((effects) => effects.filter((effect) => effect.type !== 'sendAdvert' || effect.advert.priority > 0)),
  },
  { name: 'a link that is down is not noticed', options: machine({ step: withLinksUp }) },
  { name: 'an address lost to others is not set again', options: machine({ step: deafToLoss }) },
  { name: 'a route or a rule lost to others is not set again', options: machine({ step: deafToNetworkLoss }) },
  { name: 'a master whose lease is renewed waits like one that was away', property: 'F1 a flushed master is whole again', options: machine({ step: withoutResuming }) },
  { name: 'routes stay when a master becomes backup', options: saying(keepingRoutes) },
  { name: "the master's interval is not learnt", options: remembering(withOwnInterval) },
  { name: 'the start-up delay is ignored', options: machine({ step: withoutStartupDelay }) },
  { name: 'a wrong password is accepted', options: hearing(withRightPassword) },
  { name: 'what waits in the socket is heard after the alarm', options: { drains: false } },
  { name: 'scripts never fail', options: machine({ step: withScriptsPassing }) },
  { name: 'the number in a file is not followed', options: machine({ step: withEmptyFiles }) },
  { name: 'a BFD session is always up', options: machine({ step: withSessionsUp }) },
  { name: 'a dead pool is not heard of', options: machine({ step: withPoolsAlive }) },
  { name: 'processes never end', options: machine({ step: withProcessesAlive }) },
  { name: 'reversed trackers are read straight', options: configuredAs(withoutReverse) },
  { name: 'links of others are not watched', options: configuredAs((instance) => ({ ...instance, trackInterfaces: [] })) },
  { name: 'negative weights count while up', options: configuredAs(withWeightsTurned) },
  { name: 'a process that takes the place of another numbers its authentication headers from 1', options: machine({ step: withoutSequences }) },
  { name: 'adverts of strangers count as those of peers', options: configuredAs(hearingStrangers) },
  { name: 'unsigned adverts are accepted', options: configuredAs(withoutEnforcement) },
];

function machine(changes: Partial<DirectorMachine>): VrrpRunOptions {
  return { machine: { ...DIRECTOR, ...changes } };
}

/** A machine that hears adverts wrongly, or (undefined) not at all. */
function hearing(change: (event: AdvertEvent, instance: Instance) => AdvertEvent | undefined): VrrpRunOptions {
  return machine({
    step: (state, event, now) => {
      if (event.type !== 'advertReceived') return DIRECTOR.step(state, event, now);
      const instance = state.instances.find((each) => isFor(event, each.config));
      const heard = instance === undefined ? event : change(event, instance);
      return heard === undefined ? { state, effects: [], notes: [] } : DIRECTOR.step(state, heard, now);
    },
  });
}

/** A machine that does wrong things. */
function saying(change: (effects: readonly DirectorEffect[]) => readonly DirectorEffect[]): VrrpRunOptions {
  return machine({
    step: (state, event, now) => {
      const step = DIRECTOR.step(state, event, now);
      return { ...step, effects: change(step.effects) };
    },
  });
}

/** A machine that remembers its instances wrongly. */
function remembering(
  change: (before: Instance | undefined, now: Instance, event: DirectorEvent) => Instance,
): VrrpRunOptions {
  return machine({
    step: (state, event, now) => {
      const step = DIRECTOR.step(state, event, now);
      const instances = step.state.instances.map((instance, index) => change(state.instances[index], instance, event));
      return { ...step, state: { ...step.state, instances } };
    },
  });
}

/** A machine that reads its configuration wrongly. */
function configuredAs(change: (instance: InstanceConfig) => InstanceConfig): VrrpRunOptions {
  return machine({
    step: (state, event, now) => {
      if (event.type !== 'reconfigured') return DIRECTOR.step(state, event, now);
      const config = { ...event.config, instances: event.config.instances.map(change) };
      return DIRECTOR.step(state, { ...event, config }, now);
    },
  });
}

function isFor(event: AdvertEvent, config: InstanceConfig): boolean {
  const { interface: on, family, advert } = event;
  return config.interface === on && config.family === family && config.virtualRouterId === advert.virtualRouterId;
}

function withPriority(event: AdvertEvent, priority: number): AdvertEvent {
  return { ...event, advert: { ...event.advert, priority } };
}

/** Moves a backup's timer whenever it was set anew. */
function moved(
  before: Instance | undefined,
  now: Instance,
  change: (state: BackupState) => Micros | undefined,
): Instance {
  if (now.state.role !== 'backup') return now;
  const old = before?.state.role === 'backup' ? before.state.masterDownAt : undefined;
  if (old === now.state.masterDownAt) return now;
  return { ...now, state: { ...now.state, masterDownAt: change(now.state) ?? now.state.masterDownAt } };
}

function deadlineWithoutMasters(state: DirectorState): Micros | undefined {
  return DIRECTOR.deadline({ ...state, instances: state.instances.filter(({ state: { role } }) => role !== 'master') });
}

function announceAtOnce(effects: readonly DirectorEffect[]): readonly DirectorEffect[] {
  return effects.flatMap((effect): DirectorEffect[] => {
    if (effect.type !== 'setAddresses' || !effect.present) return [effect];
    const { instance, addresses } = effect;
    return [effect, { type: 'announce', instance, addresses, repeat: 1 }];
  });
}

function withEpochForged(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'addressesApplied') return DIRECTOR.step(state, event, now);
  const instance = state.instances.find(({ config }) => config.name === event.instance);
  return DIRECTOR.step(state, { ...event, epoch: instance?.addresses.epoch ?? event.epoch }, now);
}

function withOwnInterval(_before: Instance | undefined, now: Instance): Instance {
  return { ...now, masterInterval: now.config.advertInterval };
}

/** As if the packet had carried whatever the instance expects. */
function withRightPassword(event: AdvertEvent, { config }: Instance): AdvertEvent {
  if (event.advert.version !== 2) return event;
  const { authentication } = config;
  const right = { authenticationType: authenticationType(authentication), authenticationData: authenticationData(authentication) };
  return { ...event, advert: { ...event.advert, ...right } };
}

function withoutStartupDelay(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'reconfigured') return DIRECTOR.step(state, event, now);
  return DIRECTOR.step(state, { ...event, config: { ...event.config, startupDelay: 0 as Micros } }, now);
}

function withoutGroups(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'reconfigured') return DIRECTOR.step(state, event, now);
  return DIRECTOR.step(state, { ...event, config: { ...event.config, groups: [] } }, now);
}

function withLinksUp(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'linkChanged' || event.link === undefined) return DIRECTOR.step(state, event, now);
  return DIRECTOR.step(state, { ...event, link: { ...event.link, up: true } }, now);
}

function deafToNetworkLoss(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  const isLoss = event.type === 'routeRemoved' || event.type === 'ruleRemoved';
  return isLoss ? { state, effects: [], notes: [] } : DIRECTOR.step(state, event, now);
}

/** What is kept for a successor is not known for its own any more. */
function withoutResuming(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'linkChanged') return DIRECTOR.step(state, event, now);
  const handovers = state.handovers.map((handover) => ({ ...handover, config: { ...handover.config } }));
  return DIRECTOR.step({ ...state, handovers }, event, now);
}

function keepingRoutes(effects: readonly DirectorEffect[]): readonly DirectorEffect[] {
  return effects.map((effect) => (effect.type === 'setAddresses' && !effect.present ? { ...effect, routes: [] } : effect));
}

function deafToLoss(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  return event.type === 'addressRemoved' ? { state, effects: [], notes: [] } : DIRECTOR.step(state, event, now);
}

function withScriptsPassing(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  const heard = event.type === 'scriptEnded' ? ({ ...event, ending: { type: 'exited', status: 0 } } as const) : event;
  return DIRECTOR.step(state, heard, now);
}

function withEmptyFiles(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  return DIRECTOR.step(state, event.type === 'fileRead' ? { ...event, value: 0 } : event, now);
}

function withSessionsUp(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  return DIRECTOR.step(state, event.type === 'sessionChanged' ? { ...event, up: true } : event, now);
}

function withPoolsAlive(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  return DIRECTOR.step(state, event.type === 'virtualServerChanged' ? { ...event, up: true } : event, now);
}

function withProcessesAlive(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  return DIRECTOR.step(state, event.type === 'processesCounted' ? { ...event, count: QUORUM } : event, now);
}

function withoutReverse(instance: InstanceConfig): InstanceConfig {
  const { tracks = {}, trackInterfaces } = instance;
  const straight = <T extends { readonly reverse: boolean }>(tracked: readonly T[] = []): readonly T[] => tracked.map((each) => ({ ...each, reverse: false }));
  const { scripts, files, processes, bfd } = tracks;
  const read = { scripts: straight(scripts), files: straight(files), processes: straight(processes), bfd: straight(bfd) };
  return { ...instance, tracks: read, trackInterfaces: straight(trackInterfaces) };
}

function withWeightsTurned(instance: InstanceConfig): InstanceConfig {
  const { tracks = {} } = instance;
  const turned = (tracked: readonly TrackedObject[] = []): readonly TrackedObject[] =>
    tracked.map((each) => (each.weight < 0 ? { ...each, reverse: true } : each));
  return { ...instance, tracks: { ...tracks, scripts: turned(tracks.scripts), bfd: turned(tracks.bfd) } };
}

function withoutSequences(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (event.type !== 'reconfigured' || event.legacy === undefined) return DIRECTOR.step(state, event, now);
  return DIRECTOR.step(state, { ...event, legacy: { ...event.legacy, headerSequences: new Map() } }, now);
}

function hearingStrangers(instance: InstanceConfig): InstanceConfig {
  return instance.unicast === undefined ? instance : { ...instance, unicast: { ...instance.unicast, checkSource: false } };
}

function withoutEnforcement(instance: InstanceConfig): InstanceConfig {
  return instance.hmac === undefined ? instance : { ...instance, hmac: { ...instance.hmac, mode: 'permissive' } };
}
