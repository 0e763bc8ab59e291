/** The one way into this room: path to model and diagnostics. Reads through the given function only. */

import type { Diagnostic } from '../base/source.js';
import { buildModel } from './assembly/model.js';
import type { BuildOptions } from './assembly/context.js';
import { createFindings, orderDiagnostics } from './findings.js';
import type { ReadSource } from './include.js';
import { lintModel } from './lint.js';
import type { LintFacts } from './lints/subject.js';
import { topLevel } from './keywords/top-level.js';
import { createReading, readBlock } from './keywords/schema.js';
import type { Model } from './model.js';
import { createOrigins } from './origins.js';
import type { Origins } from './origins.js';
import { parseLines } from './parse.js';
import { expandSource } from './preprocess.js';
import type { PreprocessOptions } from './preprocess.js';
import { isFatal } from './verdict.js';

export interface LoadOptions extends PreprocessOptions, Omit<BuildOptions, 'origins'> {
  /** Asks for the lints (HF-6xx) too, with what is known of the machine; `{}` when nothing is. */
  readonly lints?: LintFacts;
  /** Filled with the places of the model's parts, for whoever judges the model further. */
  readonly origins?: Origins;
}

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
  const values = readBlock(topLevel, parseLines(lines, findings), createReading(findings, topLevel));
  const origins = options.origins ?? (options.lints === undefined ? undefined : createOrigins());
  const model = buildModel(values, { ...options, ...(origins === undefined ? {} : { origins }) }, findings);
  const fatal = findings.all().some((diagnostic) => isFatal(diagnostic));
  if (!fatal && origins !== undefined && options.lints !== undefined) lintModel({ model, origins, facts: options.lints, findings });
  const diagnostics = orderDiagnostics(findings.all());
  return { model: fatal ? undefined : model, diagnostics };
}
