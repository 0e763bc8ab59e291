/** What one execution of the fuzzer is: a text is loaded, and now and then formatted twice. Throws when something is wrong. */

import assert from 'node:assert/strict';
import { formatText } from '../../src/conf/format/format.js';
import type { HostFacts, PathFacts } from '../../src/conf/host.js';
import type { ReadSource } from '../../src/conf/include.js';
import { loadConfiguration } from '../../src/conf/load.js';

const ROOT = { uid: 0, groups: [0] };

/** Paths are what their length says: files that may run and that may not, links, directories, nothing. */
const HOST: HostFacts = {
  path: (path) =>
    [
      { kind: 'file', uid: 0, gid: 0, mode: 0o755 },
      { kind: 'directory', uid: 0, gid: 0, mode: 0o1777 },
      undefined,
      { kind: 'file', uid: 9, gid: 9, mode: 0o777 },
      { kind: 'link', uid: 0, gid: 0, mode: 0o777, target: '../aa' },
      { kind: 'file', uid: 0, gid: 0, mode: 0o600 },
    ][path.length % 6] as PathFacts | undefined,
  account: (user) => (user === 'root' ? ROOT : user === 'daemon' ? { uid: 9, groups: [9, 8] } : undefined),
  ownAccount: ROOT,
  searchPath: ['/bin', '/usr/bin'],
  content: (path) => (path.length % 2 === 0 ? new Uint8Array(32) : undefined),
};

const PART = 'router_id part\n}\n$P=7\n';

/** Loads the text as k.conf; a file that it may include is there. Every finding must lie inside one of the two. */
export function load(text: string): void {
  const readSource: ReadSource = (pattern) => {
    if (pattern === 'k.conf') return [{ path: 'k.conf', text }];
    return /^p[a*]/.test(pattern) ? [{ path: 'part.conf', text: PART }] : [];
  };
  const { diagnostics } = loadConfiguration(readSource, 'k.conf', {
    interfaces: ['lo', 'eth0', 'eth1'],
    processors: 2,
    host: HOST,
    configurationId: 'q',
    lints: {},
  });
  const lines = new Map([
    ['k.conf', text.split('\n')],
    ['part.conf', PART.split('\n')],
  ]);
  for (const { at, code, message } of diagnostics) {
    const line = lines.get(at.file)?.[at.line - 1];
    const inside = line !== undefined && at.column >= 1 && at.column <= line.length + 2;
    assert.ok(inside, `${code} ${message} lies outside the text, at ${at.file}:${at.line}:${at.column}`);
  }
}

/** A formatted text is the same when it is formatted again. */
export function formatTwice(text: string): void {
  const once = formatText(text, { careful: true });
  assert.equal(formatText(once, { careful: true }), once, 'formatting again changes the text');
}
