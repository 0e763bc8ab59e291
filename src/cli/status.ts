/** Exit statuses that all commands share. */

/** A command line that is not understood. */
export const USAGE_ERROR = 2;
