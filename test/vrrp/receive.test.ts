import assert from 'node:assert/strict';
import test from 'node:test';
import { isMulticast, type IpAddress } from '../../src/base/address.js';
import { given } from '../../src/base/given.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { UnicastConfig } from '../../src/vrrp/config/unicast.js';
import { NOTHING_HEARD } from '../../src/vrrp/wire/freshness.js';
import type { Rejection } from '../../src/vrrp/notes.js';
import { encodeAdvert, type Advert, type ChecksumForm } from '../../src/vrrp/wire/packet.js';
import { judge, malformedRefusal } from '../../src/vrrp/instance/receive.js';
import { sign } from '../../src/vrrp/wire/signature.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { rejectionText } from '../../src/runtime/narrate/rejection.js';
import { address } from '../support/address.js';
import { advertV2, advertV3, instance } from '../support/vrrp-configuration.js';

const GROUP = address('224.0.0.18');
const HERE = address('192.0.2.1');
const PEER = address('192.0.2.2');

interface Came {
  readonly advert: Advert;
  readonly source?: IpAddress;
  readonly destination?: IpAddress;
  readonly hopLimit?: number;
  readonly checksum?: ChecksumForm;
  /** Bytes behind the message. */
  readonly tail?: Uint8Array;
  readonly fragmented?: true;
  readonly change?: (message: Uint8Array) => void;
}

/** What comes of these bytes on the wire. */
function verdict(config: InstanceConfig, came: Came): Rejection | undefined {
  const { advert, source = PEER, destination = GROUP, hopLimit = 255, tail = new Uint8Array(0) } = came;
  const message = encodeAdvert(advert, { family: 'ipv4', source, destination }, came.checksum);
  came.change?.(message);
  const payload = Uint8Array.from([...message, ...tail]);
  const packet = { interface: 'eth0', family: 'ipv4', protocol: 'vrrp', source, destination, hopLimit, wallClock: micros(0), payload, ...given({ fragmented: came.fragmented }) } as const;
  const event = unpackAdvert(packet);
  return event.type === 'advertReceived' ? judge(config, NOTHING_HEARD, event).rejection : malformedRefusal(config, event);
}

function says(config: InstanceConfig, came: Came): string {
  const rejection = verdict(config, came);
  return rejection === undefined ? 'accepted' : rejectionText(rejection, came.source ?? PEER);
}

const v2 = instance();
const v3 = instance({ version: 3 });
const password = instance({ authentication: { type: 'pass', password: 'secret12' } });
const withPassword = (text: string): Advert =>
  advertV2(100, { authenticationType: 1, authenticationData: Uint8Array.from({ length: 8 }, (_, i) => text.charCodeAt(i) || 0) });

function peers(overrides: Partial<UnicastConfig> = {}, config: Partial<InstanceConfig> = {}): InstanceConfig {
  const peer = { address: PEER, minimumHopLimit: 0, maximumHopLimit: 255 };
  return instance({ version: 3, unicast: { peers: [peer], hopLimit: 255, checkSource: false, oldChecksum: 'detect', ...overrides }, ...config });
}

const toUs = { advert: advertV3(100), destination: HERE };
const near = { address: PEER, minimumHopLimit: 250, maximumHopLimit: 254 };
const secret = new Uint8Array(32).fill(3);
const hmac = { keys: [{ id: 1, secret }], activeKey: 1, mode: 'enforce', antiReplay: 'time', timeWindow: seconds(5) } as const;
const signed = instance({ version: 3, hmac });
const plain = encodeAdvert(advertV3(100), { family: 'ipv4', source: PEER, destination: GROUP });
const signature = (at: number, key = 1): Uint8Array =>
  sign(secret, { key, sequence: { seconds: at >>> 0, rest: 1 } }, { family: 'ipv4', source: PEER, message: plain });

const cases: readonly (readonly [string, InstanceConfig, Came, string])[] = [
  ['version 2', v2, { advert: advertV2(100) }, 'accepted'],
  ['version 3', v3, { advert: advertV3(100) }, 'accepted'],
  ['a hop limit of 254', v2, { advert: advertV2(100), hopLimit: 254 }, 'invalid TTL/HL from 192.0.2.2. Received 254 and expect 255'],
  ['the other version', v2, { advert: advertV3(100) }, 'wrong VRRP version from 192.0.2.2. Received 3 and expect 2'],
  ['an unknown way to authenticate', v2, { advert: advertV2(100, { authenticationType: 3 }) }, 'Invalid auth type from 192.0.2.2: 3'],
  ['a password that nobody expects', v2, { advert: withPassword('secret12') }, 'received a 1 auth from 192.0.2.2, expecting 0!'],
  ['the right password', password, { advert: withPassword('secret12') }, 'accepted'],
  ['a wrong password', password, { advert: withPassword('secret13') }, 'received an invalid passwd from 192.0.2.2!'],
  ['another interval in version 2', v2, { advert: advertV2(100, { advertInterval: seconds(2) }) }, "advertisement interval mismatch with 192.0.2.2 mine=1 sec rcv'd=2 sec"],
  ['another interval in version 3', v3, { advert: advertV3(100, { advertInterval: milliseconds(500) }) }, 'accepted'],
  ['interval 0 in version 3', v3, { advert: advertV3(100, { advertInterval: micros(0) }) }, "advertisement interval mismatch with 192.0.2.2 mine=100 centi-sec rcv'd=0 centi-sec"],
  ['another packet type', v3, { advert: advertV3(100), change: (bytes) => bytes.fill(0x32, 0, 1) }, 'Invalid VRRP packet type from 192.0.2.2: 2'],
  ['a wrong checksum', v3, { advert: advertV3(100), change: (bytes) => bytes.fill(0x11, 6, 7) }, 'Invalid VRRPv3 checksum from 192.0.2.2'],
  ['a checksum without pseudo header', v3, { advert: advertV3(100), checksum: 'withoutPseudoHeader' }, 'Invalid VRRPv3 checksum from 192.0.2.2'],
  ['a checksum without pseudo header where that is configured', instance({ version: 3, checksumAsV2: true }), { advert: advertV3(100), checksum: 'withoutPseudoHeader' }, 'accepted'],
  ['any checksum where that is configured', instance({ version: 3, checksumAsV2: true }), { advert: advertV3(100), change: (bytes) => bytes.fill(0x11, 6, 7) }, 'accepted'],
  ['four bytes too many', v3, { advert: advertV3(100), tail: new Uint8Array(4) }, 'vrrp packet from 192.0.2.2 too long, length 36 and expect 32'],
  ['a wrong password and a wrong checksum: the password is told', password, { advert: withPassword('x'), change: (bytes) => bytes.fill(0x11, 6, 7) }, 'received an invalid passwd from 192.0.2.2!'],
  ['what an owner ignores', instance({ priority: 255, ownerIgnoreAdverts: true }), { advert: advertV2(255) }, 'Dropping packet(s) from 192.0.2.2 since we are address owner'],
  ['unicast where multicast is configured', v3, toUs, 'Expected multicast packet but received unicast packet from 192.0.2.2'],
  ['multicast where peers are configured', peers(), { advert: advertV3(100) }, 'Expected unicast packet but received multicast packet from 192.0.2.2'],
  ['a peer', peers(), toUs, 'accepted'],
  ['a peer behind a router', peers(), { ...toUs, hopLimit: 64 }, 'accepted'],
  ['no peer, unchecked', peers(), { ...toUs, source: address('192.0.2.9') }, 'accepted'],
  ['no peer, checked', peers({ checkSource: true }), { ...toUs, source: address('192.0.2.9') }, 'unicast source address 192.0.2.9 not a unicast peer'],
  ['a peer too near', peers({ peers: [near] }), toUs, 'TTL/HL 255 from 192.0.2.2 not in range [250, 254]'],
  ['a peer too far', peers({ peers: [near] }), { ...toUs, hopLimit: 249 }, 'TTL/HL 249 from 192.0.2.2 not in range [250, 254]'],
  ['a peer at its limit', peers({ peers: [near] }), { ...toUs, hopLimit: 250 }, 'accepted'],
  ['the checksum of old to a peer', peers(), { ...toUs, checksum: 'asMulticast' }, 'accepted'],
  ['the checksum of old where it is refused', peers({ oldChecksum: 'never' }), { ...toUs, checksum: 'asMulticast' }, 'Invalid VRRPv3 checksum from 192.0.2.2'],
  ['a signature where none is configured', v3, { advert: advertV3(100), tail: signature(0) }, 'vrrp packet from 192.0.2.2 too long, length 60 and expect 32'],
  ['a signature', signed, { advert: advertV3(100), tail: signature(0) }, 'accepted'],
  ['no signature', signed, { advert: advertV3(100) }, 'missing authentication trailer from 192.0.2.2'],
  ['no signature, permissive', instance({ version: 3, hmac: { ...hmac, mode: 'permissive' } }), { advert: advertV3(100) }, 'accepted'],
  ['no signature, receive-only', instance({ version: 3, hmac: { ...hmac, mode: 'receiveOnly' } }), { advert: advertV3(100) }, 'accepted'],
  ['a bad signature, receive-only', instance({ version: 3, hmac: { ...hmac, mode: 'receiveOnly' } }), { advert: advertV3(101), tail: signature(0) }, 'invalid authentication HMAC from 192.0.2.2'],
  ['a signature of another advert', signed, { advert: advertV3(101), tail: signature(0) }, 'invalid authentication HMAC from 192.0.2.2'],
  ['a signature with an unknown key', signed, { advert: advertV3(100), tail: signature(0, 9) }, 'unknown authentication key id 9 from 192.0.2.2'],
  ['28 bytes that are no signature', signed, { advert: advertV3(100), tail: new Uint8Array(28) }, 'malformed authentication trailer from 192.0.2.2'],
  ['an old signature', signed, { advert: advertV3(100), tail: signature(-6) }, 'stale authentication trailer from 192.0.2.2, clock skew 6 sec exceeds window 5 sec'],
  ['a signature with a wrong checksum', signed, { advert: advertV3(100), tail: signature(0), change: (bytes) => bytes.fill(0x11, 6, 7) }, 'Invalid VRRPv3 checksum from 192.0.2.2'],
  ['a signature of no peer', peers({}, { hmac }), { ...toUs, source: address('192.0.2.9'), tail: signature(0) }, 'unicast source address 192.0.2.9 not a unicast peer'],
];

for (const [name, config, came, expected] of cases) {
  test(`${expected === 'accepted' ? 'accepted' : 'refused'}: ${name}`, () => {
    assert.equal(says(config, came), expected);
  });
}

test('the checksum of old is learnt from a peer, and a skew of more than half the window is told', () => {
  const source = PEER;
  const heard = (destination: IpAddress, checksum: ChecksumForm, tail: Uint8Array, wallClock: number): ReturnType<typeof judge> => {
    const message = encodeAdvert(advertV3(100), { family: 'ipv4', source, destination }, checksum);
    const payload = Uint8Array.from([...message, ...tail]);
    const common = { interface: 'eth0', family: 'ipv4', protocol: 'vrrp', source, destination, hopLimit: 255 } as const;
    const event = unpackAdvert({ ...common, wallClock: micros(wallClock), payload });
    assert.equal(event.type, 'advertReceived');
    return judge(isMulticast(destination) ? signed : peers(), NOTHING_HEARD, event);
  };
  assert.ok('oldChecksum' in heard(HERE, 'asMulticast', new Uint8Array(0), 0));
  assert.deepEqual(heard(HERE, 'asMulticast', new Uint8Array(0), 0), { freshness: NOTHING_HEARD, oldChecksum: true });
  const late = heard(GROUP, 'right', signature(0), 3_000_000);
  assert.ok(late.rejection === undefined);
  assert.equal(late.skew, 3);
  assert.deepEqual(late.freshness.signers, [{ address: PEER, sequence: { seconds: 0, rest: 1 } }]);
});

test('an advert that came in pieces is refused, from a peer too', () => {
  assert.equal(says(v2, { advert: advertV2(200), fragmented: true }), 'fragmented packet from 192.0.2.2');
  assert.equal(says(peers(), { ...toUs, fragmented: true }), 'fragmented packet from 192.0.2.2');
});
