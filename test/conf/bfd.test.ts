/** bfd_instance and the lines that track one: defaults, corrections, references. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { BfdSession } from '../../src/bfd/config.js';
import { load } from './support.js';

function session(body: string, name = 'B'): string {
  return `bfd_instance ${name} {\n${body}\n}\n`;
}

function built(body: string): BfdSession {
  const config = load(session(body)).model?.bfd.sessions[0];
  assert.ok(config !== undefined, body);
  return config;
}

function codes(text: string): readonly string[] {
  return load(text).diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}

function tracking(line: string, before = session('neighbor_ip 192.0.2.2')): string {
  const instance = `vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.100\n}\ntrack_bfd {\n${line}\n}\n}\n`;
  return before + instance;
}

test('a session with the least of words has the defaults of keepalived', () => {
  assert.deepEqual(built('neighbor_ip 192.0.2.2'), {
    name: 'B',
    family: 'ipv4',
    neighbour: '192.0.2.2',
    minReceive: 10_000,
    minTransmit: 10_000,
    idleTransmit: 1_000_000,
    multiplier: 5,
    passive: false,
    hopLimit: 255,
    sentHopLimit: 255,
    maxHops: 0,
    multihop: false,
    weight: 0,
    reverse: false,
    tellsVrrp: true,
    tellsCheckers: true,
  });
  assert.equal(built('neighbour_ip 2001:db8::2').hopLimit, 64);
});

test('every keyword of a session reaches it', () => {
  const text =
    'neighbor_ip 2001:db8::2\nsource_ip 2001:db8::1\nmin_rx 1.5\nmin_tx 20\nidle_tx 2000.125\nmultiplier 3\npassive\n' +
    'hoplimit 9\nmax_hops -1\nmultihop\nweight -20 reverse\nvrrp';
  assert.deepEqual(codes(session(text)), []);
  assert.deepEqual(built(text), {
    name: 'B',
    family: 'ipv6',
    neighbour: '2001:db8::2',
    source: '2001:db8::1',
    minReceive: 1_500,
    minTransmit: 20_000,
    idleTransmit: 2_000_125,
    multiplier: 3,
    passive: true,
    hopLimit: 9,
    sentHopLimit: 9,
    maxHops: undefined,
    multihop: true,
    weight: -20,
    reverse: true,
    tellsVrrp: true,
    tellsCheckers: false,
  });
});

test('a value out of range is reported at the value, and the default counts', () => {
  for (const [line, code] of [
    ['min_rx 0', 'HF-312 3:8'],
    ['min_tx 4294968', 'HF-312 3:8'],
    ['idle_tx 999', 'HF-312 3:9'],
    ['min_rx 10ms', 'HF-311 3:8'],
    ['multiplier 256', 'HF-312 3:12'],
    ['ttl 0', 'HF-312 3:5'],
    ['max_hops 256', 'HF-312 3:10'],
    ['weight 254', 'HF-312 3:8'],
    ['weight x', 'HF-311 3:8'],
  ] as const) {
    const body = `neighbor_ip 192.0.2.2\n${line}`;
    assert.deepEqual(codes(session(body)), [code], line);
    assert.deepEqual(built(body), built('neighbor_ip 192.0.2.2'), line);
  }
  assert.equal(built('neighbor_ip 192.0.2.2\nmin_tx 2.1236').minTransmit, 2_124);
  assert.equal(built('neighbor_ip 192.0.2.2\nttl 5\nmax_hops 7').maxHops, 5);
  assert.deepEqual(codes(session('neighbor_ip 192.0.2.2\nttl 5\nmax_hops 7')), ['HF-312 4:10']);
});

test('a session without neighbour, with mixed families, with a taken neighbour or name is skipped', () => {
  const first = session('neighbor_ip 192.0.2.2');
  for (const [text, code, sessions] of [
    [session(''), 'HF-416 1:14', 0],
    [session('neighbor_ip 192.0.2.2\nsource_ip ::1'), 'HF-409 3:11', 0],
    [first + session('neighbor_ip 192.0.2.2', 'C'), 'HF-416 5:13', 1],
    [first + session('neighbor_ip 192.0.2.3'), 'HF-318 4:14', 1],
    [session('neighbor_ip 192.0.2.2', 'n'.repeat(32)), 'HF-311 1:14', 0],
  ] as const) {
    assert.deepEqual(codes(text), [code], text);
    assert.equal(load(text).model?.bfd.sessions.length, sessions, text);
  }
});

test('an instance tracks a session with its own weight or that of the session', () => {
  for (const [line, weight, reverse] of [
    ['B', 7, false],
    ['B weight 5', 5, false],
    ['B weight -5 reverse', -5, true],
    ['B weight 5 noreverse', 5, false],
  ] as const) {
    const text = tracking(line, session('neighbor_ip 192.0.2.2\nweight 7'));
    assert.deepEqual(codes(text), [], line);
    assert.deepEqual(load(text).model?.director.instances[0]?.tracks?.bfd, [{ name: 'B', weight, reverse }], line);
  }
});

test('a tracking line that keepalived does not understand is dropped', () => {
  for (const [line, code] of [
    ['C', 'HF-417 11:1'],
    ['B foo', 'HF-311 11:3'],
    ['B weight', 'HF-311 11:3'],
    ['B weight 254', 'HF-312 11:10'],
  ] as const) {
    assert.deepEqual(codes(tracking(line)), [code], line);
    assert.deepEqual(load(tracking(line)).model?.director.instances[0]?.tracks?.bfd ?? [], [], line);
  }
  assert.deepEqual(codes(tracking('B\nB')), ['HF-316 12:1']);
  assert.deepEqual(codes(tracking('B', '') + session('neighbor_ip 192.0.2.2')), ['HF-417 8:1']);
});

test('a sync group tracks a session for all its members', () => {
  const text = `${tracking('B')}vrrp_sync_group g {\ngroup {\na\n}\ntrack_bfd {\nB weight 3\n}\n}\n`;
  assert.deepEqual(load(text).model?.director.groups[0]?.tracks?.bfd, [{ name: 'B', weight: 3, reverse: false }]);
});
