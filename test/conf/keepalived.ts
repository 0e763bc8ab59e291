/** Asks the keepalived installed here what its `-t` says, in a namespace with lo, eth0 and eth1. */

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Answer {
  /** Undefined when it was killed. */
  readonly status: number | undefined;
  readonly output: string;
}

export interface Keepalived {
  /** The exit status and the messages for the first of the files. */
  readonly ask: (files: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly close: () => void;
}

/** Makes the namespace; `close` takes it away. */
export function openKeepalived(name: string): Keepalived {
  const namespace = `hf-${name}-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-conf-'));
  let count = 0;
  execFileSync('ip', ['netns', 'add', namespace]);
  execFileSync('ip', ['-n', namespace, '-batch', '-'], {
    input: 'link set lo up\nlink add eth0 type veth peer name eth1\nlink set eth0 up\nlink set eth1 up\naddress add 192.0.2.1/24 dev eth0\n',
  });
  return {
    ask(files) {
      count += 1;
      const place = mkdtempSync(join(folder, `${count}-`));
      const names = Object.keys(files);
      for (const file of names) writeFileSync(join(place, file), files[file] ?? '', { mode: 0o644 });
      const words = ['netns', 'exec', namespace, 'keepalived', '-t', '-f', names[0] ?? ''];
      return new Promise((resolve) => {
        const child = execFile('ip', words, { timeout: 60_000, cwd: place }, (_error, _stdout, output) => {
          rmSync(place, { recursive: true });
          resolve({ status: child.exitCode ?? undefined, output });
        });
      });
    },
    close() {
      execFileSync('ip', ['netns', 'del', namespace]);
      rmSync(folder, { recursive: true });
    },
  };
}
