/** Which IPVS sync daemons should run, given who is master. A choice and nothing else. */

import { given } from '../base/given.js';
import type { SyncDaemon, SyncRole, WantedSettings } from '../ipvs/settings.js';
import type { PoolConfig, SyncDaemonConfig } from './config.js';

/**
 * What a configuration asks of IPVS beside its tables while `masters` are the VRRP instances in state MASTER. A director
 * whose instance is not master receives, whatever else it is; without an instance it sends and receives.
 */
export function wantedSettings({ timeouts, syncDaemon }: PoolConfig, masters: ReadonlySet<string>): WantedSettings {
  return {
    ...(timeouts === undefined ? {} : { timeouts }),
    daemons: syncDaemon === undefined ? [] : rolesOf(syncDaemon, masters).map((role) => daemonOf(syncDaemon, role)),
  };
}

function rolesOf({ instance }: SyncDaemonConfig, masters: ReadonlySet<string>): readonly SyncRole[] {
  if (instance === undefined) return ['master', 'backup'];
  return [masters.has(instance) ? 'master' : 'backup'];
}

function daemonOf({ interface: name, syncId = 0, maxLength, port, ttl, group }: SyncDaemonConfig, role: SyncRole): SyncDaemon {
  return { role, interface: name, syncId, ...given({ maxLength, port, ttl, group }) };
}
