/** Reasons as sentences fit for a status line. Log sentences are keepalived's and stay in runtime. */

import { unreachable } from '../base/unreachable.js';
import type { ProbeFailure, SearchOutcome } from '../health/events.js';
import { faultText } from '../runtime/narrate/fault.js';
import type { InstanceDescription } from '../vrrp/describe.js';
import type { PriorityMove } from '../vrrp/tracking/track.js';

/** Why an instance is in the state it is in. */
export function stateReason(instance: InstanceDescription): string {
  const { state, priority, basePriority, masterAddress, masterPriority } = instance;
  switch (state) {
    case 'INIT':
      return 'it waits for word of its interfaces and trackers, or has been stopped';
    case 'FAULT':
      return instance.faults.length > 0 ? instance.faults.map(faultText).join(', ') : 'another member of its group is in FAULT';
    case 'MASTER':
      return basePriority === 255 ? 'it owns the addresses (priority 255)' : 'no router with a better priority is heard';
    case 'BACKUP': {
      if (masterAddress === undefined) return 'no master has been heard yet';
      const theirs = masterPriority ?? 0;
      const why = theirs < priority ? `, lower than our ${priority}: ${waitReason(instance)}` : `, ours is ${priority}`;
      return `${masterAddress} is master with priority ${theirs}${why}`;
    }
    default:
      return unreachable(state);
  }
}

function waitReason({ preempt }: InstanceDescription): string {
  return preempt ? 'it takes over when the master has been silent, or preempt_delay has passed' : 'nopreempt keeps it waiting';
}

const TRACKED: Readonly<Partial<Record<PriorityMove['tracked'], string>>> = { session: 'BFD session', virtualServer: 'virtual server' };

/** `-20 script check_nginx`. */
export function moveText({ tracked, name, change }: PriorityMove): string {
  if (tracked === 'operator') return `${change} it yields by hand`;
  return `${change > 0 ? '+' : ''}${change} ${TRACKED[tracked] ?? tracked} ${name}`;
}

/** What went wrong with a probe. */
export function failureText(failure: ProbeFailure): string {
  switch (failure.type) {
    case 'refused':
      return 'connection refused';
    case 'unreachable':
      return 'network unreachable';
    case 'hostUnreachable':
      return 'host unreachable';
    case 'connectTimeout':
      return 'no answer to the connection in time';
    case 'connectionFailed':
      return 'the connection failed';
    case 'tlsFailed':
      return `TLS failed: ${failure.detail}`;
    case 'sendFailed':
      return 'the question could not be sent';
    case 'readFailed':
      return 'the answer could not be read';
    case 'readTimeout':
      return 'no answer in time';
    case 'noData':
      return 'the connection was closed without an answer';
    case 'malformedReply':
      return 'the answer is malformed';
    case 'statusCode':
      return `HTTP status ${failure.status}`;
    case 'digest':
      return `the page has another digest (${failure.digest})`;
    case 'pattern':
      return PATTERN_OUTCOMES[failure.outcome];
    case 'badBanner':
      return 'the mail server does not greet with 220';
    case 'badHelo':
      return 'the mail server does not answer HELO with 250';
    case 'unexpected':
      return failure.detail;
    case 'otherReply':
      return 'another answer than wanted';
    case 'dnsError':
      return `DNS error ${failure.responseCode}`;
    case 'program':
      return endingText(failure.ending);
    default:
      return unreachable(failure);
  }
}

const PATTERN_OUTCOMES: Readonly<Record<SearchOutcome, string>> = {
  found: 'the page has what it must not have',
  missing: 'the page lacks what is looked for',
  unreadable: 'the page is no UTF-8',
  tooSlow: 'the search of the page took too long',
};

function endingText(ending: Extract<ProbeFailure, { type: 'program' }>['ending']): string {
  switch (ending.type) {
    case 'exited':
      return `the program ended with status ${ending.status}`;
    case 'killed':
      return `the program was killed by signal ${ending.signal}`;
    case 'notStarted':
      return `the program cannot be run: ${ending.reason}`;
    case 'timedOut':
      return 'the program took too long';
    default:
      return unreachable(ending);
  }
}
