/** Sees every frame that arrives on a host's eth0, with the addon's own packet socket. */

import { toHex } from '../../src/base/bytes.js';
import { NativeSocket, interfaceIndex } from '../../src/io/sockets/native-socket.js';
import { AF, sockaddrLl } from '../../src/io/sockets/sockaddr.js';
import { drainUntil } from './drain.js';
import type { Host } from './namespaces.js';

const SOCK_RAW = 3;
const ETH_P_ALL = 0x0003;

export interface Capture {
  /** Frames since the last call, as hex, that match; waits until there are so many of them. */
  readonly take: (matches: RegExp, count: number) => string[];
  /** Waits until so many matching frames have come; the caller's own test timeout ends it otherwise. */
  readonly waitFor: (matches: RegExp, count: number) => Promise<string[]>;
  readonly close: () => void;
}

/** An Ethernet header of this type, as the beginning of a pattern. */
export const FRAME = {
  arp: /^.{24}0806/,
  advert4: /^01005e000012.{12}0800/,
  advert6: /^333300000012.{12}86dd/,
  neighbourAdvert: /^333300000001.{12}86dd.{8}.{4}3aff/,
} as const;

export function captureOn(host: Host): Capture {
  const frames: string[] = [];
  let arrived = (): void => undefined;
  const socket = host.inside(() => {
    const opened = new NativeSocket({
      domain: AF.packet,
      type: SOCK_RAW,
      protocol: 0,
      slots: 16,
      slotSize: 2048,
      onMessage: ({ data }) => {
        frames.push(toHex(data));
        arrived();
      },
      onError: () => undefined,
    });
    opened.bind(sockaddrLl(ETH_P_ALL, interfaceIndex('eth0') ?? 0));
    return opened;
  });
  socket.start();
  return {
    take: (matches, count) => {
      const found = (): string[] => frames.filter((frame) => matches.test(frame));
      drainUntil(
        () => socket.drain(),
        () => found().length >= count,
      );
      const taken = found();
      frames.length = 0;
      return taken;
    },
    waitFor: async (matches, count) => {
      const found = (): string[] => frames.filter((frame) => matches.test(frame));
      while (found().length < count) await new Promise<void>((resolve) => (arrived = resolve));
      return found();
    },
    close: () => socket.close(),
  };
}
