/** What the page remembers while it is open: answers of checks and changes of state, bounded. Pure. */

import type { ControlEvent, Status } from '../control/status.js';

/** Answers kept of one check. */
const MOST_ANSWERS = 240;
/** Changes kept of all together. */
const MOST_EVENTS = 500;

export interface Answer {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly milliseconds: number;
  readonly passed: boolean;
}

export interface History {
  /** Takes the newest answer of each check; one that is known already changes nothing. */
  readonly look: (status: Status) => void;
  readonly hear: (event: ControlEvent) => void;
  /** Of the check at `index` of a real server, oldest first. */
  readonly answers: (virtualServer: string, realServer: string, index: number) => readonly Answer[];
  /** Oldest first. */
  readonly events: () => readonly ControlEvent[];
}

export function createHistory(): History {
  const answers = new Map<string, Answer[]>();
  let events: readonly ControlEvent[] = [];

  const look = ({ lvs }: Status): void => {
    for (const virtual of lvs?.virtualServers ?? []) {
      for (const real of virtual.realServers) {
        real.checks.forEach(({ answeredAt, latencyMilliseconds, failure }, index) => {
          if (answeredAt === undefined || latencyMilliseconds === undefined) return;
          const key = keyOf(virtual.name, real.name, index);
          const known = answers.get(key) ?? [];
          const at = Date.parse(answeredAt);
          if (known.at(-1)?.at === at) return;
          known.push({ at, milliseconds: latencyMilliseconds, passed: failure === undefined });
          if (known.length > MOST_ANSWERS) known.shift();
          answers.set(key, known);
        });
      }
    }
  };
  return {
    look,
    hear: (event) => {
      if ((events.at(-1)?.id ?? 0) < event.id) events = [...events, event].slice(-MOST_EVENTS);
    },
    answers: (virtualServer, realServer, index) => answers.get(keyOf(virtualServer, realServer, index)) ?? [],
    events: () => events,
  };
}

function keyOf(virtualServer: string, realServer: string, index: number): string {
  return `${virtualServer} ${realServer} ${index}`;
}
