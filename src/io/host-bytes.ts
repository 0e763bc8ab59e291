/** Integers in the order of this machine: what system calls and netlink want, unlike the network. */

import { littleEndian } from '../base/host-order.js';

/** A C `int`, 4 bytes. */
export function hostInt32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setInt32(i * 4, value, littleEndian);
  return bytes;
}

/** A zero-terminated C string. */
export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
