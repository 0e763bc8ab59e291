/** Runs the BFD sessions against the world: effects become port calls, in their order. It takes no decision of the protocol. */

import { given } from '../base/given.js';
import { unreachable } from '../base/unreachable.js';
import type { BfdConfig, BfdSession } from '../bfd/config.js';
import { describeBfd } from '../bfd/describe.js';
import type { BfdDescription } from '../bfd/describe.js';
import type { BfdEffect, BfdEvent } from '../bfd/events.js';
import { encodePacket } from '../bfd/packet.js';
import { bfdDeadline, initialBfd, stepBfd } from '../bfd/speaker.js';
import { createDriver } from './driver.js';
import { narrateBfd } from './narrate/bfd.js';
import { narrateDriver } from './narrate/driver.js';
import type { BfdChannel, BfdPorts } from './ports.js';

export interface BfdDriverOptions {
  /** Discriminators follow from it, so it should be one that nobody guesses. */
  readonly seed: number;
  /** After stopRequested: the process may end. */
  readonly onStopped?: () => void;
}

export interface BfdDriver {
  readonly deliver: (event: BfdEvent) => void;
  /** The alarm fired. */
  readonly onAlarm: () => void;
  readonly snapshot: () => BfdDescription;
}

export function createBfdDriver(ports: BfdPorts, { seed, onStopped }: BfdDriverOptions): BfdDriver {
  const driver = createDriver({
    machine: { initial: initialBfd, step: stepBfd, deadline: bfdDeadline },
    seed,
    clock: ports.clock,
    alarm: ports.alarm,
    record: undefined,
    perform: (effect: BfdEffect) => {
      switch (effect.type) {
        case 'sendPacket':
          ports.channels.send(effect.session, encodePacket(effect.packet));
          return;
        case 'tellState':
          ports.followers.tell(effect.session, effect.up);
          return;
        case 'stopped':
          onStopped?.();
          return;
        default:
          unreachable(effect);
      }
    },
    tell: (note) => {
      if (note.type === 'alarmLate' || note.type === 'mailboxOverflow') ports.logger.log(narrateDriver(note));
      else ports.logger.log(narrateBfd(note));
    },
  });
  return {
    deliver: (event) => {
      driver.deliver(event);
      // After the step: a removed session has said goodbye on its channel, and a new one does not send at once.
      if (event.type === 'reconfigured') ports.channels.configure(channelsOf(event.config));
    },
    // A packet already queued must be heard before silence is believed: after a stall both are due at once.
    onAlarm: () => driver.expire({ type: 'timeout' }, ports.channels.drain),
    snapshot: () => describeBfd(driver.state()),
  };
}

function channelsOf({ sessions }: BfdConfig): readonly BfdChannel[] {
  return sessions.map(({ name, family, neighbour, source, sentHopLimit, multihop }: BfdSession) => ({
    session: name,
    family,
    neighbour,
    ...given({ source }),
    hopLimit: sentHopLimit,
    multihop,
  }));
}
