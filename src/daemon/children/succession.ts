/**
 * What happens to the estate of a VRRP process that dies: the next process takes its place, if it comes before the other
 * routers give up waiting; otherwise the guardian says goodbye in its name, so that they take over at once.
 */

import type { Micros } from '../../base/time.js';
import type { ChildrenEvent } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { DirectorConfig } from '../../vrrp/config.js';
import { NO_LEGACY } from '../../vrrp/adoption.js';
import type { Legacy } from '../../vrrp/events.js';
import type { Guardian } from './guardian.js';

export interface Succession {
  /** The VRRP process that lives has said what it leaves behind. */
  readonly reported: (legacy: Legacy, will: Uint8Array) => void;
  /** It goes to these states now, and says all that follows from it later. */
  readonly foretold: (states: Legacy['states']) => void;
  /** Every event of the children, before the children machine has it. */
  readonly hear: (event: ChildrenEvent) => void;
  /** It is being killed, having been silent for `silence`. */
  readonly silenced: (silence: Micros) => void;
  /** For the configuration that is being sent to `pid`; undefined for a process that has it already, or starts anew. */
  readonly legacyFor: (pid: number) => Legacy | undefined;
  /** What the process before this one's first has left. */
  readonly inherit: (legacy: Legacy) => void;
  /** A new daemon takes over within so many milliseconds; undefined = no longer. */
  readonly awaitHeir: (milliseconds: number | undefined) => void;
  /** Everything ends: nobody will take the place of one that has died. */
  readonly heirless: () => void;
}

/** `startGuardian` is called when there is a VRRP process for the first time; `config` answers what that runs with. */
export function createSuccession(
  startGuardian: () => Guardian,
  config: () => DirectorConfig | undefined,
  tell: (note: LifecycleNote) => void,
): Succession {
  let guardian: Guardian | undefined;
  let legacy: Legacy | undefined;
  let heir: number | undefined;
  /** The process that has taken up what there was to take up: before that, its end is no orderly end of anything. */
  let inOffice: number | undefined;
  let deadline: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    tell({ type: 'goodbyeInItsPlace' });
    if (legacy !== undefined) legacy = { ...legacy, goodbyeSaid: true };
    guardian?.execute();
  };
  /** The others have heard an advert within the last interval but `silence`, and wait for three. */
  const died = (silence: number): void => {
    const isMaster = [...(legacy?.states.values() ?? [])].includes('MASTER');
    const intervals = config()?.instances.map(({ advertInterval }) => advertInterval) ?? [];
    if (!isMaster || deadline !== undefined || intervals.length === 0) return;
    deadline = setTimeout(giveUp, Math.max(0, 2 * Math.min(...intervals) - silence) / 1_000);
  };
  return {
    reported: (next, will) => {
      legacy = next;
      guardian?.bequeath(will);
    },
    foretold: (states) => {
      // What a goodbye was said for is over: only what this process is counts.
      const { goodbyeSaid, ...last } = legacy ?? NO_LEGACY;
      legacy = { ...last, states: new Map([...(goodbyeSaid === true ? [] : last.states), ...states]) };
    },
    hear: (event) => {
      if (event.type === 'childStarted' && event.child === 'vrrp') {
        guardian ??= startGuardian();
        guardian.watch(event.pid);
      }
      if (event.type === 'childConfigured' && event.child === 'vrrp') inOffice = event.pid;
      if (event.type !== 'childExited' || event.child !== 'vrrp') return;
      const isOrderly = event.ending.type === 'status' && event.ending.status === 0 && event.pid === inOffice;
      if (!isOrderly) died(0);
      else {
        legacy = undefined;
        guardian?.forget();
      }
    },
    silenced: died,
    legacyFor: (pid) => {
      if (pid === heir) return undefined;
      heir = pid;
      clearTimeout(deadline);
      deadline = undefined;
      return legacy;
    },
    inherit: (left) => {
      legacy = left;
    },
    awaitHeir: (milliseconds) => guardian?.awaitHeir(milliseconds),
    heirless: () => {
      if (deadline === undefined || legacy?.goodbyeSaid === true) return;
      clearTimeout(deadline);
      giveUp();
    },
  };
}
