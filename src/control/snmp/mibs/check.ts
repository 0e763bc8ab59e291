/** The part of KEEPALIVED-MIB about virtual servers, and what holds for IPVS as a whole. */

import { familyOf } from '../../../base/address.js';
import type { ConnectionTimeouts, SyncDaemonConfig } from '../../../health/config.js';
import { inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { scalars } from '../view.js';
import type { Column } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_CHECK } from './identifiers.js';
import { realServerColumns } from './real-servers.js';
import { virtualServerColumns } from './virtual-servers.js';
import { ADDRESS_TYPES, optionalText } from './vrrp-instances.js';
import { optionalNumber } from './vrrp-routes.js';

export function checkColumns(): readonly Column<SnmpWorld>[] {
  return [...virtualServerColumns(), ...realServerColumns(), ...syncDaemonColumns(), ...timeoutColumns()];
}

function syncDaemonColumns(): readonly Column<SnmpWorld>[] {
  const its = (read: (daemon: SyncDaemonConfig) => SnmpValue | undefined) => ({ configuration }: SnmpWorld) => {
    const daemon = configuration?.pool.syncDaemon;
    return daemon === undefined ? undefined : read(daemon);
  };
  return scalars<SnmpWorld>([...KEEPALIVED_CHECK, 6], {
    1: ({ configuration }) => (configuration === undefined ? undefined : yesNo(configuration.pool.syncDaemon !== undefined)),
    2: its((daemon) => text(daemon.interface)),
    3: its(({ instance }) => optionalText(instance)),
    4: its(({ syncId }) => integer(syncId ?? 0)),
    5: its(({ maxLength }) => optionalNumber(maxLength, integer)),
    6: its(({ port }) => optionalNumber(port, integer)),
    7: its(({ ttl }) => optionalNumber(ttl, integer)),
    8: its(({ group }) => (group === undefined ? undefined : integer(ADDRESS_TYPES[familyOf(group)]))),
    9: its(({ group }) => (group === undefined ? undefined : inetAddress(group))),
  });
}

function timeoutColumns(): readonly Column<SnmpWorld>[] {
  const its = (name: keyof ConnectionTimeouts) => ({ configuration }: SnmpWorld) => optionalNumber(configuration?.pool.timeouts?.[name], integer);
  return scalars<SnmpWorld>([...KEEPALIVED_CHECK, 7], { 1: its('tcp'), 2: its('tcpFin'), 3: its('udp') });
}
