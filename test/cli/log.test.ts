/** `holdfast log`: what the daemon writes as JSON, as people read it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

import type { LogEntry } from '../../src/base/log.js';
import { jsonFormat } from '../../src/io/logs/log-format.js';
import { holdfast, openFolder } from './command.js';

const folder = openFolder();

function written(ident: string, entry: Partial<LogEntry>): string {
  const whole: LogEntry = { level: 'info', event: 'stateChanged', text: '(V1) Entering MASTER STATE', fields: { instance: 'V1' }, detail: false, ...entry };
  return jsonFormat(ident)(whole).toString();
}

const LINES = [
  written('Keepalived_vrrp', {}),
  'Nov 21 19:00:00 lvs1 Keepalived[1]: ' + written('Keepalived', { level: 'warn', event: 'childExited', text: 'pid 7 exited with status 70', fields: { pid: 7 } }),
  'a line of another program\n',
  '{"no": "line of ours"}\n',
  written('Keepalived_healthcheckers', { level: 'error', event: 'commandFailed', text: 'evil \u001b[2J text', fields: {} }),
].join('');

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`;

test('each event is one line with local time, process and sentence; what is none is passed on', () => {
  const { status, output } = holdfast(['log', folder.write('log', LINES)]);
  assert.equal(status, 0);
  const lines = output.trimEnd().split('\n');
  assert.match(lines[0] ?? '', new RegExp(`^${TIME} vrrp \\(V1\\) Entering MASTER STATE$`));
  assert.match(lines[1] ?? '', new RegExp(`^${TIME} parent warn: pid 7 exited with status 70$`));
  assert.deepEqual(lines.slice(2, 4), ['a line of another program', '{"no": "line of ours"}']);
  assert.match(lines[4] ?? '', new RegExp(`^${TIME} healthcheckers error: evil \ufffd\\[2J text$`));
});

test('level and event choose, and fields are shown when asked for', () => {
  const path = folder.write('log', LINES);
  assert.match(holdfast(['log', '--level', 'error', path]).output, new RegExp(`^a line.*\n.*\n${TIME} healthcheckers error: .*\n$`));
  const { output } = holdfast(['log', '--event', 'childExited', '--fields', '--', path]);
  assert.match(output, /pid 7 exited with status 70 \[childExited pid=7\]\n/);
  assert.doesNotMatch(output, /Entering/);
});

test('it reads standard input, and says when a file cannot be read', () => {
  const piped = spawnSync(process.execPath, [join(process.cwd(), 'dist', 'main.js'), 'log'], { input: LINES, encoding: 'utf8' });
  assert.match(piped.stdout, /Entering MASTER STATE/);
  const missing = holdfast(['log', join(folder.path, 'missing')]);
  assert.equal(missing.status, 1);
  assert.match(missing.errors, /missing cannot be read: ENOENT/);
});
