/** What an instance says to the outside: adverts, announcements, notifications. When it says so is decided elsewhere. */

import { familyOf, type IpAddress } from '../../base/address.js';
import type { Command } from '../../base/command.js';
import { micros, seconds } from '../../base/time.js';
import { authenticationData, authenticationType } from '../wire/authentication.js';
import { nextSequence } from '../wire/authentication-header.js';
import type { InstanceConfig, NotifyOptions, NotifyScripts, SyncGroupConfig, VirtualAddress } from '../config.js';
import { advertInterface } from '../host/devices.js';
import type { NotifyState, Protection } from '../events.js';
import { announceAtRate } from './pacing.js';
import type { Advert, ChecksumForm } from '../wire/packet.js';
import type { Allowance, Instance, SendAdvert, Turn } from './state.js';
import { counted } from './statistics.js';

/** RFC 5798 5.1.1.3. */
const MULTICAST_HOP_LIMIT = 255;
const UNPROTECTED: Protection = { type: 'none' };
/** Answers and log lines that others may cause per window: what the regular adverts say anyway is not said more often. */
const ANSWERS_PER_WINDOW = 10;
const SHORTEST_WINDOW = seconds(1);

/** The advert of this instance now; undefined without an address to send it from. */
export function composeAdvert(instance: Instance, priority: number, turn: Turn): SendAdvert | undefined {
  const { config, source } = instance;
  const group = config.multicastDestination ?? turn.multicastGroups[config.family];
  if (source === undefined || group === undefined) return undefined;
  const { unicast } = config;
  return {
    type: 'sendAdvert',
    instance: config.name,
    interface: advertInterface(config),
    family: config.family,
    source,
    destinations: unicast === undefined ? [group] : unicast.peers.map(({ address }) => address),
    unicast: unicast !== undefined,
    hopLimit: unicast?.hopLimit ?? MULTICAST_HOP_LIMIT,
    checksum: checksumOf(instance),
    advert: advertOf(config, priority),
    protection: protectionOf(instance),
  };
}

/** Of the next advert: the sequence of an authentication header is used up with it. */
function protectionOf({ config, freshness }: Instance): Protection {
  const { authentication, hmac } = config;
  if (authentication.type === 'ah') {
    return { type: 'header', password: authentication.password, sequence: nextSequence(freshness.headerSequence) };
  }
  return hmac === undefined || hmac.mode === 'receiveOnly' ? UNPROTECTED : { type: 'signature', hmac };
}

function checksumOf({ config, oldChecksum }: Instance): ChecksumForm {
  const { checksumAsV2, unicast, version, family } = config;
  if (version !== 3 || family !== 'ipv4') return 'right';
  if (checksumAsV2 === true) return 'withoutPseudoHeader';
  return unicast?.oldChecksum === 'always' || (oldChecksum && unicast?.oldChecksum === 'detect') ? 'asMulticast' : 'right';
}

export function sendAdvert(instance: Instance, advert: SendAdvert | undefined, turn: Turn): Instance {
  if (advert === undefined) return instance;
  const statistics = counted(instance.statistics, advert.advert.priority === 0 ? 'priorityZeroSent' : 'advertsSent');
  if (advert.protection.type !== 'header') {
    turn.effects.push(advert);
    return { ...instance, statistics };
  }
  const protection = protectionOf(instance);
  turn.effects.push({ ...advert, protection });
  const headerSequence = nextSequence(instance.freshness.headerSequence);
  return { ...instance, statistics, freshness: { ...instance.freshness, headerSequence, headerIsOwn: true } };
}

/** Announces what we hold; nothing when that is nothing. */
export function announce(instance: Instance, addresses: readonly VirtualAddress[], repeat: number, turn: Turn): void {
  if (addresses.length === 0 || repeat === 0) return;
  announceAtRate(instance.config.name, addresses, repeat, turn);
}

export function notifyInstance(instance: Instance, state: NotifyState, turn: Turn): void {
  const { name, notify, notifyOptions } = instance.config;
  const { priority } = instance;
  const commands = commandsFor(notify, 'INSTANCE', name, state, priority);
  const mail = isMailed(notifyOptions, state);
  turn.effects.push({ type: 'notify', subject: 'INSTANCE', name, state, priority, commands, mail });
}

/** Groups have no priority: their lines say 0. */
export function notifyGroup({ name, notify, notifyOptions }: SyncGroupConfig, state: NotifyState, turn: Turn): void {
  const commands = commandsFor(notify, 'GROUP', name, state, 0);
  const mail = isMailed(notifyOptions, state);
  turn.effects.push({ type: 'notify', subject: 'GROUP', name, state, priority: 0, commands, mail });
}

/** What is no change of state is not mailed. */
function isMailed(options: NotifyOptions | undefined, state: NotifyState): boolean {
  if (options?.mail !== true || FIFO_ONLY.has(state)) return false;
  return state !== 'FAULT' || options.noFaultMail !== true;
}

/** The allowance after one more answer, or undefined when it is used up. A window is an advert interval, at least 1 s. */
export function useAllowance(instance: Instance, turn: Turn): Allowance | undefined {
  const { allowance, config } = instance;
  if (turn.now >= allowance.windowEndsAt) {
    return { windowEndsAt: micros(turn.now + Math.max(config.advertInterval, SHORTEST_WINDOW)), used: 1 };
  }
  if (allowance.used >= ANSWERS_PER_WINDOW) return undefined;
  return { windowEndsAt: allowance.windowEndsAt, used: allowance.used + 1 };
}

function advertOf(config: InstanceConfig, priority: number): Advert {
  const { virtualRouterId, advertInterval, authentication } = config;
  // An instance's family is that of its VIPs; others travel without being advertised.
  const addresses: IpAddress[] = [];
  for (const { address } of config.virtualAddresses) if (familyOf(address) === config.family) addresses.push(address);
  if (config.version === 3) return { version: 3, virtualRouterId, priority, advertInterval, addresses };
  return {
    version: 2,
    virtualRouterId,
    priority,
    advertInterval,
    authenticationType: authenticationType(authentication),
    authenticationData: authenticationData(authentication),
    addresses,
  };
}

function commandsFor(
  notify: NotifyScripts,
  subject: 'INSTANCE' | 'GROUP',
  name: string,
  state: NotifyState,
  priority: number,
): readonly Command[] {
  const commands: Command[] = [];
  const specific = specificCommand(notify, state);
  if (specific !== undefined) commands.push(specific);
  if (notify.any !== undefined && !FIFO_ONLY.has(state)) {
    commands.push({ ...notify.any, argv: [...notify.any.argv, subject, name, state, String(priority)] });
  }
  return commands;
}

/** keepalived runs no script for these, it only writes to the FIFO. */
const FIFO_ONLY: ReadonlySet<NotifyState> = new Set(['MASTER_RX_LOWER_PRI', 'MASTER_PRIORITY', 'BACKUP_PRIORITY']);

function specificCommand(notify: NotifyScripts, state: NotifyState): Command | undefined {
  switch (state) {
    case 'MASTER':
      return notify.master;
    case 'BACKUP':
      return notify.backup;
    case 'FAULT':
      return notify.fault;
    case 'STOP':
      return notify.stop;
    case 'DELETED':
      return notify.deleted;
    case 'MASTER_RX_LOWER_PRI':
      return notify.masterReceivedLowerPriority;
    case 'MASTER_PRIORITY':
    case 'BACKUP_PRIORITY':
      return undefined;
  }
}
