/** The same question asked of the same server in many places: pools that share their servers share their checks. */

import type { CheckerConfig } from '../../health/config-check.js';
import type { LintSubject } from './subject.js';
import { placeOfBlock } from '../origins.js';

interface Question {
  readonly checkers: CheckerConfig[];
}

/** One finding for the whole file, at the first check that repeats another. */
export function lintRepeatedChecks({ model, origins, findings }: LintSubject): void {
  const questions = new Map<string, Question>();
  let all = 0;
  for (const checker of model.pool.virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ checkers }) => checkers))) {
    const key = JSON.stringify(checker);
    const known = questions.get(key);
    if (known === undefined) questions.set(key, { checkers: [checker] });
    else known.checkers.push(checker);
    all += 1;
  }
  const [worst] = [...questions.values()].sort((a, b) => b.checkers.length - a.checkers.length);
  const [first, second] = worst?.checkers ?? [];
  const at = second === undefined ? undefined : origins.checkers.get(second);
  const original = first === undefined ? undefined : origins.checkers.get(first);
  if (worst === undefined || first === undefined || at === undefined || original === undefined) return;
  const asked = 'connection' in first.check ? `${first.check.connection.address} port ${first.check.connection.port}` : first.check.command.argv.join(' ');
  const place = placeOfBlock(original);
  findings.report(
    'repeatedChecks',
    placeOfBlock(at),
    `${all} checks ask ${questions.size} different questions; what is asked alike is asked once, and its answer shared`,
    `most often ${first.check.type} of ${asked}: ${worst.checkers.length} times, first at ${place.file}:${place.line}`,
  );
}
