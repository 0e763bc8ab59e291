/** The one way into this room: path to model and diagnostics. Reads through the given function only. */

import type { Diagnostic } from '../base/source.js';
import { buildModel } from './assembly/model.js';
import type { BuildOptions } from './assembly/context.js';
import { checkModel } from './check.js';
import { createFindings, orderDiagnostics } from './findings.js';
import type { ReadSource } from './include.js';
import { topLevel } from './keywords/top-level.js';
import { createReading, readBlock } from './keywords/schema.js';
import type { Model } from './model.js';
import { parseLines } from './parse.js';
import { expandSource } from './preprocess.js';
import type { PreprocessOptions } from './preprocess.js';
import { isFatal } from './verdict.js';

export interface LoadOptions extends PreprocessOptions, BuildOptions {}

export interface Loaded {
  /** Undefined when a diagnostic is fatal for starting. */
  readonly model: Model | undefined;
  /** In the order of the files, each once. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads, parses, builds and checks. Never throws for anything that stands in a file; whether the daemon may go on is for
 * `isFatal(diagnostic, 'start' | 'reload')`.
 */
export function loadConfiguration(readSource: ReadSource, path: string, options: LoadOptions): Loaded {
  const findings = createFindings();
  const lines = expandSource(readSource, path, options, findings);
  const statements = parseLines(lines, findings);
  const values = readBlock(topLevel, statements, createReading(findings));
  const model = buildModel(values, options, findings);
  checkModel(model, values, findings);
  const diagnostics = orderDiagnostics(findings.all());
  return { model: diagnostics.some((diagnostic) => isFatal(diagnostic)) ? undefined : model, diagnostics };
}
