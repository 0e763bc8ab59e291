/**
 * What a manager has set over SNMP (KEEPALIVED-MIB, vrrpInstanceBasePriority and vrrpInstancePreempt). It counts until the
 * next configuration, as in keepalived.
 */

import { reassess } from './faults.js';
import type { DirectorConfig, InstanceConfig, InstanceSetting } from '../config.js';
import { instanceAt, type Fleet } from '../group.js';
import type { Links } from '../links/links.js';
import type { Turn } from './state.js';

/** In their order. Instances that are not there are passed over. */
export function withSettings(config: DirectorConfig, settings: readonly InstanceSetting[]): DirectorConfig {
  if (settings.length === 0) return config;
  const set = (instance: InstanceConfig): InstanceConfig =>
    settings.filter((setting) => setting.instance === instance.name).reduce(withSetting, instance);
  return { ...config, instances: config.instances.map(set) };
}

function withSetting(config: InstanceConfig, { priority, preempt = config.preempt }: InstanceSetting): InstanceConfig {
  if (priority === undefined) return { ...config, preempt };
  return config.yielded === undefined ? { ...config, preempt, priority } : { ...config, preempt, yielded: { priority } };
}

/** The running instance follows at once: timers and adverts, too. */
export function hearManager(fleet: Fleet, setting: InstanceSetting, links: Links, turn: Turn): void {
  const index = fleet.instances.findIndex(({ config }) => config.name === setting.instance);
  if (index < 0) return;
  const before = instanceAt(fleet, index);
  const { instance: name, priority, preempt } = setting;
  const from = before.config.yielded?.priority ?? before.config.priority;
  if (priority !== undefined) turn.notes.push({ type: 'basePrioritySet', instance: name, from, to: priority });
  if (preempt !== undefined) turn.notes.push({ type: 'preemptSet', instance: name, preempt });
  const { state } = before;
  fleet.instances[index] = {
    ...before,
    config: withSetting(before.config, setting),
    state: state.role === 'backup' && preempt === false ? { ...state, preemptAt: undefined } : state,
  };
  reassess(fleet, index, links, turn);
}
