/**
 * AgentX PDUs (RFC 2741 section 6) to and from bytes: those a subagent sends and those it is sent. Which PDU answers which
 * is the session's business.
 */

import type { Oid, SnmpValue } from './values.js';

/** RFC 2741 section 6.1. */
const PDU_TYPES = {
  open: 1,
  close: 2,
  register: 3,
  get: 5,
  getNext: 6,
  getBulk: 7,
  testSet: 8,
  commitSet: 9,
  undoSet: 10,
  cleanupSet: 11,
  notify: 12,
  ping: 13,
  response: 18,
} as const;

/** RFC 2741 section 5.4. */
const VALUE_TYPES = {
  integer: 2,
  octets: 4,
  null: 5,
  oid: 6,
  address: 64,
  counter: 65,
  gauge: 66,
  timeTicks: 67,
  opaque: 68,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const;

/** Flags of the header. */
const NON_DEFAULT_CONTEXT = 0x08;
const NETWORK_BYTE_ORDER = 0x10;

export const HEADER_BYTES = 20;

/** `reasonShutdown`. */
const CLOSE_REASON = 5;

/** Of registrations: the middle, as RFC 2741 proposes. */
const PRIORITY = 127;

/** 1.3.6.1, which identifiers leave out on the wire. */
const INTERNET: Oid = [1, 3, 6, 1];

export type VarBindValue = SnmpValue | { readonly type: 'null' | 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' };

export interface VarBind {
  readonly oid: Oid;
  readonly value: VarBindValue;
}

/** From `start`, itself included or not, to before `end`; without an end as far as there is anything. */
export interface SearchRange {
  readonly start: Oid;
  readonly include: boolean;
  readonly end?: Oid;
}

interface Addressed {
  readonly sessionId: number;
  readonly transactionId: number;
  readonly packetId: number;
}

export type SubagentPdu = Addressed &
  (
    | { readonly type: 'open'; readonly timeoutSeconds: number; readonly description: string }
    | { readonly type: 'close' | 'ping' }
    | { readonly type: 'register'; readonly subtree: Oid }
    | { readonly type: 'notify'; readonly varBinds: readonly VarBind[] }
    /** `index`: of the variable the error is about, from 1. */
    | { readonly type: 'response'; readonly error: number; readonly index: number; readonly varBinds: readonly VarBind[] }
  );

export type MasterPdu = Addressed &
  (
    | { readonly type: 'get' | 'getNext'; readonly ranges: readonly SearchRange[] }
    | { readonly type: 'getBulk'; readonly nonRepeaters: number; readonly maxRepetitions: number; readonly ranges: readonly SearchRange[] }
    | { readonly type: 'testSet'; readonly varBinds: readonly VarBind[] }
    | { readonly type: 'commitSet' | 'undoSet' | 'cleanupSet' | 'close' }
    /** `upTime`: of the master, hundredths of a second. */
    | { readonly type: 'response'; readonly upTime: number; readonly error: number }
    /** Nothing a subagent has to know. */
    | { readonly type: 'other' }
  );

/** How many bytes the PDU that begins here has; undefined while its header is not complete. */
export function pduLength(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const payload = isNetworkOrder(bytes) ? bytes.readUInt32BE(16) : bytes.readUInt32LE(16);
  return HEADER_BYTES + payload;
}

function isNetworkOrder(bytes: Buffer): boolean {
  return (bytes.readUInt8(2) & NETWORK_BYTE_ORDER) !== 0;
}

/** In network byte order. */
export function encodePdu(pdu: SubagentPdu): Buffer {
  const payload = Buffer.concat(payloadOf(pdu));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(1, 0);
  header.writeUInt8(PDU_TYPES[pdu.type], 1);
  header.writeUInt8(NETWORK_BYTE_ORDER, 2);
  header.writeUInt32BE(pdu.sessionId, 4);
  header.writeUInt32BE(pdu.transactionId, 8);
  header.writeUInt32BE(pdu.packetId, 12);
  header.writeUInt32BE(payload.length, 16);
  return Buffer.concat([header, payload]);
}

function payloadOf(pdu: SubagentPdu): readonly Buffer[] {
  switch (pdu.type) {
    case 'open':
      return [Buffer.from([pdu.timeoutSeconds, 0, 0, 0]), encodedOid([]), encodedOctets(Buffer.from(pdu.description))];
    case 'close':
      return [Buffer.from([CLOSE_REASON, 0, 0, 0])];
    case 'ping':
      return [];
    case 'register':
      return [Buffer.from([0, PRIORITY, 0, 0]), encodedOid(pdu.subtree)];
    case 'notify':
      return pdu.varBinds.flatMap(encodedVarBind);
    default:
      return [uint32(0), uint16(pdu.error), uint16(pdu.index), ...pdu.varBinds.flatMap(encodedVarBind)];
  }
}

function encodedVarBind({ oid, value }: VarBind): readonly Buffer[] {
  return [uint16(VALUE_TYPES[value.type]), uint16(0), encodedOid(oid), encodedValue(value)];
}

function encodedValue(value: VarBindValue): Buffer {
  switch (value.type) {
    case 'integer':
      return uint32(value.value >>> 0);
    case 'counter':
    case 'gauge':
    case 'timeTicks':
      return uint32(value.value);
    case 'counter64': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(value.value);
      return bytes;
    }
    case 'octets':
    case 'address':
      return encodedOctets(value.value);
    case 'oid':
      return encodedOid(value.value);
    default:
      return Buffer.alloc(0);
  }
}

function encodedOid(oid: Oid): Buffer {
  const prefix = oid[4] ?? 0;
  const isShort = oid.length >= 5 && INTERNET.every((part, i) => oid[i] === part) && prefix > 0 && prefix < 256;
  const rest = isShort ? oid.slice(5) : oid;
  const bytes = Buffer.alloc(4 + 4 * rest.length);
  bytes.writeUInt8(rest.length, 0);
  bytes.writeUInt8(isShort ? prefix : 0, 1);
  for (const [i, part] of rest.entries()) bytes.writeUInt32BE(part, 4 + 4 * i);
  return bytes;
}

/** Padded to whole words. */
function encodedOctets(value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt32BE(value.length, 0);
  bytes.set(value, 4);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** One whole PDU in either byte order. Throws RangeError when its fields do not fit into it. */
export function decodePdu(bytes: Buffer): MasterPdu {
  const reader = createReader(bytes);
  reader.skip(1);
  const type = reader.uint8();
  const flags = reader.uint8();
  reader.skip(1);
  const addressed = { sessionId: reader.uint32(), transactionId: reader.uint32(), packetId: reader.uint32() };
  reader.skip(4);
  if ((flags & NON_DEFAULT_CONTEXT) !== 0) reader.octets();
  switch (type) {
    case PDU_TYPES.get:
    case PDU_TYPES.getNext:
      return { ...addressed, type: type === PDU_TYPES.get ? 'get' : 'getNext', ranges: ranges(reader) };
    case PDU_TYPES.getBulk:
      return { ...addressed, type: 'getBulk', nonRepeaters: reader.uint16(), maxRepetitions: reader.uint16(), ranges: ranges(reader) };
    case PDU_TYPES.testSet:
      return { ...addressed, type: 'testSet', varBinds: varBinds(reader) };
    case PDU_TYPES.commitSet:
      return { ...addressed, type: 'commitSet' };
    case PDU_TYPES.undoSet:
      return { ...addressed, type: 'undoSet' };
    case PDU_TYPES.cleanupSet:
      return { ...addressed, type: 'cleanupSet' };
    case PDU_TYPES.close:
      return { ...addressed, type: 'close' };
    case PDU_TYPES.response:
      return { ...addressed, type: 'response', upTime: reader.uint32(), error: reader.uint16() };
    default:
      return { ...addressed, type: 'other' };
  }
}

interface Reader {
  readonly isAtEnd: () => boolean;
  readonly skip: (count: number) => void;
  readonly uint8: () => number;
  readonly uint16: () => number;
  readonly uint32: () => number;
  readonly uint64: () => bigint;
  readonly octets: () => Uint8Array;
}

function createReader(bytes: Buffer): Reader {
  const isBig = isNetworkOrder(bytes);
  let at = 0;
  const take = (count: number): number => {
    const from = at;
    if (from + count > bytes.length) throw new RangeError('the PDU ends early');
    at += count;
    return from;
  };
  const uint32 = (): number => (isBig ? bytes.readUInt32BE(take(4)) : bytes.readUInt32LE(take(4)));
  return {
    isAtEnd: () => at >= bytes.length,
    skip: take,
    uint8: () => bytes.readUInt8(take(1)),
    uint16: () => (isBig ? bytes.readUInt16BE(take(2)) : bytes.readUInt16LE(take(2))),
    uint32,
    uint64: () => (isBig ? bytes.readBigUInt64BE(take(8)) : bytes.readBigUInt64LE(take(8))),
    octets: () => {
      const length = uint32();
      const from = take(length);
      take(-length & 3);
      return bytes.subarray(from, from + length);
    },
  };
}

function ranges(reader: Reader): readonly SearchRange[] {
  const found: SearchRange[] = [];
  while (!reader.isAtEnd()) {
    const start = readOid(reader);
    const end = readOid(reader);
    found.push({ start: start.oid, include: start.include, ...(end.oid.length === 0 ? {} : { end: end.oid }) });
  }
  return found;
}

function readOid(reader: Reader): { readonly oid: Oid; readonly include: boolean } {
  const count = reader.uint8();
  const prefix = reader.uint8();
  const include = reader.uint8() !== 0;
  reader.skip(1);
  const parts = Array.from({ length: count }, () => reader.uint32());
  return { oid: prefix === 0 ? parts : [...INTERNET, prefix, ...parts], include };
}

function varBinds(reader: Reader): readonly VarBind[] {
  const found: VarBind[] = [];
  while (!reader.isAtEnd()) {
    const type = reader.uint16();
    reader.skip(2);
    found.push({ oid: readOid(reader).oid, value: readValue(reader, type) });
  }
  return found;
}

function readValue(reader: Reader, type: number): VarBindValue {
  switch (type) {
    case VALUE_TYPES.integer:
      return { type: 'integer', value: reader.uint32() | 0 };
    case VALUE_TYPES.counter:
      return { type: 'counter', value: reader.uint32() };
    case VALUE_TYPES.gauge:
      return { type: 'gauge', value: reader.uint32() };
    case VALUE_TYPES.timeTicks:
      return { type: 'timeTicks', value: reader.uint32() };
    case VALUE_TYPES.counter64:
      return { type: 'counter64', value: reader.uint64() };
    case VALUE_TYPES.octets:
    case VALUE_TYPES.opaque:
      return { type: 'octets', value: reader.octets() };
    case VALUE_TYPES.address:
      return { type: 'address', value: reader.octets() };
    case VALUE_TYPES.oid:
      return { type: 'oid', value: readOid(reader).oid };
    default:
      return { type: 'null' };
  }
}
