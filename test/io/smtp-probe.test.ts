/** SMTP_CHECK over real connections: which answer leads to which verdict, and that no server holds a probe for longer than its time. */

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import test, { type TestContext } from 'node:test';

import type { IpAddress } from '../../src/base/address.js';
import { questionOf } from '../../src/health/check-kinds.js';
import { after, milliseconds } from '../../src/base/time.js';
import type { ConnectionOptions } from '../../src/health/config-check.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { closedPort, listen, silentPort } from './support/servers.js';
import { clock, loopback, verdictSink } from './support/sinks.js';
import { until } from './support/until.js';

async function ask(t: TestContext, port: number, options: Partial<ConnectionOptions> = {}, whole = 5_000): Promise<string> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  const spec = questionOf({ type: 'SMTP_CHECK', connection: loopback(port, options), heloName: 'probe.example.org' }, 0);
  probes.start(1, spec, after(clock.now(), milliseconds(whole)));
  const verdict = await sink.verdictOf(1);
  if (verdict.type === 'failed') return verdict.failure.type;
  return verdict.type === 'local' ? `local ${verdict.operation} ${verdict.code}` : 'passed';
}

/** Speaks these replies, one for the connection and one for each line that comes. */
function speaking(replies: readonly string[], heard: string[] = []): (socket: Socket) => void {
  return (socket) => {
    const left = [...replies];
    const speak = (): void => {
      const reply = left.shift();
      if (reply !== undefined) socket.write(reply);
    };
    speak();
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      speak();
    });
  };
}

test('a mail server passes, its name is told to it, and it is taken leave of', async (t) => {
  const heard: string[] = [];
  const port = await listen(t, speaking(['220-mx.example.org\r\n220 ESMTP\r\n', '250-mx\r\n250 HELP\r\n', '221 bye\r\n'], heard));
  assert.equal(await ask(t, port), 'passed');
  assert.deepEqual(heard, ['HELO probe.example.org\r\n', 'QUIT\r\n']);
  assert.equal(await ask(t, port, { bindAddress: '127.0.0.5' as IpAddress }), 'passed');
});

test('what a server does wrong is told apart', async (t) => {
  const cases: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['badBanner', speaking(['554 no\r\n'])],
    ['badHelo', speaking(['220 mx\r\n', '550 no\r\n'])],
    ['readTimeout', speaking([])],
    ['readTimeout', speaking(['220 mx\r\n'])],
    ['readTimeout', speaking(['220 mx\r\n', '250 mx\r\n'])],
    ['readFailed', (socket) => socket.end()],
    [
      'readFailed',
      (socket) => {
        socket.write('220 mx\r\n');
        socket.once('data', () => socket.resetAndDestroy());
      },
    ],
    ['readFailed', (socket) => socket.end('220 half a line')],
  ];
  for (const [expected, serve] of cases) {
    const patience = expected === 'readTimeout' ? 300 : 4_000;
    assert.equal(await ask(t, await listen(t, serve), { connectTimeout: milliseconds(patience) }), expected);
  }
  assert.equal(await ask(t, await closedPort()), 'refused');
  assert.equal(await ask(t, await silentPort(t), { connectTimeout: milliseconds(200) }), 'connectTimeout');
  assert.equal(await ask(t, 25, { bindAddress: '192.0.2.77' as IpAddress }), 'local bind EADDRNOTAVAIL');
});

test('a server that drips bytes has no more time for a reply than one that is silent', async (t) => {
  const port = await listen(t, (socket) => {
    const drip = setInterval(() => socket.write('220-x\r\n'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  assert.equal(await ask(t, port, { connectTimeout: milliseconds(300) }), 'readTimeout');
});

test('a cancelled probe is not answered and closes its connection', async (t) => {
  const events: string[] = [];
  const port = await listen(t, (socket) => {
    events.push('open');
    socket.on('data', () => undefined).on('close', () => events.push('closed'));
  });
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  probes.start(1, questionOf({ type: 'SMTP_CHECK', connection: loopback(port), heloName: 'x' }, 0), after(clock.now(), milliseconds(5_000)));
  await until(() => events.length === 1);
  probes.cancel(1);
  await until(() => events.length === 2);
  assert.deepEqual(sink.seen, []);
});
