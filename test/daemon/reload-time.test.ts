/** reload_time_file: what its text means, and that the daemon follows it. */

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { readReloadTime, reloadTimeText } from '../../src/daemon/configuration/reload-time.js';
import { instance, openNetwork } from './network.js';

const NOON = new Date('2026-11-21T12:00:00Z');

function utcTime(text: string): string {
  const time = readReloadTime(text, NOON);
  return 'problem' in time ? time.problem : time.at.toISOString();
}

test('a time of day means its next occurrence, a date means itself', () => {
  assert.equal(utcTime('12:00:01Z'), '2026-11-21T12:00:01.000Z');
  assert.equal(utcTime('12:00:00Z'), '2026-11-22T12:00:00.000Z');
  assert.equal(utcTime('26-12-01 00:30:00Z'), '2026-12-01T00:30:00.000Z');
  assert.equal(utcTime('2028-02-29 23:59:59Z'), '2028-02-29T23:59:59.000Z');
  const local = readReloadTime('2026-12-01 08:09:10', NOON);
  assert.ok(!('problem' in local));
  assert.deepEqual([local.at, local.timeOnly], [new Date(2026, 11, 1, 8, 9, 10), false]);
});

test('what is no time, no such day, or past is told apart', () => {
  for (const text of ['', 'noon', '1:00:00', '12:00', '12:00:00z', '126-01-01 00:00:00', '2026-01-01']) assert.equal(utcTime(text), 'format', text);
  for (const text of ['24:00:00', '12:60:00Z', '27-02-29 00:00:00', '2027-13-01 00:00:00Z', '27-04-00 00:00:00']) assert.equal(utcTime(text), 'invalid', text);
  assert.equal(utcTime('2026-11-21 12:00:00Z'), 'past');
});

test('it is written as it is read', () => {
  assert.equal(reloadTimeText(NOON, true), '2026-11-21 12:00:00Z');
  assert.equal(reloadTimeText(new Date(2026, 0, 2, 3, 4, 5), false), '2026-01-02 03:04:05');
});

test('the daemon reloads when the time has come, follows changes of the file and removes it', async (t) => {
  const { left, close } = openNetwork();
  t.after(close);
  const file = join(left.folder, 'reload-at');
  const configuration = (lines: string): string => `global_defs {\nreload_time_file ${file}\n${lines}}\n${instance({ priority: 100 })}`;
  const daemon = left.daemon(configuration(''));
  await daemon.line(/Startup complete/, 10);
  left.write('reload-at', '2199-01-01 00:00:00\n');
  await daemon.line(/Scheduling reload for 2199-01-01 00:00:00$/, 5);
  left.write('reload-at', 'tea time\n');
  await daemon.line(/Reload time tea time format is incorrect - ignoring/, 5);
  await daemon.line(/Cancelling reload scheduled for 2199-01-01 00:00:00/, 5);
  left.write('reload-at', '2199-01-01 00:00:00');
  await daemon.line(/Scheduling reload/, 5, daemon.lines.length);
  const soon = new Date(Date.now() + 4_000);
  left.write('reload-at', reloadTimeText(soon, true));
  await daemon.line(/Reload time updated from 2199-01-01 00:00:00 to .*Z$/, 5);
  await daemon.line(/Reload complete/, 15);
  assert.ok(Date.now() >= Math.floor(soon.getTime() / 1_000) * 1_000, 'it came too early');
  assert.ok(!existsSync(file));
  // A time of day that holds for every day stays, and means tomorrow then.
  left.write('keepalived.conf', configuration('reload_repeat\n'));
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 15, before);
  const again = daemon.lines.length;
  const next = reloadTimeText(new Date(Date.now() + 4_000), true);
  left.write('reload-at', next.slice(next.indexOf(' ') + 1));
  await daemon.line(/Reload complete/, 15, again);
  await daemon.line(/Scheduling reload for .*Z$/, 5, daemon.lines.findIndex(({ text }, i) => i >= again && /Reload complete/.test(text)) - 5);
  assert.ok(existsSync(file));
  const last = daemon.lines.length;
  rmSync(file);
  await daemon.line(/Cancelling reload scheduled for/, 5, last);
});
