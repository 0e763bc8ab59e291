import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { milliseconds } from '../../src/base/time.js';
import type { HttpUrl } from '../../src/health/config-check.js';
import { judgeHttp, splitHttpReply } from '../../src/health/verdict.js';

const DIGEST = '900150983cd24fb0d6963f7d28e17f72';
const latency = milliseconds(3);

function judge(status: number, bodyDigest: string | undefined, changes: Partial<HttpUrl>): string {
  const reply = bodyDigest === undefined ? { status } : { status, bodyDigest };
  const verdict = judgeHttp(reply, { path: '/', statusCodes: [], ...changes }, latency);
  assert.ok(verdict.type === 'local' || verdict.latency === latency);
  return verdict.type === 'failed' ? verdict.failure.type : verdict.type;
}

test('without any wish every 2xx passes and nothing else', () => {
  const passing = [199, 200, 204, 299, 300, 404, 500].filter((status) => judge(status, undefined, {}) === 'passed');
  assert.deepEqual(passing, [200, 204, 299]);
});

test('status codes and ranges are what is asked for, exactly', () => {
  const statusCodes = [{ from: 200, to: 200 }, { from: 401, to: 404 }];
  const passing = [200, 201, 400, 401, 404, 405].filter((status) => judge(status, undefined, { statusCodes }) === 'passed');
  assert.deepEqual(passing, [200, 401, 404]);
});

test('with a digest alone it must be a 2xx all the same', () => {
  assert.equal(judge(500, DIGEST, { digest: DIGEST }), 'statusCode');
  assert.equal(judge(204, DIGEST, { digest: DIGEST }), 'passed');
  assert.equal(judge(200, DIGEST.replace('9', '8'), { digest: DIGEST }), 'digest');
  assert.equal(judge(200, undefined, { digest: DIGEST }), 'digest');
});

test('with both the status is looked at first', () => {
  const both = { digest: DIGEST, statusCodes: [{ from: 200, to: 200 }] };
  assert.equal(judge(500, 'other', both), 'statusCode');
  assert.equal(judge(200, 'other', both), 'digest');
  assert.equal(judge(200, DIGEST, both), 'passed');
});

function split(text: string): unknown {
  const read = splitHttpReply(new TextEncoder().encode(text));
  return read.ok ? [read.value.status, new TextDecoder().decode(read.value.body)] : read.error;
}

test('the status is in the first line, the body behind the first blank line', () => {
  assert.deepEqual(split('HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody\r\n\r\nmore'), [200, 'body\r\n\r\nmore']);
  assert.deepEqual(split('HTTP/1.1 404\nA: b\n\nbody'), [404, 'body']);
  assert.deepEqual(split('HTTP/1.1 204 No Content\r\n\r\n'), [204, '']);
  assert.deepEqual(split('ICY 200 OK\r\n\r\n'), [200, '']);
  assert.deepEqual(split('HTTP/1.1    302\r\n\r\n'), [302, '']);
});

test('a head that breaks off is malformed, whatever its status', () => {
  for (const text of ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK\r\nA: b\r\n']) assert.equal(split(text), 'malformedReply', text);
});

test('nothing, and what is no HTTP, have names of their own', () => {
  assert.equal(split(''), 'noData');
  for (const line of ['200 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 200x OK', 'SSH-2.0-OpenSSH_9.2', 'HTTP/1.1', ' 200 OK', 'HTTP/1.1\t200 OK', 'HTTP/1.1 2 00', `${'x'.repeat(60)} 200 OK`]) {
    assert.equal(split(`${line}\r\n\r\n`), 'malformedReply', line);
  }
});

test('no bytes of any kind make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, headed) => {
      const head = new TextEncoder().encode(headed ? 'HTTP/1.1 200 OK\r\n\r\n' : '');
      const read = splitHttpReply(Uint8Array.from([...head, ...bytes]));
      assert.equal(read.ok, headed || read.ok);
    }),
  );
});
