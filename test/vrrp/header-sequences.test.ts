import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import { encodeHeadered } from '../../src/vrrp/wire/authentication-header.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { address } from '../support/address.js';
import { advertV2, director, instance } from '../support/vrrp-configuration.js';
import { started, type Rig } from './rig.js';

const group = address('224.0.0.18');
const config = instance({ authentication: { type: 'ah', password: 'secret12' } });

/** An advert of an equal neighbour with a higher address. */
function rival(sequence: number): DirectorEvent {
  const source = address('192.0.2.200');
  const path = { family: 'ipv4', source, destination: group, hopLimit: 255, unicast: false, identification: 1 } as const;
  const addresses = config.virtualAddresses.map((virtual) => virtual.address);
  const message = encodeAdvert(advertV2(config.priority, { addresses, authenticationType: 2, authenticationData: new Uint8Array(8) }), path);
  const payload = encodeHeadered(message, 'secret12', sequence, path);
  const length = 20 + payload.length;
  const ipHeader = Uint8Array.from([0x45, 0xc0, 0, length, 0, 1, 0, 0, 255, 51, 0, 0, 192, 0, 2, 200, 224, 0, 0, 18]);
  return unpackAdvert({ interface: 'eth0', ...path, protocol: 'ah', wallClock: micros(0), ipHeader, payload });
}

/** The sequence of the last header it has sent. */
function lastSent(rig: Rig): number {
  const sent = rig.take().effects.flatMap((effect) => (effect.type === 'sendAdvert' && effect.protection.type === 'header' ? [effect.protection.sequence] : []));
  return sent.at(-1) ?? assert.fail('nothing was sent');
}

function master(): Rig {
  const rig = started(director([config]));
  rig.advance(seconds(5));
  rig.settle();
  assert.equal(role(rig), 'master');
  return rig;
}

function role(rig: Rig): string | undefined {
  return rig.state().instances[0]?.state.role;
}

test('of two equal masters that began in the same moment, with the same sequence, one gives way', () => {
  const rig = master();
  rig.send(rival(lastSent(rig)));
  assert.equal(role(rig), 'backup');
});

test('a header that was recorded does not count a second time, whoever has sent since', () => {
  const rig = master();
  const recorded = rival(lastSent(rig));
  rig.send(recorded);
  rig.send(recorded);
  assert.equal(rig.state().instances[0]?.statistics.advertsReceived, 1);
  rig.advance(seconds(10));
  rig.settle();
  assert.equal(role(rig), 'master');
  rig.send(recorded);
  assert.equal(role(rig), 'master');
});

test('a header older than what a master has sent is refused', () => {
  const rig = master();
  rig.send(rival(lastSent(rig) - 1));
  assert.equal(role(rig), 'master');
});
