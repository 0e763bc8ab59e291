/**
 * BfdPort: UDP as RFC 5881 and 5883 want it. One socket for each family and port hears all sessions; each session sends from a
 * socket of its own, whose port stays the same. dgram cannot say with which TTL a datagram came, so these are the addon's.
 */

import { randomInt } from 'node:crypto';
import type { Family, IpAddress } from '../../base/address.js';
import { decodePacket } from '../../bfd/packet.js';
import type { BfdEvent } from '../../bfd/events.js';
import type { BfdChannel, BfdPort } from '../../runtime/ports.js';
import { readPacketInfo } from './control-messages.js';
import { KernelError, checked } from '../kernel-error.js';
import { type NativeMessage, NativeSocket } from './native-socket.js';
import { AF, addressOf, portIn, sockaddrIn, sockaddrIn6 } from './sockaddr.js';
import { applyOptions, integerOption, LEVEL, PACKET_INFO_4, PACKET_INFO_6, type SocketOption } from './socket-options.js';

const SOCK_DGRAM = 2;
/** IANA: single hop (RFC 5881), multihop (RFC 5883). */
const PORTS = { single: 3784, multihop: 4784 } as const;
/** RFC 5881 4. */
const SOURCE_PORTS = { from: 49_152, below: 65_536 } as const;
const SOURCE_PORT_ATTEMPTS = 50;
const EADDRINUSE = -98;
/** Network control, as routing protocols send. */
const TRAFFIC_CLASS = 0xc0;
const MESSAGES_PER_WAKEUP = 32;
const LONGEST_MESSAGE = 256;
const RETRY_MILLISECONDS = 1_000;

const ANY: Readonly<Record<Family, IpAddress>> = { ipv4: '0.0.0.0' as IpAddress, ipv6: '::' as IpAddress };

interface Entry {
  readonly channel: BfdChannel;
  socket: NativeSocket | undefined;
  /** Its failure has been delivered. */
  failed: boolean;
}

export interface OpenBfdPort extends BfdPort {
  readonly close: () => void;
}

type ChannelEvent = Extract<BfdEvent, { readonly type: 'packetReceived' | 'packetMalformed' | 'channelFailed' | 'channelOpened' }>;

/** Nothing is open before configure(). Sockets open in the network namespace of that moment. */
export function openBfdChannels(deliver: (event: ChannelEvent) => void): OpenBfdPort {
  const entries = new Map<string, Entry>();
  const listeners = new Map<string, NativeSocket>();
  let retry: NodeJS.Timeout | undefined;

  const attempt = (entry: Entry): void => {
    const { session } = entry.channel;
    try {
      const key = listenerKey(entry.channel);
      if (!listeners.has(key)) listeners.set(key, openListener(entry.channel, deliver));
      entry.socket = openSender(entry.channel);
      if (entry.failed) deliver({ type: 'channelOpened', session });
      entry.failed = false;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      retry ??= setTimeout(() => {
        retry = undefined;
        for (const closed of entries.values()) if (closed.socket === undefined) attempt(closed);
      }, RETRY_MILLISECONDS);
      if (!entry.failed) deliver({ type: 'channelFailed', session, reason: error.message });
      entry.failed = true;
    }
  };

  return {
    configure: (channels) => {
      const wanted = new Map(channels.map((channel) => [channel.session, channel]));
      for (const [session, { channel, socket }] of entries) {
        if (isSame(channel, wanted.get(session))) continue;
        socket?.close();
        entries.delete(session);
      }
      const needed = new Set(channels.map(listenerKey));
      for (const [key, socket] of listeners) {
        if (needed.has(key)) continue;
        socket.close();
        listeners.delete(key);
      }
      for (const channel of channels) {
        if (entries.has(channel.session)) continue;
        const entry: Entry = { channel, socket: undefined, failed: false };
        entries.set(channel.session, entry);
        attempt(entry);
      }
    },
    send: (session, payload) => {
      const entry = entries.get(session);
      if (entry?.socket === undefined) return;
      const { family, neighbour, multihop } = entry.channel;
      entry.socket.send(payload, sockaddr(family, neighbour, portOf(multihop)), null);
    },
    drain: () => {
      for (const socket of listeners.values()) socket.drain();
    },
    close: () => {
      clearTimeout(retry);
      for (const { socket } of entries.values()) socket?.close();
      for (const socket of listeners.values()) socket.close();
      entries.clear();
      listeners.clear();
    },
  };
}

function listenerKey({ family, multihop }: BfdChannel): string {
  return `${family} ${portOf(multihop)}`;
}

function portOf(multihop: boolean): number {
  return multihop ? PORTS.multihop : PORTS.single;
}

function sockaddr(family: Family, address: IpAddress, port: number): Uint8Array {
  return family === 'ipv4' ? sockaddrIn(address, port) : sockaddrIn6(address, port);
}

function isSame(a: BfdChannel, b: BfdChannel | undefined): boolean {
  return a.neighbour === b?.neighbour && a.source === b.source && a.hopLimit === b.hopLimit && a.multihop === b.multihop;
}

/** Throws KernelError: EADDRINUSE while another BFD daemon has the port. */
function openListener({ family, multihop }: BfdChannel, deliver: (event: ChannelEvent) => void): NativeSocket {
  const socket = open(family, (message) => {
    const source = addressOf(message.source);
    if (source === undefined) return;
    const sourcePort = portIn(message.source);
    const arrival = { source, sourcePort, hopLimit: readPacketInfo(message.control).hopLimit ?? 0, multihop };
    const read = decodePacket(message.data);
    if (read.ok) deliver({ type: 'packetReceived', packet: read.value, ...arrival });
    else deliver({ type: 'packetMalformed', error: read.error, ...arrival });
  });
  return ready(socket, () => {
    applyOptions(socket, family === 'ipv4' ? PACKET_INFO_4 : [ONLY_IPV6, ...PACKET_INFO_6]);
    checked('bind', socket.bind(sockaddr(family, ANY[family], portOf(multihop))));
    socket.start();
  });
}

/** Throws KernelError: EADDRNOTAVAIL while the source address is on no interface. */
function openSender({ family, source = ANY[family], hopLimit }: BfdChannel): NativeSocket {
  const socket = open(family, () => undefined);
  return ready(socket, () => {
    applyOptions(socket, family === 'ipv4' ? sendOptions4(hopLimit) : [ONLY_IPV6, ...sendOptions6(hopLimit)]);
    let answer = EADDRINUSE;
    for (let attempts = 0; answer === EADDRINUSE && attempts < SOURCE_PORT_ATTEMPTS; attempts += 1) {
      answer = socket.bind(sockaddr(family, source, randomInt(SOURCE_PORTS.from, SOURCE_PORTS.below)));
    }
    checked('bind', answer);
  });
}

function open(family: Family, onMessage: (message: NativeMessage) => void): NativeSocket {
  return new NativeSocket({
    domain: AF[family === 'ipv4' ? 'inet' : 'inet6'],
    type: SOCK_DGRAM,
    protocol: 0,
    slots: MESSAGES_PER_WAKEUP,
    slotSize: LONGEST_MESSAGE,
    onMessage,
    // What a datagram socket reports by itself is about packets that are lost already.
    onError: () => undefined,
  });
}

/** Closes the socket when `prepare` throws. */
function ready(socket: NativeSocket, prepare: () => void): NativeSocket {
  try {
    prepare();
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

const ONLY_IPV6 = integerOption('IPV6_V6ONLY', LEVEL.ipv6, 26, 1);

function sendOptions4(hopLimit: number): readonly SocketOption[] {
  return [integerOption('IP_TTL', LEVEL.ip, 2, hopLimit), integerOption('IP_TOS', LEVEL.ip, 1, TRAFFIC_CLASS)];
}

function sendOptions6(hopLimit: number): readonly SocketOption[] {
  return [
    integerOption('IPV6_UNICAST_HOPS', LEVEL.ipv6, 16, hopLimit),
    integerOption('IPV6_TCLASS', LEVEL.ipv6, 67, TRAFFIC_CLASS),
  ];
}
