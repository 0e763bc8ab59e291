/** regex and its companions over real connections. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { BodyPattern, HttpUrl } from '../../src/health/config-check.js';
import { PROTOCOLS, answering, ask, brief, listenTls, pour } from './support/http.js';
import { listen } from './support/servers.js';

function pattern(source: string, changes: Partial<BodyPattern> = {}): { readonly body: BodyPattern } {
  return { body: { pattern: source, source, flags: '', mustNotMatch: false, minOffset: 0, firstLine: false, ...changes } };
}

test('regex: the body decides after status and digest, whoever carries the question', async (t) => {
  const reply = (status: number, body: string): Buffer => Buffer.from(`HTTP/1.1 ${status} X\r\nServer: status ok\r\n\r\n${body}`);
  const good = await listen(t, answering(reply(200, 'all\nstatus: ok\n')));
  const secured = await listenTls(t, {}, answering(reply(200, 'all\nstatus: ok\n')));
  const gone = await listen(t, answering(reply(404, 'status: ok')));
  for (const protocol of PROTOCOLS) {
    const ends = async (port: number, url: Partial<HttpUrl>, over = false): Promise<string> => brief(await ask(t, port, { protocol, tls: over, url }));
    for (const [port, over] of [[good, false], [secured, true]] as const) {
      assert.equal(await ends(port, pattern('status: ok'), over), 'passed');
      assert.equal(await ends(port, pattern('status ok'), over), 'pattern', 'the head is not searched');
      assert.equal(await ends(port, pattern('status: ok', { mustNotMatch: true }), over), 'pattern');
      assert.equal(await ends(port, pattern('dead', { mustNotMatch: true }), over), 'passed');
      assert.equal(await ends(port, pattern('status', { maxOffset: 4 }), over), 'pattern');
      assert.equal(await ends(port, { ...pattern('status: ok'), digest: '0'.repeat(32) }, over), 'digest');
    }
    assert.equal(await ends(gone, pattern('status: ok')), 'statusCode 404');
  }
});

test('regex: a body in any pieces, and one that is longer than what is searched', async (t) => {
  const drip = await listen(t, (socket) => {
    socket.setNoDelay(true).once('data', () => {
      const pieces = ['HTTP/1.1 200 OK\r\n', '\r', '\nsta', 'tus', ': ok'];
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setTimeout(next, 10));
      };
      next();
    });
  });
  assert.equal(brief(await ask(t, drip, { url: pattern('^status: ok$') })), 'passed');
});

test('regex: deep in a long body, across its pieces, by offset and over every carrier', async (t) => {
  const page = Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(99_999)}\nstatus: ok\n${'y'.repeat(3_000_000)}`);
  const plain = await listen(t, answering(page));
  const secured = await listenTls(t, {}, answering(page));
  for (const [port, over] of [[plain, false], [secured, true]] as const) {
    const ends = async (url: Partial<HttpUrl>): Promise<string> => brief(await ask(t, port, { tls: over, url, step: 10_000, whole: 20_000 }));
    assert.equal(await ends(pattern('status: ok')), 'passed');
    assert.equal(await ends(pattern('status: no')), 'pattern');
    assert.equal(await ends(pattern('status: ok', { mustNotMatch: true })), 'pattern');
    assert.equal(await ends(pattern('status: no', { mustNotMatch: true })), 'passed');
    assert.equal(await ends(pattern('status', { minOffset: 100_000, maxOffset: 100_001 })), 'passed');
    assert.equal(await ends(pattern('status', { minOffset: 100_001 })), 'pattern');
    assert.equal(await ends(pattern('status', { maxOffset: 100_000 })), 'pattern');
    assert.equal(await ends(pattern('y(?![^])', { minOffset: 3_000_000 })), 'passed', 'at the very end');
  }
});

test('regex: a body without end is given up, and what was found in it counts', async (t) => {
  const endless = await listen(t, (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n\r\nstatus: ok', () => 'x'.repeat(65_536)));
  const ends = async (wanted: Partial<HttpUrl>): Promise<string> => brief(await ask(t, endless, { url: wanted, step: 30_000, whole: 30_000 }));
  assert.equal(await ends(pattern('status: ok')), 'passed');
  assert.equal(await ends(pattern('never')), 'pattern');
  assert.equal(await ends(pattern('never', { mustNotMatch: true })), 'pattern', 'what was not read may hold it');
});

test('regex: a server that breaks off while its page is searched has failed', async (t) => {
  const port = await listen(t, (socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(40_000)}`, () => setTimeout(() => socket.resetAndDestroy(), 5)));
  });
  assert.equal(brief(await ask(t, port, { url: pattern('(a+)+b') })), 'readFailed');
});
