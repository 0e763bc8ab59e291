/** Which processes a vrrp_track_process counts. */

import type { TrackProcessConfig } from '../config/track.js';

/** One process as the kernel shows it. */
export interface ProcessIdentity {
  /** At most 15 bytes of its name. */
  readonly comm: string;
  /** Its command line; empty for threads of the kernel. */
  readonly argv: readonly string[];
}

/** TASK_COMM_LEN without the NUL. */
const COMM_LENGTH = 15;

export function isTrackedProcess(
  { program, parameters, match, wholeCommand }: Pick<TrackProcessConfig, 'program' | 'parameters' | 'match' | 'wholeCommand'>,
  { comm, argv }: ProcessIdentity,
): boolean {
  if (!wholeCommand) return comm === program.slice(0, COMM_LENGTH);
  if (argv[0] !== program) return false;
  const given = argv.slice(1);
  if (match === undefined) return true;
  if (match === 'exact' ? given.length !== parameters.length : given.length < parameters.length) return false;
  return parameters.every((word, index) => {
    const isLast = index === parameters.length - 1;
    return match === 'initial' && isLast ? given[index]?.startsWith(word) === true : given[index] === word;
  });
}
