/** `holdfast status` against a socket that answers this or that. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { NoAnswer } from '../../src/cli/no-answer.js';
import { askOnce, quickStatus } from '../../src/cli/quick-status.js';

async function answering(t: TestContext, answer: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-quick-'));
  const path = join(folder, 'control.sock');
  const server = createServer((socket) => socket.once('data', () => socket.end(answer)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

test('what the daemon has drawn is passed on as it is', async (t) => {
  const path = await answering(t, 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nVRRP\n\r\n');
  assert.equal((await askOnce(path, '/v1/status.txt')).toString(), 'VRRP\n\r\n');
});

test('an answer that breaks off, another one and none are told in words', async (t) => {
  const refused = (path: string, words: RegExp): Promise<void> =>
    assert.rejects(askOnce(path, '/v1/status.txt'), (error: Error) => error instanceof NoAnswer && words.test(error.message));
  await refused(await answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nVRRP'), /breaks off$/);
  await refused(await answering(t, 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), /answers 404 to \/v1\/status\.txt: is it another version\?$/);
  await refused(await answering(t, 'hello'), /answers no HTTP/);
  await refused('/nonexistent/control.sock', /^There is no \/nonexistent\/control\.sock/);
});

test('other options are left to the reader of command lines', async () => {
  for (const words of [['--watch'], ['--socket'], ['--help'], ['--json', 'x']]) assert.equal(await quickStatus(words), false);
});
