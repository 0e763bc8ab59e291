/** Trackers in a running daemon: scripts, files and processes move priorities, and what is said of it is what keepalived says. */

import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Host } from './network.js';
import { HOLDFAST, instance, openNetwork } from './network.js';
import { untilTold } from './told.js';

function left(t: TestContext): Host {
  const network = openNetwork();
  t.after(() => network.close());
  return network.left;
}

/** A configuration in which V1 tracks the script S, whose exit status stands in a file, and the file F. */
function configuration(host: Host, { script = '-20', file = '-5', globals = '' } = {}): string {
  const check = host.write('check', `#!/bin/sh\nexit $(cat ${join(host.folder, 'status')})\n`);
  chmodSync(check, 0o755);
  return [
    `global_defs {\nscript_user root\n${globals}\n}`,
    `vrrp_script S {\nscript "${check}"\ninterval 0.2\ntimeout 2\nweight ${script}\nfall 2\n}`,
    `track_file F {\nfile ${join(host.folder, 'number')}\nweight ${file}\n}`,
    instance({ priority: 100, lines: ['track_script {\nS\n}', 'track_file {\nF\n}'] }),
  ].join('\n');
}

/** The status of the script from now on: it may read it at any moment. */
function exits(host: Host, status: string): void {
  renameSync(host.write('status.next', status), join(host.folder, 'status'));
}

const SENTENCES = /VRRP_Script\(|Script `|Changing effective|Entering|tracked file|Invalid number/;

/** What was said of trackers and states, in order. */
function said(daemon: Program): readonly string[] {
  return daemon.lines.flatMap(({ text }) => (SENTENCES.test(text) ? [text.replace(/^\w+ \w+ +\d+ [\d:]+ \d+: /, '')] : []));
}

/** One after the other: what the daemon says to each is waited for. */
async function story(host: Host, daemon: Program): Promise<readonly string[]> {
  await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
  exits(host, '1');
  await daemon.line(/from 100 to 80/, 5);
  host.write('number', '3\n');
  await daemon.line(/from 80 to 65/, 5);
  exits(host, '3');
  await daemon.line(/now returning 3/, 5);
  exits(host, '0');
  await daemon.line(/from 65 to 85/, 5);
  host.write('number', '99999999999');
  await daemon.line(/Invalid number/, 5);
  host.write('number', '-1000');
  await daemon.line(/from 85 to 254/, 5);
  host.write('number', '');
  await daemon.line(/from 254 to 100/, 5);
  daemon.signal('SIGTERM');
  await daemon.exited;
  const lines = said(daemon).map((text) => text.replaceAll(host.folder, ''));
  // Whether the first run ends before the start is over is a matter of milliseconds.
  const takeover = lines.findIndex((text) => text.includes('MASTER'));
  return [...lines.slice(0, takeover).sort(), ...lines.slice(takeover)];
}

test('of scripts and files that move a priority the same is said as by keepalived', async (t) => {
  const host = left(t);
  const tell = async (command: readonly string[]): Promise<readonly string[]> => {
    exits(host, '0');
    host.write('number', '0');
    return story(host, host.daemon(configuration(host), { command }));
  };
  const theirs = await tell(['keepalived']);
  assert.ok(theirs.length > 10);
  assert.deepEqual(await tell(HOLDFAST), theirs);
});

test('scripts and files of weight 0 hold in FAULT as with keepalived', async (t) => {
  const host = left(t);
  const tell = async (command: readonly string[]): Promise<readonly string[]> => {
    exits(host, '0');
    host.write('number', '0');
    const daemon = host.daemon(configuration(host, { script: '0', file: '0' }), { command });
    await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
    exits(host, '1');
    await daemon.line(/Entering FAULT STATE/, 5);
    const before = daemon.lines.length;
    exits(host, '0');
    await daemon.line(/Entering BACKUP STATE/, 5, before);
    host.write('number', '1');
    await daemon.line(/Entering FAULT STATE/, 5, before);
    await until('the address is gone', 5, () => host.addresses().length === 1 || undefined);
    daemon.signal('SIGTERM');
    await daemon.exited;
    // Not at its start when that waits for the first result.
    return said(daemon).map((text) => text.replace(' (init)', ''));
  };
  const theirs = await tell(['keepalived']);
  assert.deepEqual(await tell(HOLDFAST), theirs);
});

test('a worker that dies leaves its results to the next: the priority on the wire stays', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const host = network.left;
  exits(host, '1');
  host.write('number', '2');
  // Patience for the next process on a busy machine, too.
  const daemon = host.daemon(configuration(host).replace('advert_int 1', 'advert_int 2'));
  await daemon.line(/to 70/, 5);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
  const wire = network.right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/vrid 51, prio 70/, 5);
  await untilTold(host);
  process.kill(host.pidOf('vrrp'), 'SIGKILL');
  const before = wire.lines.length;
  await daemon.line(/adopted in MASTER STATE/, 5);
  for (let heard = 0; heard < 3; heard += 1) await wire.line(/vrid 51, prio/, 5, before + heard * 2);
  assert.doesNotMatch(wire.text(), /vrid 51, prio (?!70)/);
  const adopted = daemon.lines.findIndex(({ text }) => text.includes('adopted'));
  assert.deepEqual(daemon.lines.slice(adopted).filter(({ text }) => /Changing|Entering/.test(text)), []);
});

test('processes are counted, and the FIFO hears of priorities and of all states after a reload', async (t) => {
  const host = left(t);
  const program = join(host.folder, 'hf-tracked');
  copyFileSync('/bin/sleep', program);
  const fifo = join(host.folder, 'fifo');
  const text = [
    `global_defs {\nvrrp_notify_fifo ${fifo}\nvrrp_notify_priority_changes on\nfifo_write_vrrp_states_on_reload\n}`,
    'vrrp_track_process P {\nprocess hf-tracked\nquorum 2\nweight 30\n}',
    'vrrp_sync_group G {\ngroup {\nV1\n}\ntrack_process {\nP\n}\n}',
    instance({ priority: 100 }),
  ].join('\n');
  const daemon = host.daemon(text);
  const reader = host.start(['/bin/sh', '-c', `while [ ! -p ${fifo} ]; do sleep 0.05; done; exec cat ${fifo}`]);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 8);
  host.start([program, '1000']);
  const second = host.start([program, '1001']);
  await daemon.line(/Quorum gained for tracked process P/, 5);
  await daemon.line(/from 100 to 130/, 5);
  second.signal('SIGKILL');
  await daemon.line(/Quorum lost for tracked process P/, 5);
  await reader.line(/INSTANCE "V1" MASTER_PRIORITY 130/, 5);
  await reader.line(/INSTANCE "V1" MASTER_PRIORITY 100/, 5);
  const before = reader.lines.length;
  daemon.signal('SIGHUP');
  await reader.line(/INSTANCE "V1" MASTER 100/, 5, before);
  assert.deepEqual(reader.lines.slice(before).map((line) => line.text), ['GROUP "G" MASTER 0', 'INSTANCE "V1" MASTER 100']);
});
