/**
 * The names and labels of gen2brain/keepalived_exporter (`metrics_names gen2brain_exporter`). Its label `state` begins a new
 * series at each failover, and its counter of wrong TTLs shows wrong intervals; the first is kept, the second is not.
 */

import type { FlowStatus, InstanceStatus, RealServerStatus, ServiceStatus, Status, TrafficStatus, VirtualServerStatus } from '../status.js';
import { EXPORTER_COUNTERS } from './exporter-counters.js';
import type { MetricFamily, Sample } from './family.js';

/** Each for services (vip) and for their servers (rs). */
const AMOUNTS: readonly { readonly name: string; readonly help: string; readonly amount: keyof FlowStatus }[] = [
  { name: 'in_packets', help: 'in packets', amount: 'packetsIn' },
  { name: 'out_packets', help: 'out packets', amount: 'packetsOut' },
  { name: 'in_bytes', help: 'in bytes', amount: 'bytesIn' },
  { name: 'out_bytes', help: 'out bytes', amount: 'bytesOut' },
  { name: 'conn', help: 'connections', amount: 'connections' },
];

export const GEN2BRAIN_FAMILIES: readonly MetricFamily[] = [
  ...EXPORTER_COUNTERS.map(({ gen2brainExporter: name, counter, help }): MetricFamily => ({
    name,
    help,
    type: 'counter',
    labels: ['name', 'intf', 'vrid', 'state'],
    samples: ({ vrrp }) => (vrrp?.instances ?? []).map((instance) => ({ labels: labelsOf(instance), value: instance.statistics[counter] ?? 0 })),
  })),
  ...AMOUNTS.map(({ name, help, amount }) => lvsFamily(`keepalived_lvs_vip_${name}`, `VIP ${help}`, ['addr', 'proto'], amount, vipRows)),
  ...AMOUNTS.map(({ name, help, amount }) => lvsFamily(`keepalived_lvs_rs_${name}`, `RS ${help}`, ['vip', 'addr', 'proto'], amount, serverRows)),
];

function labelsOf({ name, interface: device, virtualRouterId, state }: InstanceStatus): readonly string[] {
  return [name, device, String(virtualRouterId), state];
}

interface Row {
  readonly labels: readonly string[];
  readonly traffic: TrafficStatus;
}

function lvsFamily(
  name: string,
  help: string,
  labels: readonly string[],
  amount: keyof FlowStatus,
  rows: (server: VirtualServerStatus) => readonly Row[],
): MetricFamily {
  const samples = ({ lvs }: Status): readonly Sample[] =>
    (lvs?.virtualServers ?? []).flatMap(rows).map((row) => ({ labels: row.labels, value: row.traffic[amount] }));
  return { name, help, type: 'counter', labels, samples };
}

function vipRows({ services }: VirtualServerStatus): readonly Row[] {
  return services.flatMap((service) => (service.traffic === undefined ? [] : [{ labels: [vip(service), protocolNumber(service)], traffic: service.traffic }]));
}

function serverRows({ services, realServers }: VirtualServerStatus): readonly Row[] {
  return services.flatMap((service, i) =>
    realServers.flatMap((server) => {
      const traffic = server.perService === undefined ? server.traffic : server.perService[i]?.traffic;
      return traffic === undefined ? [] : [{ labels: [vip(service), addressOf(server, service), protocolNumber(service)], traffic }];
    }),
  );
}

/** IPv6 without brackets; a mark has no address, and that exporter prints it so. */
function vip({ address = '<nil>', port = 0 }: ServiceStatus): string {
  return `${address}:${port}`;
}

/** As the kernel has it: only masquerading has a port of its own. */
function addressOf({ address, port, method }: RealServerStatus, service: ServiceStatus): string {
  return `${address}:${method === 'nat' ? port : (service.port ?? 0)}`;
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;

function protocolNumber({ protocol }: ServiceStatus): string {
  return String(protocol === undefined ? 0 : PROTOCOL_NUMBERS[protocol]);
}
