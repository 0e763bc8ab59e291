/** What `realserver up` has changed on this host, so that `down` undoes that and nothing else. It goes with a restart, as all of it does. */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorCodeOf, writeFileSafely } from '../../io/files/files.js';
import type { Method } from './methods.js';

export const DEFAULT_LEDGER = '/run/holdfast/realserver.json';

export interface Served {
  readonly address: string;
  readonly method: Method;
  /** Of GUE. */
  readonly port?: number;
  /** We have set it; it was not there before. */
  readonly ours: boolean;
}

export interface Ledger {
  readonly version: 1;
  readonly served: readonly Served[];
  /** Settings as they were, by their path below /proc/sys, and what they were set to. */
  readonly settings: Readonly<Record<string, { readonly before: string; readonly after: string }>>;
  /** Devices that were down. */
  readonly raised: readonly string[];
  /** UDP ports that were not open for GUE. */
  readonly ports: readonly { readonly port: number; readonly family: 'ipv4' | 'ipv6' }[];
}

export const EMPTY: Ledger = { version: 1, served: [], settings: {}, raised: [], ports: [] };

/** Throws an Error whose message is for people. */
export function readLedger(path: string): Ledger {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return EMPTY;
    throw new LedgerError(`${path} cannot be read: ${errorCodeOf(error)}`);
  }
  try {
    const value = JSON.parse(text) as Ledger | { readonly version: unknown };
    if (value.version === 1) return value as Ledger;
  } catch {
    // Told below.
  }
  throw new LedgerError(`${path} is not as it was written: remove it, and undo by hand what is to be undone`);
}

export class LedgerError extends Error {}

/** An empty one is no file. Throws LedgerError. */
export function writeLedger(path: string, ledger: Ledger): void {
  if (ledger.served.length === 0 && Object.keys(ledger.settings).length + ledger.raised.length + ledger.ports.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const reason = writeFileSafely(path, `${JSON.stringify(ledger)}\n`);
  if (reason !== undefined) throw new LedgerError(`${path} cannot be written: ${reason}`);
}
