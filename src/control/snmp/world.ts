/** What SNMP is answered from at one moment: the configuration and the newest picture of each process. */

import type { Child } from '../../runtime/children-events.js';
import type { InstanceDescription } from '../../vrrp/describe.js';
import type { Feed, Picture } from '../feed.js';
import type { SnmpConfiguration } from './configuration.js';
import { createHistory } from './history.js';
import type { FormerMaster, InstanceHistory } from './history.js';

export interface SnmpWorld {
  /** Absent until the supervisor has sent it. */
  readonly configuration?: SnmpConfiguration;
  /** Of processes that run and have shown something. */
  readonly vrrp?: Picture<'vrrp'>;
  readonly checkers?: Picture<'checkers'>;
  readonly bfd?: Picture<'bfd'>;
  /** Of instances by name. */
  readonly history: (instance: string) => InstanceHistory;
  /** Hundredths of a second since the SNMP agent began, as it told last; 0 while it has told nothing. */
  readonly agentUpTime: () => number;
}

export interface WorldKeeper {
  readonly hear: (feed: Feed) => void;
  /** The same object until something changes. */
  readonly world: () => SnmpWorld;
}

/** Pictures are taken apart when somebody asks, not when they come. */
export function createWorldKeeper(agentUpTime: () => number): WorldKeeper {
  const pictures = new Map<Child, () => unknown>();
  let configuration: (() => unknown) | undefined;
  let made: SnmpWorld | undefined;
  const world = (): SnmpWorld =>
    (made ??= {
      ...(configuration === undefined ? {} : { configuration: configuration() as SnmpConfiguration }),
      ...shownOf('vrrp'),
      ...shownOf('checkers'),
      ...shownOf('bfd'),
      history: (instance) => history.of(instance),
      agentUpTime,
    });
  const instanceShown = (name: string): InstanceDescription | undefined => world().vrrp?.shown.instances.find((each) => each.name === name);
  const history = createHistory(
    (name) => instanceShown(name)?.priority,
    (name) => formerMaster(instanceShown(name)),
  );
  const shownOf = <C extends Child>(child: C): Partial<Record<C, Picture<C>>> => {
    const read = pictures.get(child);
    return read === undefined ? {} : ({ [child]: read() as Picture<C> } as Partial<Record<C, Picture<C>>>);
  };
  return {
    hear: (feed) => {
      if (feed.type === 'configuration') configuration = parsedOnce(feed.text);
      else if (feed.type === 'picture') pictures.set(feed.of, parsedOnce(feed.text));
      else if (feed.type === 'gone') pictures.delete(feed.of);
      else {
        if (feed.type === 'events') feed.events.forEach(history.hear);
        return;
      }
      made = undefined;
    },
    world,
  };
}

/** As the last picture has it: of a master that has left, the priority is 0. */
function formerMaster(shown: InstanceDescription | undefined): FormerMaster | undefined {
  return shown?.masterPriority === undefined ? undefined : { priority: shown.masterPriority, hasLeft: shown.masterPriority === 0 };
}

function parsedOnce(text: string): () => unknown {
  let value: unknown;
  let parsed = false;
  return () => {
    if (!parsed) value = JSON.parse(text);
    parsed = true;
    return value;
  };
}

/** What a process shows, keyed by the name of each thing. */
export function byName<T extends { readonly name: string }>(things: readonly T[] | undefined): ReadonlyMap<string, T> {
  return new Map((things ?? []).map((thing) => [thing.name, thing]));
}

