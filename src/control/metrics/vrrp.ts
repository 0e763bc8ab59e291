/** holdfast's own metrics of the daemon and of VRRP. */

import type { EventLoopStatus, InstanceStatus, Status } from '../status.js';
import { flag, STATE_NUMBERS, timestamp, type MetricFamily, type Sample } from './family.js';

/** Not `instance`: that is Prometheus's own word for whom it has scraped. */
const INSTANCE = ['vrrp_instance', 'interface', 'virtual_router_id'] as const;

/** What keepalived counts too, and what only we do; see vrrp/instance/statistics.ts. */
const COUNTERS: Readonly<Record<string, string>> = {
  advertsReceived: 'Adverts received.',
  advertsSent: 'Adverts sent.',
  becameMaster: 'Times it became master.',
  releasedMaster: 'Times it stopped being master.',
  priorityZeroReceived: 'Goodbyes of other masters heard.',
  priorityZeroSent: 'Goodbyes sent.',
  lengthErrors: 'Adverts refused: their length.',
  hopLimitErrors: 'Adverts refused: not from this link, by TTL or hop limit.',
  versionErrors: 'Adverts refused: version of VRRP.',
  authenticationTypeErrors: 'Adverts refused: unknown kind of authentication.',
  authenticationMismatches: 'Adverts refused: another kind of authentication.',
  authenticationFailures: 'Adverts refused: wrong secret.',
  advertIntervalErrors: 'Adverts refused: another interval.',
  packetTypeErrors: 'Adverts refused: kind of packet.',
  checksumErrors: 'Adverts refused: checksum.',
  addressListErrors: 'Adverts refused: another list of addresses.',
  signaturesMissing: 'Adverts refused: no signature.',
  signaturesMalformed: 'Adverts refused: malformed signature.',
  signatureKeysUnknown: 'Adverts refused: signed with an unknown key.',
  signaturesInvalid: 'Adverts refused: wrong signature.',
  signaturesStale: 'Adverts refused: signed too long ago.',
  signaturesReplayed: 'Adverts refused: heard before.',
  destinationErrors: 'Adverts refused: unicast instead of multicast, or the other way round.',
  sourceErrors: 'Adverts refused: not from a peer, or from too far away.',
  ignoredAsOwner: 'Adverts that the owner of the addresses ignored.',
  secondMasterAdverts: 'Adverts of a second master, heard while master.',
  strangerAdverts: 'Adverts of our virtual router with settings that are not ours.',
  driftedAdverts: 'Adverts with other addresses than ours.',
  addressClaims: 'Claims of others on an address we hold.',
};

export const VRRP_FAMILIES: readonly MetricFamily[] = [
  {
    name: 'holdfast_build_info',
    help: 'Always 1; the version is in the label.',
    type: 'gauge',
    labels: ['version'],
    samples: ({ daemon }) => (daemon === undefined ? [] : [{ labels: [daemon.version], value: 1 }]),
  },
  {
    name: 'holdfast_configuration_loaded_timestamp_seconds',
    help: 'When the configuration in force was loaded.',
    type: 'gauge',
    labels: [],
    samples: ({ daemon }) => (daemon === undefined ? [] : [{ labels: [], value: timestamp(daemon.configuration.loadedAt) }]),
  },
  {
    name: 'holdfast_process_up',
    help: '1 while the process runs.',
    type: 'gauge',
    labels: ['process'],
    samples: ({ daemon }) => (daemon?.processes ?? []).map(({ name, pid }) => ({ labels: [name], value: flag(pid !== undefined) })),
  },
  {
    name: 'holdfast_filter_repairs_total',
    help: "Changes of others to the daemon's tables of the packet filter that were put right.",
    type: 'counter',
    labels: [],
    samples: ({ daemon, filterRepairs = 0 }) => (daemon === undefined ? [] : [{ labels: [], value: filterRepairs }]),
  },
  {
    name: 'holdfast_process_shown_timestamp_seconds',
    help: 'When the process was last looked at: older than some seconds only where it hangs.',
    type: 'gauge',
    labels: ['process'],
    samples: ({ vrrp, lvs, bfd }) =>
      Object.entries({ vrrp, checkers: lvs, bfd }).flatMap(([name, part]) => (part === undefined ? [] : [{ labels: [name], value: timestamp(part.asOf) }])),
  },
  {
    name: 'holdfast_configuration_digest_info',
    help: 'Always 1: of what both directors must share, the same digest on both where they agree; part is vrrp or lvs.',
    type: 'gauge',
    labels: ['part', 'digest'],
    samples: ({ daemon }) => Object.entries(daemon?.configuration.digests ?? {}).map((labels) => ({ labels, value: 1 })),
  },
  ofEventLoop('holdfast_event_loop_lag_p99_seconds', 'How late the timers of the process were in the last minute: 99 of 100 not later.', ({ lagP99Milliseconds }) => lagP99Milliseconds),
  ofEventLoop('holdfast_event_loop_lag_max_seconds', 'How late the latest timer of the process was in the last minute.', ({ lagMaxMilliseconds }) => lagMaxMilliseconds),
  perInstance('holdfast_vrrp_state', 'Of the instance: 0 init, 1 backup, 2 master, 3 fault.', ({ state }) => STATE_NUMBERS[state]),
  perInstance('holdfast_vrrp_last_transition_timestamp_seconds', 'Last change of state.', ({ since }) => timestamp(since)),
  perInstance('holdfast_vrrp_priority_configured', 'Priority in the file.', ({ priority }) => priority.configured),
  perInstance('holdfast_vrrp_priority_effective', 'Priority that is announced, trackers counted in.', ({ priority }) => priority.effective),
  perInstance('holdfast_vrrp_faults', 'What keeps it from being backup or master.', ({ faults }) => faults.length),
  {
    name: 'holdfast_vrrp_address_held',
    help: '1 where the kernel confirmed that the address is on this host.',
    type: 'gauge',
    labels: [...INSTANCE, 'address'],
    samples: ({ vrrp }) =>
      (vrrp?.instances ?? []).flatMap((instance) =>
        instance.addresses.map(({ address, held }) => ({ labels: [...instanceLabels(instance), address], value: flag(held) })),
      ),
  },
  ...Object.entries(COUNTERS).map(
    ([counter, help]): MetricFamily => ({
      ...perInstance(`holdfast_vrrp_${snakeCase(counter)}_total`, help, ({ statistics }) => statistics[counter] ?? 0),
      type: 'counter',
    }),
  ),
];

function ofEventLoop(name: string, help: string, milliseconds: (status: EventLoopStatus) => number): MetricFamily {
  const samples = ({ daemon, vrrp, lvs, bfd, control }: Status): readonly Sample[] =>
    Object.entries({ supervisor: daemon, vrrp, checkers: lvs, bfd, control }).flatMap(([process, part]) =>
      part?.eventLoop === undefined ? [] : [{ labels: [process], value: milliseconds(part.eventLoop) / 1_000 }],
    );
  return { name, help, type: 'gauge', labels: ['process'], samples };
}

function perInstance(name: string, help: string, value: (instance: InstanceStatus) => number): MetricFamily {
  const samples = ({ vrrp }: Status): readonly Sample[] =>
    (vrrp?.instances ?? []).map((instance) => ({ labels: instanceLabels(instance), value: value(instance) }));
  return { name, help, type: 'gauge', labels: INSTANCE, samples };
}

function instanceLabels({ name, interface: device, virtualRouterId }: InstanceStatus): readonly string[] {
  return [name, device, String(virtualRouterId)];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
