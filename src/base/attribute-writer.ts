/**
 * Netlink attributes written one behind the other into memory that many messages share: for who makes thousands of them, each of
 * which would otherwise be a dozen small arrays first. What a message means is its caller's business.
 */

import { HEADER, NESTED, padded } from './attributes.js';
import type { AttributeTable, Field, FieldValues } from './attributes.js';
import { littleEndian } from './host-order.js';

const CHUNK = 16 * 1024;

export class AttributeWriter {
  #view = new DataView(new ArrayBuffer(CHUNK));
  /** Of the message that is being written. */
  #start = 0;
  #end = 0;

  /** The attributes of the values that are there, in the order of the values. */
  fields<Table extends AttributeTable>(table: Table, values: FieldValues<Table>): void {
    for (const name in values) {
      const row: Field<number | string | Uint8Array> | undefined = table[name];
      const value = values[name] as number | string | Uint8Array | undefined;
      if (row === undefined || value === undefined) continue;
      const at = this.#begin(row.type, row.format.size(value));
      row.format.write(value, this.#view, at + HEADER);
    }
  }

  /** An attribute with those inside it that `write` adds. */
  nested(type: number, write: () => void): void {
    // Memory may move meanwhile, the distance stays.
    const distance = this.#begin(type | NESTED, 0) - this.#start;
    write();
    const at = this.#start + distance;
    this.#view.setUint16(at, this.#end - at, littleEndian);
  }

  /** The message so far, which is nobody else's from now on; the next one begins. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#view.buffer, this.#start, this.#end - this.#start);
    this.#start = this.#end;
    return bytes;
  }

  /** Where an attribute with a value of so many bytes begins; its header is written. */
  #begin(type: number, size: number): number {
    const total = padded(HEADER + size);
    if (this.#end + total > this.#view.byteLength) this.#move(total);
    const at = this.#end;
    this.#view.setUint16(at, HEADER + size, littleEndian);
    this.#view.setUint16(at + 2, type, littleEndian);
    this.#end += total;
    return at;
  }

  /** To memory of its own that is zero, with room for so many bytes more. */
  #move(more: number): void {
    const begun = new Uint8Array(this.#view.buffer, this.#start, this.#end - this.#start);
    const bytes = new Uint8Array(Math.max(CHUNK, 2 * (begun.length + more)));
    bytes.set(begun);
    this.#view = new DataView(bytes.buffer);
    this.#start = 0;
    this.#end = begun.length;
  }
}
