/**
 * The operations guide against the code: events with their sentences and metrics, what is limited, alerts, metrics. `REWRITE=1`
 * writes the generated parts anew.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { LogEntry } from '../../src/base/log.js';
import type { HealthNote } from '../../src/health/notes.js';
import { metricFamilies } from '../../src/control/metrics/metrics.js';
import { narrateDevice } from '../../src/runtime/narrate/device.js';
import { narrateChildren } from '../../src/runtime/narrate/children.js';
import { narrateHealth } from '../../src/runtime/narrate/health.js';
import { narrateIpvs } from '../../src/runtime/narrate/ipvs.js';
import { narrateLifecycle } from '../../src/runtime/narrate/lifecycle.js';
import { narrateMail, narrateRetry } from '../../src/runtime/narrate/mail.js';
import { createPoolNoteLimit } from '../../src/runtime/note-limit.js';
import { narrateVrrp } from '../../src/runtime/narrate/vrrp.js';
import { address } from '../support/address.js';

const V1 = { instance: 'V1' } as const;
const PEER = { ...V1, source: address('192.0.2.2') } as const;
const SERVER = { server: '[192.0.2.11]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80' } as const;
const VS = { virtualServer: SERVER.virtualServer } as const;
const HOOK = 'https://alerts.example.com';
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
  narrateDevice({ type: 'filterRepaired', table: 'table ip keepalived', count: 1, named: ['rule 1 of chain in: missing'] }),
  narrateIpvs({ type: 'commandFailed', operation: 'addDestination', service: '192.0.2.100:tcp:80', server: '192.0.2.11:80', code: 'EINVAL', errno: 22 }),
  narrateChildren({ type: 'childExited', child: 'checkers', pid: 4711, ending: { type: 'status', status: 70 } }),
  narrateChildren({ type: 'childSilent', child: 'vrrp', pid: 4711, silence: micros(1_500_000) }),
  narrateChildren({ type: 'reloadFailed' }),
  narrateChildren({ type: 'configurationComplete', reload: true, generation: 2 }),
  keptBackOf({ type: 'serverRemoved', ...SERVER }, 600),
  narrateMail({ type: 'failed', code: 'ETLS', reason: 'certificate has expired' }, '[192.0.2.25]:25', 'x'),
  narrateRetry('[director-a] Realserver down', 5),
  narrateRetry('[director-a] Realserver down', undefined),
  narrateLifecycle({ type: 'mailProcessFailed', reason: 'signal SIGKILL' }),
  narrateLifecycle({ type: 'mailsLost', count: 12 }),
  narrateLifecycle({ type: 'webhookFailing', webhook: HOOK, reason: 'status 500' }),
  narrateLifecycle({ type: 'webhookWorks', webhook: HOOK, lost: 3 }),
  narrateLifecycle({ type: 'webhookRefused', webhook: HOOK, status: 403, count: 2 }),
  narrateLifecycle({ type: 'controlServiceMissing', path: '/run/holdfast/feed.sock', reason: 'ENOENT' }),
  narrateLifecycle({ type: 'webhookUnusable', reason: '/etc/keepalived/webhook-url cannot be read (ENOENT)' }),
];

/** What is said after a minute in which this came so many times. */
function keptBackOf(note: HealthNote, times: number): readonly LogEntry[] {
  const limit = createPoolNoteLimit();
  for (let i = 0; i < times; i += 1) limit.admit(note, 1, micros(0));
  return limit.admit(note, 1, seconds(60)).before;
}

const entries = TOLD.flat();
const GUIDE = 'examples/guides/operations.md';
const guide = readFileSync(GUIDE, 'utf8');
const [tableOfEvents = ''] = guide.split('### What is limited');
const rows = [...tableOfEvents.matchAll(/^\| `(\w+)` \| `([^`]+)` \| (?:`(\w+)`)? ?\| (.+) \|$/gm)].map(([, event = '', sentence = '', metric, advice = '']) => ({ event, sentence, metric, advice }));

test('each row of the table has the name and the sentence that the code tells', () => {
  assert.deepEqual(rows.map(({ event, sentence }) => [event, sentence]), entries.map(({ event, text }) => [event, text]));
});

test('the table of the README is part of it', () => {
  const [, table = ''] = /^### Log lines, events, metrics\n([^]*?)^(?:#|Guides)/m.exec(readFileSync('README.md', 'utf8')) ?? [];
  const shown = [...table.matchAll(/^\| `(\w+)` \| `([^`]+)` \|(?: `(\w+)`)? ?\|$/gm)].map(([, event = '', sentence = '', metric]) => `${event} ${sentence} ${metric ?? ''}`);
  const known = new Set(rows.map(({ event, sentence, metric }) => `${event} ${sentence} ${metric ?? ''}`));
  assert.deepEqual(shown.filter((row) => !known.has(row)), []);
  assert.equal(shown.length, (table.match(/^\| `/gm) ?? []).length, 'every row is whole');
  assert.ok(shown.length > 10);
});

test('each metric in the table is one that is exported', () => {
  const exported = new Set(metricFamilies([]).map(({ name }) => name));
  assert.deepEqual(rows.flatMap(({ metric }) => (metric === undefined || exported.has(metric) ? [] : [metric])), []);
});

test('what is an error or a warning says what to do', () => {
  const advice = new Map(rows.map((row) => [row.event, row.advice]));
  for (const { event, level } of entries) if (level !== 'info') assert.ok((advice.get(event) ?? '').length > 40, event);
});

/** Between the two comments of that name stands `text`. */
function holds(name: string, last: string, text: string): void {
  const now = readFileSync(GUIDE, 'utf8');
  const from = now.indexOf(`<!-- ${name}: generated -->\n`) + `<!-- ${name}: generated -->\n`.length;
  const to = now.indexOf(`<!-- end of ${last} -->`);
  assert.ok(from > 30 && to >= from, `the guide has a generated part: ${name}`);
  if (process.env['REWRITE'] === '1') writeFileSync(GUIDE, now.slice(0, from) + text + now.slice(to));
  else assert.equal(now.slice(from, to), text);
}

test('the guide names every event that is limited', () => {
  const source = readFileSync('src/runtime/note-limit.ts', 'utf8');
  const names = [...source.matchAll(/^ {4}case '(\w+)':$/gm)].map(([, name = '']) => `\`${name}\``);
  assert.ok(names.length > 20);
  holds('limited events', 'limited events', `${[...new Set(names)].sort().join(' ')}\n`);
});

test('the guide has an entry for every metric', () => {
  const families = metricFamilies([]).map(({ name, help }) => `| \`${name}\` | ${help} |\n`);
  holds('metrics', 'metrics', `| metric | what it says |\n|---|---|\n${families.join('')}`);
});

const RULES = readFileSync('examples/prometheus/holdfast.rules.yml', 'utf8');
const alerts = [...RULES.matchAll(/^ {6}- alert: (\w+)\n {8}expr: (.+)\n {8}for: (\d+[smhd])\n {8}labels:\n {10}severity: (critical|warning|info)\n {8}annotations:\n {10}summary: "([^"\n]+)"\n {10}description: "([^"\n]+)"$/gm)].map(([, name = '', expression = '']) => ({ name, expression }));

test('every alert has its entry in the guide, and every entry its alert', () => {
  assert.equal(alerts.length, (RULES.match(/- alert:/g) ?? []).length, 'every rule is whole');
  const entries = [...guide.matchAll(/^\| `(Holdfast\w+)` \| (.+?) \| (.+) \|$/gm)].map(([, name = '', meaning = '', action = '']) => ({ name, meaning, action }));
  assert.deepEqual(entries.map(({ name }) => name), alerts.map(({ name }) => name));
  for (const { name, meaning, action } of entries) assert.ok(meaning.length > 40 && action.length > 40, name);
});

test('alerts ask for metrics that are exported, and for labels that those have', () => {
  const labels = new Map(metricFamilies([]).map((family) => [family.name, JSON.stringify(family)]));
  for (const { name, expression } of alerts) {
    const metrics = [...expression.matchAll(/\bholdfast_\w+/g)].map(([metric]) => metric);
    assert.ok(metrics.length > 0, name);
    for (const metric of metrics) {
      assert.ok(labels.has(metric), `${name}: ${metric}`);
      for (const [, list = ''] of expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
        for (const label of list.split(', ').filter((one) => !['instance', 'job'].includes(one))) assert.ok(labels.get(metric)?.includes(`"${label}"`), `${name}: ${metric} has no ${label}`);
      }
    }
  }
});
