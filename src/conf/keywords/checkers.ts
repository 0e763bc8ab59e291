/** The checkers of a real server that do not ask web servers: TCP, ping, SMTP, DNS, UDP, programs, files, BFD sessions. */

import { readInteger } from './arguments.js';
import { commonOptions, scheduleOptions } from './checker-options.js';
import { accountOf, program } from './command.js';
import { readHexDigits } from './hex-digits.js';
import { argument, bool, choice, custom, flag, integer, section, wholeSeconds, word } from './kinds.js';
import { exchangeWords } from './own-checks.js';
import { all, blockTable, first } from './schema.js';

export const tcpCheck = blockTable('TCP_CHECK', { ...commonOptions, ...exchangeWords });

export const pingCheck = blockTable('PING_CHECK', commonOptions);

export const smtpHost = blockTable('SMTP_CHECK/host', commonOptions);

export const smtpCheck = blockTable('SMTP_CHECK', {
  ...commonOptions,
  helo_name: word(
    { doc: 'Name given in HELO.', default: 'smtpchecker.keepalived.org', example: 'helo_name mx.example.com' },
    'ignored',
  ),
  host: all(
    section(
      {
        doc: 'A further host to ask, as a checker of its own; better written as an SMTP_CHECK of its own.',
        example: 'host {\n connect_ip 192.0.2.10\n}',
      },
      smtpHost,
    ),
  ),
});

const DNS_TYPES = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'] as const;

/** The longest name of RFC 1035: 255 bytes with the length of each label and the root's. */
const LONGEST_DOMAIN = 253;

export const dnsCheck = blockTable('DNS_CHECK', {
  ...commonOptions,
  type: choice({ doc: 'Type of the query.', default: 'SOA', of: DNS_TYPES, fold: true }),
  name: first(
    custom({
      doc: 'Name that is asked for.',
      default: 'the root (.)',
      example: 'name example.com',
      syntax: 'NAME',
      read(statement, { findings }) {
        const value = argument(statement, findings);
        if (value === undefined) return undefined;
        const name = value.text.replace(/\.$/, '');
        const labels = name === '' ? [] : name.split('.');
        const fault = labels.includes('')
          ? 'has an empty label'
          : labels.some((label) => label.length > 63)
            ? 'has a label of more than 63 characters'
            : name.length > LONGEST_DOMAIN
              ? `has more than ${LONGEST_DOMAIN} characters`
              : undefined;
        if (fault === undefined) return name;
        findings.report('badValue', value, `name: the domain ${fault}; the line is ignored`, 'write: name example.com');
        return undefined;
      },
    }),
  ),
});

export const udpCheck = blockTable('UDP_CHECK', {
  ...commonOptions,
  payload: custom({
    doc: 'What is sent.',
    default: '32 bytes of text that names the check',
    example: 'payload 01 02 ff',
    syntax: 'HEX...',
    read(statement, { findings }) {
      if (argument(statement, findings, 'ignored') === undefined) return undefined;
      return readHexDigits(statement.words.slice(1), 'payload', false, findings);
    },
  }),
  require_reply: custom({
    doc: 'An answer is needed, beginning with these bytes if any are given; x stands for any digit.',
    default: 'no answer is needed',
    example: 'require_reply 01 xx',
    syntax: '[HEX...]',
    read: (statement, { findings }) => readHexDigits(statement.words.slice(1), 'require_reply', true, findings),
  }),
  min_reply_length: integer({ doc: 'Fewest bytes of an answer.', default: '0', unit: 'bytes', min: 0, max: 65_535 }),
  max_reply_length: integer({ doc: 'Most bytes of an answer.', default: '255', unit: 'bytes', min: 0, max: 65_535 }),
});

export const miscCheck = blockTable('MISC_CHECK', {
  ...scheduleOptions,
  misc_path: program({ doc: 'Program and its arguments; exit status 0 is healthy.', example: 'misc_path "/usr/local/bin/check 192.0.2.10"' }, 'ignored'),
  misc_timeout: wholeSeconds({
    doc: 'How long the program may run before it is ended and counts as failed; 0 = delay_loop.',
    default: '0',
    min: 0,
    max: 4_294,
  }),
  misc_worker: flag({
    doc: 'The program stays running, once for all checks with the same program and account. It is asked by a line of JSON on its input, {"id":7,"arguments":["ADDRESS"],"timeout":5}, with the words behind its name and seconds, and answers by a line on its output, {"id":7,"status":0}, in any order; the status means what the exit status does. It ends when its input ends, is replaced by a reload and when it hangs, and started again when it dies.',
    default: 'off',
    own: true,
  }),
  misc_dynamic: flag({ doc: 'Exit status 2 to 255 sets the weight of the server to status - 2.', default: 'off' }),
  user: custom({
    doc: 'Account the program runs as.',
    default: 'script_user',
    example: 'user nobody',
    syntax: 'USER [[:]GROUP]',
    read(statement, { findings }) {
      const user = argument(statement, findings, 'ignored');
      return user === undefined ? undefined : accountOf(user, statement.words[2]);
    },
  }),
});

export const bfdCheck = blockTable('BFD_CHECK', {
  name: first(
    custom({
      doc: 'The bfd_instance that is followed; it must stand before.',
      default: 'required',
      example: 'name session',
      syntax: 'NAME',
      read(statement, { findings }) {
        const name = argument(statement, findings, 'ignored');
        const extra = statement.words[2];
        if (extra === undefined) return name;
        findings.report('badValue', extra, 'name: BFD_CHECK follows one session; the line is ignored', 'write one BFD_CHECK each');
        return undefined;
      },
    }),
  ),
  alpha: bool({ doc: 'Down until the session is up.', default: 'the real server' }),
});

/** Largest factor of a FILE_CHECK. */
const FILE_WEIGHT = 2_147_483_647;

export const fileCheck = blockTable('FILE_CHECK', {
  track_file: custom({
    doc: 'The track_file that is followed; it must stand before.',
    default: 'required',
    example: 'track_file health',
    syntax: 'NAME',
    read: (statement, { findings }) => argument(statement, findings),
  }),
  weight: custom({
    doc: "The file's number times this is added to the weight of the server; 0: any number but 0 fails it.",
    default: "the track_file's weight",
    min: -FILE_WEIGHT,
    max: FILE_WEIGHT,
    example: 'weight -1',
    syntax: 'N [reverse / noreverse]',
    read(statement, { findings }) {
      const value = argument(statement, findings, 'ignored');
      if (value === undefined) return undefined;
      const weight = readInteger(value, 'weight', { min: -FILE_WEIGHT, max: FILE_WEIGHT }, findings, 'exact');
      const option = statement.words[2];
      if (option !== undefined && option.text !== 'reverse' && option.text !== 'noreverse') {
        findings.report('badValue', option, `weight: '${option.text}' is not known and has no effect`, 'write reverse or nothing');
      }
      return weight === undefined ? undefined : { weight, reverse: option?.text === 'reverse' };
    },
  }),
});
