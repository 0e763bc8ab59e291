/**
 * How databases are asked whether they serve. MariaDB and MySQL: protocol::Handshake of version 10, answered, since a server
 * counts who leaves without an answer and shuts them out. PostgreSQL: the start-up message of protocol 3.0. Redis: PING.
 * Without a `user` or a `password` it is enough that the server knows us not: it serves others.
 */

import type { MysqlCheck, PgsqlCheck, RedisCheck } from './config-check.js';
import { type Turn, collecting, quoted, unexpected } from './conversation.js';

/** Named where the configuration names nobody. */
const NOBODY = 'holdfast';

/** Errors of MySQL that say something about everybody: too many connections, shutdown, host blocked. */
const MYSQL_UNFIT: ReadonlySet<number> = new Set([1040, 1053, 1129]);

export function mysqlDialogue({ user }: Pick<MysqlCheck, 'user'>): Turn {
  return {
    type: 'listening',
    hear: collecting((answer) => {
      const packet = mysqlPacket(answer);
      if (packet === undefined) return undefined;
      if (packet.startsWith('\xff')) return unexpected(mysqlError(packet).text);
      if (!packet.startsWith('\x0a')) return unexpected('no greeting of MySQL');
      return { type: 'saying', text: mysqlLogin(user ?? NOBODY), hear: collecting((login) => loggedIn(mysqlPacket(login), user)) };
    }),
  };
}

function loggedIn(packet: string | undefined, user: string | undefined): Turn | undefined {
  if (packet === undefined) return undefined;
  if (packet.startsWith('\xff')) {
    const { code, text } = mysqlError(packet);
    return user === undefined && !MYSQL_UNFIT.has(code) ? { type: 'over' } : unexpected(text);
  }
  // COM_QUIT; who is asked for another kind of authentication has not been let in.
  return packet.startsWith('\0') ? { type: 'over', farewell: '\x01\0\0\0\x01' } : user === undefined ? { type: 'over' } : unexpected(`${user} needs a password`);
}

/** The content of the first packet, once it is all there. */
function mysqlPacket(answer: string): string | undefined {
  const length = number(answer.slice(0, 3));
  return answer.length < 4 + length || answer.length < 5 ? undefined : answer.slice(4, 4 + length);
}

function mysqlError(packet: string): { readonly code: number; readonly text: string } {
  const code = number(packet.slice(1, 3));
  return { code, text: `error ${code} ${quoted(packet.slice(3).replace(/^#.{5}/, ''))}`.trim() };
}

/** HandshakeResponse41 without password: protocol 4.1, secure connection, named plugin; UTF-8. */
function mysqlLogin(user: string): string {
  const capabilities = 0x1 | 0x200 | 0x8000 | 0x80000;
  const body = `${little(capabilities, 4)}${little(0x1000000, 4)}\x21${'\0'.repeat(23)}${user}\0\0mysql_native_password\0`;
  return `${little(body.length, 3)}\x01${body}`;
}

function number(bytes: string): number {
  return Array.from(bytes).reduceRight((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
}

function little(value: number, length: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode((value >>> (8 * index)) & 0xff)).join('');
}

function big(value: number): string {
  return [24, 16, 8, 0].map((shift) => String.fromCharCode((value >>> shift) & 0xff)).join('');
}

export function pgsqlDialogue({ user, database }: Pick<PgsqlCheck, 'user' | 'database'>): Turn {
  const name = user ?? NOBODY;
  const body = `${big(196_608)}user\0${name}\0database\0${database ?? name}\0application_name\0holdfast\0\0`;
  return { type: 'saying', text: big(body.length + 4) + body, hear: collecting((answer) => startedUp(answer, user)) };
}

/** Messages one after another: who is let in hears of the role and the database only after that. */
function startedUp(answer: string, user: string | undefined): Turn | undefined {
  for (let rest = answer; rest !== ''; ) {
    const type = rest.charAt(0);
    if (!PGSQL_ANSWERS.includes(type)) return unexpected('no answer of PostgreSQL');
    if (rest.length < 5) return undefined;
    const end = 1 + number(Array.from(rest.slice(1, 5)).reverse().join(''));
    if (rest.length < end) return undefined;
    const content = rest.slice(5, end);
    if (type === 'E') return refused(content, user);
    // 'Z': ready. 'R': let in when its number is 0, else a password is wanted, which says that it serves.
    if (type === 'Z' || (type === 'R' && (user === undefined || content !== big(0)))) return { type: 'over', farewell: TERMINATE };
    rest = rest.slice(end);
  }
  return undefined;
}

/** Authentication, error, notice, parameter status, key data, negotiation of the version, ready. */
const PGSQL_ANSWERS = 'RENSKvZ';

const TERMINATE = `X${big(4)}`;

function refused(content: string, user: string | undefined): Turn {
  const fields = content.split('\0');
  const field = (type: string): string => fields.find((text) => text.startsWith(type))?.slice(1) ?? '';
  const code = field('C');
  // Unknown to it: class 28 is authorization, 3D000 a database that does not exist.
  const isStranger = user === undefined && (code.startsWith('28') || code === '3D000');
  return isStranger ? { type: 'over' } : unexpected(`error ${code} ${quoted(field('M'))}`.trim());
}

export function redisDialogue({ password }: Pick<RedisCheck, 'password'>): Turn {
  const authenticate = password === undefined ? '' : redisCommand('AUTH', password);
  const lines = password === undefined ? 1 : 2;
  return {
    type: 'saying',
    text: authenticate + redisCommand('PING'),
    hear: collecting((answer) => {
      const said = answer.split('\r\n');
      if (password !== undefined && said.length > 1 && said[0] !== '+OK') return unexpected(quoted(said[0] ?? ''));
      if (said.length <= lines) return undefined;
      const [pong = ''] = said.slice(lines - 1);
      const isStranger = password === undefined && /^-NO(AUTH|PERM) /.test(pong);
      return pong === '+PONG' || isStranger ? { type: 'over' } : unexpected(quoted(pong));
    }),
  };
}

function redisCommand(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
