import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { seconds, micros } from '../../src/base/time.js';
import type { TrackProcessConfig } from '../../src/vrrp/config/track.js';
import { openTrackedProcesses } from '../../src/io/processes/tracked-processes.js';
import { until } from './support/until.js';

/** A program of a name that nobody else runs, and what is counted of it. */
function counting(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-processes-'));
  const name = `hf${folder.slice(-6)}`;
  const program = join(folder, name);
  copyFileSync('/bin/sleep', program);
  const heard: string[] = [];
  const oddities: string[] = [];
  const running: ChildProcess[] = [];
  const processes = openTrackedProcesses({
    onCount: (kind, count) => heard.push(`${kind} ${count}`),
    onUntold: (reason) => oddities.push(reason),
    onLoss: (reason) => oddities.push(reason),
    onHidden: () => oddities.push('hidden'),
  });
  t.after(async () => {
    processes.close();
    for (const child of running) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.on('exit', done));
    }
    rmSync(folder, { recursive: true });
    // Counted by the kernel's word, not by looking again and again.
    assert.deepEqual(oddities, []);
  });
  return {
    name,
    program,
    watch: processes.watch,
    start: (...words: readonly string[]) => {
      const child = spawn(words[0] ?? program, words.length > 1 ? words.slice(1) : ['1000'], { stdio: 'ignore' });
      running.push(child);
      return child;
    },
    /** Waits until this has been reported, whatever else was before. */
    hears: async (report: string) => {
      await until(() => heard.includes(report));
      heard.splice(0, heard.lastIndexOf(report) + 1);
    },
  };
}

function tracker(name: string, program: string, more: Partial<TrackProcessConfig> = {}): TrackProcessConfig {
  const none = micros(0);
  return { name, program, parameters: [], wholeCommand: false, quorum: 1, forkDelay: none, terminateDelay: seconds(0), ...more };
}

test('processes are counted by name as they come and go', async (t) => {
  const { name, start, watch, hears } = counting(t);
  const first = start();
  watch([tracker('P', name)]);
  await hears('P 1');
  const second = start();
  await hears('P 2');
  first.kill();
  await hears('P 1');
  second.kill();
  await hears('P 0');
});

test('a process that stands still as soon as it has asked the kernel hears the answer all the same', async (t) => {
  const { name, start, watch, hears } = counting(t);
  watch([tracker('P', name)]);
  for (const end = performance.now() + 1_200; performance.now() < end; );
  start();
  await hears('P 1');
});

test('processes are counted by their command line', async (t) => {
  const { program, start, watch, hears } = counting(t);
  const exact = { wholeCommand: true, match: 'exact', parameters: ['1000', '1'] } as const;
  watch([tracker('any', program, { wholeCommand: true }), tracker('exact', program, exact)]);
  await hears('exact 0');
  start(program, '1000');
  await hears('any 1');
  start(program, '1000', '1');
  await hears('exact 1');
});

test('a child counts like its parent until it runs something else', async (t) => {
  const { name, program, start, watch, hears } = counting(t);
  watch([tracker('P', name)]);
  await hears('P 0');
  // A shell of another name that becomes the program.
  start('/bin/sh', '-c', `exec ${program} 1000`);
  await hears('P 1');
});

test('a new list counts anew, and what is no longer in it is not told', async (t) => {
  const { name, start, watch, hears } = counting(t);
  start();
  watch([tracker('P', name)]);
  await hears('P 1');
  watch([tracker('Q', name)]);
  await hears('Q 1');
  watch([]);
  start();
  watch([tracker('R', name)]);
  await hears('R 2');
});
