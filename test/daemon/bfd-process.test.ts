/** The BFD process beside VRRP: what it says reaches the instances that track it, and its own end is no failure of a path. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Network } from './network.js';
import { instance, openNetwork } from './network.js';
import { untilTold } from './told.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

/** Up within a moment, down two seconds after the peer's last packet: a busy machine is no path that has failed. */
function session(peer: '10.9.9.1' | '10.9.9.2', minTransmit = 100): string {
  return `bfd_instance peer {\n neighbor_ip ${peer}\n min_rx 100\n min_tx ${minTransmit}\n multiplier 20\n}\n`;
}

const UP = /\(peer\) Entering Up state/;
const DOWN = /\(peer\) Entering Down state/;

async function upPair({ left, right }: Network, tracking: string, advertInterval = 1): Promise<{ readonly daemon: Program; readonly peer: Program }> {
  const daemon = left.daemon(`${session('10.9.9.2')}${instance({ priority: 200, advertInterval, lines: ['track_bfd {', tracking, '}'] })}`);
  // The instance is there before the session.
  await daemon.line(/\(V1\) Entering (BACKUP|FAULT) STATE/, 10);
  const peer = right.daemon(session('10.9.9.1'));
  await daemon.line(UP, 10);
  return { daemon, peer };
}

test('an instance is in FAULT until the session that it tracks is up, and again when the peer falls silent', async (t) => {
  const wire = network(t);
  const { daemon, peer } = await upPair(wire, 'peer');
  await daemon.line(/Received BFD event: instance peer is in state Up \(delivered in \d+ usec\)/, 5);
  await daemon.line(/VRRP_Instance\(V1\) Tracked BFD instance peer is UP/, 5);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  const before = daemon.lines.length;
  // With its supervisor, which would replace it.
  const silenced = [peer.pid, wire.right.pidOf('bfd')];
  for (const pid of silenced) process.kill(pid, 'SIGSTOP');
  await daemon.line(/\(peer\) Expired after 2000 ms/, 5, before);
  await daemon.line(/VRRP_Instance\(V1\) Tracked BFD instance peer is DOWN/, 5, before);
  await daemon.line(/\(V1\) Entering FAULT STATE/, 5, before);
  for (const pid of silenced) process.kill(pid, 'SIGCONT');
});

test('a real server leaves and joins its pool with its session, and a new checkers process knows at once', async (t) => {
  const wire = network(t);
  const service = 'virtual_server 10.9.9.200 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.9.9.2 80 {\nalpha\nBFD_CHECK {\nname peer\n}\n}\n}\n';
  const daemon = wire.left.daemon(`${session('10.9.9.2')}${service}`);
  await daemon.line(/Startup complete/, 10);
  const peer = wire.right.daemon(session('10.9.9.1'));
  await daemon.line(/BFD check of \[peer\] RS\(\[10\.9\.9\.2\]:tcp:80\) is UP/, 10);
  await daemon.line(/Adding service \[10\.9\.9\.2\]:tcp:80 to VS/, 5);
  const before = daemon.lines.length;
  process.kill(wire.left.pidOf('checkers'), 'SIGKILL');
  // With alpha it would be out until it heard.
  await daemon.line(/Gained quorum/, 10, before);
  peer.signal('SIGTERM');
  await daemon.line(/BFD check of \[peer\] RS\(\[10\.9\.9\.2\]:tcp:80\) is DOWN/, 10, before);
  await daemon.line(/Removing service \[10\.9\.9\.2\]:tcp:80 from VS/, 5, before);
});

test('a weighted session moves the priority', async (t) => {
  const wire = network(t);
  const { daemon, peer } = await upPair(wire, 'peer weight -60');
  await daemon.line(/\(V1\) Changing effective priority from 140 to 200/, 5);
  const before = daemon.lines.length;
  peer.signal('SIGTERM');
  await daemon.line(/\(V1\) Changing effective priority from 200 to 140/, 5, before);
});

test('a BFD process that is killed is replaced, and nobody is told that the path has failed', async (t) => {
  const wire = network(t);
  const { daemon } = await upPair(wire, 'peer');
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  const before = daemon.lines.length;
  const first = wire.left.pidOf('bfd');
  process.kill(first, 'SIGKILL');
  await daemon.line(new RegExp(`BFD child process\\(${first}\\) died: Respawning`), 5, before);
  await daemon.line(UP, 10, before);
  await until('VRRP hears it', 5, () => daemon.lines.slice(before).some(({ text }) => /instance peer is in state Up/.test(text)) || undefined);
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /Tracked BFD|FAULT/);
});

test('a BFD process that hangs is killed and replaced, and nobody here is told that the path has failed', async (t) => {
  const wire = network(t);
  const { daemon } = await upPair(wire, 'peer');
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  const before = daemon.lines.length;
  const frozen = wire.left.pidOf('bfd');
  process.kill(frozen, 'SIGSTOP');
  await daemon.line(/BFD process silent for \d+\.\d+ seconds/, 10, before);
  await daemon.line(new RegExp(`BFD child process\\(${frozen}\\) died: Respawning`), 5, before);
  await daemon.line(UP, 10, before);
  await until('VRRP hears it', 5, () => daemon.lines.slice(before).some(({ text }) => /instance peer is in state Up/.test(text)) || undefined);
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /Tracked BFD|FAULT/);
  assert.ok(wire.left.addresses().includes('10.9.9.100'));
});

test('a VRRP process that takes the place of a killed one knows at once that the session is up', async (t) => {
  const wire = network(t);
  const { daemon } = await upPair(wire, 'peer', 2);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  await until('the address is set', 2, () => wire.left.addresses().includes('10.9.9.100') || undefined);
  await untilTold(wire.left);
  const before = daemon.lines.length;
  process.kill(wire.left.pidOf('vrrp'), 'SIGKILL');
  await daemon.line(/instance peer is in state Up/, 10, before);
  await daemon.line(/\(V1\) adopted in MASTER STATE/, 5, before);
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /FAULT/);
});

test('a session whose source address comes later begins when it is there', async (t) => {
  const { left, right } = network(t);
  const daemon = left.daemon(session('10.9.9.2').replace('min_rx', 'source_ip 10.9.9.77\nmin_rx'));
  await daemon.line(/\(peer\) Cannot open the socket of the session: bind: EADDRNOTAVAIL/, 10);
  await daemon.line(/\(peer\) Entering AdminDown state/, 5);
  right.daemon(session('10.9.9.1').replace('10.9.9.1', '10.9.9.77'));
  left.run('ip', 'address', 'add', '10.9.9.77/24', 'dev', 'eth0');
  await daemon.line(UP, 10);
});

test('a reload with other numbers leaves the session up, one without the session ends it and its process', async (t) => {
  const wire = network(t);
  const { daemon, peer } = await upPair(wire, 'peer');
  const before = daemon.lines.length;
  wire.left.write('keepalived.conf', `${session('10.9.9.2', 250)}${instance({ priority: 200 })}`);
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  await daemon.line(/\(peer\) Starting poll sequence/, 5, before);
  wire.left.run('kill', '-USR1', String(wire.left.pidOf('keepalived')));
  await until('the peer has agreed', 10, () => {
    wire.left.run('kill', '-USR1', String(wire.left.pidOf('bfd')));
    return /!poll\n {3}local tx intv = 250000 us/.test(readOr(wire, 'keepalived_bfd.data')) || undefined;
  });
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), DOWN);
  const heard = peer.lines.length;
  wire.left.write('keepalived.conf', instance({ priority: 200 }));
  daemon.signal('SIGHUP');
  await peer.line(/Neighbor Signaled Session Down, Remote diagnostic - Administratively Down/, 10, heard);
});

function readOr({ left }: Network, name: string): string {
  try {
    return left.read(name);
  } catch {
    return '';
  }
}
