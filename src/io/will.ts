/**
 * The last will of a process as bytes for the guardian (native/guardian/guardian.c, whose first comment has the format):
 * datagrams to be sent when it is dead, and files to be written. What goodbyes and removals are is known here alone.
 */

import { FAMILIES, addressBytes } from '../base/address.js';
import { ByteWriter } from '../base/bytes.js';
import { micros, type Micros } from '../base/time.js';
import { AH_PROTOCOL, type HeaderedPath, encodeHeadered } from '../vrrp/wire/authentication-header.js';
import type { Belongings } from '../vrrp/instance/belongings.js';
import { type Estate, longestKept } from '../vrrp/estate.js';
import type { HmacConfig } from '../vrrp/config/authentication.js';
import { VRRP_PROTOCOL, encodeAdvert } from '../vrrp/wire/packet.js';
import { advanceLifetime, sequenceInAdvance, signWith, withSignature } from '../vrrp/wire/signed-advert.js';
import type { SendAdvert } from '../vrrp/instance/state.js';
import { type LinkIndexes, removalRequests } from './netlink/addresses.js';
import { ipv6SendControl } from './sockets/control-messages.js';
import { removeDevice } from './netlink/device-messages.js';
import { cString, hostInt32 } from './host-bytes.js';
import { type Originals, settingFile } from './netlink/kernel-settings.js';
import { frameMessages } from './netlink/netlink-messages.js';
import { PROTOCOL } from './netlink/netlink-socket.js';
import { removeTable, transaction } from './netlink/nftables-messages.js';
import { AF, sockaddrIn, sockaddrIn6, sockaddrNl } from './sockets/sockaddr.js';
import {
  FOREIGN_SOURCE_6,
  HEADER_INCLUDED,
  type SocketOption,
  bindToDevice,
  multicastInterface4,
  multicastInterface6,
} from './sockets/socket-options.js';

const SOCK_RAW = 3;
/** In place of a domain: what the address names is a file, and the payload what is written to it. */
const FILE = -1;
/** Internetwork control (RFC 791, CS6). */
const TRAFFIC_CLASS = 0xc0;
const IPV4_HEADER = 20;
const IDENTIFICATION = 1;
/** Of AH: a regular advert a second for seven weeks. */
const LIFETIME_OF_SEQUENCES = 1 << 22;
/** The kernel takes no longer netlink message than its send buffer; so many requests are far below. */
const REQUESTS_PER_DATAGRAM = 512;

/** Something to send when the process is dead. */
interface Datagram {
  /** After the death. */
  readonly delay: Micros;
  readonly domain: number;
  readonly protocol: number;
  readonly options: readonly SocketOption[];
  readonly destination: Uint8Array;
  readonly control: Uint8Array;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** What signatures go by, at the moment. */
export interface Clocks {
  /** Since 1970. */
  readonly wall: Micros;
  readonly monotonic: Micros;
}

/**
 * Goodbyes at once; what each held when a successor must have it; the equipment last of all. Interfaces are named by
 * their index of this moment.
 */
export function encodeWill(estates: readonly Estate[], equipment: Equipment, links: LinkIndexes, clocks: Clocks): Uint8Array {
  const datagrams = estates.flatMap((estate) => [
    ...(estate.goodbye === undefined ? [] : goodbyeDatagrams(estate.goodbye, links, clocks)),
    ...removals(estate, estate.keptFor, links),
  ]);
  datagrams.push(...dismantling(equipment, longestKept(estates)));
  return Buffer.concat([hostInt32(datagrams.length), ...datagrams.flatMap(encodeDatagram)]);
}

/** What the process has made of the host for its instances, beside what they have as masters. */
export interface Equipment {
  /** Names of devices. */
  readonly devices: readonly string[];
  /** The table of the packet filter; absent = none. */
  readonly filterTable?: string;
  /** Kernel settings as they were. */
  readonly settings: Originals;
}

export const NO_EQUIPMENT: Equipment = { devices: [], settings: new Map() };

/** After the addresses: a device takes its own with it, and without their filter addresses would be open. */
function dismantling({ devices, filterTable, settings }: Equipment, delay: Micros): readonly Datagram[] {
  const to = { delay, domain: AF.netlink, options: [], destination: sockaddrNl(0, 0), control: NOTHING };
  const files = [...settings].map(([path, value]) => ({
    ...to,
    domain: FILE,
    protocol: 0,
    destination: cString(settingFile(path)),
    payload: new TextEncoder().encode(value),
  }));
  const tables = filterTable === undefined ? [] : FAMILIES.flatMap((family) => removeTable(family, filterTable));
  return [
    ...devices.map((name) => ({ ...to, protocol: PROTOCOL.route, payload: frameMessages([removeDevice(name)], 1, 'none') })),
    ...(tables.length === 0 ? [] : [{ ...to, protocol: PROTOCOL.netfilter, payload: frameMessages(transaction(tables), 1, 'none') }]),
    ...files,
  ];
}

/** One for each destination. */
function goodbyeDatagrams(goodbye: SendAdvert, links: LinkIndexes, clocks: Clocks): readonly Datagram[] {
  const { interface: name, family, source, destinations, unicast, hopLimit, checksum, advert, protection } = goodbye;
  const index = name === '' ? 0 : links.find(name)?.index;
  if (index === undefined) return [];
  const signature = protection.type === 'signature' ? signatureOf(goodbye, protection.hmac, clocks) : undefined;
  const device = name === '' ? [] : [bindToDevice(name)];
  return destinations.map((destination) => {
    const way = { family, source, destination };
    const bare = encodeAdvert(advert, way, checksum);
    const message = signature === undefined ? bare : withSignature(bare, signature, way, advert.version);
    const common = { delay: 0 as Micros, protocol: protection.type === 'header' ? AH_PROTOCOL : VRRP_PROTOCOL };
    if (family === 'ipv6') {
      const options = [...device, FOREIGN_SOURCE_6, ...(unicast ? [] : [multicastInterface6(index)])];
      const control = ipv6SendControl(source, index, hopLimit, TRAFFIC_CLASS);
      return { ...common, domain: AF.inet6, options, destination: sockaddrIn6(destination, 0, index), control, payload: message };
    }
    const options = [...device, HEADER_INCLUDED, ...(unicast ? [] : [multicastInterface4(index)])];
    const path = { source, destination, hopLimit, unicast, identification: IDENTIFICATION };
    const payload =
      protection.type === 'header' ? encodeHeadered(message, protection.password, lateSequence(protection.sequence), path) : message;
    const packet = ipv4Packet(common.protocol, path, payload);
    return { ...common, domain: AF.inet, options, destination: sockaddrIn(destination), control: NOTHING, payload: packet };
  });
}

function signatureOf({ family, source, destinations, advert, checksum }: SendAdvert, hmac: HmacConfig, { wall, monotonic }: Clocks): Uint8Array {
  const message = encodeAdvert(advert, { family, source, destination: destinations[0] ?? source }, checksum);
  return signWith(hmac, sequenceInAdvance(hmac, hmac.antiReplay === 'time' ? wall : monotonic), { family, source, message });
}

/** When it has to be written anew, because something in it is signed by the clock; undefined: it stays as it is. */
export function willLifetime(estates: readonly Estate[]): Micros | undefined {
  const lifetimes = estates.flatMap(({ goodbye }) => (goodbye?.protection.type === 'signature' ? [advanceLifetime(goodbye.protection.hmac)] : []));
  return lifetimes.length === 0 ? undefined : micros(Math.min(...lifetimes));
}

/** After all that its process may still use: the will is read long after it was written. */
function lateSequence(sequence: number): number {
  return Math.min(sequence + LIFETIME_OF_SEQUENCES, 0xffff_ffff);
}

/** The kernel writes length and checksum. */
function ipv4Packet(
  protocol: number,
  { source, destination, hopLimit, identification }: HeaderedPath,
  payload: Uint8Array,
): Uint8Array {
  return new ByteWriter(IPV4_HEADER + payload.length)
    .u8(0x45)
    .u8(TRAFFIC_CLASS)
    .u16(0)
    .u16(identification)
    .u16(0)
    .u8(hopLimit)
    .u8(protocol)
    .u16(0)
    .raw(addressBytes(source))
    .raw(addressBytes(destination))
    .raw(payload).bytes;
}

/** Without acknowledgement: what is gone already is what was wanted. */
function removals(belongings: Belongings, delay: Micros, links: LinkIndexes): readonly Datagram[] {
  const requests = removalRequests(links, belongings);
  const kernel = { domain: AF.netlink, protocol: PROTOCOL.route, options: [], destination: sockaddrNl(0, 0), control: NOTHING };
  const datagrams: Datagram[] = [];
  for (let at = 0; at < requests.length; at += REQUESTS_PER_DATAGRAM) {
    const payload = frameMessages(requests.slice(at, at + REQUESTS_PER_DATAGRAM), 1, 'none');
    datagrams.push({ ...kernel, delay, payload });
  }
  return datagrams;
}

function encodeDatagram({ delay, domain, protocol, options, destination, control, payload }: Datagram): readonly Uint8Array[] {
  return [
    hostInt32(Math.ceil(delay / 1_000), domain, SOCK_RAW, protocol, options.length),
    ...options.flatMap(({ level, option, value }) => [hostInt32(level, option, value.length), value]),
    ...[destination, control, payload].flatMap((bytes) => [hostInt32(bytes.length), bytes]),
  ];
}
