/** What the sessions look like from outside: plain data for dumps, status and metrics. */

import type { IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';
import type { Diagnostic, Phase } from './packet.js';
import type { BfdState } from './speaker.js';
import { detectionTime, transmitInterval } from './timing.js';

export interface SessionDescription {
  readonly name: string;
  readonly neighbour: IpAddress;
  readonly phase: Phase;
  readonly diagnostic: Diagnostic;
  readonly discriminator: number;
  readonly remotePhase?: Phase;
  readonly remoteDiagnostic?: Diagnostic;
  readonly remoteDiscriminator?: number;
  readonly remoteMultiplier?: number;
  readonly remoteMinTransmit?: Micros;
  readonly remoteMinReceive?: Micros;
  /** As negotiated, before jitter. */
  readonly transmitInterval?: Micros;
  readonly detectionTime?: Micros;
  readonly polling: boolean;
  /** What trackers and checkers were told last. */
  readonly told?: boolean;
}

export interface BfdDescription {
  readonly sessions: readonly SessionDescription[];
  /** Packets that were for no session, or no packets. */
  readonly refused: number;
}

export function describeBfd({ sessions, refused }: BfdState): BfdDescription {
  return {
    refused,
    sessions: [...sessions.values()].map(({ config, state }) => {
      const { remote } = state;
      const interval = transmitInterval(config, state);
      const silence = detectionTime(state);
      return {
        name: config.name,
        neighbour: config.neighbour,
        phase: state.phase,
        diagnostic: state.diagnostic,
        discriminator: state.discriminator,
        ...(remote === undefined
          ? {}
          : {
              remotePhase: remote.phase,
              remoteDiagnostic: remote.diagnostic,
              remoteDiscriminator: remote.discriminator,
              remoteMultiplier: remote.multiplier,
              remoteMinTransmit: remote.minTransmit,
              remoteMinReceive: remote.minReceive,
            }),
        ...(interval === undefined ? {} : { transmitInterval: interval }),
        ...(silence === undefined ? {} : { detectionTime: silence }),
        polling: state.polling,
        ...(state.told === undefined ? {} : { told: state.told }),
      };
    }),
  };
}
