import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { UnicastConfig } from '../../src/vrrp/config/unicast.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { address, cidr } from '../support/address.js';
import { advertV3, director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { micros } from '../../src/base/time.js';
import { started, type Rig } from './rig.js';

const OWN = address('192.0.2.1');

function to(...addresses: string[]): UnicastConfig {
  const peers = addresses.map((text) => ({ address: address(text), minimumHopLimit: 0, maximumHopLimit: 255 }));
  return { peers, hopLimit: 64, checkSource: false, oldChecksum: 'detect' };
}

function heard(source: string, destination: string, priority: number, checksum: 'right' | 'asMulticast' = 'right', name = 'eth0'): DirectorEvent {
  const path = { family: 'ipv4', source: address(source), destination: address(destination) } as const;
  const payload = encodeAdvert(advertV3(priority), path, checksum);
  return unpackAdvert({ interface: name, protocol: 'vrrp', ...path, hopLimit: 64, wallClock: micros(0), payload });
}

function states(rig: Rig): string[] {
  return rig.state().instances.map(({ config, state }) => `${config.name} ${state.role}`);
}

test('every advert goes to every peer with the hop limit configured, and the goodbye too', () => {
  const rig = started(director([instance({ version: 3, unicast: to('192.0.2.2', '192.0.2.3') })]));
  rig.take();
  rig.advance(seconds(4));
  rig.send({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  const sent = rig.take().effects.flatMap((effect) => (effect.type === 'sendAdvert' ? [effect] : []));
  assert.deepEqual(new Set(sent.map(({ advert }) => advert.priority)), new Set([150, 0]));
  for (const { destinations, hopLimit, unicast, source } of sent) {
    assert.deepEqual({ destinations, hopLimit, unicast, source }, { destinations: ['192.0.2.2', '192.0.2.3'], hopLimit: 64, unicast: true, source: OWN });
  }
});

test('instances of one VRID with different peers hear each their own, beside one that speaks to the group', () => {
  const rig = started(
    director([
      instance({ name: 'A', version: 3, priority: 100, unicast: to('192.0.2.2') }),
      instance({ name: 'B', version: 3, priority: 100, unicast: to('192.0.2.3') }),
      instance({ name: 'M', version: 3, priority: 100 }),
    ]),
  );
  rig.advance(seconds(3));
  rig.send(heard('192.0.2.3', '192.0.2.1', 100));
  rig.advance(seconds(2));
  assert.deepEqual(states(rig), ['A master', 'B backup', 'M master']);
});

test('after the checksum of old was heard from a peer, adverts carry it', () => {
  const rig = started(director([instance({ version: 3, priority: 150, unicast: to('192.0.2.2') })]));
  rig.advance(seconds(1));
  rig.take();
  rig.send(heard('192.0.2.2', '192.0.2.1', 100, 'asMulticast'));
  rig.advance(seconds(5));
  const { effects, notes } = rig.take();
  assert.equal(notes.filter(({ type }) => type === 'oldChecksumLearnt').length, 1);
  assert.deepEqual(new Set(effects.flatMap((effect) => (effect.type === 'sendAdvert' ? [effect.checksum] : []))), new Set(['asMulticast']));
});

test('without a peer, where that is no multicast, it stays in FAULT', () => {
  const rig = started(director([instance({ version: 3, unicast: to() })]));
  rig.advance(seconds(10));
  assert.deepEqual(states(rig), ['V1 fault']);
});

test('an instance without an interface speaks from its source and needs no link', () => {
  const config = instance({ version: 3, interface: '', source: OWN, unicast: to('198.51.100.2'), virtualAddresses: [virtual('192.0.2.100')] });
  const rig = started(director([config]), [link('eth0')]);
  rig.advance(seconds(4));
  assert.deepEqual(states(rig), ['V1 master']);
  rig.send(heard('198.51.100.2', '192.0.2.1', 200, 'right', ''));
  assert.deepEqual(states(rig), ['V1 backup']);
});

test('track_src_ip: FAULT while the source is on no interface, whichever it returns to', () => {
  const config = instance({ version: 3, source: OWN, trackSource: true });
  const rig = started(director([config]), [link('eth0'), link('eth1', { index: 3, addresses: [] })]);
  rig.advance(seconds(4));
  assert.deepEqual(states(rig), ['V1 master']);
  rig.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0', { addresses: [cidr('192.0.2.7/24')] }) });
  assert.deepEqual(states(rig), ['V1 fault']);
  rig.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1', { index: 3, addresses: [cidr('192.0.2.1/32')] }) });
  assert.deepEqual(states(rig), ['V1 backup']);
});

test('unknown virtual routers are told when that is configured', () => {
  const told = (logUnknownVirtualRouterIds: boolean): number => {
    const rig = started(director([instance({ virtualRouterId: 9 })], { logUnknownVirtualRouterIds }));
    rig.take();
    rig.send(heard('192.0.2.2', '224.0.0.18', 100));
    return rig.take().notes.filter(({ type }) => type === 'unknownVirtualRouter').length;
  };
  assert.deepEqual([told(true), told(false)], [1, 0]);
});

test('an owner that had only its virtual address to speak from advertises at once when its own is back: peers have refused the others', () => {
  const owner = instance({ version: 3, priority: 255, wantsMaster: true, unicast: to('192.0.2.2') });
  const both = link('eth0', { addresses: [cidr('192.0.2.1/24'), cidr('192.0.2.100/32')] });
  const virtualOnly = link('eth0', { addresses: [cidr('192.0.2.100/32')] });
  const rig = started(director([owner]), [both]);
  rig.advance(seconds(1));
  rig.send({ type: 'linkChanged', interface: 'eth0', link: virtualOnly });
  rig.advance(micros(300_000));
  rig.take();
  rig.send({ type: 'linkChanged', interface: 'eth0', link: both });
  const sources = (): readonly string[] => rig.take().effects.flatMap((effect) => (effect.type === 'sendAdvert' ? [effect.source] : []));
  assert.deepEqual(sources(), [OWN]);
  rig.advance(micros(999_999));
  assert.deepEqual(sources(), [], 'the next one is a whole interval away');
  rig.advance(micros(1));
  assert.deepEqual(sources(), [OWN]);
});
