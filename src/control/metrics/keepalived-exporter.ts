/**
 * The names and labels of mehdy/keepalived-exporter, the exporter most dashboards for keepalived are drawn for, so that
 * they show holdfast unchanged (`metrics_names keepalived_exporter`).
 */

import type { AddressStatus, InstanceStatus, Status } from '../status.js';
import { EXPORTER_COUNTERS } from './exporter-counters.js';
import { flag, STATE_NUMBERS, type MetricFamily, type Sample } from './family.js';

const INSTANCE = ['iname', 'intf', 'vrid'] as const;

/** Of both exporters. */
export const UP_FAMILY: MetricFamily = {
  name: 'keepalived_up',
  help: 'Status',
  type: 'gauge',
  labels: [],
  samples: ({ daemon }) => [{ labels: [], value: flag(daemon !== undefined) }],
};

export const KEEPALIVED_EXPORTER_FAMILIES: readonly MetricFamily[] = [
  addressFamily('keepalived_vrrp_state', 'State of the instance, for each of its addresses', false),
  addressFamily('keepalived_vrrp_excluded_state', 'State of the instance, for each of its excluded addresses', true),
  {
    // That exporter runs a script for each address (--cs), which mostly asks whether somebody answers there.
    ...addressFamily('keepalived_exporter_check_script_status', 'Whether the address is held here, or by a master that is heard', false),
    samples: ({ vrrp }) => (vrrp?.instances ?? []).flatMap(servedSamples),
  },
  {
    name: 'keepalived_exporter_build_info',
    help: 'Always 1; what is asked is holdfast, not that exporter',
    type: 'gauge',
    labels: ['branch', 'goarch', 'goos', 'goversion', 'revision', 'tags', 'version'],
    samples: ({ daemon }) => (daemon === undefined ? [] : [{ labels: ['', '', 'linux', '', '', 'holdfast', daemon.version], value: 1 }]),
  },
  {
    name: 'keepalived_script_status',
    help: 'Result of the tracked script',
    type: 'gauge',
    labels: ['name'],
    samples: ({ vrrp }) => (vrrp?.scripts ?? []).map(({ name, up }) => ({ labels: [name], value: flag(up === true) })),
  },
  {
    name: 'keepalived_script_state',
    help: 'Whether the tracked script runs',
    type: 'gauge',
    labels: ['name'],
    samples: ({ vrrp }) => (vrrp?.scripts ?? []).map(({ name, running }) => ({ labels: [name], value: flag(running) })),
  },
  {
    // A setting, which that exporter calls a counter.
    ...instanceFamily('keepalived_gratuitous_arp_delay_total', 'garp_master_delay', (each) => each.gratuitousArpDelaySeconds),
    type: 'counter',
  },
  ...EXPORTER_COUNTERS.map(
    ({ keepalivedExporter: name, counter, help }): MetricFamily => ({
      ...instanceFamily(name, help, ({ statistics }) => statistics[counter] ?? 0),
      type: 'counter',
    }),
  ),
];

function instanceFamily(name: string, help: string, value: (instance: InstanceStatus) => number): MetricFamily {
  const samples = ({ vrrp }: Status): readonly Sample[] =>
    (vrrp?.instances ?? []).map((instance) => ({ labels: labelsOf(instance, instance.interface), value: value(instance) }));
  return { name, help, type: 'gauge', labels: INSTANCE, samples };
}

/** One series an address, named after the interface it goes to; one without address for an instance that has none. */
function addressFamily(name: string, help: string, excluded: boolean): MetricFamily {
  const samples = ({ vrrp }: Status): readonly Sample[] => (vrrp?.instances ?? []).flatMap((instance) => addressSamples(instance, excluded));
  return { name, help, type: 'gauge', labels: [...INSTANCE, 'ip_address'], samples };
}

function addressSamples(instance: InstanceStatus, excluded: boolean): readonly Sample[] {
  const value = STATE_NUMBERS[instance.state];
  const addresses = instance.addresses.filter((each) => each.excluded === excluded);
  if (addresses.length === 0 && !excluded) return [{ labels: [...labelsOf(instance, instance.interface), ''], value }];
  return addresses.map((each) => ({ labels: [...labelsOf(instance, each.interface), keepalivedText(each)], value }));
}

function servedSamples(instance: InstanceStatus): readonly Sample[] {
  const addresses = instance.addresses.filter(({ excluded }) => !excluded);
  return addresses.map((each) => ({ labels: [...labelsOf(instance, each.interface), keepalivedText(each)], value: flag(each.held || instance.master !== undefined) }));
}

function labelsOf({ name, virtualRouterId }: InstanceStatus, device: string): readonly string[] {
  return [name, device, String(virtualRouterId)];
}

/** As in keepalived's data files: a host's prefix length is left out. */
function keepalivedText({ address, prefixLength }: AddressStatus): string {
  return prefixLength === (address.includes(':') ? 128 : 32) ? address : `${address}/${prefixLength}`;
}
