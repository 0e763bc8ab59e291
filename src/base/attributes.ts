/**
 * Netlink attributes (linux/netlink.h): type-length-value with four-byte alignment, in host byte order, which is little
 * endian on everything Node runs on. Not a socket and not a message header: only the attribute stream behind them.
 *
 *      0               2               4
 *     +---------------+---------------+------------------------+-----+
 *     | length (4 + n)| type          | n bytes of value       | pad |
 *     +---------------+---------------+------------------------+-----+
 */

import { decoded, undecodable } from './decoded.js';
import type { Decoded } from './decoded.js';

const HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER do not belong to the type. */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export type AttributeError = 'attributeTruncated' | 'attributeLengthInvalid' | 'attributeValueInvalid';

/** The attribute stream as the kernel reads it; each attribute is padded to four bytes. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const size = attributes.reduce((sum, { value }) => sum + padded(HEADER + value.length), 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const { type, value } of attributes) {
    view.setUint16(offset, HEADER + value.length, true);
    view.setUint16(offset + 2, type, true);
    bytes.set(value, offset + HEADER);
    offset += padded(HEADER + value.length);
  }
  return bytes;
}

/**
 * Type to value, the last of equal types winning as in the kernel. Bounds come from the bytes received: a length that
 * claims more is an error, trailing bytes shorter than a header are padding.
 */
export function decodeAttributes(bytes: Uint8Array): Decoded<ReadonlyMap<number, Uint8Array>, AttributeError> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = new Map<number, Uint8Array>();
  let offset = 0;
  while (bytes.length - offset >= HEADER) {
    const length = view.getUint16(offset, true);
    if (length < HEADER) return undecodable('attributeLengthInvalid');
    if (length > bytes.length - offset) return undecodable('attributeTruncated');
    attributes.set(view.getUint16(offset + 2, true) & TYPE_MASK, bytes.subarray(offset + HEADER, offset + length));
    offset += padded(length);
  }
  return decoded(attributes);
}

/** How a value looks on the wire. `decode` answers undefined when the bytes cannot be such a value. */
export interface AttributeFormat<T> {
  // Methods, so that a table may hold rows of different types.
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T | undefined;
}

export const u8: AttributeFormat<number> = {
  encode: (value) => Uint8Array.of(value),
  decode: (bytes) => (bytes.length === 1 ? bytes[0] : undefined),
};
export const u16: AttributeFormat<number> = integer(2, true);
export const u32: AttributeFormat<number> = integer(4, true);
/** Network byte order. */
export const u16be: AttributeFormat<number> = integer(2, false);
export const u32be: AttributeFormat<number> = integer(4, false);

/** ASCII with a terminating NUL; decoding stops at the first NUL and does not insist on one. */
export const cstring: AttributeFormat<string> = {
  encode: (value) => Uint8Array.from({ length: value.length + 1 }, (_, i) => (i < value.length ? value.charCodeAt(i) : 0)),
  decode: (bytes) => {
    const end = bytes.indexOf(0);
    return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
  },
};

/** Exactly this many bytes, as they are. */
export function rawBytes(size: number): AttributeFormat<Uint8Array> {
  return {
    encode: (value) => {
      const bytes = new Uint8Array(size);
      bytes.set(value);
      return bytes;
    },
    decode: (bytes) => (bytes.length === size ? bytes : undefined),
  };
}

/** One row of an attribute table: the kernel's number and how the value looks. */
export interface Field<T> {
  readonly type: number;
  readonly format: AttributeFormat<T>;
}

export function field<T>(type: number, format: AttributeFormat<T>): Field<T> {
  return { type, format };
}

type WireValue = number | string | Uint8Array;

/** An object's attributes by our names: the one description from which both directions follow. */
export type AttributeTable = Readonly<Record<string, Field<WireValue>>>;

export type FieldValues<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends Field<infer T> ? T | undefined : never;
};

/** The attributes of the values that are there, in the order of the values. */
export function encodeFields<Table extends AttributeTable>(table: Table, values: FieldValues<Table>): Attribute[] {
  const attributes: Attribute[] = [];
  for (const name in values) {
    const row: Field<WireValue> | undefined = table[name];
    const value = values[name] as WireValue | undefined;
    if (row === undefined || value === undefined) continue;
    attributes.push({ type: row.type, value: row.format.encode(value) });
  }
  return attributes;
}

/** The values of the table's attributes that are there; others are skipped, as newer kernels add some. */
export function decodeFields<Table extends AttributeTable>(
  table: Table,
  bytes: Uint8Array,
): Decoded<FieldValues<Table>, AttributeError> {
  const attributes = decodeAttributes(bytes);
  if (!attributes.ok) return attributes;
  const values: Record<string, WireValue> = {};
  for (const [name, row] of Object.entries(table)) {
    const value = attributes.value.get(row.type);
    if (value === undefined) continue;
    const read = row.format.decode(value);
    if (read === undefined) return undecodable('attributeValueInvalid');
    values[name] = read;
  }
  return decoded(values as FieldValues<Table>);
}

/** Attributes within an attribute, with the nested flag in `type` as the kernel's strict parsers want it. */
export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type: type | NESTED, value: encodeAttributes(attributes) };
}

function integer(size: 2 | 4, littleEndian: boolean): AttributeFormat<number> {
  return {
    encode: (value) => {
      const bytes = new Uint8Array(size);
      const view = new DataView(bytes.buffer);
      if (size === 2) view.setUint16(0, value, littleEndian);
      else view.setUint32(0, value, littleEndian);
      return bytes;
    },
    decode: (bytes) => {
      if (bytes.length !== size) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset, size);
      return size === 2 ? view.getUint16(0, littleEndian) : view.getUint32(0, littleEndian);
    },
  };
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
