/** An upgrade of the package under a running master, by dpkg and the package's own scripts; systemctl alone is a stand-in. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';

import type { Host } from '../daemon/network.js';
import { VIP, instance, openNetwork } from '../daemon/network.js';
import { PING, unanswered, watchAddresses } from '../daemon/witnesses.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';

const NEXT_VERSION = '99.0.0';

/** The package as it is, and the same program with a later version. */
function packages(folder: string): { readonly first: string; readonly next: string } {
  const first = execFileSync('sh', ['src/packaging/debian.sh', folder], { encoding: 'utf8' }).trim();
  const tree = join(folder, 'tree');
  execFileSync('dpkg-deb', ['--raw-extract', first, tree]);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  const chunks = join(tree, 'usr/lib/holdfast/dist/chunks');
  const programs = [join(tree, 'usr/lib/holdfast/dist/main.js'), ...readdirSync(chunks).map((name) => join(chunks, name))];
  for (const path of [join(tree, 'DEBIAN/control'), ...programs.filter((name) => name.endsWith('.js'))]) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(`"${version}"`, `"${NEXT_VERSION}"`).replace(`Version: ${version}`, `Version: ${NEXT_VERSION}`));
  }
  const next = join(folder, 'next.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', tree, next]);
  return { first, next };
}

/** A systemctl on whose machine holdfast.service runs and nothing else does. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >> /run/systemctl.log
case "$*" in
  'is-active --quiet holdfast.service') exit 0 ;;
  is-active*) exit 3 ;;
esac
`;

interface Machine {
  readonly start: (...words: readonly string[]) => Program;
  readonly run: (...words: readonly string[]) => string;
}

/** The host with a /usr, /etc, /var and /run of its own: what dpkg writes there is gone with it. */
async function openMachine(host: Host): Promise<Machine> {
  mkdirSync(join(host.folder, 'bin'));
  const systemctl = host.write('bin/systemctl', SYSTEMCTL);
  chmodSync(systemctl, 0o755);
  const layers = ['usr', 'etc', 'var'].map((name) => `mkdir -p ${host.folder}/layers/${name} ${host.folder}/layers/${name}-work && mount -t overlay overlay -o lowerdir=/${name},upperdir=${host.folder}/layers/${name},workdir=${host.folder}/layers/${name}-work /${name}`);
  const mounts = [`mkdir ${host.folder}/layers && mount -t tmpfs tmpfs ${host.folder}/layers`, ...layers, 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /etc/keepalived'];
  const keeper = host.start(['unshare', '-m', 'sh', '-c', `${mounts.join(' && ')} && echo ready && exec sleep infinity`]);
  await keeper.line(/^ready$/, 20);
  const inside = ['nsenter', '-t', String(keeper.pid), '-m', 'env', `PATH=${host.folder}/bin:${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`];
  return {
    start: (...words) => host.start([...inside, ...words]),
    run: (...words) => host.run(inside[0] ?? '', ...inside.slice(1), ...words),
  };
}

test('dpkg replaces a running master by the next version: neighbour, clients and address see nothing of it', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const { first, next } = packages(left.folder);
  const machine = await openMachine(left);
  const dpkg = (file: string): string => machine.run('dpkg', '--force-depends', '--force-confold', '--log=/dev/null', '--install', file);
  dpkg(first);
  const configuration = left.write('keepalived.conf', instance());
  machine.run('cp', configuration, '/etc/keepalived/keepalived.conf');
  const daemon = machine.start('/usr/sbin/holdfast', '-n', '-l', '-D');
  await daemon.line(/\(V1\) Entering MASTER STATE/, 30);
  await until('the address is set', 20, () => left.addresses().includes(VIP) || undefined);
  const pid = machine.run('cat', '/run/keepalived.pid').trim();
  const neighbour = right.start(['keepalived', '-n', '-l', '-D', '-G', '-f', right.write('keepalived.conf', instance({ priority: 100 })), '-p', join(right.folder, 'k.pid'), '-r', join(right.folder, 'kv.pid')]);
  await neighbour.line(/Entering BACKUP STATE/, 20);
  const removals = await watchAddresses(left);
  const client = right.start([...PING, VIP]);
  await client.line(/icmp_seq=1 /, 20);
  const heard = neighbour.lines.length;
  const told = dpkg(next);
  assert.match(told, new RegExp(`restarted in place: Holdfast v${NEXT_VERSION.replaceAll('.', '\\.')}`));
  await daemon.line(/\(V1\) adopted in MASTER STATE from the process before/, 30);
  assert.equal(machine.run('cat', '/run/keepalived.pid').trim(), pid);
  assert.deepEqual(await unanswered(client), []);
  assert.doesNotMatch(removals.text(), /Deleted/);
  assert.deepEqual(neighbour.lines.slice(heard).filter(({ text }) => text.includes('(V1)')), []);
  assert.doesNotMatch(machine.run('cat', '/run/systemctl.log'), /^(stop|start|restart)/m);
});
