/** config_save_dir: files of keepalived's names for each reload, whatever somebody has planted at them. */

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { instance, openNetwork } from './network.js';

test('config_save_dir keeps the configuration and what VRRP knew before and after each reload, without its passwords', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const directory = join(left.folder, 'saved', 'here');
  const text = (priority: number): string =>
    `global_defs {\nconfig_save_dir ${directory}\n}\n${instance({ priority, lines: ['authentication {', 'auth_type PASS', 'auth_pass cAn4ry', '}'] })}`;
  const daemon = left.daemon(text(200));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 30);
  const [supervisor, vrrp] = [left.pidOf('keepalived'), left.pidOf('vrrp')];
  assert.deepEqual(readdirSync(directory), [`keepalived.conf.${supervisor}.0`]);
  // Anybody may write there: what stands at the names is not followed.
  chmodSync(directory, 0o777);
  const victim = left.write('victim', 'precious');
  const names = [`keepalived.conf.${supervisor}.1`, `keepalived_vrrp.${vrrp}.1.pre`, `keepalived_vrrp.${vrrp}.1.post`];
  for (const name of names) symlinkSync(victim, join(directory, name));
  left.write('keepalived.conf', text(150));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 30);
  const [saved = '', before = '', after = ''] = names.map((name) => readFileSync(join(directory, name), 'utf8'));
  assert.match(saved, new RegExp(`^# ${left.folder}/keepalived\\.conf$[^]*^priority 150$`, 'm'));
  assert.match(before, /^ {3}Priority = 200$/m);
  assert.match(after, /^ {3}Priority = 150$/m);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  for (const name of names) {
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
    assert.ok(!readFileSync(join(directory, name), 'utf8').includes('cAn4ry'), name);
  }
});

test('a config_save_dir that cannot be made is named in the log, and the reload goes on', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const place = left.write('no-directory', '');
  const daemon = left.daemon(`global_defs {\nconfig_save_dir ${place}/below\n}\n${instance()}`);
  await daemon.line(/Unable to open \S+no-directory\/below - ENOTDIR/, 30);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 30);
  mkdirSync(join(left.folder, 'real'));
  left.write('keepalived.conf', `global_defs {\nconfig_save_dir ${left.folder}/real\n}\n${instance()}`);
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 30);
  const path = join(left.folder, 'real', `keepalived_vrrp.${left.pidOf('vrrp')}.1.post`);
  await until('what holds after it', 10, () => existsSync(path) || undefined);
});
