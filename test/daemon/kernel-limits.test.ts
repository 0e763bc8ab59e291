/** What the kernel denies a running daemon: processes (RLIMIT_NPROC, as with pids.max), and a sight of those of others (hidepid). */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { pause, until } from '../lab/process.js';
import { descendantsOf } from '../support/processes.js';
import { HOLDFAST, VIP, instance, openNetwork } from './network.js';
import type { Host } from './network.js';
import { watchAddresses } from './witnesses.js';

const MASTER = /\(V1\) Entering MASTER STATE/;

const NOBODY = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];
const CAPABILITIES = '+net_admin,+net_raw,+setuid,+setgid';

/** As somebody whom the kernel does not spare this limit, as it does root, with the capabilities that the daemon needs. */
const UNPRIVILEGED = ['setpriv', ...NOBODY, `--inh-caps=${CAPABILITIES}`, `--ambient-caps=${CAPABILITIES}`, ...HOLDFAST];

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  const { left } = opened;
  chmodSync(join(left.folder, '..'), 0o755);
  left.run('chown', 'nobody:nogroup', left.folder);
  return left;
}

test('when no process can be started any more the daemon says so, keeps its address, and goes on by itself once there is room', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  const script = left.write('check.sh', `#!/bin/sh\ntest ! -e ${left.folder}/bad\n`);
  chmodSync(script, 0o755);
  const tracked = `vrrp_script busy {\nscript "${script}"\ninterval 1\nfall 2\nrise 1\nweight -10\n}\n`;
  const service = 'virtual_server 10.9.9.200 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\ndelay_loop 1\nreal_server 10.9.9.1 80 {\nTCP_CHECK {\nconnect_timeout 1\nretry 0\n}\n}\n}\n';
  const daemon = left.daemon(`global_defs {\nscript_user nobody\n}\n${tracked}${service}${instance({ priority: 150, lines: ['track_script {', 'busy', '}'] })}`, { command: UNPRIVILEGED });
  await daemon.line(MASTER, 20);
  await daemon.line(/VRRP_Script\(busy\) succeeded/, 20);
  await until('the address is set', 10, () => left.addresses().includes(VIP) || undefined);
  await pause(1);
  // By the account itself, and the soft limit only: nobody must be allowed to raise the other one again.
  const limit = (most: string): void => {
    for (const pid of [daemon.pid, ...descendantsOf(daemon.pid)]) spawnSync('setpriv', [...NOBODY, 'prlimit', '--pid', String(pid), `--nproc=${most}:`]);
  };
  const ordinary = /^Max processes +(\d+|unlimited)/m.exec(readFileSync(`/proc/${daemon.pid}/limits`, 'utf8'))?.[1] ?? '';
  const monitor = await watchAddresses(left);
  const vrrp = left.pidOf('vrrp');
  const before = daemon.lines.length;
  limit('1');
  await daemon.line(/EAGAIN/, 20, before);
  await daemon.line(/Changing effective priority from 150 to 140/, 20, before);
  process.kill(left.pidOf('checkers'), 'SIGKILL');
  await daemon.line(/Healthcheck.* could not be started/, 20, before);
  const after = daemon.lines.length;
  assert.ok(left.addresses().includes(VIP));
  limit(ordinary);
  await daemon.line(/Changing effective priority from 140 to 150/, 60, after);
  await daemon.line(/Activating healthchecker/, 90, after);
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.doesNotMatch(monitor.text(), /Deleted/);
});

test('where /proc hides processes of others the daemon says so, and starts, reloads and holds its address all the same', async (t) => {
  const left = host(t);
  const tracked = 'vrrp_track_process web {\nprocess init\nweight 10\n}\n';
  const words = ['sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh', ...UNPRIVILEGED];
  const text = `${tracked}${instance({ priority: 150, lines: ['track_process {', 'web', '}'] })}`;
  const daemon = left.daemon(text, { command: words });
  await daemon.line(MASTER, 20);
  await daemon.line(/Processes of other accounts are hidden/, 10);
  await until('the address is set', 10, () => left.addresses().includes(VIP) || undefined);
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 20, before);
  assert.ok(left.addresses().includes(VIP));
  assert.ok(existsSync(join(left.folder, 'vrrp.pid')));
  assert.equal(daemon.text().match(/are hidden/g)?.length, 1, 'it is told once');
});
