/** `holdfast genhash` beside the genhash that comes with keepalived: the same digest of the same page. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

const PROGRAM = join(process.cwd(), 'dist', 'main.js');

interface Answer {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(program: string, words: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { timeout: 30_000 }, (_error, output, errors) => {
      resolve({ status: child.exitCode, output, errors });
    });
  });
}

const genhash = (...words: readonly string[]): Promise<Answer> => run(process.execPath, [PROGRAM, 'genhash', ...words]);

/** A server that says which host was asked for, in chunks. Answers its port. */
async function serve(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    response.write(`path ${request.url ?? ''}\n`);
    response.end(`host ${request.headers.host ?? ''}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return String((server.address() as AddressInfo).port);
}

test('the digest of a page is what keepalived computes of it, with a virtual host and without', async (t) => {
  const port = await serve(t);
  const place = ['-s', '127.0.0.1', '-p', port, '-u', '/page'];
  for (const more of [[], ['-V', 'www.example.com'], ['-P', '1.1', '-V', 'a.example']]) {
    const theirs = await run('genhash', [...place, ...more]);
    assert.match(theirs.output, /^[0-9a-f]{32}\n$/);
    assert.deepEqual(await genhash(...place, ...more), { status: 0, output: theirs.output, errors: '' }, more.join(' '));
  }
  const digest = createHash('md5').update('path /page\nhost www.example.com\n').digest('hex');
  assert.equal((await genhash(...place, '-V', 'www.example.com')).output, `${digest}\n`);
});

test('a server by name, what came back, -T and the program under the name genhash', async (t) => {
  const port = await serve(t);
  const place = ['-s', 'localhost', '-p', port, '-u', '/'];
  assert.match((await genhash(...place, '-v')).output, /^status 200, \d+ µs for \/\n[0-9a-f]{32}\n$/);
  const plain = await genhash(...place);
  assert.deepEqual(await run(process.execPath, [PROGRAM, '-T', ...place]), plain);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-genhash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(PROGRAM, join(folder, 'genhash'));
  assert.deepEqual(await run(process.execPath, [join(folder, 'genhash'), ...place]), plain);
});

test('no answer is told on standard error, with status 1; a command line that is not understood with 2', async () => {
  const refused = await genhash('-s', '127.0.0.1', '-p', '1', '-u', '/');
  assert.deepEqual(refused, { status: 1, output: '', errors: 'Connection to 127.0.0.1 port 1 failed: ECONNREFUSED\n' });
  assert.equal((await genhash('-s', '127.0.0.1', '-u', '/')).status, 2);
  assert.equal((await genhash('-s', '127.0.0.1', '-p', '70000', '-u', '/')).status, 2);
});
