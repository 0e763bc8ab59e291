/** What stands in the kernel beside the tables of IPVS: timeouts and sync daemons, how flows end, and what FULLNAT needs. */

import type { PoolConfig } from '../../health/config.js';
import { translatedServices } from '../../health/full-nat.js';
import { wantedSettings } from '../../health/sync-daemon.js';
import { createFlowExpiry } from '../../io/netlink/flow-expiry.js';
import { createFullNat } from '../../io/netlink/full-nat.js';
import { openIpvsSettings } from '../../io/netlink/ipvs-settings.js';
import { inNetworkNamespace } from '../../io/network-namespace.js';
import { narrateIpvsSettings } from '../../runtime/narrate/ipvs-settings.js';
import type { ChildContext } from '../children/child.js';
import { loadFilterModules } from './ipvs-module.js';

export interface IpvsSurroundings {
  /**
   * Calls back when what it needs is there, at once or, the first time that the packet filter has work to do, when its modules
   * are loaded: this process does not stand still for them.
   */
  readonly configure: (pool: PoolConfig, ready: () => void) => void;
  /** All VRRP instances that are master now. */
  readonly followMasters: (masters: readonly string[]) => void;
  /** Puts everything back, or with `keep` leaves all as it is; then calls back, whatever came of it. */
  readonly release: (keep: boolean, done: () => void) => void;
}

export function openIpvsSurroundings({ log, tell, settings }: ChildContext<'checkers'>): IpvsSurroundings {
  const { ipvsNamespace, pidFile } = settings;
  const within = <T>(run: () => T): T => (ipvsNamespace === undefined ? run() : inNetworkNamespace(ipvsNamespace, run));
  const ipvsSettings = within(() => openIpvsSettings((note) => log.log(narrateIpvsSettings(note))));
  const flowExpiry = createFlowExpiry({ statePath: `${pidFile}.flows`, within, tell });
  const fullNat = createFullNat({ statePath: `${pidFile}.fullnat`, within, tell });
  let pool: PoolConfig | undefined;
  let masters: readonly string[] = [];
  let isReleased = false;
  const keepSettings = (): void => {
    if (pool !== undefined) ipvsSettings.configure(wantedSettings(pool, new Set(masters)));
  };
  return {
    configure: (config, ready) => {
      pool = config;
      keepSettings();
      flowExpiry.configure(config.expireFlows === true);
      const translated = translatedServices(config);
      const begin = (): void => {
        if (isReleased) return;
        fullNat.configure(translated);
        ready();
      };
      if (translated.length === 0 && config.nftables === undefined) begin();
      else loadFilterModules(begin);
    },
    followMasters: (now) => {
      masters = now;
      keepSettings();
    },
    release: (keep, done) => {
      isReleased = true;
      flowExpiry.release(keep);
      fullNat.release(keep);
      ipvsSettings.release(keep, done);
    },
  };
}
