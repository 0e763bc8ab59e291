/** Changes that a fuzzer makes to bytes and to values of JSON. */

import type { Choices } from '../conf/generator/choices.js';

const ODD_NUMBERS = [0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

/** The bytes with one to four changes, at most `limit` of them. */
export function mutateBytes(choices: Choices, bytes: Uint8Array, other: Uint8Array, limit: number): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  for (let i = choices.pick([1, 1, 2, 4]); i > 0; i -= 1) changed = changeBytes(choices, changed, other);
  return changed.slice(0, limit);
}

function changeBytes(choices: Choices, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = choices.integer(0, bytes.length);
  const length = choices.pick([1, 1, 2, 4, 16, 60]);
  const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  return choices.pick<() => Uint8Array>([
    () => before,
    () => join(before, bytes.subarray(at + length)),
    () => join(before, Uint8Array.from({ length }, () => choices.integer(0, 255)), after),
    () => join(before, Uint8Array.from({ length }, () => choices.integer(0, 255)), bytes.subarray(at + length)),
    () => join(before, oddNumber(choices), bytes.subarray(at + 4)),
    () => join(before, bytes.subarray(at, at + length), bytes.subarray(at, at + length), after),
    () => join(before, other.subarray(choices.integer(0, other.length))),
    () => flipped(bytes, choices.integer(0, Math.max(0, bytes.length * 8 - 1))),
  ])();
}

/** In one of both byte orders, one to four bytes wide. */
function oddNumber(choices: Choices): Uint8Array {
  const bytes = Buffer.alloc(4);
  const value = choices.pick(ODD_NUMBERS);
  if (choices.chance(0.5)) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes.subarray(choices.integer(0, 3));
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

const ODD_VALUES: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, -1e308, 9007199254740993, '', 'x', '__proto__', 'constructor', '\0', 'ä\ud800', 'x'.repeat(2_000), '10.0.0.1', '[::1]:tcp:80', [], {}, [[]], [null], { type: 'x' }];

/** A value with something else in one or a few places. */
export function mutateValue(choices: Choices, value: unknown, depth = 0): unknown {
  if (depth > 0 && choices.chance(0.25)) return choices.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (list.length === 0 || choices.chance(0.2)) return [...list, choices.pick(ODD_VALUES)];
    const at = choices.integer(0, list.length - 1);
    return choices.chance(0.15) ? list.toSpliced(at, 1) : list.with(at, mutateValue(choices, list[at], depth + 1));
  }
  if (typeof value !== 'object' || value === null) return choices.pick(ODD_VALUES);
  const fields: readonly (readonly [string, unknown])[] = Object.entries(value);
  if (fields.length === 0 || choices.chance(0.1)) return { ...value, [choices.pick(['type', 'x', '__proto__', 'until', 'kept'])]: choices.pick(ODD_VALUES) };
  const [name, field] = choices.pick(fields);
  const rest = fields.filter(([key]) => key !== name);
  return Object.fromEntries(choices.chance(0.15) ? rest : [...rest, [name, mutateValue(choices, field, depth + 1)]]);
}
