/**
 * The director as keepalived's JSON file has it (SIGRTMIN+2): exporters and web pages read its fields by name, so names,
 * order, numbers and the text of addresses are an interface. What holdfast knows beyond them is told by its control API.
 */

import { seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { TrackProcessConfig, Tracks } from '../vrrp/config/track.js';
import type { InstanceConfig, NotifyScripts } from '../vrrp/config.js';
import type { DirectorState } from '../vrrp/director.js';
import type { Instance } from '../vrrp/instance/state.js';
import type { Statistics } from '../vrrp/instance/statistics.js';
import type { ProcessTracker, Trackers } from '../vrrp/tracking/tracker-state.js';
import { commandWords } from './command-text.js';
import { virtualAddressText } from './instance-text.js';
import { routeText, ruleText } from './network-text.js';
import { wantedState } from './vrrp-data-text.js';

/** keepalived's numbers of states. */
const STATES = { initialize: 0, backup: 1, master: 2, fault: 3 } as const;
const WANTED = { BACKUP: STATES.backup, MASTER: STATES.master, FAULT: STATES.fault } as const;
const AUTHENTICATION_TYPES = { none: 0, pass: 1, ah: 2 } as const;
/** keepalived 2.4 shows that there is a password, never which. */
const MASKED = '********';

/** json_version: 1 is a list of instances, 2 an object that has tracked processes too. */
export type JsonLayout = 1 | 2;

/**
 * The text of the file, one line. Undefined when there is no instance: keepalived writes nothing then. `wallClock` turns an
 * instant of the machine into seconds since 1970.
 */
export function vrrpJson(
  { instances, trackers }: Pick<DirectorState, 'instances' | 'trackers'>,
  layout: JsonLayout,
  wallClock: (instant: Micros) => number,
): string | undefined {
  if (instances.length === 0) return undefined;
  const rows = instances.map((instance) => ({ data: dataOf(instance, trackers, wallClock), stats: statisticsOf(instance.statistics) }));
  const content = layout === 1 ? rows : { vrrp: rows, track_process: [...trackers.processes.values()].map(processOf) };
  return `${JSON.stringify(content).replaceAll('/', '\\/')}\n`;
}

function dataOf(instance: Instance, trackers: Trackers, wallClock: (instant: Micros) => number): object {
  const { config, addresses, master, state } = instance;
  const { announcements, device, tracks = {} } = config;
  const virtual = device?.virtual?.name;
  return {
    iname: config.name,
    dont_track_primary: Number(!config.trackPrimary),
    skip_check_adv_addr: Number(config.skipCheckAdvertAddresses),
    strict_mode: Number(config.strict === true),
    vmac_ifname: virtual ?? '',
    ifp_ifname: virtual ?? config.interface,
    master_priority: master?.priority ?? 0,
    last_transition: Number(wallClock(instance.since).toFixed(6)),
    garp_delay: wholeSeconds(announcements.masterDelay),
    garp_refresh: wholeSeconds(announcements.masterRefresh),
    garp_rep: announcements.masterRepeat,
    garp_refresh_rep: announcements.masterRefreshRepeat,
    garp_lower_prio_delay: wholeSeconds(announcements.lowerPriorityDelay),
    garp_lower_prio_rep: announcements.lowerPriorityRepeat,
    lower_prio_no_advert: Number(config.lowerPriorityNoAdvert),
    higher_prio_send_advert: Number(config.higherPrioritySendAdvert),
    vrid: config.virtualRouterId,
    base_priority: config.priority,
    effective_priority: instance.priority,
    vipset: addresses.held.length > 0,
    promote_secondaries: device?.promoteSecondaries === true,
    adver_int: config.advertInterval / seconds(1),
    master_adver_int: instance.masterInterval / seconds(1),
    accept: Number(config.accept !== false),
    nopreempt: !config.preempt,
    preempt_delay: config.preemptDelay / seconds(1),
    state: STATES[state.role],
    wantstate: WANTED[wantedState(instance)],
    version: config.version,
    smtp_alert: config.notifyOptions?.mail === true,
    notify_deleted: config.notifyOptions?.deleted === true,
    ...scriptsOf(config.notify),
    ...texts('vips', config.virtualAddresses.map((address) => virtualAddressText(address, config, addresses.held))),
    ...texts('evips', config.excludedAddresses.map((address) => virtualAddressText(address, config, addresses.held))),
    ...texts('vroutes', (config.routes ?? []).map(routeText)),
    ...texts('vrules', (config.rules ?? []).map(ruleText)),
    ...trackedBy(config, tracks, trackers),
    auth_type: AUTHENTICATION_TYPES[config.authentication.type],
    ...(config.authentication.type === 'none' ? {} : { auth_data: MASKED }),
  };
}

function wholeSeconds(span: Micros): number {
  return Math.floor(span / seconds(1));
}

function scriptsOf(notify: NotifyScripts): object {
  const { backup, master, fault, stop, deleted, any, masterReceivedLowerPriority } = notify;
  const named = {
    script_backup: backup,
    script_master: master,
    script_fault: fault,
    script_stop: stop,
    script_deleted: deleted,
    script: any,
    script_master_rx_lower_pri: masterReceivedLowerPriority,
  };
  return Object.fromEntries(Object.entries(named).flatMap(([key, command]) => (command === undefined ? [] : [[key, commandWords(command)]])));
}

/** keepalived names scripts by their command, processes and interfaces by their name. */
function trackedBy({ trackInterfaces }: InstanceConfig, { scripts = [], processes = [] }: Tracks, trackers: Trackers): object {
  const commands = scripts.flatMap(({ name }) => trackers.scripts.get(name)?.config.command ?? []);
  return {
    ...texts('track_ifp', trackInterfaces.map((tracked) => tracked.interface)),
    ...texts('track_script', commands.map(commandWords)),
    ...texts('track_process', processes.map(({ name }) => name)),
  };
}

function texts(key: string, values: readonly string[]): object {
  return values.length === 0 ? {} : { [key]: values };
}

/** keepalived's numbers of param_match. */
const MATCHES: Readonly<Record<NonNullable<TrackProcessConfig['match']> | 'none', number>> = { none: 0, exact: 1, partial: 2, initial: 3 };
/** keepalived has no largest number as none: UINT_MAX. */
const NO_MAXIMUM = 0xffff_ffff;

function processOf({ config, count, up, changeAt }: ProcessTracker): object {
  const running = changeAt !== undefined;
  return {
    process: config.program,
    ...(config.parameters.length === 0 ? {} : { parameters: config.parameters.join(' ') }),
    param_match: MATCHES[config.match ?? 'none'],
    min_processes: config.quorum,
    max_processes: config.quorumMax ?? NO_MAXIMUM,
    current_processes: count ?? 0,
    have_quorum: up === true,
    weight: config.weight ?? 0,
    terminate_delay: config.terminateDelay / seconds(1),
    fork_delay: config.forkDelay / seconds(1),
    fork_delay_timer_running: running && up !== true,
    terminate_delay_timer_running: running && up === true,
    full_command: config.wholeCommand,
  };
}

function statisticsOf(statistics: Statistics): object {
  return {
    advert_rcvd: statistics.advertsReceived,
    advert_sent: statistics.advertsSent,
    become_master: statistics.becameMaster,
    release_master: statistics.releasedMaster,
    packet_len_err: statistics.lengthErrors,
    advert_interval_err: statistics.advertIntervalErrors,
    ip_ttl_err: statistics.hopLimitErrors,
    invalid_type_rcvd: statistics.packetTypeErrors,
    addr_list_err: statistics.addressListErrors,
    invalid_authtype: statistics.authenticationTypeErrors,
    authtype_mismatch: statistics.authenticationMismatches,
    auth_failure: statistics.authenticationFailures,
    auth_ext_missing: statistics.signaturesMissing,
    auth_ext_malformed: statistics.signaturesMalformed,
    auth_ext_unknown_key: statistics.signatureKeysUnknown,
    auth_ext_invalid_hmac: statistics.signaturesInvalid,
    auth_ext_stale: statistics.signaturesStale,
    auth_ext_replay: statistics.signaturesReplayed,
    pri_zero_rcvd: statistics.priorityZeroReceived,
    pri_zero_sent: statistics.priorityZeroSent,
  };
}
