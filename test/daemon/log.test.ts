/** The log: keepalived's sentences in keepalived's order, and readers that do not read. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { pause, until } from '../lab/process.js';
import type { Network } from './network.js';
import { HOLDFAST, VIP, instance, openNetwork, pidFiles } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const MASTER = /\(V1\) Entering MASTER STATE/;

/**
 * Sentences of keepalived 2.2.7 with no counterpart here: its own tuning hint, a description of its file descriptors, and
 * the total CPU time.
 */
const WITHOUT_COUNTERPART = /^(NOTICE: setting config option max_auto_priority|VRRP sockpool: |CPU usage \(self\/children\))/;

/** The sentences of a log without what differs between two runs: time, pids, figures, version, command line. */
function sentences(program: Program): readonly string[] {
  return program.lines
    .map(({ text }) => text.replace(/^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: /, ''))
    .filter((text) => !/^(Command line:| +')/.test(text) && !WITHOUT_COUNTERPART.test(text))
    .map((text) =>
      text
        .replace(/^(Starting|Stopped) (Keepalived|Holdfast) v.*/, '$1 VERSION')
        .replace(/^Running on .*/, 'Running on SYSTEM')
        .replace(/pid=\d+/, 'pid=PID')
        .replace(/used [\d.]+ user time, [\d.]+ system time/, 'used TIME'),
    );
}

/** The parent's and the child's lines come from two processes: only the order within each is certain. */
function ofProcess(all: readonly string[], process: 'parent' | 'child'): readonly string[] {
  const isParent = (text: string): boolean =>
    /^(Starting|Running on|Opening file|Configuration file|Startup complete|Stopping|Stopped VERSION)/.test(text);
  return all.filter((text) => isParent(text) === (process === 'parent'));
}

test('start, election and stop read as keepalived itself logs them', async (t) => {
  const { left } = network(t);
  left.run('ip', '-6', 'address', 'flush', 'dev', 'eth0');
  const logOf = async (command: readonly string[]): Promise<readonly string[]> => {
    const daemon = left.daemon(instance({ priority: 254 }), { command, options: ['-n', '-l', '-D', '-P'] });
    await daemon.line(MASTER, 8);
    // As many as garp_master_repeat says.
    await until('all five are sent', 5, () => daemon.lines.filter(({ text }) => text.includes('Sending gratuitous ARP')).length >= 5 || undefined);
    daemon.signal('SIGTERM');
    await daemon.exited;
    return sentences(daemon);
  };
  const theirs = await logOf(['keepalived']);
  const ours = await logOf(HOLDFAST);
  assert.deepEqual(ofProcess(ours, 'parent'), ofProcess(theirs, 'parent'));
  assert.deepEqual(ofProcess(ours, 'child'), ofProcess(theirs, 'child'));
});

test('-d logs the configuration as it was understood, once at start and once at a reload', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance({ priority: 254 }), { command: HOLDFAST, options: ['-n', '-l', '-d', '-P'] });
  await daemon.line(/^(.*: )?------< VRRP Topology >------$/, 8);
  await daemon.line(/ Virtual Router ID = \d+$/, 8);
  await daemon.line(MASTER, 8);
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 8);
  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.equal(sentences(daemon).filter((text) => text === '------< Global definitions >------').length, 2);
});

test('JSON lines carry level, time, process, event and the sentence', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance(), { options: ['-n', '-l', '-D', '--log-format=json'] });
  await daemon.line(MASTER, 5);
  daemon.signal('SIGTERM');
  await daemon.exited;
  const entries = daemon.lines.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  const master = entries.find(({ message }) => message === '(V1) Entering MASTER STATE');
  assert.equal(master?.['level'], 'info');
  assert.equal(master['process'], 'Keepalived_vrrp');
  assert.match(String(master['time']), /^\d{4}-\d\d-\d\dT/);
  assert.ok(entries.some(({ process: name }) => name === 'Keepalived'));
});

test('a reader that stops reading delays no advert and costs no memory', async (t) => {
  const { left, right } = network(t);
  const file = left.write('keepalived.conf', instance({ advertInterval: 2 }));
  const words = ['netns', 'exec', left.namespace, ...HOLDFAST, '-n', '-l', '-D', '-G', '-f', file, ...pidFiles(left.folder)];
  // Nobody ever reads this pipe.
  const daemon = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.after(() => daemon.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => daemon.once('exit', resolve));
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  const vrrp = left.pidOf('vrrp');
  // Every reload says some lines in each process: far more than a pipe of 64 KiB holds.
  const before = memoryOf(vrrp);
  const wire = right.start(['tcpdump', '-l', '-n', '-tt', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  for (let i = 0; i < 1_500; i += 1) {
    process.kill(vrrp, 'SIGUSR2');
    if (i % 50 === 49) await pause(0.1);
  }
  const times = await until('three adverts', 10, () => {
    const heard = wire.lines.flatMap(({ text }) => /^(\d+\.\d+) IP/.exec(text)?.[1] ?? []).map(Number);
    return heard.length >= 3 ? heard : undefined;
  });
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  assert.ok(Math.max(...gaps) < 4, `adverts came ${gaps.join(', ')} s apart`);
  assert.ok(memoryOf(vrrp) - before < 20, `memory grew from ${before} to ${memoryOf(vrrp)} MiB`);
  process.kill(left.pidOf('keepalived'), 'SIGTERM');
  assert.equal(await ended, 0);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
});

test('a reader that goes away does not end the daemon', async (t) => {
  const { left } = network(t);
  const file = left.write('keepalived.conf', instance());
  const words = ['netns', 'exec', left.namespace, ...HOLDFAST, '-n', '-l', '-D', '-G', '-f', file, ...pidFiles(left.folder)];
  const daemon = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.after(() => daemon.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => daemon.once('exit', resolve));
  daemon.stdout.destroy();
  daemon.stderr.destroy();
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  process.kill(left.pidOf('keepalived'), 'SIGHUP');
  await pause(0.5);
  assert.ok(left.addresses().includes(VIP));
  process.kill(left.pidOf('keepalived'), 'SIGTERM');
  assert.equal(await ended, 0);
});

/** Resident memory of a process in MiB. */
function memoryOf(pid: number): number {
  const status = readFileSync(join('/proc', String(pid), 'status'), 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
