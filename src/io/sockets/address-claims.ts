/**
 * Hears who else claims an address: ARP packets (RFC 5227: whoever sends one from an address has it) and neighbour
 * advertisements. It only listens, and the kernel lets through nothing but the addresses asked for.
 */

import { type IpAddress, addressBytes, addressFromBytes, familyOf } from '../../base/address.js';
import { viewOf } from '../../base/bytes.js';
import { ETHERNET_ADDRESS, formatMac } from '../../base/mac.js';
import { ICMPV6, NEIGHBOUR_ADVERTISEMENT } from '../../vrrp/wire/announcement.js';
import type { DirectorEvent } from '../../vrrp/events.js';
import { CODE, WHOLE_PACKET, encodeProgram, type Instruction } from './filter-program.js';
import { littleEndian } from '../../base/host-order.js';
import { checked } from '../kernel-error.js';
import { type NativeMessage, NativeSocket } from './native-socket.js';
import { AF, ETHERTYPE, sockaddrLl } from './sockaddr.js';
import { applyOptions, attachFilter } from './socket-options.js';

export type ClaimEvent = Extract<DirectorEvent, { readonly type: 'addressClaimed' }>;

/** Where an address is held. */
export interface HeldAddress {
  readonly interface: string;
  readonly address: IpAddress;
}

export interface ClaimMonitor {
  /** Replaces what is listened for. Throws KernelError. */
  readonly watch: (addresses: readonly HeldAddress[]) => void;
  readonly close: () => void;
}

const SOCK_DGRAM = 2;
const MESSAGES_PER_WAKEUP = 16;
/** The longest header that is looked at: IPv6 and a neighbour advertisement. */
const LONGEST = 128;
/** Each takes two instructions of the 4096 that a program may have. */
const MOST_ADDRESSES = 2_000;
/** Ancillary data of a filter (linux/filter.h): who the packet was for. */
const PACKET_TYPE = 0xfffff004;
/** linux/if_packet.h: it is our own. */
const PACKET_OUTGOING = 4;
/** RFC 826: sender's hardware and protocol address. */
const ARP = { hardwareAddress: 8, address: 14, length: 28 } as const;
/** RFC 8200 and RFC 4861 4.4, no extension headers. */
const ADVERTISEMENT = { nextHeader: 6, type: 40, target: 48, lastWord: 60, length: 64 } as const;

/** Nothing is open before watch(). `nameOf` answers with the interface of an index. */
export function openAddressClaims(nameOf: (index: number) => string | undefined, onEvent: (event: ClaimEvent) => void): ClaimMonitor {
  let sockets: readonly NativeSocket[] = [];
  let held: ReadonlySet<string> = new Set();
  const hear = ({ source }: NativeMessage, claim: Claim | undefined): void => {
    const name = nameOf(viewOf(source).getInt32(4, littleEndian));
    if (claim === undefined || name === undefined || !held.has(`${name} ${claim.address}`)) return;
    onEvent({ type: 'addressClaimed', interface: name, ...claim });
  };
  const close = (): void => {
    for (const socket of sockets) socket.close();
    sockets = [];
  };
  return {
    watch: (addresses) => {
      close();
      held = new Set(addresses.map(({ interface: name, address }) => `${name} ${address}`));
      const all = [...new Set(addresses.map(({ address }) => address))];
      const v4 = all.filter((address) => familyOf(address) === 'ipv4').slice(0, MOST_ADDRESSES);
      const v6 = all.filter((address) => familyOf(address) === 'ipv6').slice(0, MOST_ADDRESSES);
      sockets = [
        ...(v4.length === 0 ? [] : [open(ETHERTYPE.arp, arpFilter(v4), (message) => hear(message, readArp(message)))]),
        ...(v6.length === 0 ? [] : [open(ETHERTYPE.ipv6, advertisementFilter(v6), (message) => hear(message, readAdvertisement(message)))]),
      ];
    },
    close,
  };
}

interface Claim {
  readonly address: IpAddress;
  readonly mac: string;
}

function readArp({ data }: NativeMessage): Claim | undefined {
  if (data.length < ARP.length) return undefined;
  const mac = formatMac(data.subarray(ARP.hardwareAddress, ARP.hardwareAddress + ETHERNET_ADDRESS));
  return { address: addressFromBytes(data.subarray(ARP.address, ARP.address + 4)), mac };
}

/** The MAC is that of the frame (struct sockaddr_ll, sll_addr). */
function readAdvertisement({ data, source }: NativeMessage): Claim | undefined {
  if (data.length < ADVERTISEMENT.length || source.length < 12 + ETHERNET_ADDRESS) return undefined;
  const address = addressFromBytes(data.subarray(ADVERTISEMENT.target, ADVERTISEMENT.target + 16));
  return { address, mac: formatMac(source.subarray(12, 12 + ETHERNET_ADDRESS)) };
}

/** The filter stands before the socket is bound, and so before the first packet. */
function open(etherType: number, filter: Uint8Array, onMessage: (message: NativeMessage) => void): NativeSocket {
  const socket = new NativeSocket({
    domain: AF.packet,
    type: SOCK_DGRAM,
    protocol: 0,
    slots: MESSAGES_PER_WAKEUP,
    slotSize: LONGEST,
    onMessage,
    // An interface went down: its packets come again when it is up.
    onError: () => undefined,
  });
  try {
    applyOptions(socket, [attachFilter(filter)]);
    checked('bind', socket.bind(sockaddrLl(etherType, 0)));
    socket.start();
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

const NOT_OURS: readonly Instruction[] = [
  { code: CODE.loadWord, value: PACKET_TYPE },
  ...unless({ code: CODE.jumpIfEqual, value: PACKET_OUTGOING, jumpFalse: 1 }),
];

/** A comparison before a refusal, which it jumps over when the packet may pass. */
function unless(comparison: Instruction): readonly Instruction[] {
  return [comparison, { code: CODE.return, value: 0 }];
}

function anyOf(words: readonly number[]): readonly Instruction[] {
  const pass = { code: CODE.return, value: WHOLE_PACKET };
  return [...words.flatMap((value) => [{ code: CODE.jumpIfEqual, value, jumpFalse: 1 }, pass]), { code: CODE.return, value: 0 }];
}

function arpFilter(addresses: readonly IpAddress[]): Uint8Array {
  const words = addresses.map((address) => viewOf(addressBytes(address)).getUint32(0));
  return encodeProgram([...NOT_OURS, { code: CODE.loadWord, value: ARP.address }, ...anyOf(words)]);
}

/** By the last word of the target; the rest is compared where all of it is known. */
function advertisementFilter(addresses: readonly IpAddress[]): Uint8Array {
  const words = [...new Set(addresses.map((address) => viewOf(addressBytes(address)).getUint32(12)))];
  return encodeProgram([
    ...NOT_OURS,
    { code: CODE.loadByte, value: ADVERTISEMENT.nextHeader },
    ...unless({ code: CODE.jumpIfEqual, value: ICMPV6, jumpTrue: 1 }),
    { code: CODE.loadByte, value: ADVERTISEMENT.type },
    ...unless({ code: CODE.jumpIfEqual, value: NEIGHBOUR_ADVERTISEMENT, jumpTrue: 1 }),
    { code: CODE.loadWord, value: ADVERTISEMENT.lastWord },
    ...anyOf(words),
  ]);
}
