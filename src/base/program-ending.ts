/** How a program that was run for its answer ended. */

export type ProgramEnding =
  | { readonly type: 'exited'; readonly status: number }
  | { readonly type: 'killed'; readonly signal: number }
  /** It was ended because it took too long. */
  | { readonly type: 'timedOut' }
  /** It could not be started; `reason` as the system names it. Counts as a failure. */
  | { readonly type: 'notStarted'; readonly reason: string };
