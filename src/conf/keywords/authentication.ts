/** authentication and auth_hmac, the blocks of vrrp_instance about who may speak. */

import { utf8Length } from '../../base/bytes.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { readInteger } from './arguments.js';
import { argument, choice, custom, integer, nameOf, section, wholeSeconds } from './kinds.js';
import { all, blockTable } from './schema.js';

const authentication = blockTable('vrrp_instance/authentication', {
  auth_type: choice({ doc: 'How adverts are authenticated (version 2 only).', default: 'required', of: ['PASS', 'AH'] }),
  auth_pass: custom({
    doc: 'The password, at most 8 characters.',
    default: 'required',
    syntax: 'STRING',
    example: 'auth_pass secret12',
    read(statement, { findings }) {
      const [keyword, password] = statement.words;
      if (password === undefined) {
        findings.report(
          'missingParameter',
          keyword ?? nameOf(statement),
          'auth_pass needs a password',
          'write: auth_pass PASSWORD',
        );
      }
      return password === undefined ? undefined : cutPassword(password, findings);
    },
  }),
});

/** Bytes of a password in an advert. */
const PASSWORD_LENGTH = 8;

/** Whole characters, as many as fit. */
function cutPassword(password: Word, findings: Findings): string {
  let length = 0;
  let kept = '';
  for (const character of password.text) {
    length += utf8Length(character);
    if (length <= PASSWORD_LENGTH) kept += character;
  }
  if (length > PASSWORD_LENGTH) {
    findings.report('badAuthentication', password, `only the first ${PASSWORD_LENGTH} characters of the password count`, 'shorten it');
  }
  return kept;
}

/** `ID VALUE` */
export interface KeyWords {
  readonly id: number;
  readonly value: Word;
}

const IDS = { min: 1, max: 255 };

const key = all(
  custom<KeyWords>({
    doc: 'A key that adverts are verified with: 32 to 64 bytes as text, hex:DIGITS or file:PATH.',
    default: 'required',
    syntax: 'ID VALUE',
    ...IDS,
    example: 'key 1 0123456789abcdef0123456789abcdef',
    read(statement, { findings }) {
      const number = argument(statement, findings);
      const [, , value] = statement.words;
      if (number === undefined) return undefined;
      if (value === undefined) {
        findings.report('missingParameter', number, 'key needs an id and a value', 'write: key 1 VALUE');
        return undefined;
      }
      if (!/^\d+$/.test(number.text)) {
        // It may be the key itself.
        findings.report('badValue', number, 'key: its id must be a number from 1 to 255; the line is ignored', 'write: key 1 VALUE');
        return undefined;
      }
      const id = readInteger(number, 'key', IDS, findings, 'exact');
      return id === undefined ? undefined : { id, value };
    },
  }),
);

const hmac = blockTable('vrrp_instance/auth_hmac', {
  key,
  active_key: integer({ doc: 'Id of the key that own adverts are signed with.', default: 'required', ...IDS, example: 'active_key 1' }, 'exact'),
  time_window: wholeSeconds(
    { doc: 'How far the clocks of both directors may be apart.', default: '3 x advert_int, at least 5', min: 1, max: 300 },
    'exact',
  ),
  anti_replay: choice({
    doc: 'What shows that an advert is new: the clock, or a number that only grows.',
    default: 'time',
    of: ['time', 'monotonic'],
  }),
  mode: choice({
    doc: 'What happens to adverts without signature; receive-only does not sign either.',
    default: 'enforce',
    of: ['enforce', 'permissive', 'receive-only'],
  }),
});

export const authenticationKeywords = {
  authentication: section({ doc: 'Authentication of version 2.' }, authentication),
  auth_hmac: section({ doc: 'Signatures on every advert, for both versions.' }, hmac),
} as const;
