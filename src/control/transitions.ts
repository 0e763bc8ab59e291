/**
 * The last changes of state, read off the events: of what, when, from what, to what, and why as the log has it. Kept apart
 * from the events themselves, which come by the thousand.
 */

import type { ControlEvent, TransitionStatus } from './status.js';

/** Kept of instances, and of servers and virtual servers together: neither shall drive out the other. */
const MOST_OF_INSTANCES = 10;
const MOST_OF_POOLS = 20;
/** What was told of the same thing shortly before is the reason, milliseconds. */
const REASON_WITHIN = 2_000;
/** Things whose last word is remembered for that. */
const MOST_REASONS = 1_000;

type Change = Pick<TransitionStatus, 'from' | 'to'>;

/** Events of servers and virtual servers that are changes of state. */
const POOL_CHANGES: Readonly<Record<string, Change>> = {
  serverAdded: { from: 'down', to: 'up' },
  serverEnabled: { from: 'down', to: 'up' },
  serverRemoved: { from: 'up', to: 'down' },
  serverDisabled: { from: 'up', to: 'down' },
  quorumGained: { from: 'down', to: 'up' },
  quorumLost: { from: 'up', to: 'down' },
  quorumDownAtStart: { to: 'down' },
};

/** Told of an instance without being a reason for what it does next. */
const NO_REASONS: ReadonlySet<string> = new Set(['lowerPriorityDiscarded', 'announcementSent']);

/** Where nothing was told before: by `FROM TO`. */
const USUAL_REASONS: Readonly<Record<string, string>> = {
  'BACKUP MASTER': 'no router with a better priority was heard',
  'MASTER BACKUP': 'another router is to be master',
  'FAULT BACKUP': 'what held it in FAULT is over',
  'BACKUP FAULT': 'something it depends on failed',
  'MASTER FAULT': 'something it depends on failed',
};

export interface Transitions {
  readonly hear: (event: ControlEvent) => void;
  /** Newest first. */
  readonly last: () => readonly TransitionStatus[];
}

export function createTransitions(): Transitions {
  let ofInstances: readonly TransitionStatus[] = [];
  let ofPools: readonly TransitionStatus[] = [];
  const told = new Map<string, ControlEvent>();
  const reasonFor = (key: string, { time }: ControlEvent): string | undefined => {
    const before = told.get(key);
    return before !== undefined && Date.parse(time) - Date.parse(before.time) <= REASON_WITHIN ? before.text : undefined;
  };
  return {
    hear: (event) => {
      const key = subjectOf(event);
      if (key === undefined || NO_REASONS.has(event.event)) return;
      const transition = transitionIn(event, reasonFor(key, event));
      if (transition?.of === 'instance') ofInstances = [transition, ...ofInstances].slice(0, MOST_OF_INSTANCES);
      else if (transition !== undefined) ofPools = [transition, ...ofPools].slice(0, MOST_OF_POOLS);
      told.delete(key);
      if (transition === undefined) told.set(key, event);
      const [oldest] = told.size > MOST_REASONS ? told.keys() : [];
      if (oldest !== undefined) told.delete(oldest);
    },
    last: () => [...ofInstances, ...ofPools].sort((a, b) => b.id - a.id),
  };
}

/** What an event is about, if it is about one thing. */
function subjectOf({ fields: { instance, server, virtualServer } }: ControlEvent): string | undefined {
  if (instance !== undefined) return `instance ${String(instance)}`;
  return virtualServer === undefined ? undefined : `pool ${String(virtualServer)} ${String(server ?? '')}`;
}

function transitionIn({ id, event, time, fields }: ControlEvent, reason: string | undefined): TransitionStatus | undefined {
  const { instance, server, virtualServer, from, state } = fields;
  if (instance !== undefined) {
    if (event !== 'stateChanged' && event !== 'instanceStarted' && event !== 'masterAdopted') return undefined;
    const why = reason ?? USUAL_REASONS[`${String(from)} ${String(state)}`];
    return { id, time, of: 'instance', name: String(instance), ...(from === undefined ? {} : { from: String(from) }), to: String(state), ...(why === undefined ? {} : { why }) };
  }
  const change = POOL_CHANGES[event];
  if (change === undefined) return undefined;
  const why = reason === undefined ? {} : { why: reason };
  if (server === undefined) return { id, time, of: 'virtualServer', name: String(virtualServer), ...change, ...why };
  return { id, time, of: 'realServer', name: String(server), virtualServer: String(virtualServer), ...change, ...why };
}
