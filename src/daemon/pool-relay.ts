/**
 * The supervisor's part in track_virtual_server and manual_resume: what the checkers say of their pools reaches the VRRP
 * process, at once and again whenever that starts, and the next checkers process. What was said outlives the checkers process:
 * its end is no failure of a pool, and the one that follows says nothing before it is certain.
 */

import type { PoolReport } from '../health/events.js';
import type { Child } from '../runtime/children-events.js';
import type { DirectorConfig } from '../vrrp/config.js';
import type { DownMessage } from './ipc.js';

export interface PoolRelay {
  readonly reported: (report: PoolReport) => void;
  /** All that has been said of what the configuration in force tracks, and of servers that are kept out. */
  readonly known: () => PoolReport;
}

/** `director` is the configuration in force. */
export function createPoolRelay(send: (child: Child, message: DownMessage) => void, director: () => DirectorConfig | undefined): PoolRelay {
  const quorums = new Map<string, boolean>();
  let holds: readonly string[] = [];
  const tracked = (): PoolReport['quorums'] => {
    const { instances = [], groups = [] } = director() ?? {};
    const names = new Set([...instances, ...groups].flatMap(({ tracks }) => tracks?.virtualServers ?? []).map(({ name }) => name));
    return [...quorums].flatMap(([virtualServer, up]) => (names.has(virtualServer) ? [{ virtualServer, up }] : []));
  };
  return {
    reported: (report) => {
      for (const { virtualServer, up } of report.quorums) quorums.set(virtualServer, up);
      ({ holds } = report);
      const told = tracked();
      if (told.length > 0) send('vrrp', { type: 'quorums', quorums: told });
    },
    known: () => ({ quorums: tracked(), holds }),
  };
}
