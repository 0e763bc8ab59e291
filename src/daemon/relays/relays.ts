/**
 * What one child has to hear of another, all of it: BFD sessions, quorums and marks of pools, VRRP masters. It goes by way of the
 * supervisor, which remembers it for the child that starts next and for the program that takes over at a restart in place.
 */

import type { Model } from '../../conf/model.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { DownMessage, PartSources } from '../children/ipc.js';
import type { Heritage } from '../restart/inheritance.js';
import { type MasterRelay, createMasterRelay } from './master-relay.js';
import { type PoolRelay, createPoolRelay } from './pool-relay.js';
import { type SessionRelay, createSessionRelay } from './session-relay.js';

/** What the next program takes over. */
type Told = Pick<Heritage, 'sessions' | 'quorums' | 'services' | 'masters'>;

export interface Relays {
  readonly sessions: SessionRelay;
  readonly pools: PoolRelay;
  readonly masters: MasterRelay;
  /** All that `child` has to know when it is configured. */
  readonly knownTo: (child: Child) => Pick<PartSources, 'sessions' | 'masters' | 'pools'>;
  readonly heritage: () => Told;
  /** What the program before left as its heritage. */
  readonly inherit: (told: Told) => void;
}

export interface RelayPorts {
  readonly send: (child: Child, message: DownMessage) => void;
  /** The configuration in force. */
  readonly model: () => Model | undefined;
  readonly tell: (note: LifecycleNote) => void;
}

export function createRelays({ send, model, tell }: RelayPorts): Relays {
  const sessions = createSessionRelay(send, () => model()?.bfd);
  const pools = createPoolRelay({ send, director: () => model()?.director, tell });
  const masters = createMasterRelay(send, () => model()?.pool);
  return {
    sessions,
    pools,
    masters,
    knownTo: (child) => ({ sessions: sessions.knownTo(child), masters: masters.known(), pools: pools.known() }),
    heritage: () => ({ sessions: sessions.told(), ...pools.heritage(), masters: masters.told() }),
    inherit: (told) => {
      for (const change of told.sessions) sessions.reported(change);
      pools.inherit(told);
      masters.reported(told.masters);
    },
  };
}
