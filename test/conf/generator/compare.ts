/** What both say to one configuration, and the smallest part of it over which they still disagree. */

import { cpus } from 'node:os';
import type { Diagnostic } from '../../../src/base/source.js';
import { loadConfiguration } from '../../../src/conf/load.js';
import { keepalivedStatus } from '../../../src/conf/verdict.js';
import { openMachine } from '../../../src/daemon/configuration/machine.js';
import { readNameFiles } from '../../../src/io/files/source-files.js';
import type { Answer, Keepalived } from '../keepalived.js';
import { memorySource } from '../support.js';
import { MAIN } from './text.js';
import type { Files } from './text.js';

export interface Comparison {
  readonly files: Files;
  readonly theirs: Answer;
  readonly ours: { readonly status: number; readonly diagnostics: readonly Diagnostic[] };
}

export async function compare(keepalived: Keepalived, files: Files): Promise<Comparison> {
  const theirs = await keepalived.ask(files);
  const { diagnostics } = loadConfiguration(memorySource(files), MAIN, {
    interfaces: ['lo', 'eth0', 'eth1'],
    describeInterface: () => ({ multicast: true, ethernet: true }),
    readNameFiles,
    processors: cpus().length,
    host: openMachine(),
  });
  return { files, theirs, ours: { status: keepalivedStatus(diagnostics), diagnostics } };
}

export function agree({ theirs, ours }: Comparison): boolean {
  return theirs.status === ours.status;
}

/** Leaves out lines of the main file, halves first, while both keep saying what they say and `matters` stays true. */
export async function shrink(keepalived: Keepalived, start: Comparison, matters: (smaller: Comparison) => boolean): Promise<Comparison> {
  let best = start;
  let lines = (start.files[MAIN] ?? '').split('\n');
  for (let size = Math.ceil(lines.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < lines.length; ) {
      const fewer = [...lines.slice(0, at), ...lines.slice(at + size)];
      const candidate = await compare(keepalived, { ...best.files, [MAIN]: fewer.join('\n') });
      const same = candidate.theirs.status === start.theirs.status && candidate.ours.status === start.ours.status;
      if (same && matters(candidate)) [best, lines] = [candidate, fewer];
      else at += size;
    }
  }
  return best;
}

/** For the report of a failure. */
export function describe({ files, theirs, ours }: Comparison): string {
  const texts = Object.entries(files).map(([name, text]) => `--- ${name}\n${text}`);
  const found = ours.diagnostics.map(({ at, code, message }) => `${at.file}:${at.line}:${at.column} ${code} ${message}`);
  const said = [...new Set(theirs.output.split('\n'))].join('\n');
  return `${texts.join('\n')}\n--- keepalived: ${theirs.status ?? 'killed'}\n${said}--- holdfast: ${ours.status}\n${found.join('\n')}`;
}
