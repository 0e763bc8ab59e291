import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import type { GlobalConfig } from '../../src/conf/model.js';
import type { Options } from '../../src/daemon/start/options.js';
import { parseOptions } from '../../src/daemon/start/options.js';
import { dumpFilePath, logFilePath, pidFilePath, statisticsFilePath, syslogIdent } from '../../src/daemon/start/process-names.js';
import { PACKAGE_VERSION } from '../../src/daemon/start/version.js';

const GLOBAL: GlobalConfig = {
  processName: 'keepalived',
  vrrpProcessName: 'keepalived',
  checkerProcessName: 'keepalived',
  usePidDirectory: false,
  childWaitTime: 5,
  enableScriptSecurity: false,
  lvsFlush: false,
  lvsFlushOnStop: 'off',
};

function options(...argv: readonly string[]): Options {
  const request = parseOptions(argv, '');
  assert.ok(request.type === 'run');
  return request.options;
}

test('pid files have the names keepalived gives them, and the command line wins', () => {
  assert.equal(pidFilePath('supervisor', options(), GLOBAL), '/run/keepalived.pid');
  assert.equal(pidFilePath('vrrp', options(), GLOBAL), '/run/vrrp.pid');
  assert.equal(pidFilePath('checkers', options(), GLOBAL), '/run/checkers.pid');
  assert.equal(pidFilePath('bfd', options(), GLOBAL), '/run/bfd.pid');
  assert.equal(pidFilePath('vrrp', options(), { ...GLOBAL, usePidDirectory: true }), '/run/keepalived/vrrp.pid');
  const named = { ...GLOBAL, instanceName: 'east' };
  assert.equal(pidFilePath('supervisor', options(), named), '/run/keepalived/keepalived_east.pid');
  assert.equal(pidFilePath('checkers', options('-c', '/x.pid'), named), '/x.pid');
  const inside = { ...named, networkNamespace: 'blue' };
  assert.equal(pidFilePath('vrrp', options(), inside), '/run/keepalived/blue/vrrp_east.pid');
});

test('each process has a log file and a syslog ident of its own', () => {
  assert.equal(logFilePath('supervisor', '/tmp/keepalived.log', {}), '/tmp/keepalived.log');
  assert.equal(logFilePath('vrrp', '/tmp/keepalived.log', {}), '/tmp/keepalived_vrrp.log');
  assert.equal(logFilePath('checkers', '/var/log/ha', {}), '/var/log/ha_healthcheckers');
  assert.equal(syslogIdent('checkers', {}), 'Keepalived_healthcheckers');
  const names = { networkNamespace: 'blue', instanceName: 'east' };
  assert.equal(syslogIdent('vrrp', { instanceName: 'east' }), 'Keepalived_vrrp_east');
  assert.equal(syslogIdent('vrrp', names), 'Keepalived_vrrp_blue_east');
  assert.equal(logFilePath('vrrp', '/tmp/keepalived.log', names), '/tmp/keepalived_vrrp_blue_east.log');
});

test('dumps have the names keepalived gives them, and those of the configuration', (t) => {
  const { TMPDIR } = process.env;
  t.after(() => {
    if (TMPDIR === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
    else process.env['TMPDIR'] = TMPDIR;
  });
  process.env['TMPDIR'] = '/var/tmp';
  assert.equal(dumpFilePath('vrrp', GLOBAL), '/var/tmp/keepalived.data');
  assert.equal(dumpFilePath('supervisor', GLOBAL), '/var/tmp/keepalived_parent.data');
  const files = { jsonVersion: 1, instanceInNames: true } as const;
  assert.equal(dumpFilePath('checkers', { ...GLOBAL, files, instanceName: 'east' }), '/var/tmp/keepalived_check.east.data');
  assert.equal(dumpFilePath('vrrp', { ...GLOBAL, files, networkNamespace: 'blue', instanceName: 'east' }), '/var/tmp/keepalived.blue_east.data');
  for (const [dataDump, path] of [['/x/', '/x/keepalived_check.data'], ['/x/state.txt', '/x/state_check.txt'], ['state', '/var/tmp/state_check']] as const) {
    assert.equal(dumpFilePath('checkers', { ...GLOBAL, files: { ...files, dataDump } }), path);
  }
  assert.equal(statisticsFilePath({ ...GLOBAL, files: { ...files, statisticsDump: '/x/counters' } }), '/x/counters');
});

test('the program and its package have one version', () => {
  const packaged = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')) as { readonly version: string };
  assert.equal(PACKAGE_VERSION, packaged.version);
});
