/** The Debian package: built, installed into a root of its own, run from there, and removed without a trace. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { VIP, instance, openNetwork } from '../daemon/network.js';
import { until } from '../lab/process.js';

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The path of a new package in `folder`. */
function build(folder: string): string {
  return run('sh', 'src/packaging/debian.sh', folder).trim();
}

/** dpkg as on a machine of its own: `root` has nothing but what this puts there. */
function dpkg(root: string, ...words: readonly string[]): string {
  mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg/updates'), { recursive: true });
  if (!existsSync(join(root, 'var/lib/dpkg/status'))) writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  return run('dpkg', `--root=${root}`, '--force-depends', '--force-script-chrootless', '--log=/dev/null', ...words);
}

test('the same tree gives the same package, and nobody but root may write into what it installs', (t) => {
  const folder = scratch(t);
  const [first, second] = [build(join(folder, 'a')), build(join(folder, 'b'))];
  assert.deepEqual(readFileSync(first), readFileSync(second));
  const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }).version;
  assert.equal(run('dpkg-deb', '--field', first, 'Version').trim(), version);
  const rows = run('dpkg-deb', '--contents', first).trim().split('\n');
  for (const row of rows) assert.match(row, /^([-d]rw[-x]r-[-x]r-[-x]|lrwxrwxrwx) root\/root /, row);
});

test('installed it runs a director from where it is, and removed it leaves only what is the operator\'s', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const root = join(scratch(t), 'root');
  const untouched = (): readonly string[] => run('find', root, '-type', 'f', '-not', '-path', '*/var/lib/dpkg/*').split('\n').filter((path) => path !== '').sort();
  dpkg(root, '--install', build(scratch(t)));
  assert.match(dpkg(root, '--status', 'holdfast'), /^Status: install ok installed$/m);
  const program = join(root, 'usr/sbin/holdfast');
  assert.match(run('sh', '-c', `${program} -v 2>&1`), /^Holdfast v/);
  assert.match(run(program, 'explain', 'virtual_router_id'), /virtual_router_id/);
  assert.match(run(join(root, 'usr/lib/nagios/plugins/check_holdfast'), '--help'), /^Usage: holdfast monitor/);
  // What the units start exists under that path.
  for (const unit of readdirSync(join(root, 'lib/systemd/system'))) {
    const text = readFileSync(join(root, 'lib/systemd/system', unit), 'utf8');
    for (const [, path = ''] of text.matchAll(/^Exec\w+=(\/usr\/\S+)/gm)) assert.ok(existsSync(join(root, path)), `${unit}: ${path}`);
  }
  const daemon = left.daemon(instance({ priority: 254 }), { command: [program] });
  await until('the address is set', 15, () => left.addresses().includes(VIP) || undefined);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  writeFileSync(join(root, 'etc/default/holdfast'), 'DAEMON_ARGS="-D -D"\n');
  writeFileSync(join(root, 'etc/keepalived/keepalived.conf'), '# mine\n');
  dpkg(root, '--remove', 'holdfast');
  assert.deepEqual(untouched(), [join(root, 'etc/default/holdfast'), join(root, 'etc/keepalived/keepalived.conf')]);
  dpkg(root, '--purge', 'holdfast');
  assert.deepEqual(untouched(), [join(root, 'etc/keepalived/keepalived.conf')]);
});

test('the recipe of the image copies what the package script makes, and asks the daemon as its help says', () => {
  const recipe = readFileSync('src/packaging/Containerfile', 'utf8');
  const [, , command = ''] = /^HEALTHCHECK (.*) CMD (\[.*\])$/m.exec(recipe) ?? [];
  const words = JSON.parse(command) as readonly string[];
  assert.equal(words[0], 'holdfast');
  assert.match(run(process.execPath, 'dist/main.js', ...words.slice(1, 2), '--help'), /live.*ready/s);
  const entry = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(recipe)?.[1] ?? '[]') as readonly string[];
  const help = run(process.execPath, 'dist/main.js', '--help');
  for (const word of entry.slice(1)) assert.ok(help.includes(word), word);
  assert.match(recipe, /^COPY dist\/holdfast_\*\.deb /m);
});
