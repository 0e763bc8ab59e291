/** What HTTP_GET and SSL_GET can ask and verify beyond keepalived: every word is holdfast's own and off unless it stands there. */

import type { HttpHeader, JsonDemand } from '../../health/config-check.js';
import { parseJsonPath } from '../json-path.js';
import { choice, custom, flag, integer, word } from './kinds.js';
import { all } from './schema.js';
import { text } from './text.js';

/** Sent by the check itself. */
const TAKEN_HEADERS: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'user-agent']);

const PRINTABLE = /^[\x20-\x7e]*$/;

export const certificateWords = {
  tls_verify: choice({
    doc: 'What of the certificate must be right: chain = issued by an authority that is believed and in its days, name = that, and it names the host that sni_name or virtualhost gives, else the address. keepalived never looks at it.',
    default: 'none',
    of: ['none', 'chain', 'name'],
    own: true,
  }),
  tls_ca: word({
    doc: 'PEM file with the authorities that tls_verify believes.',
    default: "the SSL block's ca, else the public authorities that Node.js knows",
    syntax: 'PATH',
    example: 'tls_verify chain\ntls_ca /etc/ssl/certs/internal.pem',
    own: true,
  }),
  tls_expiry_warning: integer({
    doc: 'Say so once a day when the certificate has fewer days left; 0 = never.',
    default: '0',
    unit: 'days',
    min: 0,
    max: 3_650,
    own: true,
  }),
};

export const http2Word = flag({
  doc: 'Ask by HTTP/2: agreed on by ALPN in SSL_GET, by prior knowledge in HTTP_GET. http_protocol means nothing then.',
  default: 'off',
  own: true,
});

export const requestWords = {
  request_method: custom({
    doc: 'Method of the request.',
    default: 'GET',
    example: 'request_method HEAD',
    syntax: 'METHOD',
    own: true,
    read(statement, { findings }) {
      const [keyword, method] = statement.words;
      if (method !== undefined && /^[A-Z]{1,20}$/.test(method.text) && method.text !== 'CONNECT') return method.text;
      const at = method ?? keyword;
      if (at !== undefined) findings.report('badValue', at, 'request_method: a method in capitals is needed, not CONNECT; GET is used', 'write: request_method HEAD');
      return undefined;
    },
  }),
  request_header: all(
    custom({
      doc: 'A header field that is sent too; Host, Connection and the length are given by the check.',
      default: 'none',
      example: 'request_header "X-Probe: director1"',
      syntax: 'TEXT',
      own: true,
      read(statement, reading): HttpHeader | undefined {
        const line = headerText.read(statement, reading);
        const [, name = '', value = ''] = /^([^:]+):(.*)$/.exec(line ?? '') ?? [];
        return line === undefined ? undefined : { name, value: value.trim() };
      },
    }),
  ),
  request_body: text({
    doc: 'What is sent behind the head, with its Content-Length.',
    default: 'nothing',
    example: 'request_method POST\nrequest_body "{}"',
    own: true,
  }),
  json_path: custom({
    doc: 'Member that the body, a JSON text of at most 64 KiB, must have: names and [indexes], separated by points.',
    default: 'the body is not looked at',
    example: 'json_path status.database[0].state',
    syntax: 'PATH',
    own: true,
    read(statement, { findings }): JsonDemand['path'] | undefined {
      const [keyword, word] = statement.words;
      const path = parseJsonPath(word?.text ?? '');
      const at = word ?? keyword;
      if (path === undefined && at !== undefined) {
        findings.report('badValue', at, 'json_path: names and [indexes] separated by points are needed; the line is ignored', 'write: json_path status.state');
      }
      return path;
    },
  }),
  json_value: text({
    doc: 'What the member of json_path must be: a text, a number, true, false or null.',
    default: 'anything but null and false',
    example: 'json_path status.state\njson_value up',
    own: true,
  }),
};

const headerText = text({
  doc: 'A header field.',
  example: 'request_header "X-Probe: director1"',
  fault: (line) => {
    const name = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):/.exec(line)?.[1];
    if (name === undefined || !PRINTABLE.test(line)) return 'a name, a colon and a value of printable characters are needed';
    return TAKEN_HEADERS.has(name.toLowerCase()) ? `${name} is given by the check` : undefined;
  },
});
