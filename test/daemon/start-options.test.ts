/** Options of keepalived that leave marks outside the configuration: --address-monitoring, --core-dump, --core-dump-pattern. */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { HOLDFAST, VIP, instance, openNetwork, pool } from './network.js';

test('-a tells of every address that comes to the host or goes, at the start of each that is there, and never of our own', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const daemon = left.daemon(`${instance()}${pool({ servers: { 81: [] } })}`, { options: ['-n', '-l', '-D', '-a'] });
  await daemon.line(/Netlink reflector reports IP 10\.9\.9\.1 added to eth0$/, 20);
  await daemon.line(/Netlink reflector reports IP 10\.9\.9\.1 added$/, 20);
  await until('it is master', 20, () => left.addresses().includes(VIP) || undefined);
  left.run('ip', 'address', 'add', '10.9.9.55/32', 'dev', 'eth0');
  await daemon.line(/Netlink reflector reports IP 10\.9\.9\.55 added to eth0$/, 20);
  left.run('ip', 'address', 'del', '10.9.9.55/32', 'dev', 'eth0');
  await daemon.line(/Netlink reflector reports IP 10\.9\.9\.55 removed from eth0$/, 20);
  await daemon.line(/Netlink reflector reports IP 10\.9\.9\.55 removed$/, 20);
  assert.doesNotMatch(daemon.text(), new RegExp(`reports IP ${VIP} added to`));
});

test('-M raises the limit of core dumps in every process, not in scripts, and gives the kernel its pattern back', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  // The kernel's pattern is one for the whole machine: this daemon has a file in its place.
  const pattern = left.write('core_pattern', 'before\n');
  const script = left.write('notify.sh', `#!/bin/sh\nulimit -c > ${join(left.folder, 'limit')}\n`);
  chmodSync(script, 0o755);
  const shell = `ulimit -Sc 0; mount --bind ${pattern} /proc/sys/kernel/core_pattern && exec "$@"`;
  const command = ['unshare', '-m', 'sh', '-c', shell, 'sh', ...HOLDFAST];
  const configuration = `global_defs {\nscript_user root\n}\n${instance({ lines: [`notify_master ${script}`] })}`;
  const daemon = left.daemon(configuration, { command, options: ['-n', '-l', '-D', '-M/tmp/core.%p'] });
  await daemon.line(/Entering MASTER STATE/, 20);
  const limit = await until('the script has run', 20, () => {
    try {
      // The shell makes the file before it writes to it.
      return readFileSync(join(left.folder, 'limit'), 'utf8') || undefined;
    } catch {
      return undefined;
    }
  });
  assert.equal(limit.trim(), '0');
  for (const name of ['keepalived', 'vrrp'] as const) assert.match(readFileSync(`/proc/${left.pidOf(name)}/limits`, 'utf8'), /^Max core file size +unlimited +unlimited/m);
  assert.equal(readFileSync(pattern, 'utf8'), '/tmp/core.%p');
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.equal(readFileSync(pattern, 'utf8'), 'before');
});
