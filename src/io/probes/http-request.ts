/** The HTTP request as keepalived sends it, byte for byte. */

import { type HttpQuestion, USER_AGENT, hostOf } from './http-transport.js';

/** HTTP/1.0C is 1.0 with `Connection: close`. */
export function httpRequest(question: HttpQuestion): string {
  const { protocol, url } = question;
  return [
    `GET ${url.path} HTTP/${protocol === '1.1' ? '1.1' : '1.0'}`,
    `User-Agent: ${USER_AGENT}`,
    ...(protocol === '1.0' ? [] : ['Connection: close']),
    `Host: ${hostOf(question)}`,
    '\r\n',
  ].join('\r\n');
}
