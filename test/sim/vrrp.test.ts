import assert from 'node:assert/strict';
import test from 'node:test';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import type { Role } from './observation.js';
import { CONDITIONS, FAULTS } from './storm.js';
import { sweep } from './sweep.js';
import { runVrrp } from './vrrp-run.js';

/** Enough for 2,000 simulated hours. */
const SEEDS = 2_400;

test('the same seed gives the same trace, another seed another one', () => {
  for (const seed of [1, 7, 42]) assert.equal(runVrrp(seed).traceHash, runVrrp(seed).traceHash);
  assert.notEqual(runVrrp(1).traceHash, runVrrp(2).traceHash);
});

test('2,000 hours of storms over VRRP clusters break no property, and reach every event in every state and every fault', async (context) => {
  const { seeds, failures, coverage, virtualSeconds } = await sweep('vrrp', 1, SEEDS);
  assert.equal(seeds, SEEDS);
  assert.deepEqual(failures.map(({ seed, message }) => `npm run sim -- --seed=${seed}: ${message}`), []);
  const hours = virtualSeconds / 3_600;
  context.diagnostic(`${hours.toFixed(0)} simulated hours, ${coverage.get('advert') ?? 0} adverts, ${coverage.size} cells reached`);
  for (const [cell, times] of [...coverage].sort()) context.diagnostic(`${times} ${cell}`);
  assert.ok(hours >= 2_000, `${hours} simulated hours`);
  const unreached = expectedCells().filter((cell) => (coverage.get(cell) ?? 0) === 0);
  assert.deepEqual(unreached, []);
});

/** DEAD: before the first state. The states in which a director hears each kind of event. */
const REACHED_IN: Readonly<Record<DirectorEvent['type'], readonly Role[]>> = {
  advertReceived: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  advertMalformed: ['BACKUP', 'MASTER', 'FAULT'],
  linkChanged: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  addressesApplied: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  addressesFailed: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  addressClaimed: ['BACKUP', 'MASTER', 'FAULT'],
  instanceSet: ['BACKUP', 'MASTER', 'FAULT'],
  announceRequested: ['BACKUP', 'MASTER', 'FAULT'],
  // Only masters hold any: waiting hosts hear of it while they let go.
  addressRemoved: ['BACKUP', 'MASTER'],
  routeRemoved: ['BACKUP', 'MASTER'],
  ruleRemoved: ['BACKUP', 'MASTER'],
  scriptEnded: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  fileRead: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  processesCounted: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  sessionChanged: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  virtualServerChanged: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  reconfigured: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
  stopRequested: ['BACKUP', 'MASTER', 'FAULT'],
  timeout: ['DEAD', 'BACKUP', 'MASTER', 'FAULT'],
};

function expectedCells(): readonly string[] {
  return [
    ...[...FAULTS, ...CONDITIONS].map((fault) => `fault ${fault}`),
    ...['powerLoss', 'kill', 'stop', 'linkDown', 'trackerFault'].map((ending) => `failover ${ending}`),
    ...Object.entries(REACHED_IN).flatMap(([event, roles]) => roles.map((role) => `${role} ${event}`)),
    ...['unicast', 'keepalived', 'lowerPriorityNoAdvert', 'higherPrioritySendAdvert', 'skipCheckAdvertAddresses', 'untracked primary', 'stallGivesWay', 'link delays'].map((name) => `option ${name}`),
    ...['script', 'file', 'process', 'session', 'link'].flatMap((kind) => ['', ' reversed'].flatMap((turned) => [' for fault', ' by weight'].map((how) => `option tracks ${kind}${turned}${how}`))),
    'option tracks pool without weight',
    'option tracks pool by weight',
    'option macvlan',
    'option macvlan that is silent',
    'reload without a router',
    'reload with a router more',
    ...['enforce', 'permissive', 'receiveOnly'].map((mode) => `option signed ${mode}`),
    ...['none', 'pass', 'ah'].map((type) => `option authentication ${type}`),
    'sleeping backup',
    'removed by hand',
    'replaced master',
    'renewed lease',
  ];
}
