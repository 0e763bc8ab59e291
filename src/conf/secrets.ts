/** Which keywords carry passwords and keys: what is printed for people leaves those out, whatever else is wrong on the line. */

import { nearest } from './keywords/nearest.js';

const SECRET_KEYWORDS: readonly string[] = ['auth_pass', 'password', 'key', 'smtp_password', 'secret'];

/** Whether what follows `keyword` is a secret; of a mistyped keyword, too. Where a file holds it, its path is none. */
export function carriesSecret(keyword: string): boolean {
  return !keyword.endsWith('_file') && nearest(keyword, SECRET_KEYWORDS) !== undefined;
}

/** A line of a configuration as it may be shown: secrets are stars, as wide as they were. */
export function withoutSecrets(line: string): string {
  let secret = false;
  return line.replaceAll(WORDS, (word) => {
    if (word === '{' || word === '}') {
      secret = false;
      return word;
    }
    if (secret) return KEY_ID.test(word) ? word : '*'.repeat(word.length);
    secret = carriesSecret(word);
    return word;
  });
}

const WORDS = /"[^"]*"?|[{}]|[^\s{}"]+/g;
/** The number of an HMAC key stands before it. */
const KEY_ID = /^\d{1,3}$/;
