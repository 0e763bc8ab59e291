/** Webhooks of the daemon against a real HTTP server that hangs, fails and works. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import { instance, openNetwork } from './network.js';

const SECRET = 'cAn4ryWebhookSecret';
const TOKEN = 'cAn4ryWebhookToken';

interface Posted {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Told {
  readonly version: number;
  readonly director: string;
  readonly events: readonly { readonly id: number; readonly event: string; readonly process: string; readonly text: string; readonly fields: Readonly<Record<string, unknown>> }[];
}

/** Prints what it gets; what it answers stands in a file: a status, or `hang`. */
const SERVER = `
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const answer = readFileSync(process.argv[1], 'utf8').trim();
    process.stdout.write(JSON.stringify({ answer, url: request.url, headers: request.headers, body }) + '\\n');
    if (answer !== 'hang') response.writeHead(Number(answer), { Location: 'http://127.0.0.1:8081/elsewhere' }).end('x'.repeat(100_000));
  });
}).listen(8081, '127.0.0.1', () => process.stdout.write('listening\\n'));
`;

const posted = (server: Program, answer: string): readonly Posted[] =>
  server.lines.flatMap(({ text }) => (text.startsWith(`{"answer":"${answer}"`) ? [JSON.parse(text) as Posted] : []));

test('events are posted once the server takes them, signed, in order, whatever it did before, and by nobody', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const answer = left.write('answer', 'hang');
  // The server may read it at any moment.
  const reply = (text: string): void => renameSync(left.write('next', text), answer);
  left.write('secret', `${SECRET}\n`);
  left.write('url', `http://127.0.0.1:8081/${TOKEN}\n`);
  left.run('chmod', '600', join(left.folder, 'secret'), join(left.folder, 'url'));
  const server = left.start([process.execPath, '-e', SERVER, answer]);
  await server.line(/^listening/, 30);
  const text = `global_defs {
  router_id lb1
  control_socket off
  webhook {
    url_file ${left.folder}/url
    secret_file ${left.folder}/secret
    events stateChanged
    timeout 3
    batch 0
  }
}
${instance()}`;
  // A proxy of the environment is nobody that events are for.
  const proxy = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' };
  const daemon = left.daemon(text, { environment: proxy });
  await daemon.line(/Webhook http:\/\/127\.0\.0\.1:8081 does not take events \(no answer in time\); trying again/, 60);
  reply('500');
  await until('an attempt that fails', 60, () => posted(server, '500').length > 0 || undefined);
  reply('204');
  await daemon.line(/Webhook http:\/\/127\.0\.0\.1:8081 takes events again/, 60);
  const first = await until('what it took is told', 10, () => posted(server, '204')[0]);
  const told = JSON.parse(first.body) as Told;
  assert.deepEqual([told.version, told.director], [1, 'lb1']);
  const [master] = told.events.filter(({ fields }) => fields['state'] === 'MASTER');
  assert.equal(master?.text, '(V1) Entering MASTER STATE');
  assert.equal(first.url, `/${TOKEN}`);
  assert.equal(first.headers['content-type'], 'application/json');
  const expected = createHmac('sha256', SECRET).update(`${first.headers['x-holdfast-timestamp']}.${first.body}`).digest('hex');
  assert.equal(first.headers['x-holdfast-signature'], `sha256=${expected}`);

  const control = Number(left.run('pgrep', '-P', String(left.pidOf('keepalived')), '-f', ' control ').trim());
  const status = readFileSync(`/proc/${control}/status`, 'utf8');
  assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
  assert.match(status, /^CapEff:\t0+$/m);
  for (const thread of readdirSync(`/proc/${control}/task`)) {
    assert.match(readFileSync(`/proc/${control}/task/${thread}/status`, 'utf8'), /^NoNewPrivs:\t1$[^]*^Seccomp:\t2$/m);
  }
  for (const file of ['cmdline', 'environ']) assert.ok(!/cAn4ry/.test(readFileSync(`/proc/${control}/${file}`, 'utf8')));

  // A new process goes on where the other one was.
  process.kill(control, 'SIGKILL');
  await daemon.line(/Control process ended/, 60);
  const count = posted(server, '204').length;
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await until('the next event', 60, () => posted(server, '204').length > count || undefined);
  const ids = posted(server, '204').flatMap(({ body }) => (JSON.parse(body) as Told).events.map(({ id }) => id));
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b), 'each once, in order');

  // What is posted elsewhere by a redirect would be posted to whoever says so.
  reply('307');
  left.run('ip', 'link', 'set', 'eth0', 'up');
  await daemon.line(/Webhook http:\/\/127\.0\.0\.1:8081 refuses \d+ events?: status 307/, 60);
  assert.ok(!server.text().includes('/elsewhere'));
  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.ok(!daemon.text().includes('cAn4ry'));
});
