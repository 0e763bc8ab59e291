/** Reloads made safe and visible: a trial before, a file meanwhile. */

import assert from 'node:assert/strict';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { seconds } from '../../src/base/time.js';
import { startupDelayAfterBoot } from '../../src/daemon/start/startup-delay.js';
import { until } from '../lab/process.js';
import type { Host } from './network.js';
import { inside } from './inside.js';
import { instance, openNetwork } from './network.js';

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

const globals = (...lines: readonly string[]): string => `global_defs {\n${lines.join('\n')}\n}\n`;

test('with reload_check_config a configuration with a finding is not used, and the file says why', async (t) => {
  const left = host(t);
  const log = join(left.folder, 'check.log');
  const lines = `reload_check_config ${log}`;
  const daemon = left.daemon(globals(lines) + instance({ priority: 100 }));
  await daemon.line(/Startup complete/, 10);
  left.write('keepalived.conf', globals(lines, 'no_such_keyword') + instance({ priority: 200 }));
  daemon.signal('SIGHUP');
  await daemon.line(new RegExp(`New config failed validation, see ${log} for details`), 10);
  await daemon.line(/New configuration not used/, 5);
  assert.match(left.read('check.log'), /no_such_keyword/);
  const before = daemon.lines.length;
  left.write('keepalived.conf', globals(lines) + instance({ priority: 200 }));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  assert.equal(left.read('check.log'), '');
});

test('the reload file is there from the begin of a reload to its end, good or bad', async (t) => {
  const left = host(t);
  const seen: string[] = [];
  const watcher = watch(left.folder, (_event, name) => {
    if (name === 'keepalived.reload') seen.push(existsSync(join(left.folder, name)) ? 'there' : 'gone');
  });
  t.after(() => {
    watcher.close();
  });
  const daemon = left.daemon(globals('reload_file') + instance({ priority: 100 }));
  await daemon.line(/Startup complete/, 10);
  for (const [text, end] of [
    [globals('reload_file') + instance({ priority: 200 }), /Reload complete/],
    ['vrrp_instance {', /New configuration not used/],
  ] as const) {
    seen.length = 0;
    const before = daemon.lines.length;
    left.write('keepalived.conf', text);
    daemon.signal('SIGHUP');
    await daemon.line(end, 10, before);
    assert.ok(!existsSync(join(left.folder, 'keepalived.reload')));
    await until('it has been there', 10, () => seen.length > 0 || undefined);
  }
});

test('vrrp_delay_after_boot counts from the start of the machine, and the longer delay wins', () => {
  assert.equal(startupDelayAfterBoot(seconds(5), seconds(60), seconds(20)), seconds(40));
  assert.equal(startupDelayAfterBoot(seconds(5), seconds(60), seconds(58)), seconds(5));
  assert.equal(startupDelayAfterBoot(seconds(0), seconds(60), seconds(3_600)), 0);
  assert.equal(startupDelayAfterBoot(seconds(5), undefined, seconds(1)), seconds(5));
});

test('holdfast reload returns when the next configuration is in force, and says what is wrong with one that is not', async (t) => {
  const left = host(t);
  const pidFile = join(left.folder, 'keepalived.pid');
  const reload = (...words: readonly string[]) => inside(left, ['reload', '--pid', pidFile, ...words]);
  assert.deepEqual(reload(), { status: 1, output: '', errors: `no daemon runs with the pid file ${pidFile}\n` });
  const daemon = left.daemon(instance({ priority: 100 }));
  await daemon.line(/Startup complete/, 10);
  const file = left.write('keepalived.conf', instance({ priority: 200 }));
  assert.deepEqual(reload(), { status: 0, output: 'reloaded: configuration 2 is in force\n', errors: '' });
  left.write('keepalived.conf', `${instance({ priority: 150 })}\nvrrp_instance {`);
  const refused = reload('--main', String(daemon.pid));
  assert.equal(refused.status, 1);
  const [first = '', ...others] = refused.errors.trimEnd().split('\n');
  assert.match(first, new RegExp(`^${file}:\\d+:\\d+: error`));
  assert.equal(others.at(-1), 'not reloaded: the configuration before it stays in force');
  left.write('keepalived.conf', instance({ priority: 150 }));
  assert.equal(reload().output, 'reloaded: configuration 3 is in force\n');
  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.ok(!existsSync(join(left.folder, 'keepalived.reload.json')));
});

test('of a daemon whose pid file is elsewhere holdfast reload cannot tell what comes of it, but it is told', async (t) => {
  const left = host(t);
  const daemon = left.daemon(instance({ priority: 100 }));
  await daemon.line(/Startup complete/, 10);
  const answer = inside(left, ['reload', '--pid', join(left.folder, 'other.pid'), '--main', String(daemon.pid)]);
  assert.deepEqual(answer, { status: 0, output: `the daemon (${daemon.pid}) has been told: its log says what comes of it\n`, errors: '' });
  await daemon.line(/Reload complete/, 10);
});
