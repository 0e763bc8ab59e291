import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/base/time.js';
import type { ProgramEnding } from '../../src/base/program-ending.js';
import type { CheckerConfig, MiscCheck } from '../../src/health/config-check.js';
import { judgeProgram } from '../../src/health/verdict.js';
import { narrateHealth } from '../../src/runtime/narrate/health.js';
import { PoolRun, realServer, tcpCheck, virtualServer } from './samples.js';

const MISC: MiscCheck = { type: 'MISC_CHECK', command: { argv: ['/check', '1'] }, timeout: seconds(3), dynamic: true };

/** A server of weight 10 checked by a program that ends as `endings` say, the last one for ever. */
function checkedByProgram(endings: ProgramEnding[], changes: Partial<CheckerConfig> = {}): PoolRun {
  const checker: CheckerConfig = { ...tcpCheck(1, { retry: 0, ...changes }), check: MISC };
  const run = new PoolRun({ virtualServers: [virtualServer(1, [realServer(1, { weight: 10, checkers: [checker] })])] });
  run.answer = () => judgeProgram((endings.length > 1 ? endings.shift() : endings[0]) ?? { type: 'timedOut' }, true, milliseconds(1));
  return run;
}

function exited(status: number): ProgramEnding {
  return { type: 'exited', status };
}

function sentences(run: PoolRun): readonly string[] {
  return run.notes.splice(0).map((note) => narrateHealth(note).text.replaceAll('[198.51.100.1]:tcp:80', 'R').replaceAll('[192.0.2.1]:tcp:80', 'V'));
}

test('the exit status of a dynamic check is the weight plus two, 0 the configured one', () => {
  const run = checkedByProgram([exited(0), exited(7), exited(2), exited(0), exited(1)], { delayLoop: seconds(10) });
  sentences(run);
  run.run(seconds(5));
  assert.deepEqual(run.table(1), ['1=10']);
  assert.deepEqual(sentences(run), ['Misc check for [R VS V] by [/check 1] succeeded.']);
  run.run(seconds(10));
  assert.deepEqual(run.table(1), ['1=5']);
  assert.deepEqual(sentences(run), ['Changing weight from 10 to 5 for active service R of VS V']);
  run.run(seconds(10));
  assert.deepEqual(run.table(1), ['1=0']);
  run.run(seconds(10));
  assert.deepEqual(run.table(1), ['1=10']);
  sentences(run);
  run.run(seconds(10));
  assert.deepEqual(run.table(1), []);
  assert.deepEqual(sentences(run).slice(0, 2), [
    'Misc check for [R VS V] by [/check 1] failed with retry disabled (exited with status 1).',
    'Removing service R from VS V',
  ]);
});

test('every attempt of a check that logs all failures is told with its number', () => {
  const run = checkedByProgram([exited(0), exited(1), { type: 'killed', signal: 9 }, { type: 'timedOut' }], { retry: 2, logAllFailures: true });
  run.run(seconds(5));
  sentences(run);
  run.run(seconds(15));
  assert.deepEqual(sentences(run).slice(0, 4), [
    'Misc check for [R VS V] by [/check 1] failed, will do 2 retries (exited with status 1).',
    'Misc check for [R VS V] by [/check 1] failed on retry 1/2 (due to signal 9).',
    'Misc check for [R VS V] by [/check 1] timed out after 2 retries.',
    'Removing service R from VS V',
  ]);
});

test('a program is run from start to start, and at once when it has taken longer', () => {
  const run = checkedByProgram([exited(0)], { delayLoop: seconds(10) });
  run.latency = seconds(4);
  run.run(seconds(32));
  assert.deepEqual(run.questions, ['1 1', '11 1', '21 1', '31 1']);
  const slow = checkedByProgram([exited(0)], { delayLoop: seconds(2) });
  slow.latency = seconds(3);
  slow.run(seconds(11));
  assert.deepEqual(slow.questions, ['1 1', '4 1', '7 1', '10 1']);
});

test('without misc_dynamic every status but 0 is a failure', () => {
  const latency = milliseconds(1);
  assert.equal(judgeProgram(exited(0), false, latency).type, 'passed');
  assert.equal(judgeProgram(exited(7), false, latency).type, 'failed');
  assert.equal(judgeProgram(exited(1), true, latency).type, 'failed');
  assert.deepEqual(judgeProgram(exited(255), true, latency), { type: 'passed', latency, weight: 253 });
  assert.equal(judgeProgram({ type: 'notStarted', reason: 'ENOENT' }, true, latency).type, 'failed');
});
