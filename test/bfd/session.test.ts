/** Two speakers and a wire: how sessions come up and go down, what is negotiated, and what nobody may be told. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import { Pair, type Side } from './rig.js';
import { packet as sampleOf } from './samples.js';

const sample = sampleOf();
const CUT = { loss: { a: 1, b: 1 }, delay: micros(1_000) };

function at(pair: Pair, span: Micros): Micros {
  return micros(pair.now + span);
}

function upPair(a: Parameters<Pair['configure']>[1] = {}, b: Parameters<Pair['configure']>[1] = {}): Pair {
  const pair = new Pair(5, a, b);
  pair.run(seconds(3));
  assert.deepEqual(pair.phases(), ['up', 'up']);
  return pair;
}

/** Spans between consecutive packets of a side since an instant. */
function gaps(pair: Pair, side: Side, since: Micros): readonly number[] {
  const instants = pair.sent.filter((sent) => sent.side === side && sent.at >= since).map((sent) => sent.at);
  return instants.slice(1).map((instant, index) => instant - (instants[index] ?? 0));
}

test('both come up within a second and tell so once', () => {
  const pair = new Pair(1);
  pair.run(seconds(1));
  assert.deepEqual(pair.phases(), ['up', 'up']);
  assert.deepEqual(pair.told.map(({ side, up }) => `${side} ${up ? 'up' : 'down'}`).sort(), ['a up', 'b up']);
});

test('while it is up packets go at 75 to 90 % of the slower of what one wants to send and the other can take', () => {
  const pair = upPair({ minTransmit: milliseconds(50) }, { minReceive: milliseconds(200) });
  const since = pair.now;
  pair.run(at(pair, seconds(20)));
  for (const gap of gaps(pair, 'a', since)) assert.ok(gap >= milliseconds(150) && gap <= milliseconds(180), String(gap));
  for (const gap of gaps(pair, 'b', since)) assert.ok(gap >= milliseconds(75) && gap <= milliseconds(90), String(gap));
});

test('a cut is noticed when the detection time since the last packet has passed, not before and not after', () => {
  const pair = upPair({ minReceive: milliseconds(200) }, { multiplier: 4 });
  pair.run(at(pair, seconds(1)));
  const heardUntil = pair.state('a').silentAt;
  pair.wire = CUT;
  pair.run(at(pair, seconds(2)));
  const expiry = pair.notes.find(({ side, note }) => side === 'a' && note.type === 'sessionExpired');
  // 4 packets of the peer, each at most every 200 ms.
  assert.deepEqual(expiry?.note, { type: 'sessionExpired', session: 'a', after: milliseconds(800), overdue: micros(0) });
  assert.ok(heardUntil !== undefined && expiry.at >= heardUntil && expiry.at <= heardUntil + milliseconds(200));
  assert.deepEqual(pair.told.slice(2).map(({ up }) => up), [false, false]);
  assert.equal(pair.state('a').diagnostic, 'detectionTimeExpired');
});

test('when only one direction is cut the other end is told at once', () => {
  const pair = upPair();
  pair.wire = { loss: { a: 0, b: 1 }, delay: micros(1_000) };
  pair.run(at(pair, milliseconds(350)));
  assert.deepEqual(pair.phases(), ['down', 'down']);
  assert.deepEqual([pair.state('a').diagnostic, pair.state('b').diagnostic], ['detectionTimeExpired', 'neighbourSignaledDown']);
});

test('after a cut packets go at the idle rate, and healed it comes up again under another discriminator', () => {
  const pair = upPair();
  const { discriminator } = pair.state('a');
  pair.wire = CUT;
  const since = at(pair, seconds(1));
  pair.run(at(pair, seconds(20)));
  for (const gap of gaps(pair, 'a', since)) assert.ok(gap >= milliseconds(750) && gap <= milliseconds(900), String(gap));
  pair.wire = { ...CUT, loss: { a: 0, b: 0 } };
  pair.run(at(pair, seconds(2)));
  assert.deepEqual(pair.phases(), ['up', 'up']);
  assert.notEqual(pair.state('a').discriminator, discriminator);
});

test('a passive end says nothing until it is spoken to, and nothing again once the peer is forgotten', () => {
  const pair = new Pair(2, { passive: true }, { passive: true });
  pair.run(seconds(60));
  assert.deepEqual(pair.sent, []);
  pair.configure('b', { passive: false });
  pair.run(at(pair, seconds(2)));
  assert.deepEqual(pair.phases(), ['up', 'up']);
  pair.wire = CUT;
  pair.run(at(pair, seconds(30)));
  const since = pair.now;
  pair.run(at(pair, seconds(30)));
  assert.deepEqual(gaps(pair, 'a', since), []);
  assert.ok(gaps(pair, 'b', since).length > 20);
});

test('a peer that never answers is told down after a while, so that a new process does not look like a failure', () => {
  const pair = new Pair(3);
  pair.wire = CUT;
  pair.run(milliseconds(2_999));
  assert.deepEqual(pair.told, []);
  pair.run(seconds(30));
  assert.deepEqual(pair.told.map(({ side, at: instant, up }) => [side, instant, up]), [['a', seconds(3), false], ['b', seconds(3), false]]);
});

test('a peer that is switched off by its administrator takes the session down without a word to those who follow it', () => {
  const pair = upPair();
  const { discriminator, remote } = pair.state('a');
  pair.wire = CUT;
  const packet = { ...sample, phase: 'adminDown', myDiscriminator: remote?.discriminator ?? 0, yourDiscriminator: discriminator } as const;
  pair.deliver('a', { type: 'packetReceived', source: pair.config('a').neighbour, sourcePort: 50_000, hopLimit: 255, multihop: false, packet });
  pair.run(at(pair, seconds(10)));
  const { phase, diagnostic, told } = pair.state('a');
  assert.deepEqual([phase, diagnostic, told], ['down', 'neighbourSignaledDown', true]);
  assert.equal(pair.told.filter(({ side }) => side === 'a').length, 1);
});

test('an orderly stop is known to the peer at once, and to those who follow the session there', () => {
  const pair = upPair();
  pair.deliver('b', { type: 'stopRequested' });
  const last = pair.sent.at(-1);
  assert.deepEqual([last?.side, last?.packet.phase, last?.packet.diagnostic], ['b', 'down', 'adminDown']);
  pair.run(at(pair, milliseconds(2)));
  assert.deepEqual([pair.state('a').phase, pair.state('a').told], ['down', false]);
  const { length } = pair.sent.filter(({ side }) => side === 'b');
  pair.run(at(pair, seconds(10)));
  assert.equal(pair.sent.filter(({ side }) => side === 'b').length, length);
});

test('a peer whose process was replaced is up again within two seconds', () => {
  const pair = upPair();
  pair.restart('b');
  pair.run(at(pair, seconds(2)));
  assert.deepEqual(pair.phases(), ['up', 'up']);
  assert.deepEqual(pair.told.filter(({ side }) => side === 'a').map(({ up }) => up), [true, false, true]);
  assert.deepEqual(pair.told.filter(({ side }) => side === 'b').map(({ up }) => up), [true, true]);
});

test('a reload with other numbers is negotiated by a poll sequence, and the session stays up', () => {
  const pair = upPair();
  const since = pair.now;
  pair.configure('a', { minTransmit: milliseconds(400), minReceive: milliseconds(300) });
  pair.run(at(pair, seconds(5)));
  assert.ok(pair.sent.some(({ side, packet, at: instant }) => side === 'a' && instant >= since && packet.poll));
  assert.ok(pair.sent.some(({ side, packet, at: instant }) => side === 'b' && instant >= since && packet.final));
  assert.equal(pair.state('a').polling, false);
  const later = pair.now;
  pair.run(at(pair, seconds(10)));
  for (const gap of gaps(pair, 'a', later)) assert.ok(gap >= milliseconds(300) && gap <= milliseconds(360), String(gap));
  assert.equal(pair.told.length, 2);
});

test('a slower transmission waits until the peer has confirmed it', () => {
  const pair = upPair();
  pair.wire = { loss: { a: 0, b: 1 }, delay: micros(1_000) };
  const since = pair.now;
  pair.configure('a', { minTransmit: milliseconds(900) });
  pair.run(at(pair, milliseconds(200)));
  for (const gap of gaps(pair, 'a', since)) assert.ok(gap <= milliseconds(90), String(gap));
  assert.equal(pair.state('a').polling, true);
});

test('a reload that changes the path ends the session on purpose and begins another', () => {
  const pair = upPair();
  const { discriminator } = pair.state('a');
  pair.configure('a', { multihop: true });
  assert.deepEqual([pair.sent.at(-1)?.packet.phase, pair.sent.at(-1)?.packet.diagnostic], ['down', 'adminDown']);
  assert.notEqual(pair.state('a').discriminator, discriminator);
  assert.equal(pair.state('a').phase, 'down');
});

test('a peer that asks for no packets gets none but what it polls for', () => {
  const pair = upPair();
  const { discriminator, remote } = pair.state('a');
  const theirs = { phase: 'up', yourDiscriminator: discriminator, myDiscriminator: remote?.discriminator ?? 0 } as const;
  const arrival = { source: pair.config('a').neighbour, sourcePort: 50_000, hopLimit: 255, multihop: false };
  const packet = { diagnostic: 'none', poll: false, final: false, demand: true, independent: false, multiplier: 50 } as const;
  const intervals = { minTransmit: seconds(1), minReceive: milliseconds(100), minEchoReceive: micros(0) };
  pair.wire = CUT;
  pair.deliver('a', { type: 'packetReceived', ...arrival, packet: { ...packet, ...theirs, ...intervals } });
  const since = at(pair, seconds(1));
  pair.run(at(pair, seconds(20)));
  assert.deepEqual(gaps(pair, 'a', since), []);
  assert.equal(pair.state('a').phase, 'up');
  pair.deliver('a', { type: 'packetReceived', ...arrival, packet: { ...packet, ...theirs, ...intervals, poll: true } });
  assert.equal(pair.sent.at(-1)?.packet.final, true);
});

test('packets of strangers, of another path, of an old session or from too far away change nothing', () => {
  const pair = upPair();
  const before = pair.state('a');
  const { discriminator } = before;
  const good = { source: pair.config('a').neighbour, sourcePort: 50_000, hopLimit: 255, multihop: false };
  const down = { phase: 'down', diagnostic: 'none', poll: false, final: false, demand: false, independent: false, multiplier: 3 } as const;
  const rest = { myDiscriminator: 1, yourDiscriminator: discriminator, minTransmit: seconds(1), minReceive: seconds(1), minEchoReceive: micros(0) };
  const packet = { ...down, ...rest };
  pair.deliver('a', { type: 'packetReceived', ...good, source: pair.config('b').neighbour, packet });
  pair.deliver('a', { type: 'packetReceived', ...good, multihop: true, packet });
  pair.deliver('a', { type: 'packetReceived', ...good, hopLimit: 254, packet });
  pair.deliver('a', { type: 'packetReceived', ...good, packet: { ...packet, yourDiscriminator: discriminator + 1 } });
  assert.deepEqual(pair.state('a'), before);
  const reasons = pair.notes.slice(-4).map(({ note }) => (note.type === 'packetRefused' ? note.reason : note.type));
  assert.deepEqual(reasons, ['unknownPeer', 'unknownPeer', 'tooManyHops', 'unknownDiscriminator']);
});

test('without its socket a session is down for those who follow it, and comes back with the socket', () => {
  const pair = upPair();
  pair.deliver('a', { type: 'channelFailed', session: 'a', reason: 'EADDRNOTAVAIL' });
  assert.equal(pair.state('a').phase, 'adminDown');
  assert.equal(pair.told.at(-1)?.up, false);
  pair.run(at(pair, seconds(5)));
  pair.deliver('a', { type: 'channelOpened', session: 'a' });
  pair.run(at(pair, seconds(2)));
  assert.deepEqual(pair.phases(), ['up', 'up']);
});
