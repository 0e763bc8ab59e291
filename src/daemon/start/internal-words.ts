/** First arguments that only the daemon itself gives: everything after them is the operator's command line. */

/** Of the detached supervisor. */
export const DETACHED = 'detached';

/** Whether this program could take over; --config-test is last, for programs that know no rehearsal. */
export const REHEARSAL = 'rehearsal';
