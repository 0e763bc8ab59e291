/** The table of events in the operations guide against the code: names, sentences and metrics. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { LogEntry } from '../../src/base/log.js';
import { metricFamilies } from '../../src/control/metrics/metrics.js';
import { narrateChildren } from '../../src/runtime/narrate/children.js';
import { narrateHealth } from '../../src/runtime/narrate/health.js';
import { narrateIpvs } from '../../src/runtime/narrate/ipvs.js';
import { narrateVrrp } from '../../src/runtime/narrate/vrrp.js';
import { address } from '../support/address.js';

const V1 = { instance: 'V1' } as const;
const PEER = { ...V1, source: address('192.0.2.2') } as const;
const SERVER = { server: '[192.0.2.11]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80' } as const;
const VS = { virtualServer: SERVER.virtualServer } as const;
const DOWN = { type: 'interfaceDown', interface: 'eth0' } as const;

/** One of each row, as the code tells it. */
const TOLD: readonly (readonly LogEntry[] | LogEntry)[] = [
  narrateVrrp({ type: 'stateChanged', ...V1, from: 'BACKUP', to: 'MASTER' }),
  narrateVrrp({ type: 'instanceStarted', ...V1, state: 'BACKUP' }),
  narrateVrrp({ type: 'faultFound', ...V1, reason: DOWN, starting: true }),
  narrateVrrp({ type: 'faultCleared', ...V1, reason: DOWN }),
  narrateVrrp({ type: 'effectivePriorityChanged', ...V1, from: 150, to: 130 }),
  narrateVrrp({ type: 'advertTimeout', ...V1 }),
  narrateVrrp({ type: 'masterChanged', ...V1, from: address('192.0.2.2'), to: address('192.0.2.3') }),
  narrateVrrp({ type: 'conflictFound', ...V1, kind: 'addressTaken', by: '192.0.2.100 by 02:00:00:00:00:99 on eth0', count: 1 }),
  narrateVrrp({ type: 'ownAddressReceived', ...PEER }),
  narrateVrrp({ type: 'lowerPriorityReceived', ...PEER, priority: 90, ownPriority: 100, forcesElection: true }),
  narrateVrrp({ type: 'advertRejected', ...PEER, rejection: { type: 'password' } }),
  narrateVrrp({ type: 'addressLost', ...V1, interface: 'eth0', address: address('192.0.2.100') }),
  narrateVrrp({ type: 'addressesFailed', ...V1, reason: 'ENODEV', retryIn: seconds(1) }),
  narrateVrrp({ type: 'repairsGivenUp', ...V1, times: 6, span: seconds(10) }),
  narrateVrrp({ type: 'stallNoticed', ...V1, lateness: milliseconds(2_500) }),
  narrateHealth({ type: 'serverRemoved', ...SERVER }),
  narrateHealth({ type: 'serverAdded', ...SERVER }),
  narrateHealth({ type: 'checkFailed', ...SERVER, check: 'TCP_CHECK', retries: 0 }),
  narrateHealth({ type: 'quorumLost', ...VS, quorum: 1, hysteresis: 0, threshold: 1, weight: 0 }),
  narrateHealth({ type: 'quorumGained', ...VS, quorum: 1, hysteresis: 0, threshold: 1, weight: 2 }),
  narrateHealth({ type: 'sorryServerAdded', ...VS, server: '[127.0.0.1]:tcp:90' }),
  narrateIpvs({ type: 'ipvsMissing', code: 'ENOENT' }),
  narrateIpvs({ type: 'driftFound', count: 2, named: [] }),
  narrateIpvs({ type: 'commandFailed', operation: 'addDestination', service: '192.0.2.100:tcp:80', server: '192.0.2.11:80', code: 'EINVAL', errno: 22 }),
  narrateChildren({ type: 'childExited', child: 'checkers', pid: 4711, ending: { type: 'status', status: 70 } }),
  narrateChildren({ type: 'childSilent', child: 'vrrp', pid: 4711, silence: micros(1_500_000) }),
  narrateChildren({ type: 'reloadFailed' }),
  narrateChildren({ type: 'configurationComplete', reload: true, generation: 2 }),
];

const entries = TOLD.flat();
const guide = readFileSync('examples/guides/operations.md', 'utf8');
const rows = [...guide.matchAll(/^\| `(\w+)` \| `([^`]+)` \| (?:`(\w+)`)? ?\| (.+) \|$/gm)].map(([, event = '', sentence = '', metric, advice = '']) => ({ event, sentence, metric, advice }));

test('each row of the table has the name and the sentence that the code tells', () => {
  assert.deepEqual(rows.map(({ event, sentence }) => [event, sentence]), entries.map(({ event, text }) => [event, text]));
});

test('each metric in the table is one that is exported', () => {
  const exported = new Set(metricFamilies([]).map(({ name }) => name));
  assert.deepEqual(rows.flatMap(({ metric }) => (metric === undefined || exported.has(metric) ? [] : [metric])), []);
});

test('what is an error or a warning says what to do', () => {
  const advice = new Map(rows.map((row) => [row.event, row.advice]));
  for (const { event, level } of entries) if (level !== 'info') assert.ok((advice.get(event) ?? '').length > 40, event);
});
