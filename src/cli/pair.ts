/** `holdfast check --pair`: loads the files of two directors and compares them. */

import type { Diagnostic } from '../base/source.js';
import { comparePair } from '../conf/pair.js';
import { isFatal } from '../conf/verdict.js';
import { loadText } from './configuration.js';
import type { LoadedText } from './configuration.js';

/**
 * What the two disagree about. A file that cannot run is not compared: then it is told why. At most one of the machines can
 * be this one, so its facts are left out. `configIds`: one id for both, or `FIRST,SECOND`.
 */
export function comparePairOfFiles(
  first: string,
  second: string,
  configIds: string | undefined,
): Pick<LoadedText, 'diagnostics' | 'lineAt'> {
  const ids = configIds?.split(',');
  const load = (file: string, id: string | undefined): LoadedText =>
    loadText(file, { offline: true, ...(id === undefined ? {} : { configId: id }) });
  const one = load(first, ids?.[0]);
  const two = load(second, ids?.[1] ?? ids?.[0]);
  const lineAt: LoadedText['lineAt'] = (at) => one.lineAt(at) ?? two.lineAt(at);
  if (one.model === undefined || two.model === undefined) {
    const reasons: readonly Diagnostic[] = [...one.diagnostics, ...two.diagnostics].filter((diagnostic) => isFatal(diagnostic));
    return { diagnostics: reasons, lineAt };
  }
  const sides = [
    { file: first, model: one.model, origins: one.origins },
    { file: second, model: two.model, origins: two.origins },
  ] as const;
  return { diagnostics: comparePair(...sides), lineAt };
}
