/** vrrpInstanceTable of KEEPALIVED-MIB. */

import { seconds } from '../../../base/time.js';
import { commandWords } from '../../../runtime/command-text.js';
import type { Command } from '../../../base/command.js';
import type { InstanceDescription } from '../../../vrrp/describe.js';
import type { NotifyScripts } from '../../../vrrp/config.js';
import type { ShownDirector, ShownInstance } from '../configuration.js';
import { gauge, inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';

/** VrrpState of the MIB. */
export const STATES = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3, STOP: 5, DELETED: 6 } as const;

/** vrrpInstanceAuthType. */
const AUTHENTICATION = { none: 0, pass: 1, ah: 2 } as const;

/** InetAddressType of RFC 4001. */
export const ADDRESS_TYPES = { ipv4: 1, ipv6: 2 } as const;

/** Advert intervals of version 3 are told in these. */
const CENTISECOND = seconds(1) / 100;

export interface InstanceRow {
  readonly config: ShownInstance;
  readonly director: ShownDirector;
  /** Absent while the process shows nothing. */
  readonly live?: InstanceDescription;
}

/** Numbered from 1 as the file has them. */
export function instanceRows({ configuration, vrrp }: SnmpWorld): readonly Row<InstanceRow>[] {
  const live = byName(vrrp?.shown.instances);
  const { director } = configuration ?? {};
  return (director?.instances ?? []).flatMap((config, i) => {
    const shown = live.get(config.name);
    return director === undefined ? [] : [{ index: [i + 1], of: { config, director, ...(shown === undefined ? {} : { live: shown }) } }];
  });
}

export function instanceColumns(): readonly Column<SnmpWorld>[] {
  return table([...KEEPALIVED_VRRP, 3, 1], instanceRows, {
    2: ({ config }) => text(config.name),
    3: ({ config }) => gauge(config.virtualRouterId),
    4: ({ live }) => integer(STATES[live?.state ?? 'INIT']),
    5: ({ config }) => integer(config.wantsMaster ? STATES.MASTER : STATES.BACKUP),
    6: wantedState,
    7: (row) => integer(basePriority(row)),
    8: ({ config, live }) => integer(live?.priority ?? config.priority),
    9: ({ live }) => yesNo(live !== undefined && areAddressesSet(live)),
    10: ({ config }) => text(config.interface),
    11: ({ config }) => yesNo(config.trackPrimary),
    12: ({ config }) => gauge(config.advertInterval / (config.version === 3 ? CENTISECOND : seconds(1))),
    13: ({ config }) => yesNo(config.preempt),
    14: ({ config }) => gauge(config.preemptDelay / seconds(1)),
    15: ({ config }) => integer(AUTHENTICATION[config.authentication]),
    16: ({ config }) => yesNo(config.ipvsSyncInterface !== undefined),
    17: ({ config }) => optionalText(config.ipvsSyncInterface),
    18: ({ live }) => optionalText(live?.group),
    19: ({ config }) => gauge(config.announcements.masterDelay / seconds(1)),
    20: ({ config }) => yesNo(config.notifyOptions?.mail === true),
    21: ({ config }) => yesNo(hasScripts(config.notify)),
    22: ({ config }) => script(config.notify.master),
    23: ({ config }) => script(config.notify.backup),
    24: ({ config }) => script(config.notify.fault),
    25: ({ config }) => script(config.notify.stop),
    26: ({ config }) => script(config.notify.any),
    27: ({ config }) => (config.version === 3 ? yesNo(config.accept ?? true) : integer(0)),
    28: ({ config }) => yesNo(config.device?.promoteSecondaries === true),
    29: ({ config, director }) => yesNo(usesLinkbeat(config.interface, director)),
    30: ({ config }) => integer(config.version),
    31: ({ config }) => script(config.notify.masterReceivedLowerPriority),
    32: ({ config }) => script(config.notify.deleted),
    33: ({ config }) => yesNo(config.notifyOptions?.deleted === true),
    34: ({ config }) => (config.unicast === undefined ? integer(ADDRESS_TYPES[config.family]) : undefined),
    35: ({ config, director }) => (config.unicast === undefined ? multicastGroup(config, director) : undefined),
  });
}

/** As it counts: what a manager has set is there at once, before the process shows it. */
export function basePriority({ config }: InstanceRow): number {
  return config.yielded?.priority ?? config.priority;
}

function wantedState({ live }: InstanceRow): SnmpValue {
  return integer(STATES[live?.state ?? 'INIT']);
}

/** All that the kernel has been asked for are there; none while the instance is not master. */
function areAddressesSet({ virtualAddresses, heldAddresses }: InstanceDescription): boolean {
  const held = new Set(heldAddresses);
  return virtualAddresses.every(({ address }) => held.has(address));
}

function usesLinkbeat(name: string, { linkPolling }: ShownDirector): boolean {
  return linkPolling !== undefined && (linkPolling.all || linkPolling.interfaces.some((each) => each.interface === name));
}

function multicastGroup({ family, multicastDestination }: ShownInstance, { multicastGroup4, multicastGroup6 }: ShownDirector): SnmpValue {
  return inetAddress(multicastDestination ?? (family === 'ipv4' ? multicastGroup4 : multicastGroup6));
}

/** Whether there is anything to run on a change of state. */
export function hasScripts({ master, backup, fault, stop, any }: NotifyScripts): boolean {
  return [master, backup, fault, stop, any].some((command) => command !== undefined);
}

export function script(command: Command | undefined): SnmpValue | undefined {
  return command === undefined ? undefined : text(commandWords(command));
}

export function optionalText(value: string | undefined): SnmpValue | undefined {
  return value === undefined ? undefined : text(value);
}
