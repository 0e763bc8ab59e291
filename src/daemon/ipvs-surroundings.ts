/** What stands in the kernel beside the tables of IPVS: timeouts and sync daemons, and what FULLNAT needs. */

import type { PoolConfig } from '../health/config.js';
import { translatedServices } from '../health/full-nat.js';
import { wantedSettings } from '../health/sync-daemon.js';
import { createFullNat } from '../io/netlink/full-nat.js';
import { openIpvsSettings } from '../io/netlink/ipvs-settings.js';
import { inNetworkNamespace } from '../io/network-namespace.js';
import { narrateIpvsSettings } from '../runtime/narrate/ipvs-settings.js';
import type { ChildContext } from './child.js';

export interface IpvsSurroundings {
  readonly configure: (pool: PoolConfig) => void;
  /** All VRRP instances that are master now. */
  readonly followMasters: (masters: readonly string[]) => void;
  /** Puts everything back, or with `keep` leaves all as it is; then calls back, whatever came of it. */
  readonly release: (keep: boolean, done: () => void) => void;
}

export function openIpvsSurroundings({ log, tell, settings }: ChildContext<'checkers'>): IpvsSurroundings {
  const { ipvsNamespace, pidFile } = settings;
  const within = <T>(run: () => T): T => (ipvsNamespace === undefined ? run() : inNetworkNamespace(ipvsNamespace, run));
  const ipvsSettings = within(() => openIpvsSettings((note) => log.log(narrateIpvsSettings(note))));
  const fullNat = createFullNat({ statePath: `${pidFile}.fullnat`, within, tell });
  let pool: PoolConfig | undefined;
  let masters: readonly string[] = [];
  const keepSettings = (): void => {
    if (pool !== undefined) ipvsSettings.configure(wantedSettings(pool, new Set(masters)));
  };
  return {
    configure: (config) => {
      pool = config;
      keepSettings();
      fullNat.configure(translatedServices(config));
    },
    followMasters: (now) => {
      masters = now;
      keepSettings();
    },
    release: (keep, done) => {
      fullNat.release(keep);
      ipvsSettings.release(keep, done);
    },
  };
}
