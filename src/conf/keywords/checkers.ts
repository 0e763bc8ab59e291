/** The checkers of a real server and their options. */

import type { StatusCodeRange } from '../../health/config-check.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { readPort } from './arguments.js';
import {
  address,
  argument,
  bool,
  choice,
  custom,
  integer,
  section,
  shortName,
  timer,
  TIMER_SECONDS,
  UINT32,
  word,
} from './kinds.js';
import { all, blockTable } from './schema.js';
import type { Reading } from './schema.js';

const port = (doc: string, fallback: string): ReturnType<typeof custom<number>> =>
  custom({
    doc,
    default: fallback,
    syntax: 'PORT',
    read(statement, { findings }) {
      const value = argument(statement, findings);
      return value === undefined ? undefined : readPort(value, statement.words[0]?.text ?? '', findings);
    },
  });

/** Options of everything that connects to a server. */
const connection = {
  connect_ip: address({ doc: 'Address to test.', default: 'the real server' }),
  connect_port: port('Port to test.', 'the real server'),
  bindto: address({ doc: 'Source address.', default: 'chosen by the kernel' }),
  bind_port: port('Source port.', 'chosen by the kernel'),
  bind_if: shortName({ doc: 'Interface the probe is bound to.', syntax: 'IF' }),
  connect_timeout: timer({
    doc: 'Time limit of each step on the network.',
    default: '5',
    min: 0.000001,
    max: TIMER_SECONDS,
  }),
  fwmark: integer({ doc: 'Firewall mark of the probe.', default: '0', min: 0, max: UINT32 }),
};

/** Options of every checker that runs by the clock. */
const schedule = {
  retry: integer({ doc: 'Further attempts before a healthy server is failed.', default: '1', min: 0, max: UINT32 }),
  delay_before_retry: timer({ doc: 'Time between attempts.', default: '1 (HTTP_GET, SSL_GET: 3)' }),
  warmup: timer({ doc: 'Longest random delay of the first check.', default: 'delay_loop' }),
  delay_loop: timer({ doc: 'Time between checks.', default: '60', min: 0.000001 }),
  alpha: bool({ doc: 'Down until the first check succeeds.', default: 'off' }),
  log_all_failures: bool({ doc: 'Log failures during retries too.', default: 'checker_log_all_failures' }),
};

export const tcpCheck = blockTable('TCP_CHECK', { ...connection, ...schedule });

const url = {
  path: word({ doc: 'What is asked for.', syntax: 'PATH' }),
  digest: custom({
    doc: 'MD5 of the expected body.',
    syntax: 'HEX32',
    read(statement, { findings }) {
      const value = argument(statement, findings);
      if (value === undefined || /^[0-9a-fA-F]{32}$/.test(value.text)) return value?.text.toLowerCase();
      findings.report('badValue', value, 'digest: 32 hex digits are needed; it is ignored', 'holdfast --genhash prints it');
      return undefined;
    },
  }),
  status_code: custom({
    doc: 'Accepted status codes and ranges of them.',
    default: '200-299',
    syntax: 'CODE[-CODE]...',
    read: readStatusCodes,
  }),
  virtualhost: word({ doc: 'Host header.', default: 'the checker' }),
};

function readStatusCodes(statement: Statement, { findings }: Reading): readonly StatusCodeRange[] | undefined {
  const [keyword, code] = statement.words;
  if (keyword !== undefined && code === undefined) {
    findings.report(
      'uselessLine',
      keyword,
      'status_code without a code has no effect',
    );
  }
  const ranges = statement.words.slice(1).flatMap((code) => readStatusRange(code, findings));
  return ranges.length === 0 ? undefined : ranges;
}

function readStatusRange(code: Word, findings: Findings): readonly StatusCodeRange[] {
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(code.text) ?? [];
  const range = { from: Number(from), to: Number(to ?? from) };
  if (from !== undefined && range.from >= 100 && range.to <= 599 && range.from <= range.to) return [range];
  findings.report(
    'badValue',
    code,
    `status_code: ${code.text} is no code from 100 to 599; it is ignored`,
    'write: status_code 200 or 200-299',
  );
  return [];
}

const http = {
  ...connection,
  ...schedule,
  nb_get_retry: integer({ doc: 'Old spelling of retry.', deprecated: 'write: retry N', min: 0, max: UINT32 }),
  virtualhost: word({ doc: 'Host header.', default: 'the real server' }, 'ignored'),
  http_protocol: choice(
    {
      doc: 'Version of the request; C adds Connection: close.',
      default: '1.0',
      of: ['1.0', '1.0C', '1.0c', '1.1'],
    },
    'ignored',
  ),
  enable_sni: bool({ doc: 'Send the host name in the TLS greeting.', default: 'off' }),
  fast_recovery: bool({ doc: 'After a failure check all urls without waiting between them.', default: 'off' }),
};

export const httpGet = blockTable('HTTP_GET', {
  ...http,
  url: all(section({ doc: 'One request; all are asked in turn.' }, blockTable('HTTP_GET/url', url))),
});

export const sslGet = blockTable('SSL_GET', {
  ...http,
  url: all(section({ doc: 'One request; all are asked in turn.' }, blockTable('SSL_GET/url', url))),
});

