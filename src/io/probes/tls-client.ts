/**
 * The client's side of TLS for probes: what the SSL block says is shown and believed. No certificate is verified, with or without
 * a `ca`: keepalived loads it and looks at nothing. node:tls is loaded on first use.
 */

import { readFile } from 'node:fs/promises';
import { type Socket, isIP } from 'node:net';
import type * as Tls from 'node:tls';

import type { TlsClientConfig } from '../../health/config.js';
import { errorCodeOf } from '../files.js';

/** Our own files cannot be used: that says nothing about a server. `code` is an errno's or OpenSSL's name. */
export class TlsMaterialError extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('the files of the SSL block cannot be used', { cause });
    this.code = errorCodeOf(cause);
  }
}

export interface TlsClient {
  /** Reads the files anew. `onUnusable`: called once if they cannot be used; until the next call every `secure` fails then. */
  readonly configure: (config: TlsClientConfig | undefined, onUnusable: (error: TlsMaterialError) => void) => void;
  /**
   * TLS over a connected stream; no server name is sent unless given (an address is none). Rejects with TlsMaterialError, or
   * with Node's error for a server name that it does not take.
   */
  readonly secure: (stream: Socket, serverName: string | undefined) => Promise<Tls.TLSSocket>;
}

export function createTlsClient(): TlsClient {
  let config: TlsClientConfig = {};
  /** One for all probes: making a context reads and parses certificates. */
  let context: Promise<Tls.SecureContext> | undefined;
  return {
    configure: (next, onUnusable) => {
      config = next ?? {};
      context = undefined;
      if (Object.keys(config).length === 0) return;
      const made = makeContext(config);
      context = made;
      made.catch((error: unknown) => {
        if (context === made && error instanceof TlsMaterialError) onUnusable(error);
      });
    },
    secure: async (stream, serverName) => {
      context ??= makeContext(config);
      const secureContext = await context;
      const { connect } = await import('node:tls');
      return connect({
        socket: stream,
        secureContext,
        rejectUnauthorized: false,
        ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
      });
    },
  };
}

async function makeContext({ authorityFile, certificateFile, keyFile, password }: TlsClientConfig): Promise<Tls.SecureContext> {
  const { createSecureContext } = await import('node:tls');
  const read = async (path: string | undefined): Promise<Buffer | undefined> => (path === undefined ? undefined : readFile(path));
  try {
    const [ca, cert, key] = await Promise.all([authorityFile, certificateFile, keyFile].map(read));
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(password === undefined ? {} : { passphrase: password }),
    });
  } catch (error) {
    throw new TlsMaterialError(error);
  }
}
