/** A stop while a process that was killed has no successor that is ready: real processes, and what they leave in the kernel. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';
import { untilTold } from './told.js';

/** A table of the packet filter is seen on every kernel, with ip_vs or without. */
const MARKED = `global_defs {
  nftables_ipvs marks
}
virtual_server_group A {
  10.9.9.1 5000
}
virtual_server group A {
  lb_algo rr
  lb_kind NAT
  protocol TCP
  real_server 10.9.9.2 9 {
    TCP_CHECK {
    }
  }
}
`;


function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

async function started(host: Host): Promise<Program> {
  const daemon = host.daemon(MARKED);
  await daemon.line(/Startup complete/, 10);
  assert.match(host.run('nft', 'list', 'ruleset'), /table \S+ marks/, 'nothing is there: this test shows nothing');
  return daemon;
}

/** It is not there any more when the next sentence is waited for. */
async function kill(host: Host, daemon: Program, file: 'checkers' | 'vrrp'): Promise<void> {
  const before = daemon.lines.length;
  process.kill(host.pidOf(file), 'SIGKILL');
  await daemon.line(/died: Respawning/, 5, before);
}

async function leavesNothing(host: Host, daemon: Program): Promise<void> {
  assert.equal(await daemon.exited, 0, daemon.text());
  assert.doesNotMatch(host.run('nft', 'list', 'ruleset'), /table \S+ marks/, daemon.text());
  const said = daemon.lines.map(({ text }) => text);
  const released = said.findLastIndex((text) => text.includes('Shutting down service'));
  assert.ok(released > said.findIndex((text) => text.endsWith('Stopping')), daemon.text());
}

test('a stop right after the death of the checkers leaves nothing of theirs in the kernel', async (t) => {
  const { left } = network(t);
  const daemon = await started(left);
  await kill(left, daemon, 'checkers');
  daemon.signal('SIGTERM');
  await leavesNothing(left, daemon);
});

test('a stop while checkers wait to be started again starts them, and leaves nothing of theirs in the kernel', async (t) => {
  const { left } = network(t);
  const daemon = await started(left);
  const dead = left.pidOf('checkers');
  await kill(left, daemon, 'checkers');
  await until('the next one serves', 10, () => left.pidOf('checkers') !== dead || undefined);
  const before = daemon.lines.length;
  process.kill(left.pidOf('checkers'), 'SIGKILL');
  // A busy machine must not make it a second of waiting that is over already.
  await daemon.line(/Restart of Healthcheck process delayed 1 seconds/, 5, before);
  daemon.signal('SIGTERM');
  await leavesNothing(left, daemon);
});

test('nor does a service manager that stops every process at once, the one that is just being started among them', async (t) => {
  const { left } = network(t);
  const daemon = await started(left);
  await kill(left, daemon, 'checkers');
  daemon.signalGroup('SIGTERM');
  await leavesNothing(left, daemon);
});

test('what a daemon that was killed as a whole has left is removed by one that is stopped while it starts', async (t) => {
  const { left } = network(t);
  const dead = await started(left);
  const checkers = left.pidOf('checkers');
  process.kill(checkers, 'SIGSTOP');
  dead.signal('SIGKILL');
  process.kill(checkers, 'SIGKILL');
  await dead.exited;
  assert.match(left.run('nft', 'list', 'ruleset'), /table \S+ marks/);
  const next = left.daemon(MARKED);
  await next.line(/Starting Healthcheck child process/, 10);
  next.signal('SIGTERM');
  await leavesNothing(left, next);
});

test('a stop right after the death of a master gives up its address: the neighbours are told, and nobody keeps it', async (t) => {
  const { left, right } = network(t);
  const lines = ['version 3'];
  const other = right.daemon(instance({ priority: 100, lines }));
  await other.line(/Entering BACKUP STATE/, 10);
  const daemon = left.daemon(instance({ priority: 200, lines }));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  await untilTold(left);
  await kill(left, daemon, 'vrrp');
  daemon.signalGroup('SIGTERM');
  await other.line(/\(V1\) Backup received priority 0 advertisement/, 10);
  await other.line(/\(V1\) Entering MASTER STATE/, 10);
  assert.equal(await daemon.exited, 0, daemon.text());
  await until('the dead one has it no more', 5, () => !left.addresses().includes(VIP) || undefined);
});
