/**
 * A director whose first process is the machine's real systemd, with holdfast installed from its package: units, sockets, journal
 * and control groups as on a server, in namespaces that are gone afterwards (boot.sh).
 */

import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Host } from '../daemon/network.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';

export interface Director {
  /** What a program inside says; throws when it fails. */
  readonly run: (...words: readonly string[]) => string;
  /** The exit status and both outputs of a program inside. */
  readonly attempt: (...words: readonly string[]) => { readonly status: number; readonly output: string };
  readonly start: (...words: readonly string[]) => Program;
  /** Writes a file inside and makes its folder. */
  readonly write: (path: string, text: string) => void;
  /** Follows the journal of everything from its beginning, one line an entry with ident and process id in front. */
  readonly journal: () => Program;
  /** Properties of a unit, by name. */
  readonly show: (unit: string, ...names: readonly string[]) => Readonly<Record<string, string>>;
  /** Ends systemd and all it has started. */
  readonly close: () => Promise<void>;
}

/** Boots it on `host` and installs the package `file`. */
export async function bootDirector(host: Host, file: string): Promise<Director> {
  const folder = host.run('mktemp', '-d', join(host.folder, 'boot-XXXXXX')).trim();
  host.run('chmod', '755', host.folder, folder);
  const boot = host.start(['setpriv', '--pdeathsig', 'TERM', 'sh', 'test/systemd/boot.sh', folder, process.execPath]);
  const first = await until('systemd is started', 120, () => firstProcess(boot));
  const inside = ['nsenter', '--target', String(first), '--mount', '--uts', '--ipc', '--pid', '--net', '--cgroup', 'env', '-i', `PATH=${PATH}`, 'LC_ALL=C'];
  const run = (...words: readonly string[]): string => host.run(inside[0] ?? '', ...inside.slice(1), ...words);
  const start = (...words: readonly string[]): Program => host.start([...inside, ...words]);
  const attempt = (...words: readonly string[]): { readonly status: number; readonly output: string } => {
    const output = run('sh', '-c', '"$@" 2>&1; echo " $?"', 'sh', ...words).trimEnd();
    const [, text = '', status] = /^(.*)\s(\d+)$/s.exec(output) ?? [];
    return { status: Number(status), output: text };
  };
  await until('systemd answers', 300, () => /^(running|degraded)/.test(attempt('systemctl', 'is-system-running').output) || undefined);
  copyFileSync(file, join(folder, 'holdfast.deb'));
  run('dpkg', '--force-depends', '--force-confold', '--log=/dev/null', '--install', join(folder, 'holdfast.deb'));
  return {
    run,
    start,
    attempt,
    write: (path, text) => void execFileSync('ip', ['netns', 'exec', host.namespace, ...inside, 'sh', '-c', 'mkdir -p "$(dirname "$1")" && cat >"$1"', 'sh', path], { input: text }),
    journal: () => start('journalctl', '--follow', '--no-tail', '--output=short-monotonic', '--quiet'),
    show: (unit, ...names) => {
      const lines = run('systemctl', 'show', unit, ...names.map((name) => `--property=${name}`)).trim().split('\n');
      return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    },
    close: async () => {
      boot.signal('SIGTERM');
      await boot.exited;
    },
  };
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The process that boot.sh's second shell, or unshare in its place, has as its only child, once that is systemd. */
function firstProcess(boot: Program): number | undefined {
  if (boot.ended) throw new Error(`systemd could not be booted:\n${boot.text()}`);
  const [unshare] = childrenOf(boot.pid);
  const [first] = unshare === undefined ? [] : childrenOf(unshare);
  if (first === undefined) return undefined;
  return readProcess(first, 'comm').trim() === 'systemd' ? first : undefined;
}

/** Builds the package of what is in dist/; its path. */
export function buildPackage(folder: string): string {
  return execFileSync('sh', ['src/packaging/debian.sh', folder], { encoding: 'utf8' }).trim();
}
