/**
 * Announcements at a rate: switches and neighbours drop what comes too densely, so packets of one kind on an interface, or on
 * a group of interfaces that share a rate, wait in a queue. Without a rate they go at once, all together.
 */

import { familyOf } from '../../base/address.js';
import { after, earliest, type Micros } from '../../base/time.js';
import type { AnnouncementRates } from '../config/announcement.js';
import type { VirtualAddress } from '../config.js';
import type { Pacing, Queue } from './pacing-state.js';
import type { Instance, Turn } from './state.js';

/** `repeat` rounds over all addresses; those that have a rate line up. */
export function announceAtRate(instance: string, addresses: readonly VirtualAddress[], repeat: number, turn: Turn): void {
  const lines = new Map<string | undefined, { readonly interval: Micros; readonly addresses: VirtualAddress[] }>();
  for (const address of addresses) {
    const rate = rateOf(turn.rates, address);
    const line = lines.get(rate?.key);
    if (line === undefined) lines.set(rate?.key, { interval: rate?.interval ?? (0 as Micros), addresses: [address] });
    else line.addresses.push(address);
  }
  for (const [key, { interval, addresses: ofLine }] of lines) {
    if (key === undefined) {
      turn.effects.push({ type: 'announce', instance, addresses: ofLine, repeat });
      turn.notes.push({ type: 'announcementSent', instance, addresses: ofLine, repeat });
    } else {
      turn.notes.push({ type: 'announcementQueued', instance, addresses: ofLine });
      const queue = turn.pacing.get(key) ?? { interval, nextAt: turn.now, waiting: [] };
      const longer = { ...queue, interval, waiting: [...queue.waiting, { instance, addresses: ofLine, repeat, sent: 0 }] };
      turn.pacing = new Map(turn.pacing).set(key, longer);
      sendFrom(key, longer, turn);
    }
  }
}

/** Sends what is due. What an instance that is master no longer had lined up is forgotten, or it would lure traffic here. */
export function sendPaced(instances: readonly Instance[], turn: Turn): void {
  if (turn.pacing.size === 0) return;
  const masters = new Set(instances.flatMap(({ config, state }) => (state.role === 'master' ? [config.name] : [])));
  for (const [key, queue] of turn.pacing) {
    const waiting = queue.waiting.filter(({ instance }) => masters.has(instance));
    sendFrom(key, waiting.length === queue.waiting.length ? queue : { ...queue, waiting }, turn);
  }
}

export function pacingDeadline(pacing: Pacing): Micros | undefined {
  let deadline: Micros | undefined;
  for (const { nextAt } of pacing.values()) deadline = earliest(deadline, nextAt);
  return deadline;
}

/** One packet at most: after a stall the others do not hurry. An empty queue stays until its interval is over. */
function sendFrom(key: string, queue: Queue, turn: Turn): void {
  const [first, ...others] = queue.waiting;
  const pacing = new Map(turn.pacing);
  turn.pacing = pacing;
  if (queue.nextAt > turn.now) {
    pacing.set(key, queue);
    return;
  }
  const address = first?.addresses[first.sent % first.addresses.length];
  if (first === undefined || address === undefined) {
    pacing.delete(key);
    return;
  }
  turn.effects.push({ type: 'announce', instance: first.instance, addresses: [address], repeat: 1 });
  turn.notes.push({ type: 'announcementSent', instance: first.instance, addresses: [address], repeat: 1, wasQueued: true });
  const sent = first.sent + 1;
  const left = sent < first.addresses.length * first.repeat ? [{ ...first, sent }] : [];
  pacing.set(key, { ...queue, nextAt: after(turn.now, queue.interval), waiting: [...left, ...others] });
}

/** Undefined when nothing slows this address's packets down. */
function rateOf(rates: AnnouncementRates | undefined, { address, interface: name }: VirtualAddress): { key: string; interval: Micros } | undefined {
  if (rates === undefined) return undefined;
  const kind = familyOf(address) === 'ipv4' ? 'gratuitousArp' : 'neighbourAdvert';
  const group = rates.groups.findIndex(({ interfaces }) => interfaces.includes(name));
  const interval = (rates.groups[group] ?? rates.perInterface)[kind];
  if (interval === 0) return undefined;
  return { key: `${kind} ${group < 0 ? `interface ${name}` : `group ${group}`}`, interval };
}
