/**
 * The supervisor's part in lvs_sync_daemon: what the VRRP process says of who is master reaches the checkers, who keep the
 * sync daemons of IPVS. What was said outlives the VRRP process: the next one adopts its masters.
 */

import type { PoolConfig } from '../../health/config.js';
import type { Child } from '../../runtime/children-events.js';
import type { DownMessage } from '../children/ipc.js';

export interface MasterRelay {
  readonly reported: (masters: readonly string[]) => void;
  /** All that has been said. */
  readonly told: () => readonly string[];
  /** The same for a process that starts; nothing when nobody follows an instance. */
  readonly known: () => readonly string[];
}

/** `pool` is the one in force. */
export function createMasterRelay(send: (child: Child, message: DownMessage) => void, pool: () => PoolConfig | undefined): MasterRelay {
  let known: readonly string[] = [];
  const isFollowed = (): boolean => pool()?.syncDaemon?.instance !== undefined;
  return {
    reported: (masters) => {
      known = masters;
      if (isFollowed()) send('checkers', { type: 'masters', masters });
    },
    told: () => known,
    known: () => (isFollowed() ? known : []),
  };
}
