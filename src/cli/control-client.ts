/** Asks the control socket of the running daemon. Whatever goes wrong becomes one sentence that says what to do. */

import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { Option } from 'commander';

import { adminSocketPath } from '../control/socket-paths.js';
import { DEFAULT_SOCKET, NoAnswer, PATIENCE, noAnswer } from './no-answer.js';

export { DEFAULT_SOCKET, NO_ANSWER, NoAnswer, withAnswers } from './no-answer.js';

export interface SocketOption {
  readonly socket: string;
}

export function socketOption(): Option {
  return new Option('--socket <path>', 'control socket of the daemon').default(DEFAULT_SOCKET);
}

export const SOCKET_HELP = `
A daemon with a pid file of its own (-p NAME.pid) has its socket beside that: NAME.control.sock. control_socket in global_defs
names another path, or says off.

Exit status: 0 answered, 1 the daemon cannot be asked (or knows nothing of that name), 2 a command line that is not understood.
`;

/** The answer to GET `path`. Throws NoAnswer. */
export async function ask<T>(socketPath: string, path: string): Promise<T> {
  const response = await open(socketPath, path);
  const text = await textOf(response, socketPath);
  if (response.statusCode !== 200) throw new NoAnswer(`${socketPath} answers ${response.statusCode ?? 0} to ${path}: is it another version?`, true);
  return JSON.parse(text) as T;
}

/** The answer to a probe: 200 and 503 are both answers. Throws NoAnswer. */
export async function askHealth(socketPath: string, path: string): Promise<{ readonly good: boolean; readonly text: string }> {
  const response = await open(socketPath, path);
  const text = await textOf(response, socketPath);
  const { statusCode = 0 } = response;
  if (statusCode !== 200 && statusCode !== 503) throw new NoAnswer(`${socketPath} answers ${statusCode} to ${path}: is it another version?`, true);
  return { good: statusCode === 200, text };
}

/** The answer to a command, refusals included, from the socket that takes them. Throws NoAnswer. */
export async function command<T>(socketPath: string, value: object): Promise<T> {
  const path = adminSocketPath(socketPath);
  const response = await open(path, '/v1/command', JSON.stringify(value));
  const text = await textOf(response, socketPath);
  if (response.statusCode === 400) throw new NoAnswer(`${path} does not understand the command: is it another version?`, true);
  return JSON.parse(text) as T;
}

/** The data of each event from GET `path`, until the daemon ends. Throws NoAnswer. */
export async function* follow(socketPath: string, path: string): AsyncGenerator<string> {
  const response = await open(socketPath, path);
  response.setEncoding('utf8');
  let rest = '';
  for await (const part of partsOf(response, socketPath)) {
    const lines = (rest + String(part)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length);
  }
}

async function textOf(response: IncomingMessage, socketPath: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of partsOf(response, socketPath)) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** An answer that breaks off, as when its process is killed, is no answer. Throws NoAnswer. */
async function* partsOf(response: IncomingMessage, socketPath: string): AsyncGenerator {
  try {
    yield* response;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw noAnswer(socketPath, error);
  }
}

function open(socketPath: string, path: string, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const question = request({ socketPath, path, method, headers: { Host: 'localhost' } }, (response) => {
      question.setTimeout(0);
      resolve(response);
    });
    question.setTimeout(PATIENCE, () => question.destroy(new NoAnswer(`${socketPath} does not answer`)));
    question.on('error', (error: NodeJS.ErrnoException) => reject(error instanceof NoAnswer ? error : noAnswer(socketPath, error)));
    question.end(body);
  });
}
