/** MISC_CHECK by a worker that stays: the example worker, workers that die, hang, or talk nonsense. */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test, { type TestContext } from 'node:test';

import type { ProgramEnding } from '../../src/base/program-ending.js';
import { milliseconds, seconds } from '../../src/base/time.js';
import { type CheckWorkers, openCheckWorkers } from '../../src/io/probes/check-worker.js';
import { openFolder } from './support/daemons.js';
import { closedPort, listen } from './support/servers.js';
import { until } from './support/until.js';

const EXAMPLE = resolve('examples/scripts/check-worker.py');

let lastNumber = 0;

function ask(workers: CheckWorkers, argv: readonly string[], limit = 8_000): Promise<string> {
  return new Promise((done) => workers.ask((lastNumber += 1), { argv }, milliseconds(limit), (ending) => done(brief(ending))));
}

function brief(ending: ProgramEnding): string {
  return ending.type === 'exited' ? String(ending.status) : ending.type === 'notStarted' ? ending.reason : ending.type;
}

function open(t: TestContext): CheckWorkers {
  const workers = openCheckWorkers();
  t.after(workers.close);
  return workers;
}

/** A worker of these lines of Python after the imports; `log` is written to. */
function program(t: TestContext, text: string): { readonly path: string; readonly log: () => readonly string[] } {
  const file = openFolder(t);
  const path = file('worker.py');
  writeFileSync(file('log'), '');
  writeFileSync(path, `#!/usr/bin/env python3\nimport json, os, sys, time\nlog = open('${file('log')}', 'a', 1)\nlog.write('start ' + str(os.getpid()) + '\\n')\n${text}\n`);
  chmodSync(path, 0o755);
  return { path, log: () => readFileSync(file('log'), 'utf8').split('\n').filter((line) => line !== '') };
}

const ANSWER = "for line in sys.stdin:\n    q = json.loads(line)\n    log.write(line)\n    print(json.dumps({'id': q['id'], 'status': int(q['arguments'][0])}), flush=True)\nlog.write('end\\n')";

test('the example worker checks many servers in one process', async (t) => {
  const workers = open(t);
  const greeting = await listen(t, (socket) => socket.write('220 ready\r\n'));
  const port = String(greeting);
  const answers = await Promise.all([
    ask(workers, [EXAMPLE, '127.0.0.1', port, '220']),
    ask(workers, [EXAMPLE, '127.0.0.1', port, 'hello']),
    ask(workers, [EXAMPLE, '127.0.0.1', String(await closedPort()), '220']),
  ]);
  assert.deepEqual(answers, ['0', '1', '1']);
});

test('one process is asked everything, by arguments and time; it ends when it is closed', async (t) => {
  const workers = openCheckWorkers();
  const { path, log } = program(t, ANSWER);
  const answers = await Promise.all(['0', '1', '7', '255'].map((status) => ask(workers, [path, status, 'a b'])));
  assert.deepEqual(answers, ['0', '1', '7', '255']);
  const [started, ...asked] = log();
  assert.match(started ?? '', /^start \d+$/);
  assert.deepEqual(asked.map((line) => Object.entries(JSON.parse(line) as object).slice(1)), ['0', '1', '7', '255'].map((status) => [['arguments', [status, 'a b']], ['timeout', 8]]));
  workers.close();
  const pid = Number(/\d+/.exec(started ?? '')?.[0]);
  await until(() => !isAlive(pid));
});

test('a worker that dies is started again, and what it was asked is asked once more', async (t) => {
  const workers = open(t);
  const { path, log } = program(t, `if open(log.name).read().count('start') == 1: sys.stdin.readline(); sys.exit(3)\n${ANSWER}`);
  assert.equal(await ask(workers, [path, '0']), '0');
  assert.equal(log().filter((line) => line.startsWith('start')).length, 2);
  const hopeless = program(t, 'sys.stdin.readline()\nsys.exit(3)');
  assert.equal(await ask(workers, [hopeless.path]), 'the worker ended twice before it answered');
  assert.equal(await ask(workers, ['/nowhere/worker']), 'ENOENT');
});

test('a question that is not answered in time has failed; a worker that hangs is replaced', async (t) => {
  const workers = open(t);
  const { path, log } = program(t, `if open(log.name).read().count('start') == 1: time.sleep(60)\n${ANSWER}`);
  assert.equal(await ask(workers, [path, '0'], 2_000), 'timedOut');
  assert.equal(await ask(workers, [path, '0']), '0');
  assert.equal(log().filter((line) => line.startsWith('start')).length, 2);
});

test('what is no answer is not heard, a line without end ends the worker', async (t) => {
  const workers = open(t);
  const strange = program(t, "for line in sys.stdin:\n    q = json.loads(line)\n    print('nonsense', json.dumps({'id': q['id'], 'status': 300}), json.dumps({'id': 'x', 'status': 0}), '[]', 'null', json.dumps({'id': q['id'], 'status': 4}), sep='\\n', flush=True)");
  assert.equal(await ask(workers, [strange.path]), '4');
  const endless = program(t, "sys.stdin.readline()\nwhile True: print('x' * 65536, end='', flush=True)");
  assert.equal(await ask(workers, [endless.path]), 'the worker ended twice before it answered');
});

test('after a reload a worker ends when it has answered, and a new one is asked', async (t) => {
  const workers = open(t);
  const { path, log } = program(t, ANSWER);
  assert.equal(await ask(workers, [path, '0']), '0');
  workers.configure(undefined, () => ({ code: 'ENOENT' }));
  assert.equal(await ask(workers, [path, '5']), '5');
  assert.equal(log().filter((line) => line.startsWith('start')).length, 2);
  let heard = false;
  workers.ask((lastNumber += 1), { argv: [path, '0'] }, seconds(5), () => (heard = true));
  workers.forget(lastNumber);
  assert.equal(await ask(workers, [path, '6']), '6');
  assert.equal(heard, false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
