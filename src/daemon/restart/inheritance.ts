/**
 * What a supervisor finds of the program before it, at a restart: the roles its VRRP process holds, or still holds while it
 * speaks on until it is relieved, and what that daemon had been told. Found once, at the start.
 */

import type { Micros } from '../../base/time.js';
import { micros, seconds } from '../../base/time.js';
import type { PoolReport } from '../../health/events.js';
import type { ServiceKey } from '../../ipvs/tables.js';
import { processBeginning } from '../../io/processes/process-facts.js';
import { onProcessEnd } from '../../io/processes/replace.js';
import type { DirectorConfig } from '../../vrrp/config.js';
import { routeKey } from '../../vrrp/adoption.js';
import type { Legacy } from '../../vrrp/events.js';
import type { SessionChange } from '../children/ipc.js';
import type { Word } from '../operator/by-hand.js';
import { REPLACE_SIGNAL } from '../children/signals.js';
import { bequestPath, estatePath } from '../start/process-names.js';
import { takeBequest } from './bequest.js';

/** What the supervisor writes down. */
export interface Heritage {
  /** Process ids: of the supervisor, and of the VRRP process that goes on; undefined = none does. */
  readonly supervisor: number;
  readonly vrrp: number | undefined;
  /** When that process began, in ticks since the boot: the supervisor ends, and the next one is another process. Absent = the same. */
  readonly vrrpBegan?: number;
  /** BFD sessions, quorums, and VRRP instances that are master, as last told. */
  readonly sessions: readonly SessionChange[];
  readonly quorums: PoolReport['quorums'];
  /** That may be in IPVS. */
  readonly services: readonly ServiceKey[];
  readonly masters: readonly string[];
  /** How the daemon was started: its command line, and its variables but those for its service manager. */
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What operators have said; absent from an older program. */
  readonly byHand?: readonly Word[];
}

/** Of a stop for a start that came too late: sessions and quorums are not what they were. */
const LONGEST_WAY = seconds(60);

/** Milliseconds for the process before to leave once it is told to; its own limit is shorter. */
const FAREWELL = 3_000;

export interface Inheritance {
  readonly heritage: Heritage;
  /** It is the same process, under another program. */
  readonly isInPlace: boolean;
  /** Relieves the VRRP process; calls back with what it leaves, once it has ended. A second call has nothing to wait for. */
  readonly relieve: (config: DirectorConfig, done: (legacy: Legacy | undefined) => void) => void;
  /** There is no work for a VRRP process any more: what it holds is given up in order. */
  readonly dismiss: () => void;
}

/** Undefined when there is nothing to inherit, or not for this process. `children`: those it had before it began. */
export function findInheritance(pidFile: string, children: readonly number[]): Inheritance | undefined {
  const found = takeBequest(bequestPath(pidFile));
  const heritage = found?.content as Heritage | undefined;
  const isForUs = heritage?.vrrp === undefined || heritage.vrrpBegan !== undefined || heritage.supervisor === process.pid;
  const living = heritage !== undefined && isForUs ? livingOf(heritage, children) : undefined;
  for (const child of children) if (child !== living) onProcessEnd(child, () => undefined);
  if (heritage === undefined || !isForUs || found === undefined || found.age > LONGEST_WAY) return undefined;
  let isSettled = false;
  const leaves = (config: DirectorConfig): Legacy | undefined => {
    const estate = takeBequest(estatePath(pidFile));
    return estate === undefined ? undefined : stillTrue(estate.content as Legacy, estate.age, config);
  };
  return {
    heritage,
    isInPlace: heritage.supervisor === process.pid,
    relieve: (config, done) => {
      if (isSettled) {
        done(undefined);
        return;
      }
      isSettled = true;
      if (living === undefined) {
        done(leaves(config));
        return;
      }
      const kill = setTimeout(() => process.kill(living, 'SIGKILL'), FAREWELL);
      onProcessEnd(living, () => {
        clearTimeout(kill);
        done(leaves(config));
      });
      signalIfAlive(living, REPLACE_SIGNAL);
    },
    dismiss: () => {
      if (isSettled || living === undefined) return;
      isSettled = true;
      onProcessEnd(living, () => undefined);
      signalIfAlive(living, 'SIGTERM');
    },
  };
}

/** The VRRP process that goes on. */
function livingOf({ vrrp, vrrpBegan }: Heritage, children: readonly number[]): number | undefined {
  if (vrrp === undefined || vrrpBegan === undefined) return children.find((child) => child === vrrp);
  return processBeginning(vrrp) === vrrpBegan ? vrrp : undefined;
}

/** It may have ended. */
export function signalIfAlive(pid: number, which: number | NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch {
    // Then its end is on its way.
  }
}

/** The other routers wait for three advert intervals: after that somebody else may be master, and we begin like anybody. */
function stillTrue(legacy: Legacy, age: Micros, { instances }: DirectorConfig): Legacy {
  const late = new Set(instances.filter(({ advertInterval }) => age > micros(3 * advertInterval)).map((config) => routeKey(config)));
  return { ...legacy, states: new Map([...legacy.states].filter(([key]) => !late.has(key))) };
}
