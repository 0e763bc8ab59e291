/** --config-test: prints every finding and says by its exit status how grave they are. Starts nothing. */

import { formatDiagnostic } from '../../base/source.js';
import { testStatus } from '../../conf/verdict.js';
import { writeReport } from '../../io/files/files.js';
import { KernelError } from '../../io/kernel-error.js';
import type { Configuration } from '../configuration/configuration.js';
import { readConfiguration } from '../configuration/configuration.js';
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
  const configuration = read(options);
  if (typeof configuration === 'string') {
    process.stderr.write(`${configuration}\n`);
    return 1;
  }
  const { diagnostics } = configuration;
  const text = [...remarks, ...diagnostics.map(formatDiagnostic)].map((line) => `${line}\n`).join('');
  if (logFile === undefined) {
    process.stderr.write(text);
    return testStatus(diagnostics);
  }
  const problem = writeReport(logFile, text, { append: true });
  if (problem === undefined) return testStatus(diagnostics);
  process.stderr.write(`Cannot write ${logFile}: ${problem}\n${text}`);
  return 1;
}

/** The reason when the network namespace that the daemon would work in is out of reach. */
function read(options: Options): Configuration | string {
  try {
    return readConfiguration(options);
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
}
