/** Classic BPF (linux/filter.h) as bytes: programs by which the kernel drops what would wake a process for nothing. */

import { littleEndian } from '../../base/host-order.js';

export interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions to skip when a comparison holds, and when it does not. */
  readonly jumpTrue?: number;
  readonly jumpFalse?: number;
}

export const CODE = {
  /** A = the word at an offset, most significant byte first. */
  loadWord: 0x20,
  /** Two bytes, likewise. */
  loadHalf: 0x28,
  loadByte: 0x30,
  loadByteAfterX: 0x50,
  /** X = 4 * (P[k] & 0xf): the length of an IPv4 header. */
  loadHeaderLength: 0xb1,
  copyToX: 0x07,
  jump: 0x05,
  jumpIfEqual: 0x15,
  jumpIfEqualToX: 0x1d,
  return: 0x06,
} as const;

/** Returned for a packet that shall pass whole. */
export const WHOLE_PACKET = 0x40000;

/** Filters read with the most significant byte first, whatever the machine writes: what a 16-bit number of the machine looks like. */
export function hostHalf(value: number): number {
  return littleEndian ? ((value & 0xff) << 8) | (value >> 8) : value;
}

export function encodeProgram(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [i, { code, value, jumpTrue = 0, jumpFalse = 0 }] of instructions.entries()) {
    view.setUint16(i * 8, code, littleEndian);
    view.setUint8(i * 8 + 2, jumpTrue);
    view.setUint8(i * 8 + 3, jumpFalse);
    view.setUint32(i * 8 + 4, value, littleEndian);
  }
  return new Uint8Array(view.buffer);
}
