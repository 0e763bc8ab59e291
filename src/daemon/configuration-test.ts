/** --config-test: prints every finding and says by its exit status how grave they are. Starts nothing. */

import { writeFileSync } from 'node:fs';
import { formatDiagnostic } from '../base/source.js';
import { testStatus } from '../conf/verdict.js';
import { errorCodeOf } from '../io/files.js';
import { readConfiguration } from './configuration.js';
import type { Options } from './options.js';

export interface ConfigurationTest {
  readonly options: Options;
  readonly logFile?: string;
  readonly remarks: readonly string[];
}

/**
 * Returns the exit status: keepalived's classes (0, 2, 4, 5, 6), and 6 for a file that is missing or a directory, where
 * keepalived says 0. Findings go to standard error, or are appended to the file given with --config-test=FILE.
 */
export function testConfiguration({ options, logFile, remarks }: ConfigurationTest): number {
  const { diagnostics } = readConfiguration(options);
  const text = [...remarks, ...diagnostics.map(formatDiagnostic)].map((line) => `${line}\n`).join('');
  if (logFile === undefined) {
    process.stderr.write(text);
    return testStatus(diagnostics);
  }
  try {
    writeFileSync(logFile, text, { flag: 'a', mode: 0o600 });
    return testStatus(diagnostics);
  } catch (error) {
    process.stderr.write(`Cannot write ${logFile}: ${errorCodeOf(error)}\n${text}`);
    return 1;
  }
}
