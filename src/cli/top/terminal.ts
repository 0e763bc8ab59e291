/** The terminal of a full-screen program: taken over, drawn on, and given back on every way out but SIGKILL. ECMA-48 and what xterm added. */

import type { ReadStream, WriteStream } from 'node:tty';

import type { Line, Look, Size } from './view.js';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const TO_END_OF_LINE = '\u001b[K';
const RESET = '\u001b[0m';
const LOOKS: Readonly<Record<Look, string>> = {
  plain: '',
  title: '\u001b[1m',
  heading: '\u001b[7m',
  group: '\u001b[1;36m',
  selected: '\u001b[7m',
  bad: '\u001b[31m',
  resting: '\u001b[33m',
  prompt: '\u001b[1m',
};

/** sysexits.h EX_SOFTWARE. */
const BUG = 70;
/** Of terminals that do not say. */
const USUAL: Size = { columns: 80, rows: 24 };

export interface Terminal {
  readonly size: () => Size;
  readonly draw: (lines: readonly Line[]) => void;
}

export interface TerminalUser {
  readonly onInput: (text: string) => void;
  readonly onResize: () => void;
}

/** From now until the process ends the terminal is ours. `coloured`: and else every line looks the same. */
export function takeTerminal(input: ReadStream, output: WriteStream, coloured: boolean, { onInput, onResize }: TerminalUser): Terminal {
  process.on('exit', () => {
    input.setRawMode(false);
    output.write(LEAVE);
  });
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) process.on(signal, () => process.exit(128 + number));
  process.on('uncaughtException', (error) => {
    // A bug: what is said of it must be seen.
    output.write(LEAVE);
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(BUG);
  });
  // A terminal that is gone takes nothing more.
  output.on('error', () => process.exit(1));
  input.setRawMode(true);
  input.setEncoding('utf8');
  input.on('data', (text) => onInput(String(text)));
  input.on('end', () => process.exit(0));
  output.on('resize', onResize);
  process.on('SIGCONT', () => {
    input.setRawMode(true);
    output.write(ENTER);
    onResize();
  });
  output.write(ENTER);
  const paint = ({ text, look }: Line): string => (coloured && LOOKS[look] !== '' ? `${LOOKS[look]}${text}${RESET}` : text);
  return {
    size: () => ({ columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows }),
    // No line end behind the last line: it would scroll.
    draw: (lines) => output.write(HOME + lines.map((line) => `${paint(line)}${TO_END_OF_LINE}`).join('\r\n')),
  };
}
