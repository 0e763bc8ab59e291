/**
 * `holdfast status` as it is asked most: the daemon has drawn the screen already, and this passes it on. It loads neither
 * HTTP nor the reader of command lines, which take longer than the answer.
 */

import { connect } from 'node:net';

import { DEFAULT_SOCKET, NoAnswer, PATIENCE, noAnswer, withAnswers } from './no-answer.js';

/** False for options that it does not know: then nothing was done. */
export async function quickStatus(words: readonly string[]): Promise<boolean> {
  const question = readWords(words);
  if (question === undefined) return false;
  await withAnswers(async () => {
    process.stdout.write(await askOnce(question.socket, question.path));
  });
  return true;
}

function readWords(words: readonly string[]): { readonly socket: string; readonly path: string } | undefined {
  const question = { socket: DEFAULT_SOCKET, path: SCREEN_PATH };
  for (let i = 0; i < words.length; i += 1) {
    const next = words[i + 1];
    if (words[i] === '--json') question.path = '/v1/status';
    else if (words[i] === '--socket' && next !== undefined) {
      question.socket = next;
      i += 1;
    } else return undefined;
  }
  return question;
}

export const SCREEN_PATH = '/v1/status.txt';

const HEAD_END = '\r\n\r\n';

/** The body of the answer to GET `path` (RFC 9112), as it came. Throws NoAnswer. */
export async function askOnce(socketPath: string, path: string): Promise<Buffer> {
  const answer = await new Promise<Buffer>((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(socketPath);
    socket.setTimeout(PATIENCE, () => socket.destroy(new NoAnswer(`${socketPath} does not answer`)));
    socket.on('error', (error) => reject(error instanceof NoAnswer ? error : noAnswer(socketPath, error)));
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => resolve(Buffer.concat(parts)));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close${HEAD_END}`);
  });
  const headLength = answer.indexOf(HEAD_END);
  const head = answer.subarray(0, Math.max(headLength, 0)).toString('latin1');
  const code = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  if (code !== '200') throw new NoAnswer(`${socketPath} answers ${code ?? 'no HTTP'} to ${path}: is it another version?`, true);
  const body = answer.subarray(headLength + HEAD_END.length);
  if (Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]) !== body.length) throw new NoAnswer(`${socketPath} cannot be asked: its answer breaks off`);
  return body;
}
