import assert from 'node:assert/strict';
import test from 'node:test';
import type { IpAddress } from '../../src/base/address.js';
import { seconds } from '../../src/base/time.js';
import { legacyOf, routeKey } from '../../src/vrrp/adoption.js';
import type { Legacy } from '../../src/vrrp/events.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import type { VrrpState } from '../../src/vrrp/notes.js';
import { director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { rig, started } from './rig.js';
import type { Rig } from './rig.js';

const V1 = instance({ name: 'V1', notify: { any: { argv: ['/notify'] } } });
const V2 = instance({ name: 'V2', virtualRouterId: 52, virtualAddresses: [virtual('192.0.2.110/24')] });
const GROUPED: DirectorConfig = { ...director([V1, V2]), groups: [{ name: 'G', members: ['V1', 'V2'], notify: {} }] };

function legacy(...states: readonly (readonly [typeof V1, VrrpState])[]): Legacy {
  return { states: new Map(states.map(([config, state]) => [routeKey(config), state])), delayedUntil: undefined };
}

/** The next process, its interface in this state. */
function successor(config: DirectorConfig, inherited: Legacy, up = true): Rig {
  const made = rig();
  made.send({ type: 'reconfigured', config, legacy: inherited });
  made.send({ type: 'linkChanged', interface: 'eth0', link: { ...link('eth0'), up } });
  return made;
}

/** What a neighbour, the kernel and scripts get to see, in order. */
function seen(from: Rig): readonly string[] {
  return from.take().effects.map((effect) => {
    switch (effect.type) {
      case 'sendAdvert':
        return `${effect.instance} advertises ${effect.advert.priority}`;
      case 'setAddresses':
        return `${effect.instance} ${effect.present ? 'sets' : 'removes'}`;
      case 'announce':
        return `${effect.instance} announces`;
      case 'notify':
        return `${effect.name} notifies ${effect.state}`;
      case 'runScript':
        return `runs ${effect.command.argv.join(' ')}`;
      case 'stopScript':
      case 'stopped':
        return effect.type;
    }
  });
}

test('a process that takes the place of a master advertises before anything else and tells no script', () => {
  const next = successor(director([V1]), legacy([V1, 'MASTER']));
  assert.deepEqual(seen(next), ['V1 advertises 150', 'V1 sets']);
  next.settle();
  assert.deepEqual(seen(next), ['V1 announces']);
  next.advance(seconds(1));
  assert.deepEqual(seen(next), ['V1 advertises 150']);
});

test('what a master leaves is what its successor is given', () => {
  const before = started(director([V1]));
  before.advance(seconds(5));
  assert.deepEqual(legacyOf(before.state(), before.now()).states, legacy([V1, 'MASTER']).states);
});

test('a successor that ends before it knows its interfaces passes on what it was given, but no goodbye', () => {
  const next = rig();
  next.send({ type: 'reconfigured', config: director([V1]), legacy: legacy([V1, 'MASTER'], [V2, 'MASTER']) });
  assert.deepEqual(legacyOf(next.state(), next.now()).states, legacy([V1, 'MASTER']).states);
  const late = rig();
  late.send({ type: 'reconfigured', config: director([V1]), legacy: { ...legacy([V1, 'MASTER']), goodbyeSaid: true } });
  assert.deepEqual(legacyOf(late.state(), late.now()).states, new Map());
});

test('what nobody had any more is let go of by the next process, unless it is an instance\'s again', () => {
  const before = started(director([V1, V2]));
  before.advance(seconds(5));
  before.settle();
  before.send({ type: 'reconfigured', config: director([V1]) });
  const inherited = legacyOf(before.state(), before.now());
  assert.deepEqual(inherited.ownerless?.map(({ config }) => config.name), ['V2']);
  const next = successor(director([V1]), inherited);
  assert.deepEqual(seen(next), ['V2 removes', 'V1 advertises 150', 'V1 sets']);
  const claiming = instance({ name: 'V1', virtualAddresses: [...V1.virtualAddresses, ...V2.virtualAddresses], notify: V1.notify });
  assert.deepEqual(seen(successor(director([claiming]), inherited)), ['V1 advertises 150', 'V1 sets']);
});

test('after a goodbye in its place a master is backup, and keeps its addresses until the successor has spoken', () => {
  const next = successor(director([V1]), { ...legacy([V1, 'MASTER']), goodbyeSaid: true });
  assert.deepEqual(seen(next), ['V1 notifies BACKUP']);
  const advert = { version: 2, virtualRouterId: 51, priority: 200, advertInterval: seconds(1), authenticationType: 0, authenticationData: new Uint8Array(8), addresses: ['192.0.2.100' as IpAddress] } as const;
  next.send({ type: 'advertReceived', interface: 'eth0', family: 'ipv4', advert, source: '192.0.2.2' as IpAddress, hopLimit: 255 });
  assert.deepEqual(seen(next), ['V1 removes']);
});

test('without a successor what it had is removed when there must have been one, or is used again', () => {
  const alone = successor(director([V1]), { ...legacy([V1, 'MASTER']), goodbyeSaid: true });
  alone.advance(seconds(2));
  assert.deepEqual(seen(alone), ['V1 notifies BACKUP', 'V1 removes']);
});

test('a backup goes on as backup and tells nobody again', () => {
  const next = successor(director([V1]), legacy([V1, 'BACKUP']));
  assert.deepEqual(seen(next), ['V1 removes']);
  next.advance(seconds(5));
  assert.deepEqual(seen(next).slice(0, 1), ['V1 advertises 150']);
});

test('a master whose interface has gone down meanwhile is in FAULT and lets go', () => {
  assert.deepEqual(seen(successor(director([V1]), legacy([V1, 'MASTER']), false)), ['V1 removes', 'V1 notifies FAULT']);
});

test('a sync group is adopted as a whole or not at all', () => {
  const whole = successor(GROUPED, legacy([V1, 'MASTER'], [V2, 'MASTER']));
  assert.deepEqual(seen(whole), ['V1 advertises 150', 'V1 sets', 'V2 advertises 150', 'V2 sets']);
  const half = successor(GROUPED, legacy([V1, 'MASTER'], [V2, 'BACKUP']));
  assert.deepEqual(seen(half).filter((line) => line.includes('advertises') || line.includes('sets')), []);
});

test('after a reload the legacy counts for nobody any more', () => {
  const next = successor(director([]), legacy([V1, 'MASTER']));
  next.send({ type: 'reconfigured', config: director([V1]) });
  assert.deepEqual(seen(next), ['V1 removes', 'V1 notifies BACKUP']);
});

test('a start-up delay that was running goes on, but does not begin again', () => {
  const config = { ...director([V1]), startupDelay: seconds(30) };
  const late = successor(config, legacy([V1, 'MASTER']));
  assert.deepEqual(seen(late), ['V1 advertises 150', 'V1 sets']);
  const early = successor(config, { ...legacy([V1, 'BACKUP']), delayedUntil: seconds(20) });
  early.advance(seconds(20));
  assert.deepEqual(seen(early), ['V1 removes']);
  early.advance(seconds(5));
  assert.deepEqual(seen(early).slice(0, 1), ['V1 advertises 150']);
});
