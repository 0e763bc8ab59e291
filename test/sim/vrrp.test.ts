import assert from 'node:assert/strict';
import test from 'node:test';
import { CONDITIONS, FAULTS } from './storm.js';
import { sweep } from './sweep.js';
import { runVrrp } from './vrrp-run.js';

test('the same seed gives the same trace, another seed another one', () => {
  for (const seed of [1, 7, 42]) assert.equal(runVrrp(seed).traceHash, runVrrp(seed).traceHash);
  assert.notEqual(runVrrp(1).traceHash, runVrrp(2).traceHash);
});

test('2,000 storms over VRRP clusters break no property, and reach every kind of fault in every state', async (context) => {
  const { seeds, failures, coverage, virtualSeconds } = await sweep('vrrp', 1, 2_000);
  assert.equal(seeds, 2_000);
  assert.deepEqual(failures.map(({ seed, message }) => `npm run sim -- --seed=${seed}: ${message}`), []);
  const hours = virtualSeconds / 3_600;
  context.diagnostic(`${hours.toFixed(0)} simulated hours, ${coverage.get('advert') ?? 0} adverts, ${coverage.size} cells reached`);
  for (const [cell, times] of [...coverage].sort()) context.diagnostic(`${times} ${cell}`);
  assert.ok(hours >= 2_000, `${hours} simulated hours`);
  const unreached = expectedCells().filter((cell) => (coverage.get(cell) ?? 0) === 0);
  assert.deepEqual(unreached, []);
});

function expectedCells(): readonly string[] {
  const events = ['advertReceived', 'advertMalformed', 'linkChanged', 'addressesApplied', 'addressesFailed', 'reconfigured', 'stopRequested', 'timeout', 'scriptEnded', 'fileRead', 'sessionChanged'];
  return [
    ...[...FAULTS, ...CONDITIONS].map((fault) => `fault ${fault}`),
    ...['powerLoss', 'kill', 'stop', 'linkDown', 'trackerFault'].map((ending) => `failover ${ending}`),
    ...['BACKUP', 'MASTER', 'FAULT'].flatMap((role) => events.map((event) => `${role} ${event}`)),
    'option unicast',
    'option keepalived',
    ...['enforce', 'permissive', 'receiveOnly'].map((mode) => `option signed ${mode}`),
    ...['none', 'pass', 'ah'].map((type) => `option authentication ${type}`),
    'MASTER addressRemoved',
    'BACKUP addressRemoved',
    'sleeping backup',
    'removed by hand',
    'replaced master',
  ];
}
