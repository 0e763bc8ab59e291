/**
 * The supervisor's part in BFD: what the BFD process says of its sessions reaches the processes that follow them, at once and
 * again whenever one of those starts. What was said outlives the BFD process: its end is no failure of a path.
 */

import type { BfdConfig } from '../../bfd/config.js';
import type { Child } from '../../runtime/children-events.js';
import type { DownMessage, SessionChange } from '../children/ipc.js';

export interface SessionRelay {
  readonly reported: (change: SessionChange) => void;
  /** All that has been said. */
  readonly told: () => readonly SessionChange[];
  /** Of the sessions that `child` follows, all that has been said. */
  readonly knownTo: (child: Child) => readonly SessionChange[];
}

/** `config` is the one in force; sessions that it does not have are followed by nobody. */
export function createSessionRelay(send: (child: Child, message: DownMessage) => void, config: () => BfdConfig | undefined): SessionRelay {
  const known = new Map<string, SessionChange>();
  const follows = (child: Child, name: string): boolean => {
    const session = config()?.sessions.find((candidate) => candidate.name === name);
    if (session === undefined || child === 'bfd') return false;
    return child === 'vrrp' ? session.tellsVrrp : session.tellsCheckers;
  };
  return {
    reported: (change) => {
      known.set(change.session, change);
      for (const child of ['vrrp', 'checkers'] as const) {
        if (follows(child, change.session)) send(child, { type: 'session', change });
      }
    },
    told: () => [...known.values()],
    knownTo: (child) => [...known.values()].filter(({ session }) => follows(child, session)),
  };
}
