/** The HTTP request as keepalived sends it, byte for byte, and what holdfast's own words add to it. */

import { type HttpQuestion, USER_AGENT, hostOf } from './http-transport.js';

/** HTTP/1.0C is 1.0 with `Connection: close`. One character a byte. */
export function httpRequest(question: HttpQuestion): string {
  const { protocol, url } = question;
  const content = contentOf(question);
  return [
    `${url.method ?? 'GET'} ${url.path} HTTP/${protocol === '1.1' ? '1.1' : '1.0'}`,
    `User-Agent: ${USER_AGENT}`,
    ...(protocol === '1.0' ? [] : ['Connection: close']),
    `Host: ${hostOf(question)}`,
    ...(url.headers ?? []).map(({ name, value }) => `${name}: ${value}`),
    ...(content === undefined ? [] : [`Content-Length: ${content.length}`]),
    `\r\n${content?.toString('latin1') ?? ''}`,
  ].join('\r\n');
}

/** What is sent behind the head. */
export function contentOf({ url }: HttpQuestion): Buffer | undefined {
  return url.content === undefined ? undefined : Buffer.from(url.content, 'utf8');
}
