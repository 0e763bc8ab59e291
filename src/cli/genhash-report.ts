/** What `genhash -v` shows, in the layout of keepalived's genhash: the reply in hex and as text, the digest, the time. */

import { splitHttpReply } from '../health/verdict.js';

const BYTES_A_LINE = 16;
const BAR = '-----------------------';
const HEX_WIDTH = 50;

/** `reply`: all that came; one that has no head is shown as a body. */
export function shownReply(reply: Buffer): string {
  const split = splitHttpReply(reply);
  const bodyLength = split.ok ? split.value.body.length : reply.length;
  const head = reply.subarray(0, reply.length - bodyLength);
  const body = bodyLength === 0 ? '' : `${BAR}[        HTML Buffer        ]${BAR}\n${inHex(reply.subarray(reply.length - bodyLength))}`;
  return `${BAR}[    HTTP Header Buffer    ]${BAR}\n${inHex(head)}${BAR}[ HTTP Header Ascii Buffer ]${BAR}\n${head.toString('latin1')}\n${body}`;
}

export function shownDigest(digest: string): string {
  return `\n${BAR}[    HTML hash resulting    ]${BAR}\n${inHex(Buffer.from(digest, 'hex'))}${BAR}[ HTML hash final resulting ]${BAR}\n${digest}\n`;
}

export function responseTime(path: string, nanoseconds: bigint): string {
  return `\nGlobal response time for [${path}] = ${nanoseconds / 1_000n} usecs\n`;
}

/** Offset, two times eight bytes, and the characters among them. */
function inHex(bytes: Buffer): string {
  let lines = '';
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    const line = bytes.subarray(at, at + BYTES_A_LINE);
    const hex = [...line].map((byte, i) => `${i === BYTES_A_LINE / 2 ? '- ' : ''}${byte.toString(16).padStart(2, '0')} `).join('');
    const middle = line.length <= BYTES_A_LINE / 2 ? `${hex.padEnd(BYTES_A_LINE / 2 * 3)}- ` : hex;
    const text = line.toString('latin1').replace(/[^ -~]/g, '.');
    lines += `${String(at).padStart(4, '0')}  ${middle.padEnd(HEX_WIDTH + 2)}${text.padEnd(BYTES_A_LINE)}\n`;
  }
  return lines;
}
