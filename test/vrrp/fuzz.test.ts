/**
 * Two million damaged adverts against every way to authenticate, in both roles: nothing throws, a refused one leaves
 * nothing but a counter and perhaps a line in the log, and what is signed cannot be changed unnoticed.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { nextRandom } from '../../src/base/random.js';
import { seconds } from '../../src/base/time.js';
import type { Packet } from '../../src/vrrp/instance/arrival.js';
import { encodeHeadered } from '../../src/vrrp/wire/authentication-header.js';
import type { HmacConfig } from '../../src/vrrp/config/authentication.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { stepDirector, type DirectorState } from '../../src/vrrp/director.js';
import { encodeAdvert, writeChecksum, type Advert } from '../../src/vrrp/wire/packet.js';
import { SIGNATURE_LENGTH, sign } from '../../src/vrrp/wire/signature.js';
import type { Instance } from '../../src/vrrp/instance/state.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { address, cidr } from '../support/address.js';
import { advertV2, advertV3, director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { started } from './rig.js';

const TOTAL = 2_000_000;
const NOW = seconds(100);

const secret = new Uint8Array(32).fill(5);
const hmac: HmacConfig = { keys: [{ id: 1, secret }], activeKey: 1, mode: 'enforce', antiReplay: 'time', timeWindow: seconds(5) };
const six = { family: 'ipv6', version: 3, virtualAddresses: [virtual('fe80::100/64'), virtual('2001:db8::100/64')] } as const;
const peer = (text: string): Pick<InstanceConfig, 'unicast'> => ({
  unicast: {
    peers: [{ address: address(text), minimumHopLimit: 0, maximumHopLimit: 255 }],
    hopLimit: 255,
    checkSource: true,
    oldChecksum: 'detect',
  },
});

/** How instances and their neighbours speak. */
const WAYS: readonly (readonly [string, Partial<InstanceConfig>])[] = [
  ['version 2', {}],
  ['version 2 with a password', { authentication: { type: 'pass', password: 'secret12' } }],
  ['version 2 with AH', { authentication: { type: 'ah', password: 'secret12' } }],
  ['version 2 with AH to peers', { authentication: { type: 'ah', password: 'secret12' }, ...peer('192.0.2.9') }],
  ['version 2, signed', { hmac }],
  ['version 3', { version: 3 }],
  ['version 3 to peers', { version: 3, ...peer('192.0.2.9') }],
  ['version 3, signed', { version: 3, hmac }],
  ['version 3, signed or not', { version: 3, hmac: { ...hmac, mode: 'permissive' } }],
  ['version 3 over IPv6', six],
  ['version 3 over IPv6 to peers, signed', { ...six, hmac, ...peer('fe80::9') }],
  ['version 3 over IPv6, signed', { ...six, hmac }],
];

/** A packet that the instance would accept, of a sender that outranks it. */
function genuine(config: InstanceConfig): Packet {
  const { version, family, authentication } = config;
  const source = address(family === 'ipv4' ? '192.0.2.9' : 'fe80::9');
  const group = address(family === 'ipv4' ? '224.0.0.18' : 'ff02::12');
  const own = address(family === 'ipv4' ? '192.0.2.1' : 'fe80::1');
  const destination = config.unicast === undefined ? group : own;
  const path = { family, source, destination };
  const addresses = config.virtualAddresses.map((virtualAddress) => virtualAddress.address);
  const type = { none: 0, pass: 1, ah: 2 }[authentication.type];
  const password = Uint8Array.from('secret12', (character) => character.charCodeAt(0));
  const data = { authenticationType: type, authenticationData: type === 1 ? password : new Uint8Array(8) };
  const advert: Advert = version === 2 ? advertV2(200, { addresses, ...data }) : advertV3(200, { addresses });
  let payload = encodeAdvert(advert, path);
  if (authentication.type === 'ah') {
    const wire = { source, destination, hopLimit: 255, unicast: config.unicast !== undefined, identification: 1 };
    payload = encodeHeadered(payload, 'secret12', 1_000, wire);
  }
  if (config.hmac !== undefined) {
    const signature = sign(secret, { key: 1, sequence: { seconds: NOW / 1_000_000, rest: 0 } }, { ...path, message: payload });
    payload = Uint8Array.from([...payload, ...signature]);
    if (family === 'ipv6') writeChecksum(3, payload, path);
  }
  const ipHeader = new Uint8Array(family === 'ipv4' ? 20 : 0);
  if (family === 'ipv4') {
    const length = 20 + payload.length;
    ipHeader.set([0x45, 0xc0, length >> 8, length, 0, 1, 0, 0, 255, authentication.type === 'ah' ? 51 : 112]);
    ipHeader.set(source.split('.').map(Number), 12);
    ipHeader.set(destination.split('.').map(Number), 16);
  }
  const protocol = authentication.type === 'ah' ? 'ah' : 'vrrp';
  return { interface: 'eth0', ...path, protocol, hopLimit: 255, wallClock: NOW, ipHeader, payload };
}

interface Dice {
  /** 0 to limit - 1. */
  readonly below: (limit: number) => number;
}

function dice(seed: number): Dice {
  let state = seed;
  return {
    below: (limit) => {
      const { value, seed: next } = nextRandom(state);
      state = next;
      return Math.floor(value * limit);
    },
  };
}

/** Changed bits and bytes, a tail cut off or grown, parts doubled; the virtual router stays, or nobody would look at it. */
function damaged(payload: Uint8Array, { below }: Dice): Uint8Array {
  const kind = below(8);
  if (kind === 0) return payload.slice(0, below(payload.length + 1));
  if (kind === 1) {
    const grown = new Uint8Array(payload.length + 1 + below(40));
    grown.set(payload);
    for (let at = payload.length; at < grown.length; at += 1) grown[at] = below(256);
    return grown;
  }
  const changed = payload.slice();
  if (kind === 2) changed.copyWithin(below(changed.length), below(changed.length));
  const changes = kind === 2 ? 0 : 1 + below(3);
  for (let i = 0; i < changes; i += 1) {
    const at = below(changed.length);
    changed[at] = kind < 5 ? (changed[at] ?? 0) ^ (1 << below(8)) : below(256);
  }
  return changed;
}

/** A third have a checksum that fits what they are now, so that the checks behind it are reached. */
function repaired(packet: Packet, config: InstanceConfig): Packet {
  const { payload, family, source, destination } = packet;
  if (config.authentication.type === 'ah' || payload.length < 8) return packet;
  const signed = config.hmac !== undefined && family === 'ipv4' ? SIGNATURE_LENGTH : 0;
  writeChecksum(config.version, payload.subarray(0, Math.max(8, payload.length - signed)), { family, source, destination });
  return packet;
}

/** Everything that an instance decides by: neither the statistics, nor what was told already, nor who was seen to disturb it. */
function sameEssence(a: Instance, b: Instance): boolean {
  const keys = Object.keys(a) as (keyof Instance)[];
  return keys.every((key) => key === 'told' || key === 'conflicts' || key === 'statistics' || a[key] === b[key]);
}

function directors(overrides: Partial<InstanceConfig>): readonly (readonly [string, DirectorState, Instance])[] {
  const addresses = ['192.0.2.1/24', 'fe80::1/64'].map(cidr);
  return (['backup', 'master'] as const).map((role) => {
    const rig = started(director([instance(overrides)]), [link('eth0', { addresses })]);
    rig.advance(role === 'master' ? seconds(90) : seconds(1));
    const [only] = rig.state().instances;
    assert.equal(only?.state.role, role);
    return [role, rig.state(), only];
  });
}

for (const [index, [name, overrides]] of WAYS.entries()) {
  test(`${name}: damaged adverts`, () => {
    const count = Math.ceil(TOTAL / WAYS.length / 2);
    for (const [role, state, before] of directors(overrides)) {
      const packet = genuine(before.config);
      const accepts = (heard: Packet): boolean => {
        const step = stepDirector(state, unpackAdvert(heard), NOW);
        const [after] = step.state.instances;
        assert.ok(after !== undefined);
        if (after.statistics.advertsReceived > before.statistics.advertsReceived) return true;
        if (step.effects.length > 0 || !sameEssence(before, after)) assert.fail(`a refused advert changed a ${role}: ${String(heard.payload)}`);
        return false;
      };
      assert.ok(accepts(packet), `the undamaged one is accepted by a ${role}`);
      const isProtected = before.config.authentication.type === 'ah' || before.config.hmac?.mode === 'enforce';
      const random = dice(index * 2 + (role === 'master' ? 1 : 0) + 1);
      let accepted = 0;
      for (let i = 0; i < count; i += 1) {
        const payload = damaged(packet.payload, random);
        const heard = { ...packet, payload };
        if (!accepts(i % 3 === 0 ? repaired(heard, before.config) : heard)) continue;
        accepted += 1;
        if (isProtected && !isPadded(payload, packet.payload)) assert.fail(`believed: ${String(payload)}`);
      }
      assert.ok(accepted < count, 'some were refused');
    }
  });
}

/** The same, perhaps with the padding of a short frame behind it. */
function isPadded(payload: Uint8Array, original: Uint8Array): boolean {
  return payload.length >= original.length && original.every((byte, at) => byte === payload[at]);
}
