/**
 * Debian's postfix on 127.0.0.1: one port demands STARTTLS, the other TLS from the first byte, both a login before they take a
 * mail. Everything is in a folder; who may log in is decided here, by Dovecot's protocol for that, version 1.2.
 */

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';

import { makeAuthority, makeCertificate } from '../io/support/daemons.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';

/** The name in its certificate, and who may log in. */
export const MAIL_HOST = 'mail.example.com';
export const MAIL_USER = 'director';

export interface Postfix {
  /** PEM file of the authority that its certificate is from. */
  readonly authority: string;
  /** The mails taken so far, oldest first. */
  readonly mails: () => readonly string[];
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

export interface MailPorts {
  /** STARTTLS. */
  readonly smtp: number;
  /** TLS from the first byte. */
  readonly smtps: number;
}

/** `start` runs a program where postfix shall listen. Everybody may enter `folder`. Resolves when both ports are open. */
export async function startPostfix(folder: string, password: string, start: (words: readonly string[]) => Program, ports: MailPorts = { smtp: 25, smtps: 465 }): Promise<Postfix> {
  const file = (name: string): string => join(folder, name);
  chmodSync(folder, 0o755);
  for (const name of ['conf', 'queue', 'data', 'inbox']) mkdirSync(file(name));
  chownSync(file('data'), idOf('postfix'), 0);
  chownSync(file('inbox'), NOBODY, NOBODY);
  makeAuthority(file, 'authority');
  makeCertificate(file, 'mail', 'authority', MAIL_HOST, 1);
  writeFileSync(file('conf/main.cf'), mainConfiguration(folder));
  writeFileSync(file('conf/master.cf'), services(ports));
  const doorkeeper = await openDoorkeeper(file('auth'), password);
  const program = start(['postfix', '-c', file('conf'), 'start-fg']);
  const log = (): string => (existsSync(file('log')) ? readFileSync(file('log'), 'utf8') : '');
  await until('postfix works', 60, () => /daemon started/.test(log()) || undefined);
  // Its master leads a group of its own, and its other programs end with it.
  const master = Number(readFileSync(file('queue/pid/master.pid'), 'utf8'));
  return {
    authority: file('authority.pem'),
    mails: () => mailsIn(file('inbox/new')),
    log,
    close: async () => {
      doorkeeper.close();
      process.kill(master, 'SIGKILL');
      await program.exited;
    },
  };
}

const NOBODY = 65_534;

function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}

/** A maildir's names begin with the second, the microsecond stands behind M. */
function mailsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const age = (name: string): number => Number(/^\d+/.exec(name)?.[0]) * 1e6 + Number(/M(\d+)/.exec(name)?.[1]);
  return readdirSync(folder)
    .sort((a, b) => age(a) - age(b))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function mainConfiguration(folder: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = ${MAIL_HOST}
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
virtual_mailbox_domains = example.com
virtual_mailbox_base = /
virtual_mailbox_maps = static:${folder.slice(1)}/inbox/
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
virtual_minimum_uid = 1
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = ${folder}/mail.pem
smtpd_tls_key_file = ${folder}/mail.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${folder}/auth
smtpd_sasl_security_options = noanonymous
`;
}

const services = ({ smtp, smtps }: MailPorts): string => `${smtp} inet n - n - - smtpd
${smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

/** Lets in who says PLAIN with the right name and password. */
function openDoorkeeper(path: string, password: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => undefined);
    socket.write(`VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t${'0'.repeat(32)}\nDONE\n`);
    socket.on('data', (bytes: Buffer) => {
      for (const line of bytes.toString().split('\n')) {
        const [verb, id, ...fields] = line.split('\t');
        if (verb !== 'AUTH') continue;
        const response = fields.find((field) => field.startsWith('resp='))?.slice(5) ?? '';
        const [, user, given] = Buffer.from(response, 'base64').toString().split('\0');
        socket.write(`${user === MAIL_USER && given === password ? 'OK' : 'FAIL'}\t${id}\tuser=${user}\n`);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(path, () => {
      chmodSync(path, 0o666);
      server.unref();
      resolve(server);
    });
  });
}
