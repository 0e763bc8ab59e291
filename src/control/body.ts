/** The body of a request, bounded. */

import type { IncomingMessage } from 'node:http';

/** Bytes. */
const MOST = 64 * 1_024;

/** Calls back once: with the value, or undefined for what is no JSON or too long. */
export function readJson(request: IncomingMessage, done: (value: unknown) => void): void {
  const parts: Buffer[] = [];
  let length = 0;
  request.on('data', (part: Buffer) => {
    length += part.length;
    if (length <= MOST) parts.push(part);
  });
  request.on('end', () => done(length <= MOST ? parsed(Buffer.concat(parts).toString()) : undefined));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
