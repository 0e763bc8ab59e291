/**
 * Keywords of global_defs that change how the text behind them is read (`include_check`, `random_seed`). Finds them while the
 * text is still being put together; what is wrong with them is reported later, by their keyword tables.
 */

import { present } from '../base/invariant.js';
import type { SourceLine, Statement } from './cst.js';
import type { Findings } from './findings.js';
import { createScanner } from './scanner.js';
import type { Piece } from './scanner.js';

const SETTING = /include_check|random_seed/;

/** Cheap test for a line that may hold a setting. */
export function mentionsSetting(text: string): boolean {
  return SETTING.test(text);
}

/** Follows the braces of a growing list of lines. */
export interface SettingsReader {
  /** The statements of global_defs, each once, among the lines added since the last call. */
  readonly advance: (lines: readonly SourceLine[]) => readonly Statement[];
}

/** What is wrong with these lines is found when they are parsed. */
const SILENT: Findings = { report: () => undefined, all: () => [] };

export function createSettingsReader(): SettingsReader {
  const scan = createScanner(SILENT);
  let read = 0;
  let keyword = '';
  const open: string[] = [];

  function follow(piece: Piece, found: Statement[]): void {
    if (piece.type === 'words') {
      keyword = piece.statement.words[0]?.text ?? '';
      if (open.length === 1 && open[0] === 'global_defs') found.push(piece.statement);
    } else if (piece.type === 'leftBrace') {
      open.push(keyword);
      keyword = '';
    } else {
      open.pop();
    }
  }

  return {
    advance(lines) {
      const found: Statement[] = [];
      for (; read < lines.length; read += 1) {
        const pieces: Piece[] = [];
        scan(present(lines[read], 'a line below the length'), pieces);
        for (const piece of pieces) follow(piece, found);
      }
      return found;
    },
  };
}
