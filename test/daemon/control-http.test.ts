/** The control API of a running daemon over HTTP. */

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import { instance, openNetwork } from './network.js';
import type { Host } from './network.js';

const TOKEN = '5ecre7'.repeat(7);
const OTHER_TOKEN = 'an07her'.repeat(6);

const ASK = `fetch('http://127.0.0.1:9650' + process.argv[1], { headers: process.argv[2] ? { Authorization: 'Bearer ' + process.argv[2] } : {} })
  .then(async (answer) => console.log(answer.status, (await answer.text()).slice(0, 200)), () => console.log('nobody'))`;

/** Status and beginning of the answer to a program on the same host. */
const ask = (host: Host, path: string, token = ''): string => host.run(process.execPath, '-e', ASK, path, token).trim();

function writeToken(path: string, token: string, mode = 0o600): void {
  writeFileSync(path, `${token}\n`, { mode });
  chmodSync(path, mode);
}

test('over HTTP the token opens what the socket shows, a new one counts from the next reload on, and none is told anywhere', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const path = join(left.folder, 'token');
  writeToken(path, TOKEN);
  const socket = join(left.folder, 'control.sock');
  const daemon = left.daemon(`global_defs {\ncontrol_socket ${socket}\ncontrol_http 127.0.0.1:9650\ncontrol_token_file ${path}\n}\n${instance()}`);
  await daemon.line(/Control API listens on http:\/\/127\.0\.0\.1:9650\//, 20);
  assert.match(ask(left, '/v1/status'), /^401 /);
  await until('the status', 20, () => (ask(left, '/v1/status', TOKEN).startsWith('200 {"version":1,"daemon"') ? true : undefined));
  assert.match(ask(left, '/v1/command', TOKEN), /^403 /);
  assert.match(ask(left, '/'), /^200 <!doctype html>/);

  writeToken(path, OTHER_TOKEN);
  daemon.signal('SIGHUP');
  await until('the new token', 20, () => (ask(left, '/v1/status', OTHER_TOKEN).startsWith('200') ? true : undefined));
  assert.match(ask(left, '/v1/status', TOKEN), /^401 /);

  const told = [daemon.text(), ...childrenOf(daemon.pid).map((pid) => readProcess(pid, 'cmdline')), ask(left, '/v1/events?follow=no', OTHER_TOKEN)].join('\n');
  for (const token of [TOKEN, OTHER_TOKEN]) assert.ok(!told.includes(token), 'a token was told');

  writeToken(path, OTHER_TOKEN, 0o644);
  daemon.signal('SIGHUP');
  await daemon.line(/Control API does not listen on http:\/\/127\.0\.0\.1:9650\/: .* can be read or written by others/, 20);
  // The process before it may still be on its way out.
  await until('nobody answers any more', 20, () => ask(left, '/') === 'nobody');
});
