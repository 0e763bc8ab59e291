/** What a list of findings means: for starting, for a reload, and for the exit status of `-t`. */

import type { Diagnostic } from '../base/source.js';
import { CATALOG, catalogEntry } from './catalog.js';
import type { Verdict } from './catalog.js';

/**
 * True when the daemon must not go on with this configuration: at `start` what would end keepalived, at `reload` also text
 * with broken structure, so that a slip of the editor never replaces a running configuration.
 */
export function isFatal(diagnostic: Diagnostic, when: 'start' | 'reload' = 'start'): boolean {
  const stops = catalogEntry(diagnostic.code)?.stops ?? 'nothing';
  return stops === 'start' || (when === 'reload' && stops === 'reload');
}

/**
 * The exit status of `-t`: keepalived's (0 clean, 2 parameter missing, 4 fatal only, 5 any other problem, 6 include or
 * script security), except that a missing file is 6 where keepalived says 0, and that findings keepalived would not
 * mention at all (what holdfast does not support yet) count as a problem.
 */
export function testStatus(diagnostics: readonly Diagnostic[]): 0 | 2 | 4 | 5 | 6 {
  const status = keepalivedStatus(diagnostics);
  return status === 0 && diagnostics.some((diagnostic) => diagnostic.severity !== 'info') ? 5 : status;
}

/** The status keepalived's own `-t` would give for the same text; findings it does not make do not count. */
export function keepalivedStatus(diagnostics: readonly Diagnostic[]): 0 | 2 | 4 | 5 | 6 {
  const inOrder = diagnostics.map((diagnostic): Verdict => catalogEntry(diagnostic.code)?.verdict ?? 'general');
  const verdicts = new Set(inOrder);
  // An include that failed before keepalived stops at a missing parameter is what it reports.
  const failed = diagnostics.findIndex(({ code }) => code === CATALOG.includeFailed.code);
  if (verdicts.has('parameter')) return failed !== -1 && failed < inOrder.indexOf('parameter') ? 6 : 2;
  if (verdicts.has('security')) return 6;
  if (verdicts.has('general')) return 5;
  return verdicts.has('fatal') ? 4 : 0;
}
