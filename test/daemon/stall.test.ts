/** A machine that was paused: every process of the daemon stopped and continued. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { pause, until } from '../lab/process.js';
import { VIP, instance, openNetwork } from './network.js';

test('a master that was paused while a better one took over reads that before it speaks, and says how long it was away', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const short = { advertInterval: 0.1, lines: ['version 3'] };
  const daemon = left.daemon(instance({ ...short, priority: 100 }));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
  await until('the address is set', 3, () => left.addresses().includes(VIP) || undefined);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'src 10.9.9.1 and ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const pids = [daemon.pid, left.pidOf('vrrp')];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const better = right.daemon(instance({ ...short, priority: 200 }));
  await better.line(/\(V1\) Entering MASTER STATE/, 8);
  await pause(0.5);
  const said = wire.lines.length;
  const before = daemon.lines.length;
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  await daemon.line(/\(V1\) Entering BACKUP STATE/, 5, before);
  await daemon.line(/A thread timer expired [\d.]+ seconds ago/, 5, before);
  await until('the address is given up', 3, () => !left.addresses().includes(VIP) || undefined);
  await pause(0.3);
  assert.deepEqual(wire.lines.slice(said).map(({ text }) => text), [], 'nothing was said as master after the pause');
  assert.equal(daemon.text().includes('VRRP process silent'), false);
});
