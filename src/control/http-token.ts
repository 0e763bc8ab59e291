/** The token of the API over HTTP: a file that only root, and the group that may know it, can read. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { errorCodeOf } from '../io/files/files.js';

/** Characters: what 128 bits and more of chance look like. */
const SHORTEST = 32;
const LONGEST = 1_024;

/** The token, or why there is none, in words without anything of the file in them. The last line's end does not belong to it. */
export function readToken(path: string, groupId: number): { readonly token: string } | { readonly trouble: string } {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, uid, gid, size } = fstatSync(file);
      if ((mode & 0o170000) !== 0o100000) return { trouble: `${path} is no file` };
      if (uid !== 0) return { trouble: `${path} does not belong to root` };
      const forOthers = (mode & 0o007) !== 0 || ((mode & 0o070) !== 0 && gid !== groupId && gid !== 0) || (mode & 0o020) !== 0;
      if (forOthers) return { trouble: `${path} can be read or written by others than root and its group: chmod 0640 or less` };
      if (size > LONGEST) return { trouble: `${path} has more than ${LONGEST} bytes` };
      const bytes = Buffer.alloc(LONGEST);
      const token = bytes.toString('utf8', 0, readSync(file, bytes, 0, LONGEST, 0)).trim();
      if (token.length < SHORTEST || !/^[\x21-\x7e]+$/.test(token)) return { trouble: `${path} must hold one word of at least ${SHORTEST} characters: openssl rand -hex 32` };
      return { token };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { trouble: `${path}: ${errorCodeOf(error)}` };
  }
}
