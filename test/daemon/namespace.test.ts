/** net_namespace and -s: the daemon is started outside and works inside. */

import assert from 'node:assert/strict';
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { startProgram } from '../lab/process.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import { pidIn } from '../support/processes.js';
import { HOLDFAST, VIP, instance, openNetwork, pidFiles } from './network.js';
import type { Host } from './network.js';

const MASTER = /\(V1\) Entering MASTER STATE/;

function outside(t: TestContext, options: readonly string[]): Program {
  const program = startProgram([...HOLDFAST, '-n', '-l', '-D', '-G', ...options]);
  t.after(async () => {
    program.signalGroup('SIGTERM');
    await program.exited;
  });
  return program;
}

function openHost(t: TestContext): Host {
  const network = openNetwork();
  t.after(() => network.close());
  return network.left;
}

/** Where the sockets of this process are. */
function namespaceOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

test('the daemon works in the namespace that the file names: interfaces are judged there, and its processes are there', async (t) => {
  const left = openHost(t);
  const directory = join('/run/keepalived', left.namespace);
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = left.write('keepalived.conf', `net_namespace ${left.namespace}\n${instance()}`);
  const daemon = outside(t, ['-f', file]);
  await daemon.line(MASTER, 8);
  await until('the address is set inside', 3, () => left.addresses().includes(VIP) || undefined);
  const vrrp = pidIn(join(directory, 'vrrp.pid'));
  assert.equal(namespaceOf(vrrp), namespaceOf(daemon.pid));
  assert.notEqual(namespaceOf(vrrp), namespaceOf(process.pid));
  const before = daemon.lines.length;
  left.write('keepalived.conf', instance());
  daemon.signal('SIGHUP');
  await daemon.line(/Cannot change network namespace at a reload - please restart/, 5, before);
  await daemon.line(/New configuration not used/, 5, before);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
  assert.ok(!existsSync(join(directory, 'keepalived.pid')));
});

test('-s goes before net_namespace', async (t) => {
  const left = openHost(t);
  const file = left.write('keepalived.conf', `net_namespace nowhere\n${instance()}`);
  const daemon = outside(t, ['-s', left.namespace, '-f', file, ...pidFiles(left.folder)]);
  await daemon.line(MASTER, 8);
  await until('the address is set inside', 3, () => left.addresses().includes(VIP) || undefined);
});

test('a namespace that does not exist is a finding with its place, and nothing starts', async (t) => {
  const left = openHost(t);
  const file = left.write('keepalived.conf', `net_namespace nowhere\n${instance()}`);
  const daemon = outside(t, ['-f', file, ...pidFiles(left.folder)]);
  await daemon.line(/keepalived\.conf:1:15: error: there is no network namespace/, 8);
  assert.equal(await daemon.exited, 2);
});
