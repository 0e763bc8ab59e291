/**
 * The names and labels of gen2brain/keepalived_exporter (`metrics_names gen2brain_exporter`). Its label `state` begins a new
 * series at each failover, and its counter of wrong TTLs shows wrong intervals; the first is kept, the second is not.
 */

import type { InstanceStatus, Status } from '../status.js';
import { EXPORTER_COUNTERS } from './exporter-counters.js';
import type { MetricFamily, Sample } from './family.js';

export const GEN2BRAIN_FAMILIES: readonly MetricFamily[] = EXPORTER_COUNTERS.map(({ gen2brainExporter: name, counter, help }) => ({
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
