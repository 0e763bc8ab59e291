/** A machine that was paused: every process of the daemon stopped and continued. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import { VIP, instance, openNetwork } from './network.js';
import { instantOf } from './witnesses.js';

test('a master that was paused while a better one took over reads that before it speaks, and says how long it was away', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const short = { advertInterval: 0.4, lines: ['version 3'] };
  const daemon = left.daemon(instance({ ...short, priority: 100 }));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
  await until('the address is set', 3, () => left.addresses().includes(VIP) || undefined);
  const wire = right.start(['tcpdump', '-l', '-n', '-tt', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const pids = [daemon.pid, left.pidOf('vrrp')];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const better = right.daemon(instance({ ...short, priority: 200 }));
  await better.line(/\(V1\) Entering MASTER STATE/, 8);
  await wire.line(/10\.9\.9\.2 > .* prio 200/, 5);
  const before = daemon.lines.length;
  const resumed = Date.now();
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  await daemon.line(/\(V1\) Entering BACKUP STATE/, 5, before);
  await daemon.line(/A thread timer expired [\d.]+ seconds ago/, 5, before);
  await until('the address is given up', 3, () => !left.addresses().includes(VIP) || undefined);
  // What is on the wire by now has been told with the second advert that follows.
  for (let heard = 0; heard < 2; heard += 1) await wire.line(/10\.9\.9\.2 > /, 5, wire.lines.length);
  const said = wire.lines.filter((line) => line.text.includes('10.9.9.1 > ') && instantOf(wire, line) > resumed);
  assert.deepEqual(said.map(({ text }) => text), [], 'nothing was said as master after the pause');
  assert.equal(daemon.text().includes('VRRP process silent'), false);
});
