import assert from 'node:assert/strict';
import test from 'node:test';
import { runLvs } from './lvs-run.js';
import { LVS_CONDITIONS, LVS_FAULTS } from './lvs-storm.js';
import { sweep } from './sweep.js';

test('the same seed gives the same trace, another seed another one', () => {
  for (const seed of [1, 7, 42]) assert.equal(runLvs(seed).traceHash, runLvs(seed).traceHash);
  assert.notEqual(runLvs(1).traceHash, runLvs(2).traceHash);
});

test('1,000 storms over checkers and kernel tables break no property, and reach every kind of fault', async () => {
  const { seeds, failures, coverage } = await sweep('lvs', 1, 1_000);
  assert.equal(seeds, 1_000);
  assert.deepEqual(failures.map(({ seed, message }) => `npm run sim -- --lvs --seed=${seed}: ${message}`), []);
  const events = ['reconfigured', 'probeAnswered', 'snapshotTaken', 'snapshotFailed', 'opsApplied', 'opsFailed', 'stopRequested'];
  const cells = [
    ...[...LVS_FAULTS, ...LVS_CONDITIONS].map((fault) => `fault ${fault}`),
    ...events.map((event) => `lvs ${event}`),
    ...['refusing', 'hanging', 'up'].map((state) => `single ${state}`),
    'repair',
  ];
  assert.deepEqual(cells.filter((cell) => (coverage.get(cell) ?? 0) === 0), []);
});
