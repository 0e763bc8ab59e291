/**
 * Checkers that ask nothing: FILE_CHECK follows the number in a file, BFD_CHECK a session. What is told changes the server
 * at once, without retries.
 */

import type { FileCheck, FollowerConfig } from './config-check.js';

/** What has been told, by path and by session. */
export interface Followed {
  readonly files: ReadonlyMap<string, number>;
  readonly sessions: ReadonlyMap<string, boolean>;
}

export interface FollowerState {
  readonly up: boolean;
  /** Added to the server's weight while up. */
  readonly contribution: number;
}

const LARGEST = 2 ** 31;

/** What a follower makes of what has been told: a file that nobody has read counts as 0. */
export function judgeFollower({ check, alpha }: FollowerConfig, { files, sessions }: Followed): FollowerState {
  if (check.type === 'BFD_CHECK') return { up: sessions.get(check.session) ?? !alpha, contribution: 0 };
  return judgeFile(check, files.get(check.path) ?? 0);
}

function judgeFile({ weight, reverse }: FileCheck, value: number): FollowerState {
  if (weight === 0) return { up: (value === 0) !== reverse, contribution: 0 };
  const product = value * (reverse ? -weight : weight);
  const up = product > -LARGEST;
  return { up, contribution: up ? Math.min(LARGEST - 1, product) : 0 };
}
