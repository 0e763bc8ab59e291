/** Keeps the kernel's setting by which a flow ends with its server (PoolConfig.expireFlows): looks every second while it is wanted. */

import { LOOK_EVERY } from './filter-watch.js';
import { type KeptSettingNote, createKeptSettings } from './kept-settings.js';

const SETTING = { path: 'ipv4/vs/expire_nodest_conn', value: '1' } as const;

export interface FlowExpiry {
  readonly configure: (isWanted: boolean) => void;
  /** Puts the setting back, or with `keep` leaves it as it is. */
  readonly release: (keep: boolean) => void;
}

export interface FlowExpiryOptions {
  /** Where what the setting was is kept while it is changed. */
  readonly statePath: string;
  /** Runs something in the network namespace of IPVS. */
  readonly within: <T>(run: () => T) => T;
  readonly tell: (note: KeptSettingNote) => void;
}

/** Does nothing at all while nothing is wanted and no earlier process has left anything. */
export function createFlowExpiry({ statePath, within, tell }: FlowExpiryOptions): FlowExpiry {
  const settings = createKeptSettings(statePath, tell);
  let timer: NodeJS.Timeout | undefined;
  const look = (isWanted: boolean): void => {
    clearTimeout(timer);
    within(() => settings.configure(isWanted ? [SETTING] : []));
    settings.keep(false);
    // ip_vs may be loaded later.
    if (isWanted) timer = setTimeout(() => look(true), LOOK_EVERY);
  };
  return {
    configure: (isWanted) => {
      if (isWanted || settings.isKept()) look(isWanted);
    },
    release: (keep) => {
      clearTimeout(timer);
      if (!keep && settings.isKept()) look(false);
    },
  };
}
