/**
 * What regex finds in a piece of a body. `findPattern` stands alone, without a name from outside it, because it is also sent
 * as text to the thread that runs it: a pattern can take for ever, and then only that thread has to be ended.
 */

import type { BodyPattern } from '../../health/config-check.js';

/** A body that is longer than what is held of it is searched piece by piece; pieces overlap. */
export interface BodyPiece {
  readonly bytes: Uint8Array;
  /** Where in the body the piece begins, in bytes; with utf at the beginning of a character. */
  readonly base: number;
  /** Bytes of the piece before which no match may begin: they were searched, and are there to be looked back at. */
  readonly from: number;
  /** A match that begins here or later is left to the next piece, which holds more of what follows; of the last one all count. */
  readonly until: number;
  readonly last: boolean;
}

/** `more`: not in this piece. `missing`: not in the body, whatever follows. */
export type PieceResult = 'found' | 'missing' | 'more' | 'unreadable';

/** Offsets count bytes of the body. Takes as long as the pattern takes. */
export function findPattern(
  { source, flags, minOffset, maxOffset, firstLine }: Omit<BodyPattern, 'pattern' | 'mustNotMatch'>,
  { bytes, base, from, until, last }: BodyPiece,
): PieceResult {
  // Without utf a character is a byte.
  let text: string;
  let indexOf = (byte: number): number => byte;
  if (flags.includes('u')) {
    const decode = (part: Uint8Array, fatal: boolean): string => new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(part, { stream: fatal && !last });
    try {
      text = decode(bytes, true);
    } catch {
      return 'unreadable';
    }
    indexOf = (byte) => (byte === 0 ? 0 : decode(bytes.subarray(0, byte), false).length);
  } else {
    text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }
  const outOfReach = last ? 'missing' : 'more';
  if (minOffset - base > bytes.length) return outOfReach;
  const start = indexOf(Math.max(from, minOffset - base));
  const end = maxOffset === undefined ? text.length + 1 : indexOf(Math.max(0, maxOffset - base));
  const lineEnd = firstLine ? text.indexOf('\n', start) : -1;
  const greatest = Math.min(end - 1, lineEnd < 0 ? text.length : lineEnd);
  const decided = last ? text.length + 1 : indexOf(until);
  const find = (wanted: string): RegExpExecArray | null => {
    const expression = new RegExp(wanted, `${flags}g`);
    expression.lastIndex = start;
    return start > text.length ? null : expression.exec(text);
  };
  let match = find(source);
  // The end of a piece is no end of the body, which `$` would take it for: what reaches it counts if it can end earlier, too.
  if (match !== null && !last && match.index + match[0].length === text.length) match = find(`(?:${source})[^]`);
  if (match !== null && match.index <= greatest && match.index < decided) return 'found';
  return greatest < decided - 1 ? 'missing' : outOfReach;
}
