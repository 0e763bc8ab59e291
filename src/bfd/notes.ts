/** Everything about BFD that is worth telling an operator, as data; runtime/narrate/bfd.ts has the sentences. */

import type { IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';
import type { BfdPacketError, Diagnostic, Phase } from './packet.js';

/** Why a well-formed packet was not for any session. */
export type Refusal = 'unknownPeer' | 'unknownDiscriminator' | 'tooManyHops' | BfdPacketError;

export type BfdNote =
  | {
      readonly type: 'sessionEntered';
      readonly session: string;
      readonly phase: Phase;
      readonly diagnostic: Diagnostic;
      readonly remoteDiagnostic: Diagnostic;
    }
  /** `after`: the detection time; `overdue`: how much later than that it was noticed. */
  | { readonly type: 'sessionExpired'; readonly session: string; readonly after: Micros; readonly overdue: Micros }
  /** `reason` tooManyHops: `lowest` was wanted at least; unknownDiscriminator: `discriminator` is what the packet has. */
  | {
      readonly type: 'packetRefused';
      readonly source: IpAddress;
      readonly sourcePort: number;
      readonly reason: Refusal;
      readonly hopLimit: number;
      readonly lowest?: number;
      readonly discriminator?: number;
    }
  /** Other intervals are being agreed on. */
  | { readonly type: 'pollStarted'; readonly session: string }
  | { readonly type: 'channelFailed'; readonly session: string; readonly reason: string };
