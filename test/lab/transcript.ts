/** The commands of a section of the README, read as a test follows them: one after the other, none left out. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CHECKOUT } from './lab.js';

export interface TranscriptLine {
  /** The name before the `#` of the prompt. */
  readonly host: string;
  readonly command: string;
  /** The exit status behind the command, 0 without one. */
  readonly status: number;
}

export class Transcript {
  readonly #lines: TranscriptLine[];

  /** Reads lines `HOST# COMMAND   # STATUS` out of the shell blocks of the section with that heading. */
  constructor(heading: string) {
    const section = readFileSync(join(CHECKOUT, 'README.md'), 'utf8').split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
    assert.ok(section !== undefined, `the README has a section ${heading}`);
    const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
    this.#lines = blocks.flatMap((block) => block.trimEnd().split('\n')).map(readLine);
  }

  /** The next line, which must hold `words`. */
  next(words: string): TranscriptLine {
    const line = this.#lines.shift();
    assert.ok(line !== undefined, `the README has no further command, wanted: ${words}`);
    assert.ok(line.command.includes(words), `the README goes on with: ${line.command}`);
    return line;
  }

  /** The next lines as far as there are any with `words`. */
  allWith(words: string): readonly TranscriptLine[] {
    const end = this.#lines.findIndex(({ command }) => !command.includes(words));
    return this.#lines.splice(0, end === -1 ? this.#lines.length : end);
  }

  rest(): readonly TranscriptLine[] {
    return this.#lines;
  }
}

function readLine(text: string): TranscriptLine {
  const parts = /^([a-z]+\d?)# (.+?)(?: +# (\d))?$/.exec(text);
  assert.ok(parts !== null, `a prompt and a command: ${text}`);
  const [, host = '', command = '', status = '0'] = parts;
  return { host, command, status: Number(status) };
}
