/**
 * The lints: what keepalived accepts without a word and what burns operators all the same. They judge a model that is
 * complete, run only when somebody asks (a daemon's log stays as keepalived's) and never change anything.
 */

import { lintAdvertSize, lintAuthentication, lintTakeoverTime } from './lints/adverts.js';
import { lintCheckOfItself, lintCoverage } from './lints/coverage.js';
import { lintDetectionTime, lintSlowRetries } from './lints/detection.js';
import { lintAnnouncements, lintGroups, lintRouterIds, lintWeights } from './lints/instances.js';
import { lintNoPreempt } from './lints/no-preempt.js';
import { lintPorts } from './lints/ports.js';
import { lintRepeatedChecks } from './lints/repeated-checks.js';
import { lintDatagrams, lintMaglev, lintPersistence, lintQuorum, lintThresholds } from './lints/scheduling.js';
import type { LintSubject } from './lints/subject.js';
import { lintUnchecked } from './lints/unchecked.js';

type Lint = (subject: LintSubject) => void;

const LINTS: readonly Lint[] = [
  lintNoPreempt,
  lintWeights,
  lintTakeoverTime,
  lintAdvertSize,
  lintAuthentication,
  lintRouterIds,
  lintAnnouncements,
  lintGroups,
  lintCoverage,
  lintUnchecked,
  lintDetectionTime,
  lintSlowRetries,
  lintRepeatedChecks,
  lintCheckOfItself,
  lintPorts,
  lintMaglev,
  lintPersistence,
  lintDatagrams,
  lintQuorum,
  lintThresholds,
];

/** Reports into `subject.findings`; `origins` must be those that were filled while this very model was built. */
export function lintModel(subject: LintSubject): void {
  for (const lint of LINTS) lint(subject);
}
