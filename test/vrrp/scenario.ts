/**
 * Transcripts of one director: commands above a line of dashes, what it did and said below. A scenario is its own expected
 * result; with REWRITE=1 the part below the dashes is written anew, to be read before it is committed.
 *
 *     instance V1 [key=value ...]   a configuration is put together ...
 *     group G V1 V2
 *     drop V1
 *     delay 5s
 *     configure                     ... and comes into force
 *     link eth0 up|down [192.0.2.1/24 ...]   missing: link eth0 missing
 *     advert V1 SOURCE PRIORITY [interval=..] [hops=..] [vips=a,b] [password=..] [version=..]
 *     malformed V1 SOURCE ERROR LENGTH
 *     advance 3s                    with every deadline on the way
 *     late 3s                       one wake-up at the end of it
 *     sleep 3s                      nobody wakes it
 *     applied V1 [EPOCH]            the kernel's answer to the last request
 *     failed V1 REASON [applied ones]
 *     removed eth0 192.0.2.100
 *     stop [keep]
 *     show
 *
 * What is about tracked objects is in scenario-trackers.ts.
 */

import { familyOf, type IpAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';
import { micros, type Micros } from '../../src/base/time.js';
import type { InstanceConfig, SyncGroupConfig, VirtualAddress } from '../../src/vrrp/config.js';
import { describeDirector } from '../../src/vrrp/describe.js';
import { directorDeadline, initialDirector, stepDirector, type DirectorState } from '../../src/vrrp/director.js';
import type { TrackedObjects } from '../../src/vrrp/config/track.js';
import type { DirectorEffect, DirectorEvent } from '../../src/vrrp/events.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import type { AdvertError } from '../../src/vrrp/wire/packet.js';
import { authenticationData } from '../../src/vrrp/wire/authentication.js';
import { address, cidr } from '../support/address.js';
import { isTrackKind, readTracks, trackerEvent, withObject } from './scenario-trackers.js';
import { advertV2, advertV3, director, group, instance, link, virtual } from '../support/vrrp-configuration.js';

/** The transcript with everything below the dashes as it is now. */
export function replay(transcript: string): string {
  const runner = new Runner();
  return transcript
    .trimEnd()
    .split(/\n{2,}/)
    .map((block) => {
      const commands = block.split('\n').filter((line, i, all) => !all.slice(0, i + 1).includes('----') && line !== '');
      const output = commands.flatMap((line) => (line.startsWith('#') ? [] : runner.run(line)));
      if (commands.every((line) => line.startsWith('#'))) return block;
      return [...commands, '----', ...output].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

class Runner {
  #state: DirectorState = initialDirector(1);
  #now: Micros = micros(0);
  readonly #instances = new Map<string, InstanceConfig>();
  #groups: SyncGroupConfig[] = [];
  #tracked: TrackedObjects = { scripts: [], files: [], processes: [] };
  #delay: Micros = micros(0);
  readonly #epochs = new Map<string, number>();

  run(line: string): string[] {
    const [command = '', ...words] = line.split(/\s+/);
    const [first = '', second = '', ...rest] = words;
    switch (command) {
      case 'instance':
        this.#instances.set(first, configure(this.#instances.get(first) ?? instance({ name: first }), words.slice(1)));
        return [];
      case 'group':
        this.#groups = [...this.#groups.filter(({ name }) => name !== first), { ...group(first, ...words.slice(1)), notify: scripts(first) }];
        return [];
      case 'groupTracks': {
        const [kind = '', value = ''] = second.split('=');
        const tracks = isTrackKind(kind) ? readTracks(kind, value) : {};
        this.#groups = this.#groups.map((each) => (each.name === first ? { ...each, tracks } : each));
        return [];
      }
      case 'script':
      case 'file':
      case 'process':
        this.#tracked = withObject(this.#tracked, command, first, keyValues(words.slice(1)), span) ?? this.#tracked;
        return [];
      case 'drop':
        this.#instances.delete(first);
        return [];
      case 'delay':
        this.#delay = span(first);
        return [];
      case 'advance':
        return this.#advance(span(first));
      case 'late':
        this.#now = micros(this.#now + span(first));
        return this.#step({ type: 'timeout' });
      case 'sleep':
        this.#now = micros(this.#now + span(first));
        return [];
      case 'show':
        return this.#show();
      default:
        return this.#step(this.#event(command, first, second, rest));
    }
  }

  #event(command: string, first: string, second: string, rest: readonly string[]): DirectorEvent {
    switch (command) {
      case 'configure': {
        const overrides = { groups: this.#groups, startupDelay: this.#delay, tracked: this.#tracked };
        return { type: 'reconfigured', config: director([...this.#instances.values()], overrides) };
      }
      case 'link':
        if (second === 'missing') return { type: 'linkChanged', interface: first };
        return {
          type: 'linkChanged',
          interface: first,
          link: link(first, { up: second === 'up', addresses: rest.map(cidr) }),
        };
      case 'advert':
        return this.#advert(first, second, rest);
      case 'malformed':
        return this.#malformed(first, second, rest);
      case 'applied':
        return { type: 'addressesApplied', instance: first, epoch: second === '' ? this.#epoch(first) : Number(second) };
      case 'failed':
        return {
          type: 'addressesFailed',
          instance: first,
          epoch: this.#epoch(first),
          reason: second,
          ...(rest.length === 0 ? {} : { applied: rest.map(address) }),
        };
      case 'removed':
        return { type: 'addressRemoved', interface: first, address: address(second) };
      case 'stop':
        return { type: 'stopRequested', keepAddresses: first === 'keep', patience: micros(4_000_000) };
      default: {
        const event = trackerEvent(command, first, second, this.#state.trackers);
        if (event === undefined) throw new Error(`unknown command: ${command}`);
        return event;
      }
    }
  }

  #advert(name: string, source: string, rest: readonly string[]): DirectorEvent {
    const config = this.#config(name);
    const options = keyValues(rest.slice(1));
    const priority = Number(rest[0]);
    const advertInterval = options.has('interval') ? span(options.get('interval') ?? '') : config.advertInterval;
    const addresses = options.get('vips')?.split(',').map(address) ?? config.virtualAddresses.map((vip) => vip.address);
    const virtualRouterId = Number(options.get('vrid') ?? config.virtualRouterId);
    const common = { virtualRouterId, advertInterval, addresses };
    const password = options.get('password');
    const version = Number(options.get('version') ?? config.version);
    const secret =
      password === undefined
        ? {}
        : { authenticationType: 1, authenticationData: authenticationData({ type: 'pass', password }) };
    return {
      type: 'advertReceived',
      interface: config.interface,
      family: config.family,
      advert: version === 2 ? advertV2(priority, { ...common, ...secret }) : advertV3(priority, common),
      source: address(source),
      hopLimit: Number(options.get('hops') ?? 255),
    };
  }

  #malformed(name: string, source: string, [error = '', length = '']: readonly string[]): DirectorEvent {
    const config = this.#config(name);
    const { virtualRouterId, version } = config;
    return {
      type: 'advertMalformed',
      interface: config.interface,
      family: config.family,
      error: error as AdvertError,
      source: address(source),
      hopLimit: 255,
      length: Number(length),
      header: { version: error === 'badVersion' ? 4 : version, packetType: error === 'badType' ? 2 : 1, virtualRouterId, addressCount: 1 },
    };
  }

  #advance(time: Micros): string[] {
    const end = this.#now + time;
    const output: string[] = [];
    for (let due = directorDeadline(this.#state); due !== undefined && due <= end; due = directorDeadline(this.#state)) {
      this.#now = due;
      output.push(...this.#step({ type: 'timeout' }));
    }
    this.#now = micros(end);
    return output;
  }

  #step(event: DirectorEvent): string[] {
    const { state, effects, notes } = stepDirector(this.#state, event, this.#now);
    this.#state = state;
    for (const effect of effects) if (effect.type === 'setAddresses') this.#epochs.set(effect.instance, effect.epoch);
    const at = (this.#now / 1_000_000).toFixed(6);
    return [...notes.map((note) => `${at} note ${printNote(note)}`), ...effects.map((effect) => `${at} ${printEffect(effect)}`)];
  }

  #show(): string[] {
    const { instances, groups } = describeDirector(this.#state);
    return [
      ...instances.map((one) => `${one.name} ${one.state} priority ${one.priority} master ${one.masterAddress ?? '-'} every ${one.masterInterval / 1000}ms down ${one.masterDownInterval / 1000}ms holds ${one.heldAddresses.join(' ') || '-'} ${one.addressesStatus}`),
      ...groups.map((one) => `${one.name} ${one.state} of ${one.members.join(' ')}`),
    ];
  }

  #config(name: string): InstanceConfig {
    return present(this.#instances.get(name), `no instance ${name}`);
  }

  #epoch(name: string): number {
    return present(this.#epochs.get(name), `${name} has asked for nothing`);
  }
}

function scripts(name: string): InstanceConfig['notify'] {
  return { any: { argv: [`/notify-${name}`] } };
}

function configure(before: InstanceConfig, words: readonly string[]): InstanceConfig {
  let config: InstanceConfig = before;
  for (const [key, value] of pairs(words)) config = set(config, key, value);
  return config;
}

function set(config: InstanceConfig, key: string, value: string): InstanceConfig {
  const { announcements } = config;
  switch (key) {
    case 'vrid':
      return { ...config, virtualRouterId: Number(value) };
    case 'version':
      return { ...config, version: value === '2' ? 2 : 3 };
    case 'priority':
      return { ...config, priority: Number(value) };
    case 'interval':
      return { ...config, advertInterval: span(value) };
    case 'dev':
      return {
        ...config,
        interface: value,
        virtualAddresses: config.virtualAddresses.map((vip) => ({ ...vip, interface: value })),
        excludedAddresses: config.excludedAddresses.map((vip) => ({ ...vip, interface: value })),
      };
    case 'state':
      return { ...config, wantsMaster: value === 'MASTER' };
    case 'stallGivesWay':
      return { ...config, stallGivesWay: Number(value) };
    case 'preempt':
      return { ...config, preempt: value === 'yes' };
    case 'preemptDelay':
      return { ...config, preemptDelay: span(value) };
    case 'adverts':
      return { ...config, downTimerAdverts: Number(value) };
    case 'password':
      return { ...config, authentication: { type: 'pass', password: value } };
    case 'vips':
      return { ...config, virtualAddresses: list(value, config.interface), family: familyOf(list(value, config.interface)[0]?.address ?? config.virtualAddresses[0]?.address ?? address('0.0.0.0')) };
    case 'excluded':
      return { ...config, excludedAddresses: list(value, config.interface) };
    case 'untracked':
      return { ...config, virtualAddresses: config.virtualAddresses.map((vip) => ({ ...vip, tracked: value !== 'yes' })) };
    case 'track': {
      const [name = '', weight = '0', reverse = ''] = value.split(':');
      const tracked = { interface: name, weight: Number(weight), reverse: reverse === 'reverse' };
      return { ...config, trackInterfaces: [...config.trackInterfaces, tracked] };
    }
    case 'trackPrimary':
      return { ...config, trackPrimary: value === 'yes' };
    case 'source':
      return { ...config, source: address(value) };
    case 'repeat':
      return { ...config, announcements: { ...announcements, masterRepeat: Number(value) } };
    case 'delay':
      return { ...config, announcements: { ...announcements, masterDelay: span(value) } };
    case 'refresh':
      return { ...config, announcements: { ...announcements, masterRefresh: span(value) } };
    case 'lowerNoAdvert':
      return { ...config, lowerPriorityNoAdvert: value === 'yes' };
    case 'higherSendAdvert':
      return { ...config, higherPrioritySendAdvert: value === 'yes' };
    case 'skipCheck':
      return { ...config, skipCheckAdvertAddresses: value === 'yes' };
    case 'notify':
      return { ...config, notify: { ...scripts(config.name), master: { argv: ['/master', 'x'] }, stop: { argv: ['/stop'] } } };
    case 'tellPriority':
      return { ...config, notifyOptions: { priorityChanges: value === 'yes' } };
    default:
      if (isTrackKind(key)) return { ...config, tracks: { ...config.tracks, ...readTracks(key, value) } };
      throw new Error(`unknown key: ${key}`);
  }
}

/** `192.0.2.100,192.0.2.101@eth1`: on the instance's interface unless one is named. */
function list(value: string, ownInterface: string): readonly VirtualAddress[] {
  const entries = value.split(',').filter((text) => text !== '');
  return entries.map((text) => {
    const [vip = '', name = ownInterface] = text.split('@');
    return virtual(vip, { interface: name });
  });
}

function keyValues(words: readonly string[]): Map<string, string> {
  return new Map(pairs(words));
}

function pairs(words: readonly string[]): (readonly [string, string])[] {
  return words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
}

function span(text: string): Micros {
  const [, amount = '', unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  const factor = { us: 1, ms: 1_000, s: 1_000_000 }[unit];
  return micros(Number(amount) * present(factor, `not a time: ${text}`));
}

function printEffect(effect: DirectorEffect): string {
  switch (effect.type) {
    case 'sendAdvert': {
      const { advert, source, destinations } = effect;
      return `${effect.instance} send v${advert.version} priority ${advert.priority} every ${advert.advertInterval / 1000}ms from ${source} to ${destinations.join(' ')} with ${advert.addresses.join(' ')}`;
    }
    case 'setAddresses':
      return `${effect.instance} ${effect.present ? 'set' : 'remove'} ${printAddresses(effect.addresses)} as ${effect.epoch}`;
    case 'announce':
      return `${effect.instance} announce ${printAddresses(effect.addresses)} x${effect.repeat}`;
    case 'notify': {
      const commands = effect.commands.map(({ argv }) => `[${argv.join(' ')}]`);
      return [`${effect.subject} "${effect.name}" ${effect.state} ${effect.priority}`, ...commands].join(' ');
    }
    case 'runScript':
      return `run [${effect.command.argv.join(' ')}] as ${effect.run} within ${effect.limit / 1000}ms`;
    case 'stopScript':
      return `end run ${effect.run}`;
    case 'stopped':
      return 'stopped';
  }
}

function printNote(note: VrrpNote): string {
  const { type, ...fields } = note;
  return [type, ...Object.entries(fields).map(([key, value]) => `${key}=${printValue(value)}`)].join(' ');
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return printAddresses(value as VirtualAddress[]);
  if (typeof value === 'object' && value !== null) {
    if ('prefixLength' in value) return printAddresses([value as VirtualAddress]);
    return `{${Object.entries(value).map(([key, inner]) => `${key}=${String(inner)}`).join(' ')}}`;
  }
  return String(value);
}

function printAddresses(addresses: readonly { readonly address: IpAddress; readonly prefixLength: number }[]): string {
  return addresses.map(({ address: ip, prefixLength }) => `${ip}/${prefixLength}`).join(',');
}
