/**
 * What checks say of servers that fail in every way, beside keepalived: both daemons ask the same servers in one namespace,
 * and tell the same of each, in the same order. keepalived has a stand-in for the ip_vs that this kernel may not have.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { startProgram } from '../lab/process.js';
import { startDaemon, until } from './daemon.js';

/** Servers on all addresses, by port. */
const SERVERS = `
  const net = require('node:net');
  const tls = require('node:tls');
  const { createSocket } = require('node:dgram');
  const { readFileSync } = require('node:fs');
  const [key, cert] = process.argv.slice(1).map((file) => readFileSync(file));
  const serve = (onConnection) => (socket) => onConnection(socket.on('error', () => undefined));
  const tcp = (port, onConnection) => net.createServer(serve(onConnection)).listen(port, '0.0.0.0');
  const secured = (port, onConnection) => tls.createServer({ key, cert }, serve(onConnection)).on('tlsClientError', () => undefined).listen(port, '0.0.0.0');
  const udp = (port, answer) => {
    const socket = createSocket('udp4');
    socket.on('message', (message, from) => { const reply = answer(message); if (reply) socket.send(reply, from.port, from.address); }).bind(port, '0.0.0.0');
  };
  const asked = (reply) => (socket) => socket.once('data', () => socket.end(reply));
  const begun = (reply) => (socket) => socket.once('data', () => socket.write(reply));
  const reset = (socket) => socket.once('data', () => socket.resetAndDestroy());
  const ok = 'HTTP/1.0 200 OK\\r\\n\\r\\n';
  const page = ok + 'x'.repeat(99999) + '\\nstatus: ok\\n' + 'y'.repeat(200000);
  for (const [add, base] of [[tcp, 9100], [secured, 9200]]) {
    add(base, asked(page));
    add(base + 1, () => undefined);
    add(base + 3, asked(''));
    add(base + 4, asked('garbage\\nmore\\n'));
    add(base + 5, begun(ok + 'half'));
    add(base + 6, asked('HTTP/1.0 503 No\\r\\n\\r\\n'));
    add(base + 7, asked('HTTP/1.0 200 OK\\r\\nX: y'));
  }
  tcp(9102, reset);
  const mail = (port, banner, helo) => tcp(port, (socket) => {
    socket.write(banner);
    socket.on('data', (text) => socket.write(text.toString().startsWith('QUIT') ? '221 bye\\r\\n' : helo));
  });
  mail(9300, '220 mx\\r\\n', '250 mx\\r\\n');
  tcp(9301, (socket) => socket.end());
  tcp(9302, (socket) => socket.end('421 busy\\r\\n'));
  mail(9303, '554 no\\r\\n', '250 mx\\r\\n');
  mail(9304, 'hello\\r\\n', '250 mx\\r\\n');
  mail(9305, '220 mx\\r\\n', '550 no\\r\\n');
  tcp(9306, (socket) => socket.write('220 mx\\r\\n'));
  tcp(9307, (socket) => { socket.write('220 mx\\r\\n'); reset(socket); });
  udp(9400, () => 'pong');
  udp(9401, () => undefined);
  udp(9402, () => 'song');
  const named = (code) => (query) => { query[2] |= 0x80; query[3] = code; return query; };
  for (const code of [0, 1, 2, 3, 5]) udp(9500 + code, named(code));
  process.stdout.write('ready\\n');`;

const NOWHERE = '10.255.0.1';
const SILENT = '10.7.0.9';

interface Case {
  readonly kind: string;
  readonly lines?: string;
  readonly port?: number;
  /** Default an address of this machine. */
  readonly address?: string;
}

const url = (...lines: readonly string[]): string => `url {\npath /\n${lines.join('\n')}\n}`;
const OK = 'status_code 200';

const CASES: readonly Case[] = [
  { kind: 'TCP_CHECK', port: 9100 },
  { kind: 'TCP_CHECK', port: 9999 },
  ...[9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107, 9999].flatMap((port): readonly Case[] => [
    { kind: 'HTTP_GET', port, lines: url(OK) },
    { kind: 'HTTP_GET', port, lines: `http_protocol 1.1\n${url(OK)}` },
    { kind: 'HTTP_GET', port, lines: url(`digest ${'1f'.repeat(16)}`) },
  ]),
  { kind: 'HTTP_GET', port: 9100, lines: url(OK, 'regex "status: ok"') },
  { kind: 'HTTP_GET', port: 9100, lines: url('regex "^status: ok"', 'regex_options multiline') },
  { kind: 'HTTP_GET', port: 9100, lines: url('regex "status: no"') },
  { kind: 'HTTP_GET', port: 9100, lines: url('regex "status: no"', 'regex_no_match') },
  { kind: 'HTTP_GET', port: 9100, lines: url('regex "status: ok"', 'regex_no_match') },
  { kind: 'HTTP_GET', port: 9100, lines: url('regex "status: ok"', 'regex_max_offset 100000') },
  ...[9200, 9201, 9203, 9205, 9206, 9101, 9103, 9104, 9999].map((port): Case => ({ kind: 'SSL_GET', port, lines: url(OK) })),
  ...[9300, 9301, 9302, 9303, 9304, 9305, 9306, 9307, 9101, 9999].map((port): Case => ({ kind: 'SMTP_CHECK', port, lines: 'helo_name x' })),
  ...[9400, 9401, 9402, 9999].flatMap((port): readonly Case[] => [{ kind: 'UDP_CHECK', port }, { kind: 'UDP_CHECK', port, lines: 'require_reply 70' }]),
  ...[9500, 9501, 9502, 9503, 9505, 9401, 9999].map((port): Case => ({ kind: 'DNS_CHECK', port, lines: 'type A\nname x.example' })),
  { kind: 'PING_CHECK' },
  ...['TCP_CHECK', 'HTTP_GET', 'SSL_GET', 'SMTP_CHECK', 'UDP_CHECK', 'DNS_CHECK', 'PING_CHECK'].flatMap((kind) =>
    [NOWHERE, SILENT].map((address): Case => ({ kind, address, port: 80, ...(kind.endsWith('GET') ? { lines: url(OK) } : {}), ...(kind === 'UDP_CHECK' ? { lines: 'require_reply' } : {}) }))),
  { kind: 'MISC_CHECK', lines: 'misc_path /bin/true' },
  { kind: 'MISC_CHECK', lines: 'misc_path /bin/false' },
];

/** Each has a real server of its own, which its sentences name, and connects elsewhere. */
function configuration(): string {
  return CASES.map(({ kind, lines = '', port, address }, i) => {
    const connect = kind === 'MISC_CHECK' ? '' : `connect_ip ${address ?? `127.2.${i}.1`}\n${port === undefined || kind === 'PING_CHECK' ? '' : `connect_port ${port}\n`}connect_timeout 5\n`;
    const check = `${kind} {\nwarmup 0\nretry 1\ndelay_before_retry 1\nlog_all_failures\n${connect}${lines}\n}`;
    return `virtual_server 10.0.${i}.1 80 {\ndelay_loop 2\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 127.1.${i}.1 80 {\n${check}\n}\n}\n`;
  }).join('');
}

/** The sentences about each case, in order. Debian's keepalived is older than the one whose words are spoken: where they differ, the newer are put in. */
function sentencesOf(log: string): readonly (readonly string[])[] {
  const sentences = CASES.map((): string[] => []);
  for (const line of log.split('\n')) {
    const text = /\d{4}: (.*)$/.exec(line)?.[1];
    const index = /127\.[12]\.(\d+)\.1/.exec(text ?? '')?.[1];
    if (text === undefined || index === undefined) continue;
    const check = CASES[Number(index)];
    const newer = check?.kind === 'SSL_GET' ? text.replace(/^HTTP_CHECK on/, 'SSL_CHECK on') : text;
    sentences[Number(index)]?.push(newer.replace(/^HTTP_CHECK - network/, 'HTTP/SSL_CHECK - network'));
  }
  return sentences;
}

/** The last word on every case is said; of a name server that answers nothing is. */
const isSettled = (log: string): boolean =>
  sentencesOf(log).every((sentences, i) => sentences.some((text) => /Removing|succe/.test(text)) || CASES[i]?.port === 9500);

test('every kind of check tells of success and of every failure what keepalived tells', async (t) => {
  const namespace = `hf-sentences-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sentences-'));
  const ip = (...words: readonly string[]): void => void execFileSync('ip', words);
  ip('netns', 'add', namespace);
  const [key, cert, standIn] = [join(folder, 'key.pem'), join(folder, 'cert.pem'), join(folder, 'standin-ipvs.so')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=x', '-keyout', key, '-out', cert, ...curve], { stdio: 'ignore' });
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', standIn, 'test/bench/tools/standin-ipvs.c']);
  for (const words of ['link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up', 'address add 10.7.0.1/24 dev v0', `neighbour add ${SILENT} lladdr 02:00:00:00:00:09 dev v0`]) {
    ip('-n', namespace, ...words.split(' '));
  }
  const servers = startProgram([process.execPath, '-e', SERVERS, key, cert], { namespace });
  t.after(async () => {
    servers.signalGroup('SIGKILL');
    await servers.exited;
    ip('netns', 'del', namespace);
    rmSync(folder, { recursive: true });
  });
  await servers.line(/ready/, 20);
  const daemons = (['keepalived', 'holdfast'] as const).map((kind) =>
    startDaemon(kind, {
      namespace,
      folder: join(folder, kind),
      configuration: configuration(),
      options: ['-C'],
      environment: kind === 'keepalived' ? { LD_PRELOAD: standIn } : {},
    }));
  try {
    await until('a last word on every case', () => daemons.every(({ log }) => isSettled(log())), 120);
  } finally {
    await Promise.all(daemons.map(({ stop }) => stop()));
  }
  const [theirs = [], ours = []] = daemons.map(({ log }) => sentencesOf(log()));
  assert.deepEqual(CASES.map((check, i) => ({ check, told: ours[i] })), CASES.map((check, i) => ({ check, told: theirs[i] })));
});
