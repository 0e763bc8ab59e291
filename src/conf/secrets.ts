/** Which keywords carry passwords and keys: what is printed for people leaves those out, whatever else is wrong on the line. */

import { nearest } from './keywords/nearest.js';

const SECRET_KEYWORDS: readonly string[] = ['auth_pass', 'password', 'key', 'smtp_password', 'secret'];
/** A webhook's: its path may be a token. A check's opens a block and carries nothing. */
const ADDRESS_KEYWORDS: readonly string[] = ['url'];

/** Whether what follows `keyword` is a secret; of a mistyped keyword, too. Where a file holds it, its path is none. */
export function carriesSecret(keyword: string): boolean {
  return !keyword.endsWith('_file') && nearest(keyword, [...SECRET_KEYWORDS, ...ADDRESS_KEYWORDS]) !== undefined;
}

/** A line of a configuration as it may be shown: secrets are stars, as wide as they were. */
export function withoutSecrets(line: string): string {
  let secret = false;
  return line.replaceAll(WORDS, (word) => {
    if (word === '{' || word === '}') {
      secret = false;
      return word;
    }
    if (secret) return KEY_ID.test(word) ? word : stars(word);
    secret = carriesSecret(word);
    return word;
  });
}

/** Of a URL the server stays: it says which one is meant. */
function stars(word: string): string {
  const server = SERVER.exec(word)?.[0] ?? '';
  return server + '*'.repeat(word.length - server.length);
}

const SERVER = /^"?https?:\/\/[^\s/?#@"]+(?=[/?"]|$)/;
const WORDS = /"[^"]*"?|[{}]|[^\s{}"]+/g;
/** The number of an HMAC key stands before it. */
const KEY_ID = /^\d{1,3}$/;
