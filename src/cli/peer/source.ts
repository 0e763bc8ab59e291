/** Where the status of another director comes from: a socket, an HTTP address, a file, or standard input. */

import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';

import type { Status } from '../../control/status.js';
import { errorCodeOf } from '../../io/files/files.js';
import { NoAnswer, PATIENCE } from '../no-answer.js';
import type { Side } from './compare.js';

/** `token`: of control_http, where it is asked for one. Throws NoAnswer. */
export async function readSide(where: string, token: string | undefined): Promise<Side> {
  if (/^https?:/.test(where)) return askOver(urlOptions(where, token), where);
  if (where !== '-' && isSocket(where)) return askOver({ socketPath: where, headers: { Host: 'localhost' } }, where);
  try {
    return { status: statusIn(readFileSync(where === '-' ? 0 : where, 'utf8'), where) };
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer(`${where} cannot be read: ${errorCodeOf(error)}`);
  }
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function urlOptions(where: string, token: string | undefined): RequestOptions {
  if (!URL.canParse(where)) throw new NoAnswer(`${where} is no address such as http://127.0.0.1:9000`);
  const { protocol, hostname, port } = new URL(where);
  if (protocol !== 'http:') throw new NoAnswer('The control API speaks plain HTTP on loopback: forward a port with ssh -L');
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port), headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } };
}

function askOver(options: RequestOptions, where: string): Promise<Side> {
  return new Promise((resolve, reject) => {
    const asked = Date.now();
    const question = request({ ...options, path: '/v1/status' }, (response) => {
      textOf(response).then((text) => {
        const { statusCode = 0 } = response;
        if (statusCode === 401 || statusCode === 403) throw new NoAnswer(`${where} wants a token: --token-file names the file that has it`);
        if (statusCode !== 200) throw new NoAnswer(`${where} answers ${statusCode}: is it another version?`);
        const clock = clockOf(response, asked);
        resolve({ status: statusIn(text, where), ...(clock === undefined ? {} : { clock }) });
      }).catch(reject);
    });
    question.setTimeout(PATIENCE, () => question.destroy(new NoAnswer(`${where} does not answer`)));
    question.on('error', (error) => reject(error instanceof NoAnswer ? error : new NoAnswer(`${where} cannot be asked: ${errorCodeOf(error)}`)));
    question.end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/**
 * RFC 9110 Date has whole seconds, cut off, and is of some moment between question and answer: clocks that may be the same are
 * taken for the same, of others the middle of what they may differ by is told.
 */
function clockOf({ headers }: IncomingMessage, asked: number): number | undefined {
  const told = Date.parse(headers.date ?? '');
  if (Number.isNaN(told)) return undefined;
  const [least, most] = [told - Date.now(), told + 1_000 - asked];
  return least <= 0 && most >= 0 ? 0 : (least + most) / 2;
}

function statusIn(text: string, where: string): Status {
  try {
    const value = JSON.parse(text) as Partial<Status> | null;
    if (value?.version === 1) return value as Status;
  } catch {
    // Told below.
  }
  throw new NoAnswer(`${where} is no status: holdfast status --json prints one`);
}
