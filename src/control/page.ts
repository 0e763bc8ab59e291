/**
 * The dashboard: one page that the build made (test/tidy/dashboard.mjs, from src/dashboard), read once. It may run its own
 * script and style and ask this server, and nothing else.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { builtFolder } from '../io/native.js';

export interface Page {
  readonly text: Buffer;
  /** Content-Security-Policy: the script by its hash. */
  readonly policy: string;
}

let page: Page | undefined;

/** Undefined where the build is incomplete. */
export function dashboardPage(): Page | undefined {
  return (page ??= readPage());
}

function readPage(): Page | undefined {
  try {
    const text = readFileSync(join(builtFolder(), 'dashboard.html'));
    return { text, policy: policyFor(text.toString()) };
  } catch {
    return undefined;
  }
}

function policyFor(text: string): string {
  const hashOf = (tag: string): string => {
    const content = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(text)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  };
  return `default-src 'none'; connect-src 'self'; script-src ${hashOf('script')}; style-src ${hashOf('style')}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}
