/**
 * The supervisor's part in track_virtual_server, manual_resume and nftables_ipvs: what the checkers say of their pools reaches the
 * VRRP process, at once and again whenever that starts, and the next checkers process. What was said outlives the checkers process:
 * its end is no failure of a pool, and the one that follows says nothing before it is certain. The services that it had in the
 * kernel are known to the next one. Who waits for an operator, and which group has which firewall mark, outlives the daemon too.
 */

import type { PoolReport } from '../../health/events.js';
import type { GroupMarks } from '../../health/marks.js';
import type { ServiceKey } from '../../ipvs/tables.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { DirectorConfig } from '../../vrrp/config.js';
import { areGroupMarks, areNames } from '../children/ipc.js';
import type { DownMessage } from '../children/ipc.js';
import { keepState, recallState } from '../operator/state-file.js';

/** All that has been said of what the configuration in force tracks, of servers that are kept out, and of marks. */
export interface KnownPools extends PoolReport {
  readonly marks: GroupMarks;
  /** That may be in the kernel by the checkers' doing: what the next process does not want it has to remove. */
  readonly services: readonly ServiceKey[];
}

export interface PoolRelay {
  /** Reads what an earlier daemon knew. Once, before anything is reported. */
  readonly remember: (path: string) => void;
  /** What the daemon before had been told, at a restart in place; its services are ours to remove where the new file has none. */
  readonly inherit: (told: Pick<KnownPools, 'quorums' | 'services'>) => void;
  readonly reported: (report: PoolReport) => void;
  readonly marked: (marks: GroupMarks) => void;
  readonly owned: (services: readonly ServiceKey[]) => void;
  readonly known: () => KnownPools;
  /** For the next program's `inherit`. */
  readonly heritage: () => Pick<KnownPools, 'quorums' | 'services'>;
}

/** What outlives the daemon. */
type Kept = Pick<KnownPools, 'holds' | 'marks'>;

export interface PoolRelayPorts {
  readonly send: (child: Child, message: DownMessage) => void;
  /** The configuration in force. */
  readonly director: () => DirectorConfig | undefined;
  readonly tell: (note: LifecycleNote) => void;
}

export function createPoolRelay({ send, director, tell }: PoolRelayPorts): PoolRelay {
  const quorums = new Map<string, boolean>();
  let kept: Kept = { holds: [], marks: [] };
  let services: readonly ServiceKey[] = [];
  let path: string | undefined;
  const keep = (next: Kept): void => {
    const isNews = JSON.stringify(next) !== JSON.stringify(kept);
    kept = next;
    const reason = isNews && path !== undefined ? keepState(path, kept) : undefined;
    if (path !== undefined && reason !== undefined) tell({ type: 'unwritable', path, reason });
  };
  const tracked = (): PoolReport['quorums'] => {
    const { instances = [], groups = [] } = director() ?? {};
    const names = new Set([...instances, ...groups].flatMap(({ tracks }) => tracks?.virtualServers ?? []).map(({ name }) => name));
    return [...quorums].flatMap(([virtualServer, up]) => (names.has(virtualServer) ? [{ virtualServer, up }] : []));
  };
  return {
    remember: (file) => {
      path = file;
      kept = recallState(file, isKept, (reason) => tell({ type: 'poolsForgotten', path: file, reason })) ?? kept;
    },
    inherit: (told) => {
      for (const { virtualServer, up } of told.quorums) quorums.set(virtualServer, up);
      ({ services } = told);
    },
    reported: (report) => {
      for (const { virtualServer, up } of report.quorums) quorums.set(virtualServer, up);
      keep({ ...kept, holds: report.holds });
      const told = tracked();
      if (told.length > 0) send('vrrp', { type: 'quorums', quorums: told });
    },
    marked: (marks) => keep({ ...kept, marks }),
    owned: (now) => {
      services = now;
    },
    known: () => ({ quorums: tracked(), ...kept, services }),
    heritage: () => ({ quorums: tracked(), services }),
  };
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'holds' in value && 'marks' in value && areNames(value.holds) && areGroupMarks(value.marks);
}
