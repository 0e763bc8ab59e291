/** Hands mails to a mail server, one after the other over one connection. Who gets one and why is decided elsewhere. */

import { createTransport } from 'nodemailer';

import type { MailOutcome } from '../runtime/ports.js';

export interface MailServerOptions {
  readonly host: string;
  readonly port: number;
  /** Name this machine greets the server with. */
  readonly heloName: string;
  /** Limit of each step of the conversation, milliseconds. */
  readonly timeout: number;
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

/**
 * Encrypts where the server offers it, without asking for its certificate: whoever has only an address and a port to go by
 * cannot check a name, and keepalived would speak in the clear.
 */
export function openMailer({ host, port, heloName, timeout }: MailServerOptions): Mailer {
  const transport = createTransport({
    host,
    port,
    name: heloName,
    secure: false,
    opportunisticTLS: true,
    tls: { rejectUnauthorized: false },
    pool: true,
    maxConnections: 1,
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

function failure(error: unknown): MailOutcome {
  const { code, command, responseCode } = Object(error) as { code?: unknown; command?: unknown; responseCode?: unknown };
  return {
    type: 'failed',
    code: typeof code === 'string' ? code : error instanceof Error ? error.message : String(error),
    ...(typeof command === 'string' ? { command } : {}),
    ...(typeof responseCode === 'number' ? { status: responseCode } : {}),
  };
}
