/** Real servers from Debian, started as they are by their packages' own programs, in a directory that ends with the test. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type Program, startProgram } from '../../lab/process.js';

/** A directory of the test's own. */
export function openFolder(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-daemon-'));
  // Servers that leave root behind must reach what is in it.
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** Ends with the test. */
export function startDaemon(t: TestContext, words: readonly string[]): Program {
  const program = startProgram(words, {});
  t.after(async () => {
    program.signalGroup('SIGKILL');
    await program.exited;
  });
  return program;
}

/** Resolves when something accepts on that port; rejects after two minutes. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 2_400; tries += 1) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => undefined).setTimeout(1_000, () => socket.destroy());
      socket.once('connect', () => socket.end());
    });
    if (accepted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** nginx with these blocks in its `http`; ends with the test. */
export async function startNginx(t: TestContext, file: (name: string) => string, port: number, servers: string): Promise<void> {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${file(name)};`).join('\n');
  const configuration = `daemon off;\nuser root;\nworker_processes 1;\npid ${file('nginx.pid')};\nerror_log ${file('error.log')};
events { worker_connections 64; }
http {\naccess_log off;\n${places}\n${servers}\n}\n`;
  writeFileSync(file('nginx.conf'), configuration);
  startDaemon(t, ['nginx', '-c', file('nginx.conf'), '-p', file('.')]);
  await listening(port);
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes NAME.key and NAME.pem of a new authority. */
export function makeAuthority(file: (name: string) => string, name: string): void {
  const made = ['-subj', `/CN=${name}`, '-days', '1', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
  execFileSync('openssl', ['req', '-x509', ...KEY, ...made], { stdio: 'ignore' });
}

/** Makes NAME.key and NAME.pem, issued by that authority for `host`; `days` from now, below 0 it is over. */
export function makeCertificate(file: (name: string) => string, name: string, authority: string, host: string, days: number): void {
  const openssl = (...words: readonly string[]): unknown => execFileSync('openssl', words, { stdio: 'ignore' });
  writeFileSync(file('extensions'), `subjectAltName = DNS:${host}\n`);
  openssl('req', '-new', ...KEY, '-subj', `/CN=${host}`, '-keyout', file(`${name}.key`), '-out', file('request'));
  const issuer = ['-CA', file(`${authority}.pem`), '-CAkey', file(`${authority}.key`), '-CAcreateserial'];
  openssl('x509', '-req', '-days', String(days), '-in', file('request'), ...issuer, '-extfile', file('extensions'), '-out', file(`${name}.pem`));
}
