/**
 * The IPVS generic netlink family (linux/ip_vs.h) as bytes: one attribute table per object, used for both directions.
 * Not a socket: message headers, sequence numbers and the family's id belong to whoever sends.
 *
 * A request's payload is one nested SERVICE attribute, followed by one nested DESTINATION for commands about those.
 */

import { littleEndian } from '../base/host-order.js';
import { addressBytes, addressFromBytes, familyOf } from '../base/address.js';
import type { Family, IpAddress } from '../base/address.js';
import { AttributeWriter } from '../base/attribute-writer.js';
import { attributeFormat, cstring, decodeFields, field, findAttribute, rawBytes, u16, u16be, u32, u8 } from '../base/attributes.js';
import type { AttributeError, AttributeFormat, FieldValues } from '../base/attributes.js';
import { decoded, undecodable } from '../base/decoded.js';
import type { Decoded } from '../base/decoded.js';
import { unreachable } from '../base/unreachable.js';
import type { Op } from './plan.js';
import { SERVICE_FLAGS } from './tables.js';
import type { Destination, ForwardingMethod, Protocol, Service, ServiceIdentity, Tunnel } from './tables.js';

/** IPVS_GENL_NAME and IPVS_GENL_VERSION. */
export const IPVS_FAMILY = { name: 'IPVS', version: 1 } as const;

/** IPVS_CMD_*. */
export const IPVS_COMMANDS = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
} as const;

/** A generic netlink command and the attribute bytes behind the genetlink header. */
export interface IpvsMessage {
  readonly command: number;
  readonly bytes: Uint8Array;
}

/** IPVS_CMD_ATTR_SERVICE and IPVS_CMD_ATTR_DEST. */
const ENVELOPE = { service: 1, destination: 2 } as const;

const PERSISTENT = 0x1;
const KNOWN_FLAGS = Object.values(SERVICE_FLAGS).reduce((all, bit) => all | bit, 0);

/** struct ip_vs_flags: flags, then the mask of those that count. All count when we write. */
const flagsAndMask: AttributeFormat<number> = attributeFormat({
  size: () => 8,
  write: (flags, view, offset) => {
    view.setUint32(offset, flags, littleEndian);
    view.setUint32(offset + 4, 0xffffffff, littleEndian);
  },
  read: (view, offset, length) => (length === 8 ? view.getUint32(offset, littleEndian) : undefined),
});

/** IPVS_SVC_ATTR_*. An address is a union of 16 bytes, IPv4 in the first four. */
export const SERVICE = {
  family: field(1, u16),
  protocol: field(2, u16),
  address: field(3, rawBytes(16)),
  port: field(4, u16be),
  fwmark: field(5, u32),
  scheduler: field(6, cstring),
  flags: field(7, flagsAndMask),
  timeout: field(8, u32),
  netmask: field(9, rawBytes(4)),
  persistenceEngine: field(11, cstring),
} as const;

/** IPVS_DEST_ATTR_*. */
const DESTINATION = {
  address: field(1, rawBytes(16)),
  port: field(2, u16be),
  forwardingMethod: field(3, u32),
  weight: field(4, u32),
  upperThreshold: field(5, u32),
  lowerThreshold: field(6, u32),
  family: field(11, u16),
  tunnelType: field(13, u8),
  tunnelPort: field(14, u16be),
  tunnelFlags: field(15, u16),
} as const;

const AF: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
const PROTOCOLS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };
/** IP_VS_CONN_F_MASQ, _TUNNEL, _DROUTE; the kernel masks with IP_VS_CONN_F_FWD_MASK. */
const METHODS: Readonly<Record<ForwardingMethod, number>> = { nat: 0, tunnel: 2, direct: 3 };
const TUNNEL_TYPES: Readonly<Record<Tunnel['type'], number>> = { ipip: 0, gue: 1, gre: 2 };
const TUNNEL_FLAGS: Readonly<Record<Tunnel['checksum'], number>> = { none: 0, checksum: 1, remote: 2 };

/** Messages are made one at a time, so they share it. */
const writer = new AttributeWriter();

/** The command that performs one op. */
export function encodeOp(op: Op): IpvsMessage {
  switch (op.type) {
    case 'addService':
      return message(IPVS_COMMANDS.newService, () => wholeService(op.service));
    case 'editService':
      return message(IPVS_COMMANDS.setService, () => wholeService(op.service));
    case 'deleteService':
      return message(IPVS_COMMANDS.deleteService, () => serviceIdentity(op.service.identity));
    case 'addDestination':
      return message(IPVS_COMMANDS.newDestination, () => serviceIdentity(op.service.identity), () => wholeDestination(op.destination));
    case 'editDestination':
      return message(IPVS_COMMANDS.setDestination, () => serviceIdentity(op.service.identity), () => wholeDestination(op.destination));
    case 'deleteDestination':
      return message(IPVS_COMMANDS.deleteDestination, () => serviceIdentity(op.service.identity), () => destinationIdentity(op.destination));
    default:
      return unreachable(op);
  }
}

/** The request whose dump lists every service. */
export function encodeServiceDump(): IpvsMessage {
  return { command: IPVS_COMMANDS.getService, bytes: new Uint8Array() };
}

/** The request whose dump lists the destinations of one service. */
export function encodeDestinationDump(identity: ServiceIdentity): IpvsMessage {
  return message(IPVS_COMMANDS.getDestination, () => serviceIdentity(identity));
}

/** `unsupported`: an entry of a kind we never write (another protocol, a local or bypass destination): not ours, skip it. */
export type IpvsMessageError = AttributeError | 'attributeMissing' | 'unsupported';

/** One message of a service dump: the bytes behind the genetlink header. */
export function decodeService(bytes: Uint8Array): Decoded<Service, IpvsMessageError> {
  const content = open(bytes, ENVELOPE.service);
  if (!content.ok) return content;
  const read = decodeFields(SERVICE, content.value);
  if (!read.ok) return read;
  const { scheduler, flags, timeout, netmask, persistenceEngine } = read.value;
  const family = nameOf(AF, read.value.family);
  if (scheduler === undefined || flags === undefined || timeout === undefined || netmask === undefined) {
    return undecodable('attributeMissing');
  }
  if (family === undefined) return undecodable('unsupported');
  const identity = identityOf(read.value, family);
  if (!identity.ok) return identity;
  return decoded({
    identity: identity.value,
    scheduler,
    flags: flags & KNOWN_FLAGS,
    persistenceTimeout: (flags & PERSISTENT) === 0 ? 0 : timeout,
    persistenceGranularity: family === 'ipv4' ? addressFromBytes(netmask) : String(u32.decode(netmask)),
    ...(persistenceEngine === undefined || persistenceEngine === '' ? {} : { persistenceEngine }),
  });
}

/**
 * One message of a destination dump: the bytes behind the genetlink header. Kernels before 3.18 do not tell the
 * destination's family: it is the service's then.
 */
export function decodeDestination(bytes: Uint8Array, serviceFamily: Family): Decoded<Destination, IpvsMessageError> {
  const content = open(bytes, ENVELOPE.destination);
  if (!content.ok) return content;
  const read = decodeFields(DESTINATION, content.value);
  if (!read.ok) return read;
  const { port, forwardingMethod, weight, upperThreshold, lowerThreshold } = read.value;
  if (
    read.value.address === undefined ||
    port === undefined ||
    forwardingMethod === undefined ||
    weight === undefined ||
    upperThreshold === undefined ||
    lowerThreshold === undefined
  ) {
    return undecodable('attributeMissing');
  }
  const family = read.value.family === undefined ? serviceFamily : nameOf(AF, read.value.family);
  const method = nameOf(METHODS, forwardingMethod & 0x7);
  const tunnel = method === 'tunnel' ? tunnelOf(read.value.tunnelType, read.value.tunnelPort, read.value.tunnelFlags) : PLAIN;
  if (family === undefined || method === undefined || tunnel === undefined) return undecodable('unsupported');
  return decoded({
    address: readAddress(read.value.address, family),
    port,
    method,
    ...(tunnel === PLAIN ? {} : { tunnel }),
    weight,
    upperThreshold,
    lowerThreshold,
  });
}

function message(command: number, service: () => void, destination?: () => void): IpvsMessage {
  writer.nested(ENVELOPE.service, service);
  if (destination !== undefined) writer.nested(ENVELOPE.destination, destination);
  return { command, bytes: writer.take() };
}

function open(bytes: Uint8Array, envelope: number): Decoded<Uint8Array, IpvsMessageError> {
  const content = findAttribute(bytes, envelope);
  if (!content.ok) return content;
  return content.value === undefined ? undecodable('attributeMissing') : decoded(content.value);
}

function serviceIdentity(identity: ServiceIdentity): void {
  if (identity.kind === 'fwmark') {
    writer.fields(SERVICE, { family: AF[identity.family], fwmark: identity.fwmark });
    return;
  }
  const { address, port, protocol } = identity;
  writer.fields(SERVICE, { family: AF[familyOf(address)], protocol: PROTOCOLS[protocol], address: addressBytes(address), port });
}

function wholeService(service: Service): void {
  const { identity, persistenceTimeout, persistenceGranularity, persistenceEngine } = service;
  const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
  serviceIdentity(identity);
  writer.fields(SERVICE, {
    scheduler: service.scheduler,
    flags: service.flags | (persistenceTimeout > 0 ? PERSISTENT : 0),
    timeout: persistenceTimeout,
    // IPv4: the mask in network order; IPv6: the prefix length as a host-order number.
    netmask:
      family === 'ipv4' ? addressBytes(persistenceGranularity as IpAddress) : u32.encode(Number(persistenceGranularity)),
    persistenceEngine: persistenceTimeout > 0 ? persistenceEngine : undefined,
  });
}

function destinationIdentity({ address, port }: Destination): void {
  writer.fields(DESTINATION, { address: addressBytes(address), port, family: AF[familyOf(address)] });
}

function wholeDestination(destination: Destination): void {
  const { method, tunnel, weight, upperThreshold, lowerThreshold } = destination;
  destinationIdentity(destination);
  writer.fields(DESTINATION, { forwardingMethod: METHODS[method], weight, upperThreshold, lowerThreshold });
  if (method !== 'tunnel' || tunnel === undefined) return;
  writer.fields(DESTINATION, {
    tunnelType: TUNNEL_TYPES[tunnel.type],
    tunnelPort: tunnel.port,
    tunnelFlags: TUNNEL_FLAGS[tunnel.checksum],
  });
}

function identityOf(
  { fwmark, protocol, address, port }: FieldValues<typeof SERVICE>,
  family: Family,
): Decoded<ServiceIdentity, IpvsMessageError> {
  if (fwmark !== undefined && fwmark !== 0) return decoded({ kind: 'fwmark', fwmark, family });
  if (protocol === undefined || address === undefined || port === undefined) return undecodable('attributeMissing');
  const name = nameOf(PROTOCOLS, protocol);
  if (name === undefined) return undecodable('unsupported');
  return decoded({ kind: 'address', protocol: name, address: readAddress(address, family), port });
}

const PLAIN: Tunnel = { type: 'ipip', port: 0, checksum: 'none' };

function tunnelOf(type = 0, port = 0, flags = 0): Tunnel | undefined {
  const typeName = nameOf(TUNNEL_TYPES, type);
  const checksum = nameOf(TUNNEL_FLAGS, flags);
  if (typeName === undefined || checksum === undefined) return undefined;
  return typeName === 'ipip' && port === 0 && checksum === 'none' ? PLAIN : { type: typeName, port, checksum };
}

function readAddress(bytes: Uint8Array, family: Family): IpAddress {
  return addressFromBytes(family === 'ipv4' ? bytes.subarray(0, 4) : bytes);
}

function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number | undefined): Name | undefined {
  for (const name in table) if (table[name] === value) return name;
  return undefined;
}
