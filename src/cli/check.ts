/** `holdfast check [FILE]`: everything that is odd about a configuration, for people and for programs. Starts nothing. */

import { Command, InvalidArgumentError, Option } from 'commander';

import type { Diagnostic } from '../base/source.js';
import { catalogEntry, findingKind } from '../conf/catalog.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { loadText } from './configuration.js';
import type { LoadedText } from './configuration.js';
import { comparePairOfFiles } from './pair.js';
import { CHECK_SCHEMA, renderJson } from './report/json.js';
import { renderGithub } from './report/github.js';
import { createReport, THRESHOLDS } from './report/report.js';
import type { Report, Threshold } from './report/report.js';
import { renderSarif } from './report/sarif.js';
import { renderText } from './report/text.js';
import { FINDINGS } from './status.js';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

type Judged = Pick<LoadedText, 'diagnostics' | 'lineAt'>;

interface CheckOptions {
  readonly format: (typeof FORMATS)[number];
  readonly failOn: Threshold;
  readonly allow?: readonly string[];
  readonly ignore?: readonly string[];
  readonly pair?: true;
  readonly compat?: true;
  readonly offline?: true;
  readonly configId?: string;
  readonly color: 'auto' | 'always' | 'never';
  readonly schema?: true;
}

const AFTER_HELP = `
Every finding has a code (HF-nnn); holdfast explain CODE says more. Warnings make the check fail unless --fail-on says
otherwise; --allow CODE shows the findings of a code without failing. Findings of severity info never fail, unless
--fail-on info.

With --pair only what the two files disagree about is told, without facts of this machine; check each of them by itself too.

Exit status: 0 clean, 1 findings that fail, 2 a command line that is not understood; with --compat that of keepalived -t:
0 clean, 2 a parameter is missing, 4 an interface or file problem, 5 any other, 6 script security or an include that
failed. A configuration file that does not exist is an error here (6 with --compat), where keepalived says 0.
`;

export function createCheckCommand(): Command {
  return new Command()
    .description('Says everything that is odd about a configuration: what keepalived would ignore, replace or refuse, and more.')
    .argument('[files...]', `the configuration (default: ${DEFAULT_CONFIGURATION_FILE}), or two with --pair`)
    .option('--pair', 'compare the configurations of two directors: what they must share, and where they drift')
    .addOption(new Option('--format <format>', 'how findings are printed').choices(FORMATS).default('text'))
    .addOption(new Option('--fail-on <severity>', 'from which severity on the check fails').choices(THRESHOLDS).default('warning'))
    .option('--allow <codes>', 'show findings of these codes, but do not fail for them', addCodes)
    .option('--ignore <codes>', 'leave out findings of these codes', addCodes)
    .option('--compat', "keepalived's own verdict: only what keepalived finds, and its exit status under -t")
    .option('--offline', 'judge the text alone, without the interfaces and the like of this machine')
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name); ID,ID with --pair')
    .addOption(new Option('--color <when>', 'colour the text').choices(['auto', 'always', 'never']).default('auto'))
    .option('--schema', 'print the JSON Schema of --format json and exit')
    .addHelpText('after', AFTER_HELP)
    .action((files: readonly string[], options: CheckOptions, command: Command) => {
      const { pair = false, compat = false } = options;
      const [first = DEFAULT_CONFIGURATION_FILE, second] = files;
      if (options.schema === true) {
        process.stdout.write(`${JSON.stringify(CHECK_SCHEMA, null, 2)}\n`);
      } else if (pair) {
        if (compat) command.error('error: --pair and --compat exclude each other');
        if (second === undefined || files.length > 2) return command.error('error: --pair needs two files');
        process.exitCode = answer([first, second], comparePairOfFiles(first, second, options.configId), options);
      } else {
        if (second !== undefined) return command.error('error: too many files; two of them are compared with --pair');
        process.exitCode = check(first, options);
      }
    });
}

function check(file: string, options: CheckOptions): number {
  const { configId, offline = false, compat = false } = options;
  const { diagnostics, lineAt } = loadText(file, { offline, ...(configId === undefined ? {} : { configId }) });
  return answer([file], { diagnostics: compat ? diagnostics.filter(isKeepalivedFinding) : diagnostics, lineAt }, options);
}

/** Prints the report and returns the exit status. */
function answer(files: readonly string[], { diagnostics, lineAt }: Judged, options: CheckOptions): number {
  const { compat = false } = options;
  const report = judge(files, diagnostics, lineAt, options);
  const status = compat ? report.keepalivedStatus : report.failed ? FINDINGS : 0;
  process.stdout.write(render(report, status, options));
  return status;
}

function judge(files: readonly string[], found: readonly Diagnostic[], lineAt: LoadedText['lineAt'], options: CheckOptions): Report {
  const { failOn, allow = [], ignore = [] } = options;
  return createReport(files, found, lineAt, { failOn, allowed: new Set(allow), ignored: new Set(ignore) });
}

function render(report: Report, status: number, { format, compat, color }: CheckOptions): string {
  switch (format) {
    case 'json':
      return renderJson(report);
    case 'sarif':
      return renderSarif(report, status);
    case 'github':
      return renderGithub(report);
    case 'text': {
      const verdict = compat === true ? `keepalived -t would end with status ${status}\n` : '';
      return renderText(report, wantsColour(color)) + verdict;
    }
  }
}

function isKeepalivedFinding({ code }: Diagnostic): boolean {
  return catalogEntry(code)?.verdict !== 'silent';
}

/** https://no-color.org: any value but the empty one means none. */
function wantsColour(when: CheckOptions['color']): boolean {
  if (when !== 'auto') return when === 'always';
  return process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** `HF-601` or `HF-601,HF-602`; given again it adds. */
function addCodes(text: string, before: readonly string[] = []): readonly string[] {
  const codes = text.split(',').map((code) => code.trim().toUpperCase());
  const unknown = codes.find((code) => findingKind(code) === undefined);
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no finding ${unknown}.`);
  return [...before, ...codes];
}
