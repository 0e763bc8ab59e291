/**
 * Everything that reads bytes or values of others, one target each: the wire, the kernel, real servers, other processes of the
 * daemon, clients of the control sockets, state files. A target throws when its parser does.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMessages } from 'netlink/dist/structs.js';

import { seconds } from '../../src/base/time.js';
import { readTrackedNumber } from '../../src/base/tracked-number.js';
import { decodePacket, encodePacket } from '../../src/bfd/packet.js';
import { readCommand } from '../../src/control/commands.js';
import { readDbusRequest } from '../../src/control/dbus/request.js';
import { decodePdu } from '../../src/control/snmp/agentx-pdu.js';
import { parseDownMessage, parseSettingsMessage, parseUpMessage } from '../../src/daemon/children/ipc.js';
import { createOperator } from '../../src/daemon/operator/operator.js';
import { createPoolRelay } from '../../src/daemon/relays/pool-relay.js';
import type { TalkCheck } from '../../src/health/config-check.js';
import type { Turn } from '../../src/health/conversation.js';
import { dialogueOf } from '../../src/health/dialogues.js';
import { judgeHealth } from '../../src/health/grpc-health.js';
import { judgeJson } from '../../src/health/json-path.js';
import { contentOf, generationIn, setNamedIn, tableNamedIn } from '../../src/io/netlink/filter-content.js';
import { wantedMarkTables } from '../../src/io/netlink/ipvs-marks.js';
import { FLAG, frameMessages, readAnswer } from '../../src/io/netlink/netlink-messages.js';
import { decodeRouteKey } from '../../src/io/netlink/route-messages.js';
import { RTM, allAddresses, allLinks, decodeAddress, decodeLink } from '../../src/io/netlink/rtnetlink.js';
import { decodeRuleKey } from '../../src/io/netlink/rule-messages.js';
import { HttpReplyReader } from '../../src/io/probes/http-reply.js';
import { workerAnswer } from '../../src/io/probes/check-worker.js';
import { dnsResponseCode, encodeDnsQuery } from '../../src/io/probes/dns-message.js';
import { livingName } from '../../src/io/processes/process-list.js';
import { destinationCounts, serviceTraffic } from '../../src/ipvs/counts.js';
import { decodeDestination, decodeService, encodeOp } from '../../src/ipvs/messages.js';
import { decodeDaemon, decodeTimeouts } from '../../src/ipvs/settings-messages.js';
import { decodeAdvert, encodeAdvert, readAdvertHeader } from '../../src/vrrp/wire/packet.js';
import { SIGNATURE_LENGTH, readSignature } from '../../src/vrrp/wire/signature.js';
import { packet } from '../bfd/samples.js';
import { load } from '../conf/support.js';
import { service } from '../ipvs/samples.js';
import { address } from '../support/address.js';

export type Parser = { readonly name: string } & (
  | { readonly kind: 'bytes'; readonly seeds: readonly Uint8Array[]; readonly parse: (bytes: Uint8Array) => void }
  | { readonly kind: 'values'; readonly seeds: readonly unknown[]; readonly parse: (value: unknown) => void }
);

const text = (...texts: readonly string[]): readonly Uint8Array[] => texts.map((each) => Buffer.from(each, 'latin1'));

const IPV4 = { family: 'ipv4', source: address('192.0.2.2'), destination: address('224.0.0.18') } as const;
const IPV6 = { family: 'ipv6', source: address('fe80::2'), destination: address('ff02::12') } as const;
const ADVERT = { virtualRouterId: 51, priority: 100, advertInterval: seconds(1) } as const;

const WIRE: readonly Parser[] = [
  {
    name: 'VRRP packets',
    kind: 'bytes',
    seeds: [
      encodeAdvert({ ...ADVERT, version: 3, addresses: [address('192.0.2.100'), address('192.0.2.101')] }, IPV4),
      encodeAdvert({ ...ADVERT, version: 3, addresses: [address('fe80::100')] }, IPV6),
      Uint8Array.from({ length: 48 }, (_, i) => [0x31, 51, 100, 1, 0, 100, 0, 0][i] ?? i),
    ],
    parse: (bytes) => {
      for (const path of [IPV4, IPV6]) decodeAdvert(bytes, path);
      readAdvertHeader(bytes);
      if (bytes.length >= SIGNATURE_LENGTH) readSignature(bytes.subarray(-SIGNATURE_LENGTH));
    },
  },
  { name: 'BFD packets', kind: 'bytes', seeds: [encodePacket(packet({ phase: 'init', poll: true, yourDiscriminator: 9 }))], parse: (bytes) => void decodePacket(bytes) },
];

/** The request's own length fields, which the kernel's answers have as well. */
const LINK = frameMessages([{ type: RTM.newLink, flags: FLAG.dump, payload: allLinks(), operation: '' }, { type: RTM.newAddress, flags: 0, payload: allAddresses(), operation: '' }], 1, 'last');

/** Of every kind of message: table, sets, chains, rules, an element. */
const MARK_TABLE = wantedMarkTables({
  table: 'marks',
  priority: -150,
  marked: [{ protocol: 'tcp', from: address('192.0.2.1'), to: address('192.0.2.1'), port: 80, mark: 1 }],
}).flatMap(({ requests }) => requests);

const KERNEL: readonly Parser[] = [
  {
    name: 'netlink messages',
    kind: 'bytes',
    seeds: [LINK],
    parse: (bytes) => {
      for (const message of framed(bytes)) {
        readAnswer(message);
        for (const decode of [decodeLink, decodeAddress, decodeRouteKey, decodeRuleKey]) decode(message.data);
      }
      for (const decode of [decodeLink, decodeAddress, decodeRouteKey, decodeRuleKey]) decode(bytes);
    },
  },
  {
    name: 'tables of the packet filter',
    kind: 'bytes',
    seeds: MARK_TABLE.map(({ payload }) => payload),
    parse: (bytes) => {
      for (const { type } of MARK_TABLE) contentOf([{ type, payload: bytes }]);
      for (const read of [generationIn, setNamedIn, tableNamedIn]) read({ type: 0, payload: bytes });
    },
  },
  {
    name: 'IPVS messages',
    kind: 'bytes',
    seeds: [encodeOp({ type: 'addService', key: '', service: service(80) }).bytes],
    parse: (bytes) => {
      for (const decode of [decodeService, decodeTimeouts, decodeDaemon, serviceTraffic, destinationCounts]) decode(bytes);
      for (const family of ['ipv4', 'ipv6'] as const) decodeDestination(bytes, family);
    },
  },
];

/** As the socket does: what is no sequence of messages is dropped whole. */
function framed(bytes: Uint8Array): ReturnType<typeof parseMessages> {
  try {
    return parseMessages(Buffer.from(bytes));
  } catch {
    return [];
  }
}

const CONNECTION = { address: address('192.0.2.11'), port: 80, connectTimeout: seconds(1), fwmark: 0 };
const DIALOGUES: readonly TalkCheck[] = [
  { type: 'TCP_CHECK', connection: CONNECTION, exchange: { send: 'x', expect: 'PONG' } },
  { type: 'SMTP_CHECK', connection: CONNECTION, heloName: 'probe' },
  { type: 'MYSQL_CHECK', connection: CONNECTION, user: 'probe' },
  { type: 'PGSQL_CHECK', connection: CONNECTION, user: 'probe' },
  { type: 'REDIS_CHECK', connection: CONNECTION, password: 'x' },
];

const SERVERS: readonly Parser[] = [
  {
    name: 'HTTP replies',
    kind: 'bytes',
    seeds: text('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody', 'HTTP/1.0 404 Not Found\nServer: x\n\n{"a":[1,{"b":null}]}', 'aa aaaaaaaaaaaHTTP/1.1aa200aaaa\r\n\r\n'),
    parse: (bytes) => {
      for (const url of [{}, { digest: '0'.repeat(32) }, { json: { path: ['a', 'b'], value: '1' } }] as const) {
        const reader = new HttpReplyReader(url);
        // In two pieces, then its end.
        const half = bytes.length >> 1;
        const early = reader.add(Buffer.from(bytes.subarray(0, half))) ?? reader.add(Buffer.from(bytes.subarray(half)));
        if (early === undefined) reader.end();
      }
      judgeJson({ path: ['a', 'b'], value: '1' }, Buffer.from(bytes).toString());
    },
  },
  { name: 'DNS replies', kind: 'bytes', seeds: [encodeDnsQuery(7, 'example.com', 'SOA')], parse: (bytes) => void dnsResponseCode(bytes, 7) },
  {
    name: 'answers in dialogues',
    kind: 'bytes',
    seeds: text('220-mx\r\n220 ESMTP\r\n250 mx\r\n221 bye\r\n', '\x4a\0\0\0\x0a5.5.5-10.11\0\0\0\0\0\x07\0\0\x02\0\0\0\x02', '\x17\0\0\0\xff\x10\x04Too many connections', 'R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'E\0\0\0\x20SFATAL\0C28000\0Mno role\0\0', '-NOAUTH wanted\r\n+OK\r\n+PONG\r\n'),
    parse: (bytes) => {
      const said = Buffer.from(bytes).toString('latin1');
      for (const check of DIALOGUES) hold(dialogueOf(check), said);
    },
  },
  { name: 'gRPC answers', kind: 'bytes', seeds: [Uint8Array.of(0, 0, 0, 0, 2, 8, 1)], parse: (body) => void judgeHealth({ status: 200, grpcStatus: '0', body }) },
  { name: 'tracked files', kind: 'bytes', seeds: text('5\n', '-3 because', '0x10', '99999999999'), parse: (bytes) => void readTrackedNumber(Buffer.from(bytes).toString()) },
  {
    name: 'answers of check workers',
    kind: 'bytes',
    seeds: text('{"id":7,"status":0}', '{"id":7,"status":255,"x":[]}'),
    parse: (bytes) => {
      const { status = 0 } = workerAnswer(Buffer.from(bytes).toString()) ?? {};
      if (!(status >= 0 && status <= 255)) throw new Error(`no exit status: ${status}`);
    },
  },
  {
    name: 'processes in /proc',
    kind: 'bytes',
    seeds: text('812 (nginx) S 1 812 812 0 -1 4194560', '9 (a) R (b)) Z 2 0 0 0 -1', '1 () S 0'),
    parse: (bytes) => {
      const stat = Buffer.from(bytes).toString();
      if (!stat.includes(livingName(stat) ?? '')) throw new Error('a name that is not there');
    },
  },
];

/** Every turn hears what is left, in pieces. */
function hold(opening: Turn, said: string): void {
  let turn = opening;
  for (let at = 0; turn.type !== 'over' && at < said.length; at += 7) turn = turn.hear(said.slice(at, at + 7));
}

const POOL = load('virtual_server 192.0.2.100 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 192.0.2.11 80 {\n}\n}\n').model;
const SERVER = { server: '[192.0.2.11]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80' } as const;

const PROCESSES: readonly Parser[] = [
  {
    name: 'messages between processes',
    kind: 'values',
    seeds: [
      { type: 'configured', generation: 3 },
      { type: 'session', change: { session: 'peer', up: true, at: 5 } },
      { type: 'masters', masters: ['V1'] },
      { type: 'pools', report: { quorums: [{ virtualServer: 'x', up: true }], holds: ['x'], marks: [['x', 1]] } },
      { type: 'configure', generation: 2, part: { child: 'vrrp', global: {}, director: {} } },
      { type: 'quorums', quorums: [{ virtualServer: 'x', up: true }] },
      { type: 'resume', server: 'x', virtualServer: 'y' },
      { type: 'settings', umask: 0o177, ...SERVER },
    ],
    parse: (value) => {
      parseUpMessage(value);
      for (const child of ['vrrp', 'checkers', 'bfd'] as const) parseDownMessage(child, value);
      parseSettingsMessage(value);
    },
  },
  { name: 'AgentX', kind: 'bytes', seeds: [agentx(5), agentx(7), agentx(18)], parse: refusing(RangeError, (bytes) => void decodePdu(Buffer.from(bytes))) },
  {
    name: 'commands of operators and of the bus',
    kind: 'values',
    seeds: [{ action: 'drain', ...SERVER, seconds: 60, keep: false }, { action: 'weight', ...SERVER, weight: 7, untilReload: true }, { action: 'yield', instance: 'V1' }, { action: 'priority', instance: 'V1', priority: 90 }, { action: 'preempt', instance: 'V1', preempt: false }, { action: 'add', ...SERVER, server: '192.0.2.12:80', weight: 3 }, { action: 'sendGarp', instance: 'V1' }],
    parse: (value) => {
      readCommand(value);
      readDbusRequest(value);
      operator().run(value);
    },
  },
];

/** A PDU with a header, one range of objects and its length. */
function agentx(type: number): Uint8Array {
  const range = [4, 2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(1, type, 0x10, 0, ...Array.from({ length: 12 }, () => 1), 0, 0, 0, range.length, ...range);
}

function refusing(kind: typeof RangeError, parse: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  return (bytes) => {
    try {
      parse(bytes);
    } catch (error) {
      if (!(error instanceof kind)) throw error;
    }
  };
}

function operator(): ReturnType<typeof createOperator> {
  const ignore = (): void => undefined;
  return createOperator({ model: () => POOL, changed: ignore, resume: ignore, tell: ignore, show: ignore });
}

const SINCE = Date.UTC(2026, 0, 1);
const FUTURE = Date.UTC(2099, 0, 1);

/** Files in `folder`, read as a start reads them. */
function stateFiles(folder: string): readonly Parser[] {
  const path = join(folder, 'state.json');
  const written = (value: unknown): string => {
    writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  };
  return [
    {
      name: 'what operators have said to an earlier daemon',
      kind: 'values',
      seeds: [
        [{ action: 'drain', ...SERVER, since: SINCE, until: FUTURE, kept: true }],
        [{ action: 'add', ...SERVER, server: '[192.0.2.12]:tcp:80', weight: 3, since: SINCE, kept: true }, { action: 'yield', instance: 'V1', since: SINCE, kept: true }],
        [{ action: 'weight', ...SERVER, weight: 9, since: SINCE, kept: true }],
      ],
      parse: (value) => {
        const words = operator();
        words.loaded(1, written(value));
        if (POOL !== undefined) words.applied(POOL);
      },
    },
    {
      name: 'what an earlier daemon knew of pools',
      kind: 'values',
      seeds: [{ holds: [`${SERVER.virtualServer} ${SERVER.server}`], marks: [['x', 1_000]] }],
      parse: (value) => {
        const relay = createPoolRelay({ send: () => undefined, director: () => POOL?.director, tell: () => undefined });
        relay.remember(written(value));
        relay.known();
      },
    },
  ];
}

/** Calls `run` with every parser; files of theirs are removed behind it. */
export function withParsers<T>(run: (parsers: readonly Parser[]) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-fuzz-'));
  try {
    return run([...WIRE, ...KERNEL, ...SERVERS, ...PROCESSES, ...stateFiles(folder)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
