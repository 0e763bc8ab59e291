/** What the demo puts on a terminal: plain lines, coloured where that is wanted, readable in a log file too. */

export interface Screen {
  readonly coloured: boolean;
  /** Writes one piece of text and a line break. */
  readonly line: (text?: string) => void;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

export function createScreen(coloured: boolean, write: (text: string) => void): Screen {
  return { coloured, line: (text = '') => write(text + '\n') };
}

/** `text` in a style, or as it is on a screen without colours. */
export function paint(screen: Screen, style: Style, text: string): string {
  return screen.coloured ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
}

/** The heading of an act. */
export function heading(screen: Screen, text: string): void {
  screen.line();
  screen.line(paint(screen, 'bold', `── ${text} ${'─'.repeat(Math.max(3, 74 - text.length))}`));
}

/** A command's output, set off from the story. */
export function quotation(screen: Screen, title: string, text: string): void {
  screen.line(paint(screen, 'dim', `   ${title}`));
  for (const line of text.trimEnd().split('\n')) screen.line(paint(screen, 'cyan', `   │ ${line.trimEnd()}`));
}

/** A bar of `value` blocks of `full`, `width` characters wide with blanks. */
export function bar(value: number, full: number, width: number): string {
  const filled = full === 0 ? 0 : Math.min(width, Math.round((value / full) * width));
  return '■'.repeat(filled).padEnd(width);
}
