/**
 * What IPVS keeps beside its tables: how long idle connections are remembered, and the daemons that copy connections to
 * the other director. From what should be and what is to the fewest commands; it talks to nobody.
 */

import type { IpAddress } from '../base/address.js';

/** Seconds, as IPVS counts them. */
export interface Timeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

/** master sends, backup receives; the kernel runs at most one of each. */
export type SyncRole = 'master' | 'backup';

export interface SyncDaemon {
  readonly role: SyncRole;
  /** At most 15 characters. */
  readonly interface: string;
  /** 0-255; a backup with 0 listens to all. */
  readonly syncId: number;
  /** Largest datagram in bytes; absent = the kernel's choice. */
  readonly maxLength?: number;
  readonly port?: number;
  readonly ttl?: number;
  readonly group?: IpAddress;
}

export interface WantedSettings {
  /** 0 and absent: as it was before us. */
  readonly timeouts?: Partial<Timeouts>;
  readonly daemons: readonly SyncDaemon[];
}

export interface ActualSettings {
  readonly timeouts: Timeouts;
  readonly daemons: readonly SyncDaemon[];
}

/** What we have changed and must put back. */
export interface SettingsLedger {
  /** As they were before us; absent while we have not touched them. */
  readonly originals?: Timeouts;
  /** Roles whose daemon is ours. */
  readonly roles: ReadonlySet<SyncRole>;
}

export type SettingsOp =
  | { readonly type: 'setTimeouts'; readonly timeouts: Timeouts }
  | { readonly type: 'startDaemon' | 'stopDaemon'; readonly daemon: SyncDaemon };

/** What is worth telling an operator. */
export type SettingsNote =
  /** Done; `drift`: it puts right what somebody else has changed. */
  | { readonly type: 'settingChanged'; readonly op: SettingsOp; readonly drift: boolean }
  /** Told when it begins or its code changes, not on every retry. */
  | { readonly type: 'settingRefused'; readonly op: SettingsOp; readonly code: string; readonly errno: number };

export const NO_SETTINGS: WantedSettings = { daemons: [] };
export const EMPTY_LEDGER: SettingsLedger = { roles: new Set() };

/**
 * The ops that turn `actual` into what is wanted, and the ledger to keep once all are performed. A daemon that runs with other
 * settings than wanted is started again. One of the role that is not wanted is stopped when it is ours, or a predecessor's:
 * on the same interface with the same id. Others belong to somebody else and stay.
 */
export function planSettings(
  wanted: WantedSettings,
  actual: ActualSettings,
  ledger: SettingsLedger,
): { readonly ops: readonly SettingsOp[]; readonly ledger: SettingsLedger } {
  const ops: SettingsOp[] = [];
  const originals = ledger.originals ?? (wantsTimeouts(wanted) ? actual.timeouts : undefined);
  if (originals !== undefined) {
    const timeouts = wantedTimeouts(wanted.timeouts ?? {}, originals);
    if (!sameTimeouts(timeouts, actual.timeouts)) ops.push({ type: 'setTimeouts', timeouts });
  }
  const starting: SettingsOp[] = [];
  for (const role of ['master', 'backup'] as const) {
    const running = actual.daemons.find((daemon) => daemon.role === role);
    const want = wanted.daemons.find((daemon) => daemon.role === role);
    if (want !== undefined && running !== undefined && runsAs(want, running)) continue;
    const isOurs = want !== undefined || ledger.roles.has(role) || wanted.daemons.some((other) => running !== undefined && isAkin(other, running));
    if (running !== undefined && isOurs) ops.push({ type: 'stopDaemon', daemon: running });
    if (want !== undefined) starting.push({ type: 'startDaemon', daemon: want });
  }
  const roles = new Set(wanted.daemons.map(({ role }) => role));
  // Back at the originals there is nothing left to put back.
  const kept = wantsTimeouts(wanted) && originals !== undefined ? { originals } : {};
  return { ops: [...ops, ...starting], ledger: { ...kept, roles } };
}

/** The ledger when some of the ops were refused: what may be ours still has to be put back. */
export function halfDone(before: SettingsLedger, after: SettingsLedger): SettingsLedger {
  const originals = before.originals ?? after.originals;
  return { ...(originals === undefined ? {} : { originals }), roles: new Set([...before.roles, ...after.roles]) };
}

/** True when nothing is wanted and nothing of ours is left: then the kernel need not be asked. */
export function isSettled(wanted: WantedSettings, ledger: SettingsLedger): boolean {
  return !wantsTimeouts(wanted) && wanted.daemons.length === 0 && ledger.originals === undefined && ledger.roles.size === 0;
}

function wantsTimeouts({ timeouts }: WantedSettings): boolean {
  return Object.values(timeouts ?? {}).some((value) => value > 0);
}

/** A timeout of 0 is not sent by keepalived either: the kernel would take it for "leave it". */
function wantedTimeouts({ tcp = 0, tcpFin = 0, udp = 0 }: Partial<Timeouts>, originals: Timeouts): Timeouts {
  return {
    tcp: tcp > 0 ? tcp : originals.tcp,
    tcpFin: tcpFin > 0 ? tcpFin : originals.tcpFin,
    udp: udp > 0 ? udp : originals.udp,
  };
}

function sameTimeouts(a: Timeouts, b: Timeouts): boolean {
  return a.tcp === b.tcp && a.tcpFin === b.tcpFin && a.udp === b.udp;
}

function isAkin(a: SyncDaemon, b: SyncDaemon): boolean {
  return a.interface === b.interface && a.syncId === b.syncId;
}

/** Only what is asked for counts: the rest is the kernel's choice. */
function runsAs(wanted: SyncDaemon, running: SyncDaemon): boolean {
  const { maxLength, port, ttl, group } = wanted;
  return (
    isAkin(wanted, running) &&
    (maxLength === undefined || maxLength === running.maxLength) &&
    (port === undefined || port === running.port) &&
    (ttl === undefined || ttl === running.ttl) &&
    (group === undefined || group === running.group)
  );
}
