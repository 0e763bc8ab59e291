/**
 * What a command will do, in words, before it is given; and the command that takes it back. Pure, so that it can be tested
 * without a browser.
 */

import type { OperatorCommand } from '../control/commands.js';
import type { ByHandStatus, InstanceStatus, RealServerStatus, Status, VirtualServerStatus } from '../control/status.js';

/** A real server in its virtual server. */
export interface Place {
  readonly virtualServer: string;
  readonly server: string;
}

/** What the page can ask for. */
export type Wish = (Place & { readonly action: 'drain' | 'disable' | 'weight' | 'enable' }) | { readonly action: 'yield' | 'resume'; readonly instance: string };

export interface Consequences {
  readonly title: string;
  readonly lines: readonly string[];
  /** Of the button that does it. */
  readonly verb: string;
}

/** Undefined when what it concerns is no longer there. `weight`: the wished one, as far as it is known. */
export function consequencesOf(wish: Wish, status: Status, weight?: number): Consequences | undefined {
  if ('instance' in wish) return ofInstance(wish, status);
  const virtual = status.lvs?.virtualServers.find(({ name }) => name === wish.virtualServer);
  const real = virtual?.realServers.find(({ name }) => name === wish.server);
  if (virtual === undefined || real === undefined) return undefined;
  const connections = real.connections?.active;
  const open = connections === undefined ? 'Open connections, which have not been counted,' : `${connections} open ${connections === 1 ? 'connection' : 'connections'}`;
  const where = `${real.name} of ${virtual.name}`;
  switch (wish.action) {
    case 'drain':
      return { title: `Drain ${where}?`, verb: 'Drain', lines: [`It gets no new connections. ${open} may go on until they end.`, ...leftOver(virtual, real, 0), HOLDS] };
    case 'disable':
      return { title: `Disable ${where}?`, verb: 'Disable', lines: [`It leaves the tables at once and is not checked. ${open} will break.`, ...leftOver(virtual, real, 0), HOLDS] };
    case 'weight': {
      const change = weight === undefined ? `Its weight is ${real.weight.effective} now.` : `Its weight goes from ${real.weight.effective} to ${weight}. ${open} go on.`;
      return { title: `Another weight for ${where}?`, verb: 'Weigh', lines: [change, ...(weight === undefined ? [] : leftOver(virtual, real, weight)), HOLDS] };
    }
    case 'enable': {
      const { configured } = real.weight;
      return { title: `Enable ${where}?`, verb: 'Enable', lines: [`What was said by hand is taken back${real.byHand === undefined ? '' : ` (${real.byHand})`}. Its checks and the file count again, with weight ${configured}.`] };
    }
  }
}

const HOLDS = 'It holds beside the file, through reloads, until it is taken back or its time is over.';

/** Who carries on, and whether that is enough. */
function leftOver({ realServers, aliveWeight, quorum, sorryServer }: VirtualServerStatus, real: RealServerStatus, weight: number): readonly string[] {
  const serves = (each: RealServerStatus): boolean => each.tier === undefined && each.state !== 'down' && each.state !== 'disabled';
  const after = serves(real) ? aliveWeight - real.weight.effective + weight : aliveWeight;
  const others = realServers.filter((each) => each.name !== real.name && serves(each) && each.weight.effective > 0).length;
  const backups = realServers.filter(({ tier }) => tier !== undefined).length;
  const behind = [
    ...(backups === 0 ? [] : [`${backups} backup ${backups === 1 ? 'server' : 'servers'}`]),
    ...(sorryServer === undefined ? [] : [`sorry server ${sorryServer.name}`]),
  ].join(' and ');
  const standIn = behind === '' ? 'nobody stands behind' : `${behind} ${backups > 1 || behind.includes(' and ') ? 'stand' : 'stands'} behind`;
  return [
    `${others} other ${others === 1 ? 'server carries' : 'servers carry'} on; ${standIn}. Weight alive ${aliveWeight} → ${after}, quorum ${quorum}.`,
    ...(after < quorum ? ['That is less than the quorum: the virtual server will count as down.'] : []),
  ];
}

function ofInstance({ action, instance: name }: Extract<Wish, { instance: string }>, { vrrp, lvs }: Status): Consequences | undefined {
  const instance = vrrp?.instances.find((each) => each.name === name);
  if (instance === undefined) return undefined;
  const members = vrrp?.groups.find((group) => group.name === instance.group)?.members ?? [];
  const together = members.length > 1 ? [`The members of sync group ${instance.group ?? ''} go together: ${members.join(', ')}.`] : [];
  if (action === 'resume') {
    return { title: `Let ${name} have its role again?`, verb: 'Resume', lines: [`Its priority counts again: ${instance.priority.configured} in the file. With a better one than the master's, and preempt, it takes over.`, ...together] };
  }
  const addresses = instance.addresses.map(({ address }) => address);
  const pools = (lvs?.virtualServers ?? []).filter(({ services }) => services.some(({ address }) => address !== undefined && addresses.includes(address)));
  const connections = pools.reduce((sum, pool) => sum + (pool.connections?.active ?? 0), 0);
  return { title: `Make ${name} yield?`, verb: 'Yield', lines: [...yieldLines(instance, addresses, connections), ...together, HOLDS] };
}

function yieldLines({ state, master }: InstanceStatus, addresses: readonly string[], connections: number): readonly string[] {
  if (state !== 'MASTER') return [`It is ${state} already${master === undefined ? '' : `, and ${master.address} is master`}. It will take over only when nobody else is there (priority 1).`];
  return [
    `This director says goodbye and keeps ${addresses.join(', ') || 'its role'} until another router has spoken.`,
    'Backups are silent, so nobody here knows whether one is there: if none takes over, this router is master again, with priority 1.',
    ...(connections === 0 ? [] : [`${connections} open connections go through these addresses. The other director carries those on that it knows (lvs_sync_daemon).`]),
  ];
}

/** How long something shall hold. */
export interface Term {
  readonly seconds?: number;
  readonly keep?: boolean;
  readonly untilReload?: boolean;
}

/** What takes the wish back: the word that held before, or none. `now`: milliseconds since 1970. */
export function undoOf(wish: Wish, { byHand = [] }: Status, now: number): OperatorCommand {
  if ('instance' in wish) return wish.action === 'yield' ? { action: 'resume', instance: wish.instance } : { action: 'yield', instance: wish.instance, ...termOf(wordOf(wish, byHand), now) };
  const { server, virtualServer } = wish;
  const before = wordOf(wish, byHand);
  if (before === undefined || before.action === 'yield' || before.action === 'priority' || before.action === 'preempt') return { action: 'enable', server, virtualServer };
  const { action, weight } = before;
  return { action, server, virtualServer, ...(weight === undefined ? {} : { weight }), ...termOf(before, now) };
}

/** An added server stays added whatever is said of it. */
function wordOf(wish: Wish, byHand: readonly ByHandStatus[]): ByHandStatus | undefined {
  if ('instance' in wish) return byHand.find(({ action, instance }) => action === 'yield' && instance === wish.instance);
  return byHand.find(({ action, server, virtualServer }) => action !== 'add' && server === wish.server && virtualServer === wish.virtualServer);
}

function termOf(word: ByHandStatus | undefined, now: number): Term {
  if (word === undefined) return {};
  return { keep: word.kept, ...(word.untilReload === true ? { untilReload: true } : {}), ...(word.until === undefined ? {} : { seconds: Math.max(1, Math.round((Date.parse(word.until) - now) / 1_000)) }) };
}

/** What was done, for the line that offers to take it back. */
export function doneText({ verb }: Consequences, changed: readonly string[]): string {
  return `${verb}: ${changed.join(', ')}`;
}
