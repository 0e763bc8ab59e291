/** authentication and auth_hmac of an instance, with keepalived's corrections. */

import type { Micros } from '../../base/time.js';
import { micros, seconds } from '../../base/time.js';
import type { Authentication, HmacConfig, HmacKey } from '../../vrrp/config/authentication.js';
import type { Word } from '../cst.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import type { Build } from './context.js';
import { breaksStrictMode } from './strict.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;
type HmacValues = NonNullable<InstanceValues['auth_hmac']>['value']['values'];

interface Owner {
  readonly name: Word;
  readonly version: 2 | 3;
  readonly strict: boolean;
  readonly advertInterval: Micros;
}

/** Version 2 only. Whatever is missing or not allowed means adverts without authentication. */
export function buildAuthentication(build: Build, owner: Owner, values: InstanceValues): Authentication {
  const { findings } = build;
  const { name, version, strict } = owner;
  const located = values.authentication;
  if (located === undefined) return { type: 'none' };
  const { auth_type: type, auth_pass: password } = located.value.values;
  const at = type?.at ?? password?.at ?? located.at;
  const ignored = (message: string, hint: string): Authentication => {
    findings.report('badAuthentication', at, `(${name.text}) ${message}`, hint);
    return { type: 'none' };
  };
  if (version === 3) return ignored('version 3 has no authentication; it is ignored', 'remove the authentication block');
  if (type === undefined) {
    if (password !== undefined) {
      const message = `(${name.text}) a password without auth_type protects nothing`;
      findings.report('uselessPassword', at, message, 'write: auth_type PASS');
    }
    return { type: 'none' };
  }
  if (password === undefined) return ignored('authentication without a password is ignored', 'write: auth_pass PASSWORD');
  if (strict) {
    breaksStrictMode(build, name, at, 'the RFC knows no authentication', 'remove the authentication block');
    return { type: 'none' };
  }
  if (values.auth_hmac !== undefined) return ignored('auth_hmac stands here too and counts; this block is ignored', 'remove one of them');
  return { type: type.value === 'AH' ? 'ah' : 'pass', password: password.value };
}

/** Undefined without the block, and when it has no key to sign with: keepalived goes on without signatures then. */
export function buildHmac(build: Build, owner: Owner, located: InstanceValues['auth_hmac']): HmacConfig | undefined {
  if (located === undefined) return undefined;
  const { findings } = build;
  const { name, strict, advertInterval } = owner;
  const { values } = located.value;
  const keys = keysOf(build, name, values);
  const active = values.active_key;
  if (active === undefined || !keys.some(({ id }) => id === active.value)) {
    const what = active === undefined ? 'there is no active_key' : `there is no usable key ${active.value}`;
    const message = `(${name.text}) ${what}: adverts are neither signed nor verified`;
    findings.report('badHmac', active?.at ?? located.at, message, 'write: key 1 VALUE and active_key 1');
    return undefined;
  }
  let mode = values.mode?.value ?? 'enforce';
  if (strict && mode !== 'enforce') {
    breaksStrictMode(build, name, values.mode?.at ?? located.at, 'every advert must be signed', 'write: mode enforce');
    mode = 'enforce';
  }
  const standard = Math.min(300_000_000, Math.max(3 * advertInterval, 5_000_000));
  return {
    keys,
    activeKey: active.value,
    mode: mode === 'receive-only' ? 'receiveOnly' : mode,
    antiReplay: values.anti_replay?.value ?? 'time',
    timeWindow: values.time_window === undefined ? micros(standard) : seconds(values.time_window.value),
  };
}

/** Each id once; keys that are none are reported and left out. */
function keysOf(build: Build, name: Word, values: HmacValues): readonly HmacKey[] {
  const keys = new Map<number, HmacKey>();
  for (const { value: line, at } of values.key) {
    if (keys.has(line.id)) {
      build.findings.report('badHmac', at, `(${name.text}) there is a key ${line.id} already; the line is ignored`, 'give each key an id');
      continue;
    }
    const secret = secretOf(build, name, line.value);
    if (secret === undefined) continue;
    if (secret.length < 32 || secret.length > 64) {
      const message = `(${name.text}) key ${line.id} has ${secret.length} bytes and must have 32 to 64; it is ignored`;
      build.findings.report('badHmac', line.value, message, 'write 32 to 64 bytes');
      continue;
    }
    keys.set(line.id, { id: line.id, secret });
  }
  return [...keys.values()];
}

const FILE = 'file:';
const HEX = 'hex:';
const OTHERS_READ = 0o044;

function secretOf(build: Build, name: Word, value: Word): Uint8Array | undefined {
  const { text } = value;
  const refuse = (message: string, hint: string): void => {
    build.findings.report('badHmac', value, `(${name.text}) ${message}; the key is ignored`, hint);
  };
  if (text.startsWith(HEX)) {
    const bytes = bytesOfHex(text.slice(HEX.length));
    if (bytes === undefined) refuse(`what follows ${HEX} is not hexadecimal`, 'write pairs of 0-9 and a-f');
    return bytes;
  }
  if (!text.startsWith(FILE)) return utf8(text);
  const path = text.slice(FILE.length);
  // Without a machine to ask (an offline check) the file is taken on trust.
  if (build.host === undefined) return new Uint8Array(32);
  const facts = build.host.path(path);
  const content = build.host.content(path);
  if (facts === undefined || content === undefined) {
    refuse(`${path} cannot be read`, 'name a file that the daemon may read');
    return undefined;
  }
  if ((facts.mode & OTHERS_READ) !== 0) {
    const message = `(${name.text}) key file ${path} can be read by others than its owner`;
    build.findings.report('keyFileReadable', value, message, `chmod 600 ${path}`);
  }
  return withoutLineEnd(content);
}

function withoutLineEnd(content: Uint8Array): Uint8Array {
  let end = content.length;
  while (end > 0 && (content[end - 1] === 0x0a || content[end - 1] === 0x0d)) end -= 1;
  return content.slice(0, end);
}

function bytesOfHex(digits: string): Uint8Array | undefined {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Pure rooms have no TextEncoder. */
function utf8(text: string): Uint8Array {
  const units = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?')).match(/%..|./g) ?? [];
  return Uint8Array.from(units, (unit) => (unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0)));
}

/** AH starts as a backup: its sequence must be heard before it is spoken. */
export function startsAsMaster(build: Build, name: Word, state: Located<string> | undefined, authentication: Authentication): boolean {
  if (state?.value !== 'MASTER') return false;
  if (authentication.type !== 'ah') return true;
  build.findings.report('adjusted', state.at, `(${name.text}) with auth_type AH an instance starts as BACKUP`, 'write: state BACKUP');
  return false;
}
