/** A program on a terminal of 80 columns and 24 lines: a real pty, and what a person would see on it. */

import { spawn } from 'node:child_process';

const COLUMNS = 80;
const ROWS = 24;

/** Opens a pty of that size, runs the words on it and passes bytes on; says on standard error how it ended and left the terminal. */
const BRIDGE = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', ${ROWS}, ${COLUMNS}, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
open_in = True
while True:
    ready, _, _ = select.select([fd] + ([0] if open_in else []), [], [], 0.1)
    if 0 in ready:
        data = os.read(0, 4096)
        if data: os.write(fd, data)
        else: open_in = False
    if fd in ready:
        try: data = os.read(fd, 65536)
        except OSError: data = b''
        if not data: break
        os.write(1, data)
flags = termios.tcgetattr(fd)[3]
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.stderr.write('left %d cooked %d\\n' % (code, bool(flags & termios.ICANON and flags & termios.ECHO)))
`;

export interface Seen {
  readonly lines: readonly string[];
  readonly cursorShown: boolean;
  /** The other screen, that full-screen programs draw on. */
  readonly alternate: boolean;
}

export interface TerminalProgram {
  readonly screen: () => Seen;
  /** Everything that has been written, escape sequences and all. */
  readonly raw: () => string;
  readonly type: (keys: string) => void;
  readonly pid: number;
  /** `left STATUS cooked 1` when it has ended and the terminal is as it was. */
  readonly ended: Promise<string>;
  readonly kill: () => void;
}

export function onTerminal(words: readonly string[], environment: Readonly<Record<string, string>>): TerminalProgram {
  const program = spawn('python3', ['-c', BRIDGE, ...words], { env: { ...process.env, TERM: 'xterm', ...environment } });
  let written = '';
  let told = '';
  program.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
  program.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  return {
    screen: () => drawn(written),
    raw: () => written,
    type: (keys) => void program.stdin.write(keys),
    pid: program.pid ?? 0,
    ended: new Promise((resolve) => program.on('close', () => resolve(told.trim()))),
    kill: () => program.kill('SIGKILL'),
  };
}

/** As much of ECMA-48 as is needed; what is not known throws, so that nothing is overlooked. */
function drawn(text: string): Seen {
  let cells = blank();
  let [row, column] = [0, 0];
  let cursorShown = true;
  let alternate = false;
  // What has not come whole yet is not drawn.
  const whole = text.replace(/\u001b(\[[?0-9;]*)?$/, '');
  for (const [token, sequence] of whole.matchAll(/\u001b\[([?0-9;]*[A-Za-z])|[^]/g)) {
    if (sequence === undefined) {
      if (token === '\r') column = 0;
      else if (token === '\n') row += 1;
      else {
        if (row >= ROWS || column >= COLUMNS) throw new Error(`written beyond the screen, at ${row},${column}: ${token}`);
        (cells[row] ?? [])[column] = token;
        column += 1;
      }
    } else if (sequence === 'H') [row, column] = [0, 0];
    else if (sequence === '2J') cells = blank();
    else if (sequence === 'K') (cells[row] ?? []).fill(' ', column);
    else if (sequence === '?25h' || sequence === '?25l') cursorShown = sequence.endsWith('h');
    else if (sequence === '?1049h' || sequence === '?1049l') alternate = sequence.endsWith('h');
    else if (!sequence.endsWith('m')) throw new Error(`what is ${sequence}?`);
  }
  return { lines: cells.map((line) => line.join('').trimEnd()), cursorShown, alternate };
}

function blank(): string[][] {
  return Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => ' '));
}
