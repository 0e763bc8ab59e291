/** control_http and its token files: nobody opens it to others, or without a token, by a slip. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { load } from './support.js';

const said = (lines: string): readonly (readonly [string, string])[] =>
  load(`global_defs {\n${lines}\n}\n`)
    .diagnostics.filter(({ code }) => code !== 'HF-623')
    .map(({ code, message }) => [code, message]);

const httpOf = (lines: string): unknown => load(`global_defs {\n${lines}\n}\n`).model?.global.control?.http;

test('it is opened on loopback addresses only', () => {
  const token = 'control_token_file /etc/holdfast/token';
  assert.deepEqual(httpOf(`control_http 127.0.0.1:9650\n${token}`), { address: '127.0.0.1', port: 9_650, tokenFile: '/etc/holdfast/token' });
  assert.deepEqual(httpOf(`control_http [::1]:9650\n${token}`), { address: '::1', port: 9_650, tokenFile: '/etc/holdfast/token' });
  assert.deepEqual(httpOf(`control_http 9650\n${token}\ncontrol_admin_token_file /a`), {
    address: '127.0.0.1',
    port: 9_650,
    tokenFile: '/etc/holdfast/token',
    adminTokenFile: '/a',
  });
  for (const wrong of ['0.0.0.0:9650', '192.0.2.1:9650', '[::]:9650', '[2001:db8::1]:80', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', 'localhost:9650', '']) {
    assert.equal(httpOf(`control_http ${wrong}\n${token}`), undefined, wrong);
    const [finding, ...others] = said(`control_http ${wrong}\n${token}`);
    assert.deepEqual([finding?.[1].startsWith('control_http: '), others], [true, []]);
  }
});

test('without a token, or without a control process, it is not opened and that is said', () => {
  assert.equal(httpOf('control_http 9650'), undefined);
  assert.deepEqual(said('control_http 9650').map(([, message]) => message), ['control_http: nobody listens there without control_token_file']);
  const off = 'control_http 9650\ncontrol_token_file /t\ncontrol_socket off';
  assert.deepEqual(said(off).map(([, message]) => message), ['control_http: nobody listens there without control_socket']);
  assert.deepEqual(said('control_token_file token').map(([, message]) => message), ['control_token_file: no absolute path is given; the line is ignored']);
});
