/** Hands mails to a mail server, one after the other over one connection. Who gets one and why is decided elsewhere. */

import { createTransport } from 'nodemailer';

import type { MailOutcome } from '../runtime/ports.js';

/** How the connection is protected. `whatever`: encrypted where the server offers it, without asking for its certificate. */
export type MailEncryption =
  | { readonly mode: 'off' | 'whatever' }
  /** Demanded, with a certificate for `name` (absent: the host) from one of `authorities` (PEM; absent: public ones). */
  | { readonly mode: 'starttls' | 'implicit'; readonly authorities?: string; readonly name?: string };

export interface MailServerOptions {
  readonly host: string;
  readonly port: number;
  /** Name this machine greets the server with. */
  readonly heloName: string;
  /** Limit of each step of the conversation, milliseconds. */
  readonly timeout: number;
  readonly encryption: MailEncryption;
  /** Absent = no login. A server that offers none is an outcome then, not a mail without one. */
  readonly login?: { readonly user: string; readonly password: string };
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Never throws: what goes wrong is an outcome. */
  readonly send: (mail: Mail) => Promise<MailOutcome>;
  readonly close: () => void;
}

export function openMailer({ host, port, heloName, timeout, encryption, login }: MailServerOptions): Mailer {
  const transport = createTransport({
    host,
    port,
    name: heloName,
    ...protection(encryption),
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password }, forceAuth: true }),
    pool: true,
    maxConnections: 1,
    maxRequeues: 0,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  });
  return {
    send: async ({ from, to, subject, text }) => {
      try {
        await transport.sendMail({ from, to: [...to], subject, text, xMailer: 'Keepalived' });
        return { type: 'sent' };
      } catch (error) {
        return failure(error);
      }
    },
    close: () => transport.close(),
  };
}

interface Protection {
  readonly secure: boolean;
  readonly ignoreTLS?: true;
  readonly opportunisticTLS?: true;
  readonly requireTLS?: true;
  readonly tls?: { readonly rejectUnauthorized: boolean; readonly ca?: string; readonly servername?: string };
}

/**
 * Where nothing is said it is encrypted without looking at certificates: whoever has only an address and a port to go by
 * cannot check a name, and keepalived would speak in the clear.
 */
function protection(encryption: MailEncryption): Protection {
  switch (encryption.mode) {
    case 'off':
      return { secure: false, ignoreTLS: true };
    case 'whatever':
      return { secure: false, opportunisticTLS: true, tls: { rejectUnauthorized: false } };
    default: {
      const { mode, authorities: ca, name: servername } = encryption;
      const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }), ...(servername === undefined ? {} : { servername }) };
      return mode === 'implicit' ? { secure: true, tls } : { secure: false, requireTLS: true, tls };
    }
  }
}

/** Whether the server may take the same mail later: RFC 5321 4.2.1 has 4yz for that, and a connection may come about yet. */
export function isPassing({ code, status }: Extract<MailOutcome, { readonly type: 'failed' }>): boolean {
  if (status !== undefined) return status >= 400 && status < 500;
  return ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS'].includes(code);
}

interface MailError {
  readonly code?: unknown;
  /** The system's or TLS's code, under the library's. */
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly message?: unknown;
}

function failure(error: unknown): Extract<MailOutcome, { readonly type: 'failed' }> {
  const { code, originalCode, command, responseCode, message } = Object(error) as MailError;
  // What is no code of the system is one of TLS: certificates have theirs from OpenSSL.
  const unsafe = code === 'ETLS' || (typeof originalCode === 'string' && !/^E[A-Z0-9]+$/.test(originalCode));
  return {
    type: 'failed',
    code: unsafe ? 'ETLS' : typeof code === 'string' ? code : String(message),
    ...(typeof command === 'string' ? { command } : {}),
    ...(typeof responseCode === 'number' ? { status: responseCode } : {}),
    ...(unsafe ? { reason: String(message) } : {}),
  };
}
