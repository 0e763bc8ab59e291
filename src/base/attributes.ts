/**
 * Netlink attributes (linux/netlink.h): type-length-value with four-byte alignment, in host byte order. Not a
 * socket and not a message header: only the attribute stream behind them.
 *
 *      0               2               4
 *     +---------------+---------------+------------------------+-----+
 *     | length (4 + n)| type          | n bytes of value       | pad |
 *     +---------------+---------------+------------------------+-----+
 */

import { decoded, undecodable } from './decoded.js';
import type { Decoded } from './decoded.js';
import { littleEndian } from './host-order.js';

/** Bytes: length and type. */
export const HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER do not belong to the type. */
const TYPE_MASK = 0x3fff;
export const NESTED = 0x8000;

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
    view.setUint16(offset, HEADER + value.length, littleEndian);
    view.setUint16(offset + 2, type, littleEndian);
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
  const list = decodeAttributeList(bytes);
  return list.ok ? decoded(new Map(list.value.map(({ type, value }) => [type, value]))) : list;
}

/** The same where equal types follow each other, as the elements of a list do. */
export function decodeAttributeList(bytes: Uint8Array): Decoded<readonly Attribute[], AttributeError> {
  const attributes: Attribute[] = [];
  const error = walkAttributes(bytes, (type, _view, offset, length) => {
    attributes.push({ type, value: bytes.subarray(offset, offset + length) });
    return undefined;
  });
  return error === undefined ? decoded(attributes) : undecodable(error);
}

/** The last attribute of this type, as the kernel has it, or undefined when there is none. */
export function findAttribute(bytes: Uint8Array, type: number): Decoded<Uint8Array | undefined, AttributeError> {
  let found: Uint8Array | undefined;
  const error = walkAttributes(bytes, (present, _view, offset, length) => {
    if (present === type) found = bytes.subarray(offset, offset + length);
    return undefined;
  });
  return error === undefined ? decoded(found) : undecodable(error);
}

/** Calls `visit` with the place of each value until that answers an error; answers that, or what is wrong with the stream. */
function walkAttributes(bytes: Uint8Array, visit: (type: number, view: DataView, offset: number, length: number) => AttributeError | undefined): AttributeError | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (bytes.length - offset >= HEADER) {
    const length = view.getUint16(offset, littleEndian);
    if (length < HEADER) return 'attributeLengthInvalid';
    if (length > bytes.length - offset) return 'attributeTruncated';
    const error = visit(view.getUint16(offset + 2, littleEndian) & TYPE_MASK, view, offset + HEADER, length - HEADER);
    if (error !== undefined) return error;
    offset += padded(length);
  }
  return undefined;
}

/** How a value looks on the wire. */
export interface AttributeFormat<T> {
  // Methods, so that a table may hold rows of different types.
  encode(value: T): Uint8Array;
  /** Undefined when the bytes cannot be such a value. */
  decode(bytes: Uint8Array): T | undefined;
  /** Bytes that `write` fills; they are zero before. */
  size(value: T): number;
  write(value: T, view: DataView, offset: number): void;
  /** As decode does, of `length` bytes from `offset`. */
  read(view: DataView, offset: number, length: number): T | undefined;
}

/** `encode` and `decode` follow from the others. */
export function attributeFormat<T>({ size, write, read }: Pick<AttributeFormat<T>, 'size' | 'write' | 'read'>): AttributeFormat<T> {
  return {
    size,
    write,
    read,
    encode: (value) => {
      const bytes = new Uint8Array(size(value));
      write(value, new DataView(bytes.buffer), 0);
      return bytes;
    },
    decode: (bytes) => read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length),
  };
}

export const u8: AttributeFormat<number> = attributeFormat({
  size: () => 1,
  write: (value, view, offset) => view.setUint8(offset, value),
  read: (view, offset, length) => (length === 1 ? view.getUint8(offset) : undefined),
});
export const u16: AttributeFormat<number> = integer(2, littleEndian);
export const u32: AttributeFormat<number> = integer(4, littleEndian);
/** Network byte order. */
export const u16be: AttributeFormat<number> = integer(2, false);
export const u32be: AttributeFormat<number> = integer(4, false);

/** ASCII with a terminating NUL; decoding stops at the first NUL and does not insist on one. */
export const cstring: AttributeFormat<string> = attributeFormat({
  size: (value) => value.length + 1,
  write: (value, view, offset) => {
    for (let i = 0; i < value.length; i += 1) view.setUint8(offset + i, value.charCodeAt(i));
  },
  read: (view, offset, length) => {
    let text = '';
    for (let i = 0; i < length; i += 1) {
      const code = view.getUint8(offset + i);
      if (code === 0) break;
      text += String.fromCharCode(code);
    }
    return text;
  },
});

/** Exactly this many bytes, as they are. */
export function rawBytes(size: number): AttributeFormat<Uint8Array> {
  return attributeFormat({
    size: () => size,
    write: (value, view, offset) => {
      for (let i = 0; i < value.length; i += 1) view.setUint8(offset + i, value[i] ?? 0);
    },
    read: (view, offset, length) => (length === size ? new Uint8Array(view.buffer, view.byteOffset + offset, size) : undefined),
  });
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
  const rows = rowsByType(table);
  const values: Record<string, WireValue> = {};
  const error = walkAttributes(bytes, (type, view, offset, length) => {
    const row = rows[type];
    if (row === undefined) return undefined;
    const value = row.format.read(view, offset, length);
    if (value === undefined) return 'attributeValueInvalid';
    values[row.name] = value;
    return undefined;
  });
  return error === undefined ? decoded(values as FieldValues<Table>) : undecodable(error);
}

type NamedField = Field<WireValue> & { readonly name: string };

const indexes = new WeakMap<AttributeTable, readonly (NamedField | undefined)[]>();

/** Made once for each table. */
function rowsByType(table: AttributeTable): readonly (NamedField | undefined)[] {
  const known = indexes.get(table);
  if (known !== undefined) return known;
  const rows: (NamedField | undefined)[] = [];
  for (const [name, row] of Object.entries(table)) rows[row.type] = { ...row, name };
  indexes.set(table, rows);
  return rows;
}

/** Attributes within an attribute, with the nested flag in `type` as the kernel's strict parsers want it. */
export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type: type | NESTED, value: encodeAttributes(attributes) };
}

function integer(size: 2 | 4, isLittle: boolean): AttributeFormat<number> {
  return attributeFormat({
    size: () => size,
    write: (value, view, offset) => {
      if (size === 2) view.setUint16(offset, value, isLittle);
      else view.setUint32(offset, value, isLittle);
    },
    read: (view, offset, length) => {
      if (length !== size) return undefined;
      return size === 2 ? view.getUint16(offset, isLittle) : view.getUint32(offset, isLittle);
    },
  });
}

/** Attributes begin at multiples of four bytes. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
