/** Timeouts and sync daemons as attributes of the IPVS generic netlink family (linux/ip_vs.h). Bytes only, no socket. */

import { addressBytes, addressFromBytes, familyOf } from '../base/address.js';
import { cstring, decodeAttributes, decodeFields, encodeAttributes, encodeFields, field, nested, rawBytes, u16, u32, u8 } from '../base/attributes.js';
import { decoded, undecodable } from '../base/decoded.js';
import type { Decoded } from '../base/decoded.js';
import { unreachable } from '../base/unreachable.js';
import type { IpvsMessage, IpvsMessageError } from './messages.js';
import type { SettingsOp, SyncDaemon, SyncRole, Timeouts } from './settings.js';

/** IPVS_CMD_*. */
const COMMANDS = { newDaemon: 9, deleteDaemon: 10, getDaemon: 11, setConfig: 12, getConfig: 13 } as const;

/** IPVS_CMD_ATTR_TIMEOUT_*: not nested. */
const TIMEOUTS = { tcp: field(4, u32), tcpFin: field(5, u32), udp: field(6, u32) } as const;

/** IPVS_CMD_ATTR_DAEMON. */
const ENVELOPE = 3;

/** IPVS_DAEMON_ATTR_*. The port is in host order, unlike those of services. */
const DAEMON = {
  state: field(1, u32),
  interface: field(2, cstring),
  syncId: field(3, u32),
  maxLength: field(4, u16),
  group: field(5, rawBytes(4)),
  group6: field(6, rawBytes(16)),
  port: field(7, u16),
  ttl: field(8, u8),
} as const;

/** IP_VS_STATE_*. */
const STATES: Readonly<Record<SyncRole, number>> = { master: 1, backup: 2 };

/** The request for the timeouts in force: one answer. */
export function encodeTimeoutsQuery(): IpvsMessage {
  return { command: COMMANDS.getConfig, bytes: new Uint8Array() };
}

/** The request whose dump lists the sync daemons that run. */
export function encodeDaemonDump(): IpvsMessage {
  return { command: COMMANDS.getDaemon, bytes: new Uint8Array() };
}

/** The command that performs one op. */
export function encodeSettingsOp(op: SettingsOp): IpvsMessage {
  switch (op.type) {
    case 'setTimeouts':
      return { command: COMMANDS.setConfig, bytes: encodeAttributes(encodeFields(TIMEOUTS, op.timeouts)) };
    case 'startDaemon':
      return { command: COMMANDS.newDaemon, bytes: encodeAttributes([nested(ENVELOPE, wholeDaemon(op.daemon))]) };
    case 'stopDaemon':
      return {
        command: COMMANDS.deleteDaemon,
        bytes: encodeAttributes([nested(ENVELOPE, encodeFields(DAEMON, { state: STATES[op.daemon.role] }))]),
      };
    default:
      return unreachable(op);
  }
}

function wholeDaemon({ role, interface: name, syncId, maxLength, port, ttl, group }: SyncDaemon): ReturnType<typeof encodeFields> {
  const bytes = group === undefined ? undefined : addressBytes(group);
  const isSix = group !== undefined && familyOf(group) === 'ipv6';
  return encodeFields(DAEMON, {
    state: STATES[role],
    interface: name,
    syncId,
    maxLength,
    group: isSix ? undefined : bytes,
    group6: isSix ? bytes : undefined,
    port,
    ttl,
  });
}

/** The bytes behind the genetlink header of the answer. A kernel without one of the protocols leaves its timeouts out: 0. */
export function decodeTimeouts(bytes: Uint8Array): Decoded<Timeouts, IpvsMessageError> {
  const read = decodeFields(TIMEOUTS, bytes);
  if (!read.ok) return read;
  const { tcp = 0, tcpFin = 0, udp = 0 } = read.value;
  return decoded({ tcp, tcpFin, udp });
}

/** One message of a dump of daemons: the bytes behind the genetlink header. */
export function decodeDaemon(bytes: Uint8Array): Decoded<SyncDaemon, IpvsMessageError> {
  const attributes = decodeAttributes(bytes);
  if (!attributes.ok) return attributes;
  const content = attributes.value.get(ENVELOPE);
  if (content === undefined) return undecodable('attributeMissing');
  const read = decodeFields(DAEMON, content);
  if (!read.ok) return read;
  const { state, interface: name, syncId, maxLength, port, ttl } = read.value;
  if (state === undefined || name === undefined || syncId === undefined) return undecodable('attributeMissing');
  const role = state === STATES.master ? 'master' : state === STATES.backup ? 'backup' : undefined;
  if (role === undefined) return undecodable('unsupported');
  const groupBytes = read.value.group ?? read.value.group6;
  return decoded({
    role,
    interface: name,
    syncId,
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(port === undefined ? {} : { port }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(groupBytes === undefined ? {} : { group: addressFromBytes(groupBytes) }),
  });
}
