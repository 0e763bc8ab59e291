/** `holdfast fmt [FILE...]`: configuration files printed back in one shape, without changing what they say. */

import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';

import { formatDiagnostic } from '../base/source.js';
import { printExpanded } from '../conf/format/expanded.js';
import { formatFile, reasonNotToWrite } from '../conf/format/format-file.js';
import { readStatements } from '../conf/format/meaning.js';
import type { ReadSource } from '../conf/include.js';
import type { LoadOptions } from '../conf/load.js';
import { textOptions } from '../daemon/configuration/configuration.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { errorCodeOf, replaceFile } from '../io/files/files.js';
import { readSource } from '../io/files/source-files.js';
import { FINDINGS } from './status.js';

interface FormatOptions {
  readonly check?: true;
  readonly write?: true;
  readonly expanded?: true;
  readonly configId?: string;
}

const AFTER_HELP = `
One statement a line, four blanks a level, the brace on the line of its keyword, usual keywords for old spellings, LF line
ends. Comments stay with their statements. Lines with conditions, definitions, sequences, includes and references are not
taken apart, and included files are left alone. Blanks that only look like blanks (no-break spaces and the like) become
blanks, which is said: keepalived reads them as parts of words.

What is printed is read again and compared with the original, statement by statement, before it is shown or written. --write
keeps owner and mode, and refuses a file whose braces or quotes are not in order: holdfast check says where.
A FILE of - is standard input.

Exit status: 0 all well, 1 with --check when a file would change, or when one cannot be read or written, 2 a command line that
is not understood.
`;

export function createFormatCommand(): Command {
  return new Command()
    .description('Prints configuration files back in one shape, without changing what they say.')
    .argument('[files...]', 'the files', [DEFAULT_CONFIGURATION_FILE])
    .addOption(new Option('--check', 'print the names of files that would change, and fail if there are any').conflicts(['write', 'expanded']))
    .addOption(new Option('--write', 'write each file back, if it changes').conflicts('expanded'))
    .option('--expanded', 'print the configuration with includes, definitions, conditions and sequences carried out')
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name)')
    .addHelpText('after', AFTER_HELP)
    .action((files: readonly string[], options: FormatOptions) => {
      const outcomes = files.map((file) => formatOne(file, options, textOptions(options.configId)));
      process.exitCode = outcomes.includes(false) ? FINDINGS : 0;
    });
}

/** False when this file makes the command fail; why has been said then. */
function formatOne(file: string, options: FormatOptions, reading: LoadOptions): boolean {
  const name = file === '-' ? '<stdin>' : file;
  const content = readContent(file);
  if (typeof content === 'string') return complain(`${name}: cannot be read: ${content}`);
  const source = withContent(name, content.text);
  if (options.expanded === true) {
    process.stdout.write(printExpanded(readStatements(source, name, reading).statements));
    return true;
  }
  const { text, mended, diagnostics } = formatFile(source, name, content.text, reading);
  if (text === undefined) return complain(`${name}: no other shape was found that says the same; please report this file`);
  if (mended) process.stderr.write(`${name}: blanks that only look like blanks become blanks: what keepalived makes of it changes\n`);
  if (options.check === true) {
    if (text === content.text) return true;
    process.stdout.write(`${name}\n`);
    return false;
  }
  if (options.write !== true || file === '-') {
    process.stdout.write(Buffer.from(text, content.encoding));
    return true;
  }
  const reason = reasonNotToWrite(diagnostics);
  if (reason !== undefined) return complain(`${name}: is not written: its meaning is uncertain\n${formatDiagnostic(reason)}`);
  if (text === content.text) return true;
  const problem = replaceFile(file, Buffer.from(text, content.encoding));
  return problem === undefined ? true : complain(`${name}: cannot be written: ${problem}`);
}

function complain(message: string): false {
  process.stderr.write(`${message}\n`);
  return false;
}

interface Content {
  readonly text: string;
  /** Comments may be in any character set: what is not UTF-8 goes through byte by byte. */
  readonly encoding: 'utf8' | 'latin1';
}

/** The content, or the code of the error that reading it made. */
function readContent(file: string): Content | string {
  try {
    const bytes = readFileSync(file === '-' ? 0 : file);
    const text = bytes.toString('utf8');
    return Buffer.from(text).equals(bytes) ? { text, encoding: 'utf8' } : { text: bytes.toString('latin1'), encoding: 'latin1' };
  } catch (error) {
    return errorCodeOf(error);
  }
}

/** The files of this machine, but the text that was read for the file itself. */
function withContent(name: string, text: string): ReadSource {
  return (pattern, directory) =>
    pattern === name && directory === undefined ? [{ path: name, text }] : readSource(pattern, directory);
}
