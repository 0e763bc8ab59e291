/** Exit statuses that all commands share. */

/** The command worked, and what it found is not in order. */
export const FINDINGS = 1;

/** A command line that is not understood. */
export const USAGE_ERROR = 2;

/** The command worked, and the two things that it compared differ. */
export const DIFFERENCES = 3;

/** The same of genhash, which has keepalived's statuses. */
export const GENHASH_USAGE_ERROR = 1;

/** The same of monitor: UNKNOWN to those who run plugins. */
export const MONITOR_USAGE_ERROR = 3;
