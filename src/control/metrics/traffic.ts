/** Connections and traffic of virtual and real servers as the kernel counts them: holdfast's own names. */

import type { FlowStatus, RealServerStatus, Status, VirtualServerStatus } from '../status.js';
import { timestamp, type MetricFamily, type Sample } from './family.js';

type Counted = Pick<RealServerStatus, 'connections' | 'traffic'>;

/** What each amount of a flow is called. Rates are for Prometheus to make. */
const AMOUNTS: readonly { readonly name: string; readonly help: string; readonly amount: keyof FlowStatus }[] = [
  { name: 'connections_total', help: 'Connections begun.', amount: 'connections' },
  { name: 'incoming_packets_total', help: 'Packets of clients.', amount: 'packetsIn' },
  { name: 'outgoing_packets_total', help: 'Packets to clients; 0 where they do not come by (DR and TUN).', amount: 'packetsOut' },
  { name: 'incoming_bytes_total', help: 'Bytes of clients.', amount: 'bytesIn' },
  { name: 'outgoing_bytes_total', help: 'Bytes to clients; 0 where they do not come by (DR and TUN).', amount: 'bytesOut' },
];

const KEPT = [
  { name: 'connections_active', help: 'Connections that are open.', kind: 'active' },
  { name: 'connections_inactive', help: 'Connections that the kernel still remembers, those of UDP among them.', kind: 'inactive' },
  { name: 'connections_persistent', help: 'Templates of persistence.', kind: 'persistent' },
] as const;

export const TRAFFIC_FAMILIES: readonly MetricFamily[] = [
  {
    name: 'holdfast_ipvs_counted_timestamp_seconds',
    help: "When the kernel's counters were read last.",
    type: 'gauge',
    labels: [],
    samples: ({ lvs }) => (lvs?.countedAt === undefined ? [] : [{ labels: [], value: timestamp(lvs.countedAt) }]),
  },
  ...familiesOf('holdfast_virtual_server', ['virtual_server'], (server) => [{ labels: [server.name], counted: server }]),
  ...familiesOf('holdfast_real_server', ['virtual_server', 'real_server'], ({ name, realServers }) =>
    realServers.map((real) => ({ labels: [name, real.name], counted: real })),
  ),
];

interface Row {
  readonly labels: readonly string[];
  readonly counted: Counted;
}

function familiesOf(prefix: string, labels: readonly string[], rows: (server: VirtualServerStatus) => readonly Row[]): readonly MetricFamily[] {
  const samples = (value: (counted: Counted) => number | undefined) => ({ lvs }: Status): readonly Sample[] =>
    (lvs?.virtualServers ?? []).flatMap(rows).flatMap((row) => sample(row.labels, value(row.counted)));
  return [
    ...KEPT.map(({ name, help, kind }): MetricFamily => ({
      name: `${prefix}_${name}`,
      help,
      type: 'gauge',
      labels,
      samples: samples(({ connections }) => connections?.[kind]),
    })),
    ...AMOUNTS.map(({ name, help, amount }): MetricFamily => ({
      name: `${prefix}_${name}`,
      help,
      type: 'counter',
      labels,
      samples: samples(({ traffic }) => traffic?.[amount]),
    })),
  ];
}

function sample(labels: readonly string[], value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}
