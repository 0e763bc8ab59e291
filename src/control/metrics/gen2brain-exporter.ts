/**
 * The names and labels of gen2brain/keepalived_exporter (`metrics_names gen2brain_exporter`). Its label `state` begins a new
 * series at each failover, and its counter of wrong TTLs shows wrong intervals; the first is kept, the second is not.
 */

import type { InstanceStatus, Status } from '../status.js';
import type { MetricFamily, Sample } from './family.js';

/** Metric, counter of vrrp/statistics.ts, meaning. */
const COUNTERS: readonly (readonly [name: string, counter: string, help: string])[] = [
  ['keepalived_vrrp_advert_rcvd', 'advertsReceived', 'Adverts received'],
  ['keepalived_vrrp_advert_sent', 'advertsSent', 'Adverts sent'],
  ['keepalived_vrrp_become_master', 'becameMaster', 'Times it became master'],
  ['keepalived_vrrp_release_master', 'releasedMaster', 'Times it stopped being master'],
  ['keepalived_vrrp_packet_len_err', 'lengthErrors', 'Wrong length'],
  ['keepalived_vrrp_advert_interval_err', 'advertIntervalErrors', 'Wrong interval'],
  ['keepalived_vrrp_ip_ttl_err', 'hopLimitErrors', 'Wrong TTL'],
  ['keepalived_vrrp_invalid_type_rcvd', 'packetTypeErrors', 'Wrong kind of packet'],
  ['keepalived_vrrp_addr_list_err', 'addressListErrors', 'Wrong list of addresses'],
  ['keepalived_vrrp_invalid_authtype', 'authenticationTypeErrors', 'Unknown authentication'],
  ['keepalived_vrrp_authtype_mismatch', 'authenticationMismatches', 'Other authentication'],
  ['keepalived_vrrp_auth_failure', 'authenticationFailures', 'Wrong secret'],
  ['keepalived_vrrp_pri_zero_rcvd', 'priorityZeroReceived', 'Goodbyes heard'],
  ['keepalived_vrrp_pri_zero_sent', 'priorityZeroSent', 'Goodbyes sent'],
];

export const GEN2BRAIN_FAMILIES: readonly MetricFamily[] = COUNTERS.map(([name, counter, help]) => ({
  name,
  help,
  type: 'counter',
  labels: ['name', 'intf', 'vrid', 'state'],
  samples: ({ vrrp }: Status): readonly Sample[] =>
    (vrrp?.instances ?? []).map((instance) => ({ labels: labelsOf(instance), value: instance.statistics[counter] ?? 0 })),
}));

function labelsOf({ name, interface: device, virtualRouterId, state }: InstanceStatus): readonly string[] {
  return [name, device, String(virtualRouterId), state];
}
