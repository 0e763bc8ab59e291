/** Runs holdfast's commands as an operator does: the built program, in a process of its own. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

const PROGRAM = join(process.cwd(), 'dist', 'main.js');

export interface Answer {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `words` behind the program's name. */
export function holdfast(words: readonly string[], environment: Readonly<Record<string, string>> = {}, directory?: string): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '', ...environment },
    ...(directory === undefined ? {} : { cwd: directory }),
    maxBuffer: 64 * 1_024 * 1_024,
  });
  return { status, output: stdout, errors: stderr };
}

export interface Folder {
  readonly path: string;
  /** Writes a file into it and returns its path. */
  readonly write: (name: string, text: string) => string;
}

/** A folder that goes with the test file. */
export function openFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  after(() => rmSync(path, { recursive: true }));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o644 });
      return file;
    },
  };
}

/** Without findings, on any machine that looks at the text alone. */
export const CLEAN = `virtual_server 192.0.2.100 80 {
    delay_loop 10
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.0.2.11 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
`;
