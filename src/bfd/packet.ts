/**
 * BFD control packets as bytes and back (RFC 5880 4.1), without authentication. What is acceptable to a session (who sent it,
 * from how far) is decided in speaker.ts; addresses, ports and hop limits belong to the socket.
 *
 *      0               1               2               3
 *     +------+--------+-----+---------+---------------+---------------+
 *     | ver 1| diag   | sta |P F C A D M| multiplier  | length 24     |
 *     +------+--------+-----+---------+---------------+---------------+
 *     |                      my discriminator                         |
 *     |                     your discriminator                        |
 *     |                desired min TX interval, us                    |
 *     |                required min RX interval, us                   |
 *     |              required min echo RX interval, us                |
 *     +---------------------------------------------------------------+
 */

import { ByteWriter, viewOf } from '../base/bytes.js';
import { decoded, undecodable, type Decoded } from '../base/decoded.js';
import { micros, type Micros } from '../base/time.js';

/** Wire order: the index is the number of the state. */
export const PHASES = ['adminDown', 'down', 'init', 'up'] as const;
export type Phase = (typeof PHASES)[number];

/** RFC 5880 4.1: what the last change of state was for. Wire order. */
export const DIAGNOSTICS = [
  'none',
  'detectionTimeExpired',
  'echoFailed',
  'neighbourSignaledDown',
  'forwardingReset',
  'pathDown',
  'concatenatedPathDown',
  'adminDown',
  'reverseConcatenatedPathDown',
] as const;
export type Diagnostic = (typeof DIAGNOSTICS)[number];

export interface BfdPacket {
  readonly phase: Phase;
  readonly diagnostic: Diagnostic;
  /** Asks for an answer with `final`. */
  readonly poll: boolean;
  readonly final: boolean;
  /** The sender wants no periodic packets while both ends are up. */
  readonly demand: boolean;
  /** The sender's BFD does not share fate with its control plane. */
  readonly independent: boolean;
  /** 1-255 intervals without a packet are the end of the session. */
  readonly multiplier: number;
  /** 1-4294967295: the sender's name of the session. */
  readonly myDiscriminator: number;
  /** The receiver's name of it; 0 = not known yet. */
  readonly yourDiscriminator: number;
  /** The sender would like to send this often. 0 is reserved and is read as it stands. */
  readonly minTransmit: Micros;
  /** The sender can take packets this often; 0 = send none periodically. */
  readonly minReceive: Micros;
  /** Of echo packets; 0 = none are taken. */
  readonly minEchoReceive: Micros;
}

/** Every way in which bytes fail to be an acceptable packet (RFC 5880 6.8.6, and keepalived for the last two). */
export type BfdPacketError =
  | 'tooShort'
  | 'badVersion'
  | 'badLength'
  | 'zeroMultiplier'
  | 'multipoint'
  | 'zeroDiscriminator'
  | 'missingDiscriminator'
  | 'authenticated'
  | 'pollAndFinal'
  | 'badDiagnostic';

export const PACKET_LENGTH = 24;
const VERSION = 1;
const FLAG = { poll: 0x20, final: 0x10, independent: 0x08, authenticated: 0x04, demand: 0x02, multipoint: 0x01 } as const;

/** 24 bytes. */
export function encodePacket(packet: BfdPacket): Uint8Array {
  const flags =
    (packet.poll ? FLAG.poll : 0) |
    (packet.final ? FLAG.final : 0) |
    (packet.independent ? FLAG.independent : 0) |
    (packet.demand ? FLAG.demand : 0);
  return new ByteWriter(PACKET_LENGTH)
    .u8((VERSION << 5) | DIAGNOSTICS.indexOf(packet.diagnostic))
    .u8((PHASES.indexOf(packet.phase) << 6) | flags)
    .u8(packet.multiplier)
    .u8(PACKET_LENGTH)
    .u32(packet.myDiscriminator)
    .u32(packet.yourDiscriminator)
    .u32(packet.minTransmit)
    .u32(packet.minReceive)
    .u32(packet.minEchoReceive).bytes;
}

/** Reads the payload of one datagram, in the order of checks of RFC 5880 6.8.6. Bytes behind the length it names are ignored. */
export function decodePacket(bytes: Uint8Array): Decoded<BfdPacket, BfdPacketError> {
  if (bytes.length < PACKET_LENGTH) return undecodable('tooShort');
  const view = viewOf(bytes);
  const first = view.getUint8(0);
  const second = view.getUint8(1);
  const length = view.getUint8(3);
  const has = (flag: number): boolean => (second & flag) !== 0;
  if (first >> 5 !== VERSION) return undecodable('badVersion');
  if (length < PACKET_LENGTH || length > bytes.length) return undecodable('badLength');
  const multiplier = view.getUint8(2);
  if (multiplier === 0) return undecodable('zeroMultiplier');
  if (has(FLAG.multipoint)) return undecodable('multipoint');
  const myDiscriminator = view.getUint32(4);
  if (myDiscriminator === 0) return undecodable('zeroDiscriminator');
  const yourDiscriminator = view.getUint32(8);
  const phase = PHASES[second >> 6] ?? 'adminDown';
  if (yourDiscriminator === 0 && (phase === 'init' || phase === 'up')) return undecodable('missingDiscriminator');
  // Nobody configured a key: what claims to be signed is not for us.
  if (has(FLAG.authenticated)) return undecodable('authenticated');
  if (has(FLAG.poll) && has(FLAG.final)) return undecodable('pollAndFinal');
  const diagnostic = DIAGNOSTICS[first & 0x1f];
  if (diagnostic === undefined) return undecodable('badDiagnostic');
  return decoded({
    phase,
    diagnostic,
    poll: has(FLAG.poll),
    final: has(FLAG.final),
    demand: has(FLAG.demand),
    independent: has(FLAG.independent),
    multiplier,
    myDiscriminator,
    yourDiscriminator,
    minTransmit: micros(view.getUint32(12)),
    minReceive: micros(view.getUint32(16)),
    minEchoReceive: micros(view.getUint32(20)),
  });
}
