/** Findings about two files at once. */

import type { Diagnostic, SourcePosition } from '../../base/source.js';
import { CATALOG } from '../catalog.js';
import type { FindingKind } from '../catalog.js';
import { placeOfValue } from '../origins.js';
import type { AnySection, Origins } from '../origins.js';
import type { Model } from '../model.js';

/** One director: its file by the name people know it by, and what was made of it. */
export interface PairSide {
  readonly file: string;
  readonly model: Model;
  readonly origins: Origins;
}

/** The blocks of both files that are compared. */
export interface Blocks {
  readonly first: AnySection | undefined;
  readonly second: AnySection | undefined;
}

export interface Difference {
  /** The keywords that decide it; the first that stands in the block is pointed at. */
  readonly keywords: readonly string[];
  /** What is different, with what stands in the first file. */
  readonly message: string;
  /** What stands in the second file. */
  readonly there: string;
  readonly hint?: string;
}

export interface PairFindings {
  /** A difference between two blocks that belong together. */
  readonly differ: (kind: FindingKind, blocks: Blocks, difference: Difference) => void;
  /** Something that only one of the files has; `missingIn` is the other. */
  readonly lack: (kind: FindingKind, block: AnySection | undefined, missingIn: PairSide, what: string, hint?: string) => void;
  readonly all: () => readonly Diagnostic[];
}

export function createPairFindings(first: PairSide, second: PairSide): PairFindings {
  const found: Diagnostic[] = [];
  const add = (kind: FindingKind, at: SourcePosition, rest: Pick<Diagnostic, 'message' | 'hint' | 'related'>): void => {
    const { code, severity } = CATALOG[kind];
    found.push({ severity, code, at: plain(at), ...rest });
  };
  return {
    differ(kind, blocks, { keywords, message, there, hint }) {
      const at = placeIn(blocks.first, keywords, first);
      const other = { at: plain(placeIn(blocks.second, keywords, second)), message: there };
      add(kind, at, { message, related: [other], ...(hint === undefined ? {} : { hint }) });
    },
    lack(kind, block, missingIn, what, hint) {
      const here = missingIn === first ? second : first;
      add(kind, placeIn(block, [], here), { message: `${what} is not in ${missingIn.file}`, ...(hint === undefined ? {} : { hint }) });
    },
    all: () => found,
  };
}

function placeIn(block: AnySection | undefined, keywords: readonly string[], { file }: PairSide): SourcePosition {
  return block === undefined ? { file, line: 1, column: 1 } : placeOfValue(block, ...keywords);
}

/** Without the text that a word carries. */
function plain({ file, line, column }: SourcePosition): SourcePosition {
  return { file, line, column };
}

/** Items of `list` that are not in `other`. */
export function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const known = new Set(other);
  return list.filter((item) => !known.has(item));
}
