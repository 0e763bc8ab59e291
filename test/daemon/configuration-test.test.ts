/** --config-test: every finding with its place, and keepalived's exit statuses. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

import { HOLDFAST, instance, openNetwork } from './network.js';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-daemon-'));
after(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly status: number | null;
  readonly errors: string;
}

function testFile(file: string, ...words: readonly string[]): Answer {
  const [program, ...rest] = [...HOLDFAST, '-t', ...words, '-f', file];
  const { status, stderr, stdout } = spawnSync(program, rest, { encoding: 'utf8' });
  assert.equal(stdout, '');
  return { status, errors: stderr };
}

function testText(text: string): Answer & { readonly file: string } {
  const file = join(folder, 'keepalived.conf');
  writeFileSync(file, text, { mode: 0o644 });
  return { file, ...testFile(file) };
}

/** `@` stands where the finding must point; the line must say `words` and the status must be `status`. */
function expectFinding(marked: string, words: RegExp, expected: number): void {
  const at = marked.indexOf('@');
  const before = marked.slice(0, at).split('\n');
  const { file, status, errors } = testText(marked.replace('@', ''));
  const place = `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: `;
  const found = errors.split('\n').find((line) => line.startsWith(place));
  assert.ok(found !== undefined, `nothing at ${place}\n${errors}`);
  assert.match(found, words);
  assert.equal(status, expected, errors);
}

test('a clean file says nothing and gives status 0', () => {
  const { status, errors } = testText(
    'virtual_server 192.0.2.1 80 {\n delay_loop 6\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 192.0.2.2 80 {\n  weight 1\n  TCP_CHECK {\n   connect_timeout 3\n  }\n }\n}\n',
  );
  assert.deepEqual([status, errors], [0, '']);
});

test('a missing file is an error, where keepalived says 0', () => {
  const { status, errors } = testFile(join(folder, 'nowhere.conf'));
  assert.equal(status, 6);
  assert.match(errors, /nowhere\.conf:1:1: error: there is no configuration file/);
});

test('a directory is an error', () => {
  const { status, errors } = testFile(folder);
  assert.equal(status, 6);
  assert.match(errors, /a directory/);
});

test('an unclosed brace is reported where it was opened', () => {
  expectFinding('global_defs {\n router_id A\n}\nvrrp_instance V1 @{\n', /error: .*never closed/, 5);
});

test('an interface that does not exist', () => {
  expectFinding('vrrp_instance V1 {\n  interface @nothere0\n  virtual_router_id 1\n  virtual_ipaddress {\n 192.0.2.1\n }\n}\n', /no interface nothere0/, 5);
});

test('an address that is not one', () => {
  expectFinding('virtual_server @192.0.2.300 80 {\n}\n', /192\.0\.2\.300/, 5);
});

test('a port out of range', () => {
  expectFinding('virtual_server 192.0.2.1 @70000 {\n}\n', /70000/, 5);
});

test('a duplicate virtual router id', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const file = left.write('keepalived.conf', instance() + instance().replace('V1', 'V2'));
  const tested = left.start([...HOLDFAST, '-t', '-f', file]);
  assert.equal(await tested.exited, 5);
  const secondId = instance().split('\n').length + 3;
  assert.match(tested.text(), new RegExp(`${file}:${secondId}:\\d+: error: .*51`));
  assert.match(tested.text(), /V1.*V2|V2.*V1/);
});

test('an unknown keyword names the nearest known one', () => {
  expectFinding('global_defs {\n  @rooter_id A\n}\n', /unknown keyword.*rooter_id/i, 5);
  assert.match(testText('global_defs {\n  rooter_id A\n}\n').errors, /router_id/);
});

test('a keyword without its parameter gives status 2', () => {
  const { status, errors } = testText('vrrp_instance V1 {\n  interface\n}\n');
  assert.equal(status, 2, errors);
});

test('keywords of older releases are reported with what to write instead', () => {
  const text = 'virtual_server 192.0.2.1 80 {\n  delay_loop 6\n  lb_algo rr\n  lb_kind DR\n  @nat_mask 255.255.255.255\n  protocol TCP\n  real_server 192.0.2.2 80 {\n    TCP_CHECK {\n      connect_timeout 3\n    }\n  }\n}\n';
  expectFinding(text, /nat_mask/, 5);
});

test('--config-test=FILE appends findings to the file, readable by its owner only', () => {
  const log = join(folder, 'test.log');
  const file = join(folder, 'keepalived.conf');
  writeFileSync(file, 'nonsense\n', { mode: 0o644 });
  const first = testFile(file, `--config-test=${log}`);
  assert.equal(first.errors, '');
  assert.equal(first.status, 5);
  const once = readFileSync(log, 'utf8');
  assert.match(once, /keepalived\.conf:1:1: .*nonsense/);
  testFile(file, `-t${log}`);
  assert.equal(readFileSync(log, 'utf8'), once + once);
  assert.equal(statSync(log).mode & 0o777, 0o600);
});

test('a test starts nothing', () => {
  const file = join(folder, 'keepalived.conf');
  writeFileSync(file, 'nonsense\n', { mode: 0o644 });
  const pid = join(folder, 'test.pid');
  testFile(file, '-p', pid);
  assert.ok(!existsSync(pid));
});
