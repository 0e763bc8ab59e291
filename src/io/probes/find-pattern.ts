/**
 * What regex finds in the body of a reply. `findPattern` stands alone, without a name from outside it, because it is also sent
 * as text to the thread that runs it: a pattern can take for ever, and then only that thread has to be ended.
 */

import type { BodyPattern } from '../../health/config-check.js';
import type { SearchOutcome } from '../../health/events.js';

export type SearchResult = Exclude<SearchOutcome, 'tooSlow'>;

/** Offsets count bytes of `body`. Takes as long as the pattern takes. */
export function findPattern(
  { source, flags, minOffset, maxOffset, firstLine }: Omit<BodyPattern, 'pattern' | 'mustNotMatch'>,
  body: Uint8Array,
): SearchResult {
  // Without utf a character is a byte.
  let text: string;
  let start = minOffset;
  let end = maxOffset ?? body.length + 1;
  if (flags.includes('u')) {
    const lengthOf = (bytes: number): number => new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(0, bytes)).length;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    } catch {
      return 'unreadable';
    }
    start = minOffset === 0 ? 0 : lengthOf(minOffset);
    end = maxOffset === undefined ? text.length + 1 : lengthOf(maxOffset);
  } else {
    const pieces: string[] = [];
    for (let at = 0; at < body.length; at += 8_192) pieces.push(String.fromCharCode(...body.subarray(at, at + 8_192)));
    text = pieces.join('');
  }
  if (start > text.length) return 'missing';
  const lineEnd = firstLine ? text.indexOf('\n', start) : -1;
  const last = Math.min(end - 1, lineEnd < 0 ? text.length : lineEnd);
  const expression = new RegExp(source, `${flags}g`);
  expression.lastIndex = start;
  const match = expression.exec(text);
  return match !== null && match.index <= last ? 'found' : 'missing';
}
