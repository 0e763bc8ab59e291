/** The number that a tracked file holds. */

const LARGEST = 2 ** 31;

/**
 * The whole number with which the text begins, read as C does with base 0 (`0x` hexadecimal, a leading 0 octal); 0 when there
 * is none. Undefined when it does not fit into 32 bits: keepalived ignores it.
 */
export function readTrackedNumber(text: string): number | undefined {
  const [, sign = '', hex, octal, decimal] = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*))/.exec(text) ?? [];
  const digits = hex ?? octal ?? decimal;
  if (digits === undefined) return 0;
  const size = parseInt(digits, hex === undefined ? (octal === undefined ? 10 : 8) : 16);
  const value = sign === '-' ? -size : size;
  // Minus zero is no number to compare with.
  return value >= -LARGEST && value < LARGEST ? value + 0 : undefined;
}
