/** Servers that mean harm, one row a kind: the check that asks them, what they do, and how long the check may hold on to them. */

import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';

export interface HostileKind {
  readonly name: string;
  /** The check's block, without the options that all have. */
  readonly check: string;
  /** What comes over TCP; over UDP what is answered to each question, again and again. */
  readonly behave: ((socket: Socket) => void) | { readonly datagrams: readonly Buffer[] };
  /** Connect timeouts until the check must have let go; absent = the server's own doing ends it, or what is too much. */
  readonly hold?: number;
}

const WEB = 'HTTP_GET {\nurl {\npath /\nstatus_code 200\n}';
const web = (line: string): string => `HTTP_GET {\nurl {\npath /\n${line}\n}`;
const TLS = 'SSL_GET {\nurl {\npath /\nstatus_code 200\n}';
const OK = 'HTTP/1.1 200 OK\r\n';
const NOISE = 'x'.repeat(65_536);

const silent = (): void => undefined;
const after = (act: (socket: Socket) => void) => (socket: Socket): void => void socket.once('data', () => act(socket));
const saying = (text: string | Buffer): ((socket: Socket) => void) => after((socket) => socket.end(text));
const stopping = (text: string | Buffer): ((socket: Socket) => void) => after((socket) => socket.write(text));

/** As fast as it is taken. */
function pouring(first: string, more: string | Buffer, greets = false): (socket: Socket) => void {
  const pour = (socket: Socket): void => {
    const write = (): void => {
      let room = !socket.destroyed;
      while (room) room = socket.write(more);
    };
    socket.on('drain', write).write(first);
    write();
  };
  return greets ? pour : after(pour);
}

function dripping(text: string, greets = false): (socket: Socket) => void {
  const drip = (socket: Socket): void => {
    let at = 0;
    const timer = setInterval(() => socket.write(text.charAt((at += 1) % text.length)), 100);
    socket.on('close', () => clearInterval(timer));
  };
  return greets ? drip : after(drip);
}

const frame = (type: number, flags: number, payload: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 0]), payload]);
const SETTINGS = frame(4, 0, Buffer.alloc(0));
const PINGS = Buffer.concat(Array.from({ length: 500 }, () => frame(6, 0, Buffer.alloc(8))));

export const HOSTILE_KINDS: readonly HostileKind[] = [
  { name: 'silent', check: WEB, behave: silent, hold: 1 },
  { name: 'drips its head', check: WEB, behave: dripping(`${OK}X: ${'y'.repeat(500)}`), hold: 10 },
  { name: 'upgrade never finished', check: WEB, behave: stopping('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'), hold: 1 },
  { name: 'endless body', check: WEB, behave: pouring(`${OK}\r\n`, NOISE) },
  { name: 'endless 1xx', check: WEB, behave: pouring('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000)) },
  { name: 'chunks of one byte', check: WEB, behave: pouring(`${OK}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(8_000)) },
  { name: 'endless header value', check: WEB, behave: pouring(`${OK}X: `, NOISE) },
  { name: 'endless header fields', check: WEB, behave: pouring(OK, 'X: y\r\n'.repeat(8_000)) },
  { name: 'endless chunk extension', check: WEB, behave: pouring(`${OK}Transfer-Encoding: chunked\r\n\r\n1;`, NOISE) },
  { name: 'rubbish', check: WEB, behave: saying('rubbish\r\n\r\nmore\0\n') },
  { name: 'status line of one word', check: WEB, behave: saying('HTTP/1.1\r\n\r\n') },
  { name: 'negative length', check: WEB, behave: saying(`${OK}Content-Length: -1\r\n\r\nx`) },
  { name: 'length and chunks', check: WEB, behave: saying(`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`) },
  { name: 'resets', check: WEB, behave: after((socket) => socket.resetAndDestroy()) },
  { name: 'gzip bomb', check: WEB, behave: saying(Buffer.concat([Buffer.from(`${OK}Content-Encoding: gzip\r\n\r\n`), gzipSync(Buffer.alloc(20_000_000))])) },
  { name: 'endless body, HTTP/1.1', check: `${WEB}\nhttp_protocol 1.1`, behave: pouring(`${OK}\r\n`, NOISE) },
  { name: 'evil page', check: web('regex "^(a+)+$"'), behave: saying(`${OK}\r\n${'a'.repeat(65_000)}!`) },
  { name: 'endless page that is searched', check: web('regex "never"'), behave: pouring(`${OK}\r\n`, NOISE) },
  { name: 'endless page that is digested', check: web(`digest ${'1f'.repeat(16)}`), behave: pouring(`${OK}\r\n`, NOISE) },
  { name: 'endless JSON', check: web('json_path a'), behave: pouring(`${OK}\r\n`, '['.repeat(65_536)) },
  { name: 'TLS: silent', check: TLS, behave: silent, hold: 1 },
  { name: 'TLS: half a greeting', check: TLS, behave: stopping(Buffer.from('1603030050020000', 'hex')), hold: 1 },
  { name: 'TLS: plain text', check: TLS, behave: saying(`${OK}\r\nok`) },
  { name: 'TLS: alerts', check: TLS, behave: pouring('', Buffer.from('15030100020100'.repeat(5_000), 'hex')) },
  { name: 'SMTP: silent', check: 'SMTP_CHECK {', behave: silent, hold: 1 },
  { name: 'SMTP: drips', check: 'SMTP_CHECK {', behave: dripping('220-x', true), hold: 1 },
  { name: 'SMTP: talks on', check: 'SMTP_CHECK {', behave: pouring('220-', '220-x\r\n'.repeat(5_000), true) },
  { name: 'Redis: drips', check: 'REDIS_CHECK {', behave: dripping('+PONG'), hold: 1 },
  { name: 'MySQL: talks on', check: 'MYSQL_CHECK {', behave: pouring('\xff\xff\xff', NOISE, true) },
  { name: 'PostgreSQL: rubbish', check: 'PGSQL_CHECK {', behave: saying('rubbish') },
  { name: 'TCP: never what is expected', check: 'TCP_CHECK {\nexpect "ok"', behave: pouring('', NOISE, true) },
  { name: 'gRPC: silent', check: 'GRPC_CHECK {', behave: silent, hold: 1 },
  { name: 'gRPC: pings', check: 'GRPC_CHECK {', behave: after((socket) => { socket.write(SETTINGS); pouring('', PINGS, true)(socket); }) },
  { name: 'DNS: answers of others', check: 'DNS_CHECK {\nname a.example', behave: { datagrams: [Buffer.from('12348180'.padEnd(24, '0'), 'hex'), Buffer.alloc(1_400, 7)] } },
  { name: 'UDP: rubbish', check: 'UDP_CHECK {\nrequire_reply 70', behave: { datagrams: [Buffer.alloc(1_400, 7)] } },
];

/** The port that all servers of a kind listen on. */
export function portOf(kind: number): number {
  return 9_000 + kind;
}
