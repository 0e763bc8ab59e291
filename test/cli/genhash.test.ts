/** `holdfast genhash` beside the genhash that comes with keepalived: the same digest of the same page. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';

const PROGRAM = join(process.cwd(), 'dist', 'main.js');

interface Answer {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(program: string, words: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { timeout: 300_000 }, (_error, output, errors) => {
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

test('a server by name, -T and the program under the name genhash', async (t) => {
  const port = await serve(t);
  const place = ['-s', 'localhost', '-p', port, '-u', '/'];
  const plain = await genhash(...place);
  assert.deepEqual(await run(process.execPath, [PROGRAM, '-T', ...place]), plain);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-genhash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(PROGRAM, join(folder, 'genhash'));
  assert.deepEqual(await run(process.execPath, [join(folder, 'genhash'), ...place]), plain);
});

function credentials(t: TestContext): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-genhash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=x', '-keyout', key, '-out', cert, ...curve], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** A server for every way in which a page can come or not; the path says which. */
function answer(socket: Socket, paths: string[]): void {
  socket.on('error', () => undefined);
  socket.once('data', (request) => {
    paths.push(request.toString('latin1'));
    const path = /^GET \/?(\w*)/.exec(request.toString('latin1'))?.[1];
    const head = 'HTTP/1.0 200 OK\r\nX: y\r\n\r\n';
    if (path === 'page') socket.end(`${head}hello \x00\xff world, more than a line\n`, 'latin1');
    else if (path === 'missing') socket.end('HTTP/1.0 404 Not Found\r\nContent-Length: 600\r\n\r\nno\n');
    else if (path === 'large') socket.end(head + 'z'.repeat(300_000));
    else if (path === 'empty') socket.end(head);
    else if (path === 'headless') socket.end('garbage\nmore');
    else if (path === 'nothing') socket.end();
    else if (path === 'half') socket.write(`${head}half`);
    else if (path === 'reset') socket.resetAndDestroy();
    else assert.equal(path, 'silent');
  });
}

async function listening(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return String((server.address() as AddressInfo).port);
}

/** The time an answer took is nobody's but its own. */
const timeless = ({ output, ...rest }: Answer): Answer => ({ ...rest, output: output.replace(/= \d+ usecs/, '= N usecs') });

/** Their usage is shown in their words, ours in ours: what stands before it counts. */
const complaint = ({ status, output, errors }: Answer): Answer => ({ status, output, errors: errors.replace(/Usage:[^]*/, '') });

test('option by option: what genhash prints, where, and its exit status', async (t) => {
  const asked: string[] = [];
  const plain = await listening(t, createTcpServer((socket) => answer(socket, asked)));
  const { key, cert } = credentials(t);
  const names: (string | false | null)[] = [];
  const secured = await listening(t, createTlsServer({ key, cert }, (socket) => {
    names.push(socket.servername ?? null);
    answer(socket, asked);
  }));
  const page = (path: string, ...more: readonly string[]): string[] => ['-s', '127.0.0.1', '-p', plain, '-u', `/${path}`, ...more];
  const overTls = (path: string, ...more: readonly string[]): string[] => ['-S', '-s', '127.0.0.1', '-p', secured, '-u', `/${path}`, ...more];
  const lines = [
    page('page'), page('missing'), page('large'), page('empty'), page('headless'), page('nothing'), page('reset'),
    page('silent', '-t', '1'), page('half', '--timeout', '1'), page('page', '-v'), page('empty', '--verbose'), page('nothing', '-v').slice(0, -1),
    page('page', '-V', 'www.example.org'), page('page', '-P', '1.0'), page('page', '-P', '1.0c'), page('page', '--protocol', '1.1'), page('page', '-m', '5'),
    ['--server', '127.0.0.1', '--port', plain, '--url', '/page', '--use-virtualhost', 'x', '--fwmark', '7'], ['-s', '127.0.0.1', '-p', plain, '-u', 'page'],
    ['-s', '127.0.0.1', '-p', '1', '-u', '/'], ['-S', '-s', '127.0.0.1', '-p', '1', '-u', '/'],
    overTls('page'), overTls('large'), overTls('empty'), overTls('silent', '-t', '1'), overTls('page', '-I'), overTls('page', '-I', '-V', 'www.example.org'),
    ['--use-ssl', '--use-sni', ...overTls('page', '-V', 'sni.example').slice(1)],
  ];
  for (const words of lines) {
    asked.length = names.length = 0;
    const theirs = timeless(await run('genhash', words));
    const [theirRequests, theirNames] = [[...asked], [...names]];
    asked.length = names.length = 0;
    assert.deepEqual(timeless(await genhash(...words)), theirs, words.join(' '));
    assert.deepEqual([asked, names], [theirRequests, theirNames], `the wire: ${words.join(' ')}`);
  }
});

test('option by option: a command line that is not understood', async () => {
  const place = ['-s', '127.0.0.1', '-p', '80', '-u', '/'];
  const lines = [
    [], place.slice(2), place.slice(0, 4), ['-s', '127.0.0.1', '-u', '/'], [...place, 'more', 'words'], [...place, '-P', '2'], [...place, '-m', 'x'],
    [...place, '-t', '-1'], [...place, '-t', 'x'], ['-s', '127.0.0.1', '-p', '0', '-u', '/'], ['-s', '127.0.0.1', '-p', '70000', '-u', '/'], ['-s', 'nosuch.invalid', '-p', '80', '-u', '/'],
  ];
  for (const words of lines) {
    const ours = await genhash(...words);
    assert.match(ours.errors, /^Usage: holdfast genhash/m);
    assert.deepEqual(complaint(ours), complaint(await run('genhash', words)), words.join(' '));
  }
  for (const words of [['-Z'], ['-s']]) assert.equal((await genhash(...words)).status, (await run('genhash', words)).status, words.join(' '));
});
