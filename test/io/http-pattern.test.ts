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
  const endless = await listen(t, (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n\r\nstatus: ok', () => 'x'.repeat(65_536)));
  assert.equal(brief(await ask(t, endless, { url: pattern('status: ok') })), 'passed');
  assert.equal(brief(await ask(t, endless, { url: pattern('never') })), 'pattern');
  assert.equal(brief(await ask(t, endless, { url: pattern('never', { mustNotMatch: true }) })), 'pattern', 'what was not read may hold it');
});
