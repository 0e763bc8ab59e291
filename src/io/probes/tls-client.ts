/**
 * The client's side of TLS for probes: what the SSL block says is shown and believed. No certificate is verified, with or without
 * a `ca`, for keepalived loads it and looks at nothing; only a demand of the question's own has it verified. node:tls is loaded
 * on first use.
 */

import { readFile } from 'node:fs/promises';
import { type Socket, isIP } from 'node:net';
import type * as Tls from 'node:tls';

import type { CertificateDemand } from '../../health/config-check.js';
import type { TlsClientConfig } from '../../health/config.js';
import { errorCodeOf } from '../files/files.js';

/** Our own files cannot be used: that says nothing about a server. `code` is an errno's or OpenSSL's name. */
export class TlsMaterialError extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('the files of the SSL block cannot be used', { cause });
    this.code = errorCodeOf(cause);
  }
}

/** What one session is to be. */
export interface TlsDemand {
  /** Sent in the greeting; none is, and none for an address. */
  readonly serverName?: string | undefined;
  readonly certificate?: (CertificateDemand & { readonly name: string }) | undefined;
  /** HTTP/2 is offered, and nothing else. */
  readonly http2?: boolean | undefined;
}

export interface TlsClient {
  /** Reads the files anew. `onUnusable`: called once if they cannot be used; until the next call every `secure` fails then. */
  readonly configure: (config: TlsClientConfig | undefined, onUnusable: (error: TlsMaterialError) => void) => void;
  /**
   * TLS over a connected stream. A certificate that is not as demanded makes it emit an error. Rejects with TlsMaterialError,
   * or with Node's error for a server name that it does not take.
   */
  readonly secure: (stream: Socket, demand: TlsDemand) => Promise<Tls.TLSSocket>;
}

export function createTlsClient(): TlsClient {
  let config: TlsClientConfig = {};
  /** By the file of authorities, one for all probes: making a context reads and parses certificates. */
  const contexts = new Map<string | undefined, Promise<Tls.SecureContext>>();
  const contextFor = (authorityFile: string | undefined): Promise<Tls.SecureContext> => {
    const known = contexts.get(authorityFile);
    if (known !== undefined) return known;
    const made = makeContext({ ...config, ...(authorityFile === undefined ? {} : { authorityFile }) });
    contexts.set(authorityFile, made);
    // A file that is not there yet is looked for again; the files of the SSL block are read when they are configured.
    if (authorityFile !== undefined) made.catch(() => contexts.delete(authorityFile));
    return made;
  };
  return {
    configure: (next, onUnusable) => {
      config = next ?? {};
      contexts.clear();
      if (Object.keys(config).length === 0) return;
      const made = contextFor(undefined);
      made.catch((error: unknown) => {
        if (contexts.get(undefined) === made && error instanceof TlsMaterialError) onUnusable(error);
      });
    },
    secure: async (stream, { serverName, certificate, http2 }) => {
      const secureContext = await contextFor(certificate?.authorityFile);
      const { checkServerIdentity, connect } = await import('node:tls');
      return connect({
        socket: stream,
        secureContext,
        rejectUnauthorized: certificate !== undefined && certificate.verify !== 'none',
        checkServerIdentity: (_host, shown) => (certificate?.verify === 'name' ? checkServerIdentity(certificate.name, shown) : undefined),
        ...(http2 === true ? { ALPNProtocols: ['h2'] } : {}),
        ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
      });
    },
  };
}

/** Whole days that the server's certificate is still valid, negative when it no longer is; undefined where it showed none. */
export function certificateDaysOf(secured: Tls.TLSSocket): number | undefined {
  const until = Date.parse(secured.getPeerX509Certificate()?.validTo ?? '');
  return Number.isNaN(until) ? undefined : Math.floor((until - Date.now()) / 86_400_000);
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
