/** Bytes as they are written for UDP_CHECK: pairs of hex digits, blanks between bytes, `x` for a digit that may be any. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';

/**
 * Two lower-case digits a byte; undefined and a finding when something else stands there. A digit that stands alone is a
 * byte of its own, as keepalived takes it.
 */
export function readHexDigits(
  words: readonly Word[],
  what: string,
  wildcards: boolean,
  findings: Findings,
): string | undefined {
  const digit = wildcards ? /^[0-9a-fA-FxX]*$/ : /^[0-9a-fA-F]*$/;
  let bytes = '';
  for (const word of words) {
    for (const group of word.text.trim().split(/\s+/)) {
      if (!digit.test(group)) {
        const message = `${what}: ${quote(word.text)} is not made of hex digits; the line is ignored`;
        findings.report('badValue', word, message, `write: ${what} 01 02 ff`);
        return undefined;
      }
      if (group.length % 2 === 1) {
        const message = `${what}: the last digit of ${quote(group)} stands alone: it is taken as 0${group.slice(-1)}`;
        findings.report('uselessLine', word, message, 'write two digits for each byte');
      }
      bytes += group.length % 2 === 0 ? group : `${group.slice(0, -1)}0${group.slice(-1)}`;
    }
  }
  return bytes.toLowerCase();
}
