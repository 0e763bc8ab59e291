import assert from 'node:assert/strict';
import test from 'node:test';
import type { PoolEvent } from '../../src/health/events.js';
import type { HealthNote } from '../../src/health/notes.js';
import { sweep } from '../sim/sweep.js';

/** What the lives of the test lead to; the rest needs files, sessions or certificates, which they have not. */
const REACHED: Readonly<Record<HealthNote['type'], boolean>> = {
  checkSucceeded: true,
  probeFailed: true,
  checkFailed: true,
  urlPassed: true,
  certificateExpiring: false,
  probeRescheduled: true,
  checkerActivated: true,
  checkerSuspended: true,
  fileFollowed: false,
  sessionFollowed: false,
  serverAdded: true,
  serverEnabled: true,
  serverRemoved: true,
  serverDisabled: true,
  serverShutDown: true,
  serverWithdrawn: true,
  serverGone: true,
  serverHeld: true,
  serverResumed: true,
  serverSuppressed: true,
  serverReleased: true,
  slowStartBegan: true,
  slowStartEnded: true,
  backupTierAdded: true,
  backupTierRemoved: true,
  serverDraining: true,
  serverDrained: true,
  virtualServerGone: true,
  weightChanged: true,
  quorumGained: true,
  quorumLost: true,
  quorumDownAtStart: true,
  sorryServerAdded: true,
  sorryServerEnabled: true,
  sorryServerRemoved: true,
  sorryServerDisabled: true,
  aliveServersAdded: true,
  aliveServersRemoved: true,
};

const HEARD: Readonly<Record<PoolEvent['type'], boolean>> = {
  reconfigured: true,
  probeAnswered: true,
  passesSeen: false,
  fileRead: false,
  sessionChanged: false,
  addressChanged: true,
  entriesSeenIdle: true,
  holdsInherited: true,
  resumeRequested: true,
  timeout: true,
  stopRequested: true,
};

const LIVES = 100_000;

test('a pool is what an independent model of it is after each of a million random sequences of events', async () => {
  const { seeds, failures, coverage } = await sweep('pools', 1, LIVES);
  assert.equal(seeds, LIVES);
  assert.deepEqual(failures.slice(0, 3).map(({ seed, message }) => `npm run sim -- --pools --seed=${seed}: ${message}`), []);
  const wanted = [
    ...Object.entries(REACHED).flatMap(([type, isReached]) => (isReached ? [`note ${type}`] : [])),
    ...Object.entries(HEARD).flatMap(([type, isHeard]) => (isHeard ? [`event ${type}`] : [])),
  ];
  assert.deepEqual(wanted.filter((cell) => (coverage.get(cell) ?? 0) === 0), []);
  // Compared after every event: each life from its birth to one of them is a sequence.
  const sequences = [...coverage].reduce((sum, [cell, times]) => sum + (cell.startsWith('event ') ? times : 0), 0);
  assert.ok(sequences >= 1_000_000, `${sequences} sequences`);
});
