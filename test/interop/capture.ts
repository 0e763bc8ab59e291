/** Packets as the client's network card saw them: tcpdump writes, this file reads and says what each packet was. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

interface Common {
  /** Kernel receive time in seconds since the epoch, nanosecond precision. */
  readonly at: number;
  readonly sourceMac: string;
}

export interface CapturedAdvert extends Common {
  readonly kind: 'advert';
  readonly version: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  /** From the IP header on, Ethernet padding removed. */
  readonly bytes: Buffer;
}

export interface CapturedAnnouncement extends Common {
  /** Gratuitous ARP or unsolicited neighbour advertisement. */
  readonly kind: 'announcement';
  readonly bytes: Buffer;
}

export type Captured = CapturedAdvert | CapturedAnnouncement;

export interface Capture {
  /** Everything captured so far, oldest first. */
  readonly packets: () => readonly Captured[];
  readonly close: () => Promise<void>;
}

/** Starts tcpdump on eth0 of a namespace; resolves when it listens. */
export async function openCapture(namespace: string, file: string): Promise<Capture> {
  const filter = 'ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6';
  const words = ['netns', 'exec', namespace, 'tcpdump', '-i', 'eth0', '-n', '-U', '-w', file];
  const dump = spawn('ip', [...words, '--time-stamp-precision=nano', '-Z', 'root', filter], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    dump.once('exit', (status) => {
      reject(new Error(`tcpdump ended with ${status ?? 'a signal'}`));
    });
    dump.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('listening on')) resolve();
    });
  });
  return {
    packets: () => parseCapture(readFileSync(file)),
    close: async () => {
      if (dump.exitCode !== null || dump.signalCode !== null) return;
      const ended = once(dump, 'exit');
      dump.kill('SIGINT');
      await ended;
    },
  };
}

/** Reads a pcap file (nanosecond or microsecond magic, little endian), tolerating a record still being written. */
function parseCapture(file: Buffer): readonly Captured[] {
  if (file.length < 24) return [];
  const fraction = file.readUInt32LE(0) === 0xa1b23c4d ? 1e9 : 1e6;
  const packets: Captured[] = [];
  let offset = 24;
  while (offset + 16 <= file.length) {
    const length = file.readUInt32LE(offset + 8);
    if (offset + 16 + length > file.length) break;
    const at = file.readUInt32LE(offset) + file.readUInt32LE(offset + 4) / fraction;
    const packet = classify(at, file.subarray(offset + 16, offset + 16 + length));
    if (packet !== undefined) packets.push(packet);
    offset += 16 + length;
  }
  return packets;
}

function classify(at: number, frame: Buffer): Captured | undefined {
  if (frame.length < 14) return undefined;
  const sourceMac = frame.subarray(6, 12).toString('hex').replace(/..(?=.)/g, '$&:');
  const payload = frame.subarray(14);
  switch (frame.readUInt16BE(12)) {
    case 0x0806:
      // Gratuitous: sender and target protocol address are the same.
      return payload.length >= 28 && payload.subarray(14, 18).equals(payload.subarray(24, 28))
        ? { kind: 'announcement', at, sourceMac, bytes: payload.subarray(0, 28) }
        : undefined;
    case 0x0800:
      return advert(at, sourceMac, payload.subarray(0, payload.readUInt16BE(2)), (payload.readUInt8(0) & 15) * 4);
    case 0x86dd: {
      const packet = payload.subarray(0, 40 + payload.readUInt16BE(4));
      if (packet.readUInt8(6) === 112) return advert(at, sourceMac, packet, 40);
      return packet.readUInt8(6) === 58 && packet.readUInt8(40) === 136
        ? { kind: 'announcement', at, sourceMac, bytes: packet }
        : undefined;
    }
    default:
      return undefined;
  }
}

function advert(at: number, sourceMac: string, bytes: Buffer, header: number): CapturedAdvert {
  // IPv4 with an authentication header (51) before the message.
  const message = bytes.readUInt8(0) >> 4 === 4 && bytes.readUInt8(9) === 51 ? header + 24 : header;
  return {
    kind: 'advert',
    at,
    sourceMac,
    version: bytes.readUInt8(message) >> 4,
    virtualRouterId: bytes.readUInt8(message + 1),
    priority: bytes.readUInt8(message + 2),
    bytes,
  };
}
