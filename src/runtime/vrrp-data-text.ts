/**
 * The VRRP process's data file (SIGUSR1) as text: keepalived's sections and keys, for people and for programs that look for a
 * key. What holdfast knows beyond them is told by its control API.
 */

import type { Micros } from '../base/time.js';
import type { GlobalConfig } from '../conf/model.js';
import type { LinkState } from '../vrrp/config.js';
import type { DirectorState } from '../vrrp/director.js';
import { dependencies } from '../vrrp/links/links.js';
import type { VrrpState } from '../vrrp/notes.js';
import { downInterval, vrrpState } from '../vrrp/instance/state.js';
import type { Instance } from '../vrrp/instance/state.js';
import { section } from './dump-lines.js';
import { globalLines } from './global-text.js';
import { groupLines, instanceLines } from './instance-text.js';
import { fileLines, processLines, scriptLines } from './tracker-text.js';

/** `instantText` tells an instant as seconds since 1970 and a date. */
export function vrrpDataText(director: DirectorState, global: GlobalConfig, instantText: (instant: Micros) => string): string {
  const { instances, groups, groupOf, trackers, links } = director;
  const configs = instances.map(({ config }) => config);
  const { scripts = [], files = [], processes = [] } = director.config?.tracked ?? {};
  const groupName = (index: number): string | undefined => groups[groupOf[index] ?? -1]?.config.name;
  return [
    ...section('Global definitions', globalLines(global)),
    ...section('VRRP Topology', instances.flatMap((instance, i) => runningLines(instance, groupName(i), instantText))),
    ...section('VRRP Sync groups', groups.flatMap(({ config, state }) => groupLines(config, state ?? 'INIT'))),
    ...section('VRRP Scripts', scripts.flatMap((script) => scriptLines(script, trackers.scripts.get(script.name), configs))),
    ...section('VRRP Track files', files.flatMap((file) => fileLines(file, trackers.files.get(file.name), configs))),
    ...section('VRRP Track processes', processes.flatMap((one) => processLines(one, trackers.processes.get(one.name), configs))),
    ...section('Interfaces', [...new Set(configs.flatMap(dependencies))].flatMap((name) => linkLines(name, links.get(name)))),
    '',
  ].join('\n');
}

function runningLines(instance: Instance, group: string | undefined, instantText: (instant: Micros) => string): readonly string[] {
  const { config, state } = instance;
  return instanceLines(config, {
    state: vrrpState(state) ?? 'INIT',
    wanted: wantedState(instance),
    faults: instance.faults,
    since: instantText(instance.since),
    masterDownInterval: downInterval(instance),
    source: instance.source,
    priority: instance.priority,
    masterInterval: instance.masterInterval,
    master: instance.master,
    held: instance.addresses.held,
    group,
  });
}

/** What the instance is on its way to: keepalived remembers it apart from the state. */
export function wantedState({ config, state }: Pick<Instance, 'config' | 'state'>): VrrpState {
  if (state.role === 'master') return 'MASTER';
  if (state.role === 'fault') return 'FAULT';
  const wantsMaster = state.role === 'backup' ? state.wantsMaster : config.wantsMaster;
  return wantsMaster ? 'MASTER' : 'BACKUP';
}

function linkLines(name: string, link: LinkState | undefined): readonly string[] {
  const addresses = link?.addresses ?? [];
  const [ipv4 = '(none)'] = addresses.flatMap(({ address }) => (address.includes(':') ? [] : [address]));
  const [ipv6 = '(none)'] = addresses.flatMap(({ address }) => (address.includes(':') ? [address] : []));
  return [
    ` Name = ${name}`,
    `   index = ${link?.index ?? 0}`,
    `   IPv4 address = ${ipv4}`,
    `   IPv6 address = ${ipv6}`,
    ...(link?.mac === undefined ? [] : [`   MAC = ${link.mac}`]),
    `   State = ${link === undefined ? 'missing' : link.up ? 'UP, RUNNING' : 'not RUNNING'}`,
  ];
}
