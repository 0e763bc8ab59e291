/**
 * `holdfast leave --watch`, a transient unit of systemd: it has the processes of a daemon that ends for the next start of its unit as
 * its own, so that VRRP speaks on while the unit is down, and sees to what is left when no start comes: it starts the same daemon
 * once more, which takes everything over, and ends that in order.
 */

import { setTimeout as pause } from 'node:timers/promises';

import { seconds } from '../base/time.js';
import { findBequest, takeBequest } from '../daemon/restart/bequest.js';
import { signalIfAlive } from '../daemon/restart/inheritance.js';
import type { Heritage } from '../daemon/restart/inheritance.js';
import { startLastHeir } from '../daemon/restart/last-heir.js';
import { bequestPath } from '../daemon/start/process-names.js';
import { descendantsOf, moveToOurControlGroup, processBeginning } from '../io/processes/process-facts.js';
import { openServiceManager } from '../io/processes/service-manager.js';
import { openClock } from '../io/clock.js';
import { runTool } from '../io/processes/tool.js';
import { isAlive, restartOutcome } from './running-daemon.js';

/** Milliseconds between two looks. */
const LOOK = 100;
/** Milliseconds for the daemon to end, and for what it has left behind. */
const FAREWELL = 60_000;
/** For a start to take over. VRRP itself gives up a little later. */
const PATIENCE = seconds(25);
/** Milliseconds for the last heir to be at work. */
const LAST_PATIENCE = 20_000;

export interface Watched {
  readonly unit: string;
  /** The daemon's main process. */
  readonly daemon: number;
  readonly pidFile: string;
}

/** Returns when there is nothing left to watch, with what is wrong, if anything is. */
export async function watchOver({ unit, daemon, pidFile }: Watched): Promise<string | undefined> {
  const sheltered = shelter(daemon);
  if (sheltered === undefined) return `the processes of ${daemon} cannot be kept beyond its end`;
  openServiceManager(process.env, openClock()).ready(`watching over the restart of ${unit}`);
  if (!(await within(FAREWELL, () => !isAlive(daemon)))) return undefined;
  const bequest = bequestPath(pidFile);
  for (let left = findBequest(bequest); left !== undefined; left = findBequest(bequest)) {
    if (left.age > PATIENCE || isDown(unit)) {
      process.stdout.write(`no start of ${unit} takes over: everything is given up in order\n`);
      if (!(await inherit(left.content as Heritage, pidFile))) giveUp(bequest, sheltered);
      break;
    }
    await pause(LOOK);
  }
  await within(FAREWELL, () => sheltered.every(isGone));
  return undefined;
}

interface Sheltered {
  readonly pid: number;
  readonly began: number | undefined;
}

/** To systemd, too: what is only left to be buried may still end. */
const isGone = ({ pid, began }: Sheltered): boolean => processBeginning(pid) !== began;

/** All but the daemon's main process are members of our unit from now on. Undefined when they cannot be. */
function shelter(daemon: number): readonly Sheltered[] | undefined {
  let pids: readonly number[] = [];
  // Those that are started meanwhile, too.
  for (let now = descendantsOf(daemon); now.some((pid) => !pids.includes(pid)); now = descendantsOf(daemon)) {
    if (!moveToOurControlGroup(now)) return undefined;
    pids = now;
  }
  return pids.map((pid) => ({ pid, began: processBeginning(pid) }));
}

/** systemd neither runs nor starts it, and will not by itself. */
function isDown(unit: string): boolean {
  const { status, output } = runTool('systemctl', ['show', '--property=ActiveState,Job', unit]);
  const isScheduled = /^Job=[1-9]/m.test(output);
  return status === 0 && !isScheduled && /^ActiveState=(inactive|failed)$/m.test(output);
}

/** The same daemon takes over and is stopped as soon as it has. False when it cannot. */
async function inherit(heritage: Heritage, pidFile: string): Promise<boolean> {
  const began = Date.now();
  const heir = startLastHeir(heritage);
  const isAtWork = (): boolean => (restartOutcome(pidFile)?.at ?? 0) >= began;
  await within(LAST_PATIENCE, () => isAtWork() || heir.hasEnded());
  const tookOver = isAtWork();
  await heir.stop();
  return tookOver;
}

/** Nobody can take it any more; VRRP says goodbye by itself. */
function giveUp(bequest: string, sheltered: readonly Sheltered[]): void {
  takeBequest(bequest);
  for (const process of sheltered) if (!isGone(process)) signalIfAlive(process.pid, 'SIGTERM');
}

/** Whether it is so within so many milliseconds. */
async function within(milliseconds: number, isSo: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < milliseconds; waited += LOOK) {
    if (isSo()) return true;
    await pause(LOOK);
  }
  return isSo();
}
