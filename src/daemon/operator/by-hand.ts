/**
 * What operators have said since the configuration was read: kept in order, laid over the configuration, ended when its
 * time is over, and written down where it shall outlive the daemon. The supervisor owns it; nothing else decides here.
 */

import { parseAddress } from '../../base/address.js';
import { given } from '../../base/given.js';
import type { Model } from '../../conf/model.js';
import type { CommandAnswer, InstanceCommand, OperatorCommand, ServerCommand, SettingCommand } from '../../control/commands.js';
import { isCalled } from '../../control/server-names.js';
import { withOverrides } from '../../health/by-hand.js';
import type { ServerOverride } from '../../health/by-hand.js';
import type { VirtualServerConfig } from '../../health/config.js';
import { serverName } from '../../health/pool-state.js';
import type { Child } from '../../runtime/children-events.js';
import { withSettings } from '../../vrrp/instance/manager.js';
import { withYielded } from '../../vrrp/instance/yielding.js';

interface Terms {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until?: number;
  /** It outlives the daemon. */
  readonly kept: boolean;
  /** The next reload ends it. */
  readonly untilReload?: true;
}

export type ServerWord = ServerOverride & Terms;
export type InstanceWord = ({ readonly action: 'yield'; readonly instance: string } | SettingCommand) & Terms;
export type Word = ServerWord | InstanceWord;

/** What was said before and what is said now, with whom it concerns. */
export interface Outcome {
  readonly answer: CommandAnswer;
  readonly words: readonly Word[];
  readonly concerns?: Child;
  /** Nothing is to be kept of it: these are let back in. */
  readonly resumes?: readonly { readonly virtualServer: string; readonly server: string }[];
}

/** The configuration as it counts. */
export function withWords(model: Model, words: readonly Word[]): Model {
  const servers = words.flatMap((word) => (isServerWord(word) ? [word] : []));
  const yielding = new Set(words.flatMap((word) => (word.action === 'yield' ? [word.instance] : [])));
  const settings = words.flatMap((word) => (isSettingWord(word) ? [word] : []));
  const pool = withOverrides(model.pool, servers);
  const director = withYielded(withSettings(model.director, settings), yielding);
  return pool === model.pool && director === model.director ? model : { ...model, pool, director };
}

/** Those whose time is not over, and when the next one's is. */
export function unexpired(words: readonly Word[], now: number): { readonly words: readonly Word[]; readonly next?: number } {
  const left = words.filter(({ until }) => until === undefined || until > now);
  const ends = left.flatMap(({ until }) => until ?? []);
  return { words: left, ...(ends.length === 0 ? {} : { next: Math.min(...ends) }) };
}

/** Carries out one command. `model`: as the file has it. `now`: milliseconds since 1970. */
export function obey(command: OperatorCommand, model: Model, words: readonly Word[], now: number): Outcome {
  const { seconds, keep = false, untilReload } = command;
  const until = seconds === undefined ? undefined : now + seconds * 1_000;
  const terms: Terms = { since: now, kept: keep, ...given({ until, untilReload: untilReload === true || undefined }) };
  return 'instance' in command ? obeyForInstance(command, model, words, terms) : obeyForServer(command, model, words, terms);
}

/** What a manager sets: the last word about each instance counts. */
export function set(command: SettingCommand, model: Model, words: readonly Word[], now: number): Outcome {
  const { action, instance } = command;
  if (!model.director.instances.some(({ name }) => name === instance)) return refused(words, `there is no vrrp_instance ${instance}`);
  const others = words.filter((word) => !(word.action === action && word.instance === instance));
  const fresh: Word = { ...command, since: now, kept: false, untilReload: true };
  return { answer: { done: true, changed: [instance] }, words: [...others, fresh], concerns: 'vrrp' };
}

/** What a reload leaves. */
export function afterReload(words: readonly Word[]): readonly Word[] {
  return words.filter(({ untilReload }) => untilReload !== true);
}

function obeyForInstance({ action, instance }: InstanceCommand, model: Model, words: readonly Word[], terms: Terms): Outcome {
  const group = model.director.groups.find(({ name, members }) => name === instance || members.includes(instance));
  const names = group?.members ?? [instance];
  if (names.some((name) => !model.director.instances.some((config) => config.name === name))) {
    return refused(words, `there is no vrrp_instance ${instance}`);
  }
  const isMeant = (word: Word): boolean => word.action === 'yield' && names.includes(word.instance);
  const others = words.filter((word) => !isMeant(word));
  if (action === 'resume') {
    if (others.length === words.length) return refused(words, `${instance} has not been made to yield`);
    return { answer: { done: true, changed: names }, words: others, concerns: 'vrrp' };
  }
  const fresh = names.map((name) => ({ action: 'yield' as const, instance: name, ...terms }));
  return { answer: { done: true, changed: names }, words: [...others, ...fresh], concerns: 'vrrp' };
}

function obeyForServer(command: ServerCommand, model: Model, words: readonly Word[], terms: Terms): Outcome {
  const { action, server, weight } = command;
  const pools = withWords(model, words).pool.virtualServers.filter(({ name }) => command.virtualServer === undefined || isCalled(name, command.virtualServer));
  if (pools.length === 0) return refused(words, `there is no virtual server ${command.virtualServer ?? ''}`.trimEnd());
  if (action === 'add') return add(command, pools, words, terms);
  // A removed server is known by its word only.
  const removed = words.flatMap((word) => (isServerWord(word) && word.action === 'remove' ? [word] : []));
  const targets = pools.flatMap((pool) => [
    ...pool.realServers.map((config) => ({ virtualServer: pool.name, server: serverName(pool, config) })),
    ...removed.filter(({ virtualServer }) => virtualServer === pool.name),
  ]).filter(({ server: name }) => isCalled(name, server));
  if (targets.length === 0) return refused(words, `there is no real server ${server}`);
  const named: CommandAnswer = { done: true, changed: [...new Set(targets.map(({ virtualServer, server: name }) => `${name} in ${virtualServer}`))] };
  if (action === 'resume') return { answer: named, words, concerns: 'checkers', resumes: targets.map(pick) };
  const isMeant = (word: Word): boolean =>
    isServerWord(word) && targets.some((target) => target.server === word.server && target.virtualServer === word.virtualServer);
  const others = words.filter((word) => !isMeant(word));
  const answer = named;
  // What was added stays, whatever is said about it then, until it is removed.
  const added = words.filter((word) => isMeant(word) && word.action === 'add');
  if (action === 'enable') {
    if (words.length === others.length + added.length) return refused(words, `nothing has been said about ${server}`);
    return { answer, words: [...others, ...added], concerns: 'checkers' };
  }
  const isAdded = (target: { readonly virtualServer: string; readonly server: string }): boolean =>
    added.some((word) => isServerWord(word) && word.server === target.server && word.virtualServer === target.virtualServer);
  if (action === 'remove') {
    const fresh = targets.filter((target) => !isAdded(target)).map((target) => ({ ...pick(target), action, ...terms }));
    return { answer, words: [...others, ...fresh], concerns: 'checkers' };
  }
  const fresh = targets.map((target) => ({ ...pick(target), action, ...given({ weight }), ...terms }));
  return { answer, words: [...others, ...added, ...fresh], concerns: 'checkers' };
}

function pick({ virtualServer, server }: { readonly virtualServer: string; readonly server: string }): { virtualServer: string; server: string } {
  return { virtualServer, server };
}

function add({ server, weight }: ServerCommand, pools: readonly VirtualServerConfig[], words: readonly Word[], terms: Terms): Outcome {
  const [pool, another] = pools;
  if (pool === undefined || another !== undefined) return refused(words, 'say to which virtual server it shall be added');
  const [template] = pool.realServers;
  const [, address = server, port] = /^\[?(.+?)\]?:(\d+)$/.exec(server) ?? [];
  const parsed = parseAddress(address);
  if (parsed === undefined) return refused(words, `${server} is no address and port`);
  if (template === undefined) return refused(words, `${pool.name} has no server that it could be like`);
  if (template.checkers.some(({ check }) => !('connection' in check)) || (template.followers ?? []).length > 0) {
    return refused(words, `the checks of ${pool.name} name their servers themselves: write the new one into the file`);
  }
  const name = serverName(pool, { address: parsed, port: Number(port ?? template.port) });
  if (pool.realServers.some((config) => serverName(pool, config) === name)) return refused(words, `${name} is there already`);
  const others = words.filter((word) => !(isServerWord(word) && word.server === name && word.virtualServer === pool.name));
  const fresh = { action: 'add' as const, server: name, virtualServer: pool.name, ...given({ weight }), ...terms };
  return { answer: { done: true, changed: [`${name} in ${pool.name}`] }, words: [...others, fresh], concerns: 'checkers' };
}

function refused(words: readonly Word[], error: string): Outcome {
  return { answer: { done: false, error }, words };
}

export function isServerWord(word: Word): word is ServerWord {
  return word.action !== 'yield' && !isSettingWord(word);
}

function isSettingWord(word: Word): word is SettingCommand & Terms {
  return word.action === 'priority' || word.action === 'preempt';
}
