/** The screen of `holdfast status`: what an operator reads on it. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { micros, seconds } from '../../src/base/time.js';
import type { IpAddress } from '../../src/base/address.js';
import type { NumberedEvent, Picture } from '../../src/control/feed.js';
import { shortAmount } from '../../src/base/short-amount.js';
import { createControlState } from '../../src/control/state.js';
import type { ControlState } from '../../src/control/state.js';
import type { RealServerDescription } from '../../src/health/describe.js';

const flow = { connections: 9_000, packetsIn: 12, packetsOut: 8, bytesIn: 1_500_000, bytesOut: 20_000_000 };
const traffic = { ...flow, perSecond: { ...flow, connections: 7 } };

function server(last: number, more: Partial<RealServerDescription>): RealServerDescription {
  const address = `198.51.100.${last}` as IpAddress;
  const base = { name: `[${address}]:tcp:80`, address, port: 80, method: 'nat', alive: true, since: seconds(900) } as const;
  return { ...base, configuredWeight: 3, weight: 3, checkers: [], followers: [], ...more };
}

function show(state: ControlState, realServers: readonly RealServerDescription[]): void {
  const picture: Picture<'checkers'> = {
    takenAt: seconds(1_000),
    wallTime: Date.now(),
    shown: {
      pool: {
        countedAt: seconds(998),
        virtualServers: [
          {
            name: '[192.0.2.1]:tcp:80',
            quorumUp: true,
            since: seconds(400),
            quorum: 1,
            aliveWeight: 3,
            services: [{ identity: { kind: 'address', protocol: 'tcp', address: '192.0.2.1' as IpAddress, port: 80 }, scheduler: 'wlc', traffic }],
            realServers,
          },
        ],
      },
      reconciler: { phase: 'idle', trusted: true, ownedServices: 1, refusedCommands: 0, driftRepaired: 0 },
    },
  };
  state.hear({ type: 'picture', of: 'checkers', text: JSON.stringify(picture) });
}

let lastId = 0;

function tell(state: ControlState, name: string, fields: NumberedEvent['fields'], text: string): void {
  lastId += 1;
  state.hear({ type: 'events', events: [{ id: lastId, from: 'vrrp', time: Date.now(), level: 'info', event: name, text, fields }] });
}

const lineOf = (state: ControlState, part: string): string => {
  const lines = state.screen().toString().split('\n');
  return lines.find((line) => line.includes(part)) ?? assert.fail(`${part} is not in\n${lines.join('\n')}`);
};

test('a real server has its state, age, weights, latency, connections, rates and reason on one line', () => {
  const state = createControlState(() => undefined);
  show(state, [
    server(1, {
      weightInTables: 3,
      connections: { active: 5, inactive: 40, persistent: 0 },
      traffic,
      checkers: [{ check: 'HTTP_GET', up: true, hasRun: true, retries: 0, probing: false, lastAnswer: { at: seconds(999), latency: micros(12_340) } }],
    }),
    server(2, { alive: false, weight: 0, checkers: [{ check: 'TCP_CHECK', up: false, hasRun: true, retries: 0, probing: false, lastAnswer: { at: seconds(999), latency: micros(900), failure: { type: 'refused' } } }] }),
  ]);
  assert.match(lineOf(state, '198.51.100.1'), /up +1m 40s +weight 3 +12\.3 ms +5 active 40 inactive +7 conns\/s +12\/8 packets\/s +1\.5M\/20M B\/s$/);
  assert.match(lineOf(state, '198.51.100.2'), /down +1m 40s +weight 0 \(configured 3\), not in the table +0\.9 ms +TCP_CHECK: connection refused$/);
  assert.match(lineOf(state, '[192.0.2.1]:tcp:80'), /up for 10m, weight 3 of quorum 1, 5 active 40 inactive, 7 conns\/s/);
  assert.match(lineOf(state, 'LVS'), /counted 2s ago/);
});

test('the last changes are on the screen: when, from what, to what and why', () => {
  const state = createControlState(() => undefined);
  tell(state, 'stateChanged', { instance: 'V1', from: 'BACKUP', state: 'MASTER' }, '(V1) Entering MASTER STATE');
  assert.match(lineOf(state, 'V1'), /^  \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  \d+s ago  V1  BACKUP -> MASTER  no router with a better priority was heard$/);
  tell(state, 'higherPriorityReceived', { instance: 'V1' }, '(V1) Master received advert from 192.0.2.9 with higher priority 200, ours 100');
  tell(state, 'stateChanged', { instance: 'V1', from: 'MASTER', state: 'BACKUP' }, '(V1) Entering BACKUP STATE');
  assert.match(lineOf(state, 'MASTER -> BACKUP'), /with higher priority 200, ours 100$/);
  const place = { server: '[198.51.100.2]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' };
  tell(state, 'checkFailed', place, 'TCP connection to [198.51.100.2]:tcp:80 failed.');
  tell(state, 'serverRemoved', place, 'Removing service');
  tell(state, 'quorumLost', { virtualServer: place.virtualServer }, 'Lost quorum');
  assert.match(lineOf(state, '198.51.100.2'), /\[198\.51\.100\.2\]:tcp:80 of \[192\.0\.2\.1\]:tcp:80 +up -> down +TCP connection to \[198/);
  const { transitions = [] } = state.status();
  assert.deepEqual(transitions.map(({ of }) => of).sort(), ['instance', 'instance', 'realServer', 'virtualServer']);
});

test('a thousand failing servers do not drive the changes of instances out', () => {
  const state = createControlState(() => undefined);
  tell(state, 'stateChanged', { instance: 'V1', from: 'BACKUP', state: 'MASTER' }, '');
  for (let i = 0; i < 1_000; i += 1) tell(state, 'serverRemoved', { server: `s${i}`, virtualServer: 'v' }, '');
  const { transitions = [] } = state.status();
  assert.deepEqual([transitions.length, transitions.filter(({ of }) => of === 'instance').length], [21, 1]);
});

test('of a farm of thousands the screen is drawn before anybody asks, and a newer picture replaces it', async () => {
  const state = createControlState(() => undefined);
  const farm = (weight: number): readonly RealServerDescription[] =>
    Array.from({ length: 3_000 }, (_, i) => server(i, { name: `server ${i}`, configuredWeight: weight, weight }));
  show(state, farm(5));
  assert.match(lineOf(state, 'server 2999'), /weight 5/);
  show(state, farm(6));
  while (!lineOf(state, 'server 2999').includes('weight 6')) await new Promise((resolve) => setTimeout(resolve, 50));
});

test('of a farm of thousands a picture that nobody has read yet still says that its process lives', () => {
  const state = createControlState(() => undefined);
  const farm = Array.from({ length: 3_000 }, (_, i) => server(i, { name: `server ${i}` }));
  show(state, farm);
  const first = state.status().lvs?.asOf;
  const later = Date.now() + 5_000;
  const { shown } = JSON.parse(JSON.stringify({ shown: { pool: { virtualServers: [] }, reconciler: { phase: 'idle', trusted: true, ownedServices: 1, refusedCommands: 0, driftRepaired: 0 }, more: 'x'.repeat(500_000) } })) as Pick<Picture<'checkers'>, 'shown'>;
  state.hear({ type: 'picture', of: 'checkers', text: JSON.stringify({ takenAt: 1, wallTime: later, shown }) });
  assert.equal(state.status().lvs?.asOf, first);
  assert.equal(state.shown().lvs?.asOf, new Date(later).toISOString());
});

test('what is said by hand, and how long it holds; a process that shows nothing', () => {
  const state = createControlState(() => undefined);
  const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000 + 500).toISOString();
  const place = { server: '[198.51.100.1]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' };
  state.hear({ type: 'byHand', words: [{ action: 'weight', weight: 5, ...place, since: at(-2), until: at(10), kept: false }, { action: 'yield', instance: 'web', since: at(-1), kept: true }] });
  assert.match(lineOf(state, 'weight 5'), /^ {2}weight 5 \[198\.51\.100\.1\]:tcp:80 of \[192\.0\.2\.1\]:tcp:80 {2}since (2m|1m \d+s) +ends in (10m|9m 5\ds)$/);
  assert.match(lineOf(state, 'yield web'), /since .* until it is taken back {2}outlives a restart$/);
  const facts = { version: '1', pid: 1, startedAt: 0, configurationFile: 'f', generation: 1, loadedAt: 0, stopping: false };
  state.hear({ type: 'daemon', facts: { ...facts, processes: [{ name: 'checkers' }, { name: 'vrrp', pid: 7 }] } });
  assert.equal(lineOf(state, 'LVS:'), 'LVS: its process does not run and is started again; holdfast events says why');
  assert.equal(lineOf(state, 'VRRP:'), 'VRRP: its process has shown nothing yet');
  show(state, []);
  assert.ok(!state.screen().toString().includes('LVS: its process'));
});

test('amounts are short', () => {
  assert.deepEqual([0, 999, 1_000, 1_540, 12_345, 2_500_000, 3e15].map(shortAmount), ['0', '999', '1.0k', '1.5k', '12k', '2.5M', '3000T']);
});
