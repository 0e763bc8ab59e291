/** track_virtual_server in two running daemons, each with a pool of its own behind one address. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Host } from './network.js';
import { VIP, instance, openNetwork } from './network.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
const BACKUP = /\(V1\) Entering BACKUP STATE/;

/** A director whose only real server is a port of its own. */
function director(address: string, priority: number): string {
  const tracked = instance({ priority, advertInterval: 1, lines: ['version 3', `track_virtual_server {\n${VIP} 80\n}`] });
  return `virtual_server ${VIP} 80 {
delay_loop 1
lb_algo rr
lb_kind NAT
protocol TCP
real_server ${address} 8080 {
TCP_CHECK {
connect_timeout 1
retry 0
}
}
}
${tracked}`;
}

async function serve(host: Host): Promise<Program> {
  const source = "require('node:net').createServer((s) => s.destroy()).listen(8080, () => console.log('listening'))";
  const server = host.start([process.execPath, '-e', source]);
  await server.line(/listening/, 20);
  return server;
}

test('who has a dead pool gives way to a peer that is better off, and to no other', { timeout: 600_000 }, async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const ours = await serve(left);
  const theirs = await serve(right);
  const one = left.daemon(director('10.9.9.1', 150));
  const other = right.daemon(director('10.9.9.2', 100));
  await one.line(MASTER, 30);
  await other.line(BACKUP, 30);
  const holders = (): string => [left, right].map((host) => (host.addresses().includes(VIP) ? 'yes' : 'no')).join(' ');
  const held = (by: string): Promise<string> => until(`the address is held: ${by}`, 20, () => (holders() === by ? by : undefined));
  await held('yes no');

  theirs.signal('SIGKILL');
  await other.line(/Changing effective priority from 100 to 10$/, 20);
  let mark = other.lines.length;
  ours.signal('SIGKILL');
  await one.line(/Changing effective priority from 150 to 15$/, 20);
  // Longer than anybody who wanted the role would wait.
  await new Promise((resolve) => setTimeout(resolve, 4_500));
  assert.equal(holders(), 'yes no', 'both are badly off: nobody moves');

  const before = one.lines.length;
  await serve(right);
  await other.line(MASTER, 30, mark);
  await one.line(BACKUP, 30, before);
  await held('no yes');

  mark = one.lines.length;
  await serve(left);
  await one.line(/Changing effective priority from 15 to 150$/, 20, mark);
  await one.line(MASTER, 30, mark);
  await held('yes no');
});
