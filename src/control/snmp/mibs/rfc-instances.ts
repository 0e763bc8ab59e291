/** Instances as the MIBs of the RFCs number them: by the number of their interface. */

import { fromHex } from '../../../base/bytes.js';
import type { Counter } from '../../../vrrp/instance/statistics.js';
import type { InstanceHistory } from '../history.js';
import { octets } from '../values.js';
import type { SnmpValue } from '../values.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { instanceRows } from './vrrp-instances.js';
import type { InstanceRow } from './vrrp-instances.js';

/** vrrpOperState and vrrpv3OperationsStatus: an instance in FAULT counts as not started. */
export const STATUSES = { INIT: 1, BACKUP: 2, MASTER: 3, FAULT: 1 } as const;

/** RowStatus active of RFC 2579. */
export const ROW_ACTIVE = 1;

export interface NumberedInstance extends InstanceRow {
  readonly interfaceIndex: number;
  readonly mac: string | undefined;
  readonly history: InstanceHistory;
  /** Hundredths of a second since it takes part; 0 while it does not. */
  readonly upTime: number;
  /** When that began, as sysUpTime counts. */
  readonly startedAt: number;
}

/** Those whose interface exists, virtual MAC devices in its place. */
export function numbered(world: SnmpWorld): readonly NumberedInstance[] {
  const links = byName(world.vrrp?.shown.watched?.links);
  return instanceRows(world).flatMap(({ of }) => {
    const own = of.config.device?.virtual;
    const link = links.get(own?.name ?? '') ?? links.get(of.config.interface);
    if (link === undefined) return [];
    const history = world.history(of.config.name);
    const upTime = history.activeSince === undefined ? 0 : Math.max(0, (Date.now() - history.activeSince) / 10);
    const startedAt = history.activeSince === undefined ? 0 : Math.max(0, world.agentUpTime() - upTime);
    return [{ ...of, interfaceIndex: link.index, mac: own?.type === 'macvlan' ? own.mac : link.mac, history, upTime, startedAt }];
  });
}

export function macOctets({ mac }: NumberedInstance): SnmpValue | undefined {
  return mac === undefined ? undefined : octets(fromHex(mac.replaceAll(':', '')));
}

/** Over all instances: such an advert belongs to none. */
export function totalOf({ vrrp }: SnmpWorld, counter: Counter): number {
  return (vrrp?.shown.instances ?? []).reduce((sum, { statistics }) => sum + statistics[counter], 0);
}
