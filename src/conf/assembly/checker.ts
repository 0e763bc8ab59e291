/** All checkers of one real server, in the order of the file whatever their kinds. */

import { given } from '../../base/given.js';
import type { Micros } from '../../base/time.js';
import { seconds } from '../../base/time.js';
import type { CheckerConfig, ConnectionOptions, SmtpCheck, UdpReply } from '../../health/config-check.js';
import type { Word } from '../cst.js';
import type { dnsCheck, miscCheck, pingCheck, smtpCheck, tcpCheck, udpCheck } from '../keywords/checkers.js';
import type { Section } from '../keywords/kinds.js';
import type { Keywords, Located, Values } from '../keywords/schema.js';
import type { AnySection } from '../origins.js';
import { connectionOf, scheduleOf } from './connection.js';
import type { CheckerParents, CommonValues } from './connection.js';
import type { Build } from './context.js';
import { buildGrpc, buildMysql, buildPgsql, buildRedis } from './own-checks.js';
import { buildCheckScript } from './scripts.js';
import { buildWebChecker } from './web-checker.js';

type Built = CheckerConfig;
type Block<T extends { readonly keywords: Keywords }> = Located<Section<T['keywords']>>;

/** What keepalived sends when nothing is configured: its own text, cut at 32 bytes. */
const DEFAULT_PAYLOAD = 'keepalived check - '.repeat(2).slice(0, 32);

export function buildCheckers(build: Build, parents: CheckerParents): readonly CheckerConfig[] {
  const { server } = parents;
  const found: { readonly order: number; readonly checker: Built }[] = [];
  const add = (located: AnySection, checker: Built | undefined): void => {
    if (checker === undefined) return;
    build.origins?.checkers.set(checker, located);
    found.push({ order: located.order, checker });
  };
  for (const located of server.TCP_CHECK) add(located, buildTcp(build, parents, located));
  for (const located of server.HTTP_GET) add(located, buildWebChecker(build, parents, 'HTTP_GET', located));
  for (const located of server.SSL_GET) add(located, buildWebChecker(build, parents, 'SSL_GET', located));
  for (const located of server.PING_CHECK) add(located, buildPing(build, parents, located));
  for (const located of server.SMTP_CHECK) for (const checker of buildSmtp(build, parents, located)) add(located, checker);
  for (const located of server.GRPC_CHECK) add(located, buildGrpc(build, connectionTo(build, located.at, located.value.values, parents), parents, located));
  for (const located of server.MYSQL_CHECK) add(located, buildMysql(connectionTo(build, located.at, located.value.values, parents), parents, located));
  for (const located of server.PGSQL_CHECK) add(located, buildPgsql(build, connectionTo(build, located.at, located.value.values, parents), parents, located));
  for (const located of server.REDIS_CHECK) add(located, buildRedis(connectionTo(build, located.at, located.value.values, parents), parents, located));
  for (const located of server.DNS_CHECK) add(located, buildDns(build, parents, located));
  for (const located of server.UDP_CHECK) add(located, buildUdp(build, parents, located));
  for (const located of server.MISC_CHECK) add(located, buildMisc(build, parents, located));
  return found.sort((a, b) => a.order - b.order).map(({ checker }) => checker);
}

function buildTcp(build: Build, parents: CheckerParents, { at, value: { values } }: Block<typeof tcpCheck>): Built {
  const connection = connectionTo(build, at, values, parents);
  const exchange = given({ send: values.send?.value, expect: values.expect?.value });
  const talks = Object.keys(exchange).length > 0;
  return { check: { type: 'TCP_CHECK', connection, ...(talks ? { exchange } : {}) }, ...scheduleOf(values, parents) };
}

function buildPing(build: Build, parents: CheckerParents, { at, value: { values } }: Block<typeof pingCheck>): Built {
  const connection = connectionOf(build, at, values, parents);
  return { check: { type: 'PING_CHECK', connection }, ...scheduleOf(values, parents) };
}

/** Connection options of a check that needs a port. */
function connectionTo(build: Build, at: Word, values: CommonValues, parents: CheckerParents, reachesServer = true): ConnectionOptions {
  const connection = connectionOf(build, at, values, parents, reachesServer);
  if (connection.port === 0) {
    const message = `neither the checker nor the real server ${parents.address} has a port: the check can only fail`;
    build.findings.report('checkWithoutPort', at, message, 'write: connect_port PORT');
  }
  return connection;
}

/** Each host is a checker of its own; the first takes the place of the main one if that names no connection. */
function buildSmtp(build: Build, parents: CheckerParents, { at, value }: Block<typeof smtpCheck>): readonly Built[] {
  const { values } = value;
  const heloName = values.helo_name?.value ?? 'smtpchecker.keepalived.org';
  const schedule = scheduleOf(values, parents);
  const check = (place: Word, connection: CommonValues, isHost: boolean): SmtpCheck => ({
    type: 'SMTP_CHECK',
    connection: connectionTo(build, place, connection, parents, isHost),
    heloName,
  });
  const hosts = values.host.map((host) => ({
    check: check(host.at, host.value.values, true),
    ...scheduleOf({ ...values, ...defined(host.value.values) }, parents),
  }));
  const connects = CONNECTION_WORDS.some((word) => values[word] !== undefined);
  return hosts.length > 0 && !connects ? hosts : [{ check: check(at, values, false), ...schedule }, ...hosts];
}

const CONNECTION_WORDS = ['connect_ip', 'connect_port', 'bindto', 'bind_port', 'bind_if', 'connect_timeout', 'fwmark'] as const;

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function buildDns(build: Build, parents: CheckerParents, { at, value: { values } }: Block<typeof dnsCheck>): Built {
  return {
    check: {
      type: 'DNS_CHECK',
      connection: connectionTo(build, at, values, parents),
      queryType: values.type?.value ?? 'SOA',
      name: values.name?.value ?? '',
    },
    ...scheduleOf(values, parents, { retry: 3, delayBeforeRetry: 'delayLoop' }),
  };
}

function buildUdp(build: Build, parents: CheckerParents, { at, value: { values } }: Block<typeof udpCheck>): Built {
  const reply = replyOf(build, values);
  const payload = values.payload?.value ?? hexOf(DEFAULT_PAYLOAD);
  return {
    check: {
      type: 'UDP_CHECK',
      connection: connectionTo(build, at, values, parents),
      payload,
      ...(reply === undefined ? {} : { reply }),
    },
    ...scheduleOf(values, parents),
  };
}

function replyOf(build: Build, values: Values<(typeof udpCheck)['keywords']>): UdpReply | undefined {
  const { require_reply: required, min_reply_length: min, max_reply_length: max } = values;
  const reply = { minLength: min?.value ?? 0, maxLength: max?.value ?? 255 };
  const longest = min ?? max ?? required;
  if (reply.minLength > reply.maxLength && longest !== undefined) {
    const message = `a reply of at least ${reply.minLength} and at most ${reply.maxLength} bytes cannot be: the check always fails`;
    build.findings.report('checkAlwaysFails', longest.at, message, 'write: max_reply_length N');
  }
  if (required === undefined) {
    for (const length of [min, max]) {
      if (length === undefined) continue;
      build.findings.report('uselessLine', length.at, 'the length of a reply is looked at with require_reply only', 'write: require_reply');
    }
    return undefined;
  }
  const pattern = required.value;
  return pattern === '' ? reply : { ...reply, pattern };
}

function hexOf(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

function buildMisc(build: Build, parents: CheckerParents, { at, value: { values } }: Block<typeof miscCheck>): Built | undefined {
  const { misc_path: path, user, misc_timeout: timeout, misc_dynamic: dynamic, misc_worker: worker } = values;
  if (path === undefined) {
    build.findings.report('checkerInvalid', at, 'MISC_CHECK without misc_path is ignored: the server counts as up', 'write: misc_path PROGRAM');
    return undefined;
  }
  const schedule = scheduleOf(values, parents, { retry: 0, delayBeforeRetry: seconds(1) });
  const limit: Micros = timeout === undefined || timeout.value === 0 ? schedule.delayLoop : seconds(timeout.value);
  const command = buildCheckScript(build, { ...path, value: { ...path.value, ...user?.value } });
  if (command === undefined) return undefined;
  const check = { type: 'MISC_CHECK', command, timeout: limit, dynamic: dynamic !== undefined, ...(worker === undefined ? {} : { worker: worker.value }) } as const;
  return { check, ...schedule };
}
