import assert from 'node:assert/strict';
import test from 'node:test';
import type { ProgramEnding } from '../../src/base/program-ending.js';
import { milliseconds, seconds } from '../../src/base/time.js';
import { openClock } from '../../src/io/clock.js';
import { startLimitedScript } from '../../src/io/processes/limited-script.js';
import { openProgramProber } from '../../src/io/probes/misc.js';
import { until } from './support/until.js';

/** How `argv` ends within `limit`. */
function ending(limit: number, ...argv: readonly string[]): Promise<ProgramEnding> {
  return new Promise((resolve) => {
    // A running program does not keep the event loop alive.
    const waiting = setInterval(() => undefined, 1_000);
    startLimitedScript({ argv }, undefined, milliseconds(limit), (end) => {
      clearInterval(waiting);
      resolve(end);
    });
  });
}

test('a program in time ends as it does, also when it cannot be run', async () => {
  assert.deepEqual(await ending(10_000, '/bin/sh', '-c', 'exit 3'), { type: 'exited', status: 3 });
  assert.deepEqual(await ending(10_000, '/bin/sh', '-c', 'kill -9 $$'), { type: 'killed', signal: 9 });
  assert.deepEqual(await ending(10_000, '/no/such/program'), { type: 'notStarted', reason: 'ENOENT' });
});

test('one that takes too long is told to end; what it says then is its answer, what it does not say is a time-out', async () => {
  assert.deepEqual(await ending(50, '/bin/sleep', '1000'), { type: 'timedOut' });
  const polite = 'trap "exit 7" TERM; while :; do sleep 0.05; done';
  assert.deepEqual(await ending(1_500, '/bin/sh', '-c', polite), { type: 'exited', status: 7 });
});

test('one that does not hear is killed, and its children with it', async () => {
  const deaf = 'trap "" TERM; sleep 1000 & wait; wait';
  assert.deepEqual(await ending(100, '/bin/sh', '-c', deaf), { type: 'timedOut' });
});

test('a cancelled program says nothing more', async () => {
  const heard: ProgramEnding[] = [];
  const script = startLimitedScript({ argv: ['/bin/sleep', '1000'] }, undefined, seconds(1_000), (end) => heard.push(end));
  script.cancel();
  startLimitedScript({ argv: ['/no/such/program'] }, undefined, seconds(1), (end) => heard.push(end)).cancel();
  assert.deepEqual(await ending(10_000, '/bin/sleep', '0.2'), { type: 'exited', status: 0 });
  assert.deepEqual(heard, []);
});

test('a program asked as a probe answers with its verdict', async () => {
  const verdicts: string[] = [];
  const prober = openProgramProber(openClock(), (id, verdict) => verdicts.push(`${id} ${verdict.type}`));
  const ask = (id: number, status: number): void =>
    prober.start(id, { type: 'misc', command: { argv: ['/bin/sh', '-c', `exit ${status}`] }, timeout: seconds(10), dynamic: true });
  ask(1, 0);
  ask(2, 1);
  ask(3, 9);
  ask(4, 0);
  prober.cancel(4);
  await until(() => verdicts.length === 3);
  assert.deepEqual(verdicts.sort(), ['1 passed', '2 failed', '3 passed']);
  prober.close();
});
