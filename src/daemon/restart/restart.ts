/**
 * The supervisor's part in a restart that lets go of nothing: it has the program on disk rehearsed, sees its children leave all
 * as it is and writes down what it leaves. In place it becomes that program, and the process id stays for everybody; as a stop
 * that a start follows it ends. Either way VRRP speaks on until the next program relieves it.
 */

import { given } from '../../base/given.js';
import type { GlobalConfig } from '../../conf/model.js';
import { isInOurControlGroup, processBeginning } from '../../io/processes/process-facts.js';
import { replaceProgram } from '../../io/processes/replace.js';
import { writeFileSafely } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { Launch } from '../start/launch.js';
import { bequestPath, restartOutcomePath } from '../start/process-names.js';
import { keepBequest } from './bequest.js';
import type { Heritage } from './inheritance.js';
import { rehearse } from './rehearsal.js';
import { SUCCESSOR_PATIENCE } from './relief.js';
import type { Relief } from './relief.js';

/** The program becomes another one, or ends for a service manager that starts it again. */
export type RestartWay = 'inPlace' | 'asStop';

export interface RestartPorts {
  /** The configuration in force, undefined before there is one, and the pid file that goes with it. */
  readonly inForce: () => { readonly global: GlobalConfig; readonly pidFile: string } | undefined;
  readonly tell: (note: LifecycleNote) => void;
  readonly deliver: (event: { readonly type: 'replacementRequested'; readonly way: RestartWay } | { readonly type: 'replacementFailed' }) => void;
  /** What the next program needs to know. */
  readonly heritage: () => Heritage;
  /** A stop has been asked for meanwhile. */
  readonly isStopping: () => boolean;
  /** The VRRP process that goes on is not left alone: the guardian knows. Undefined = no longer. */
  readonly awaitHeir: (milliseconds: number | undefined) => void;
  /** Ends the processes that are no children of the machine, writes out the log, and calls back. */
  readonly close: (done: () => void) => void;
  readonly reopen: () => void;
  /** The end of this process: no child but VRRP is left. */
  readonly leave: () => void;
}

export interface Restart {
  /** Somebody asks for it. */
  readonly request: (way: RestartWay) => void;
  /** The children's answer was no. */
  readonly refused: (reason: string) => void;
  /** All but VRRP have left. Returns in place only when the other program could not be started. */
  readonly replace: () => void;
  /** What children are told who leave, or speak on. */
  readonly relief: () => Omit<Relief, 'path'>;
}

/** What `holdfast restart` waits for. */
export interface RestartOutcome {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly version: string;
  /** Absent = it went well. */
  readonly refused?: string;
}

export function createRestart({ words, version, manager }: Launch, ports: RestartPorts): Restart {
  const { inForce, tell, deliver, heritage, isStopping, awaitHeir, close, reopen, leave } = ports;
  let rehearsing = false;
  let chosen: RestartWay = 'inPlace';
  let remaining: readonly string[] | undefined;
  let isClosing = false;
  const refused = (reason: string): void => {
    tell({ type: 'restartRefused', reason });
    const pidFile = inForce()?.pidFile;
    if (pidFile !== undefined) keepOutcome(pidFile, { at: Date.now(), version, refused: reason });
  };
  const failed = (reason: string): void => {
    isClosing = false;
    awaitHeir(undefined);
    reopen();
    refused(reason);
    deliver({ type: 'replacementFailed' });
  };
  const bequeath = (pidFile: string, left: Heritage): boolean => {
    const problem = keepBequest(bequestPath(pidFile), left);
    if (problem !== undefined) failed(`${bequestPath(pidFile)}: ${problem}`);
    return problem === undefined;
  };
  const hand = (pidFile: string): void => {
    const left = chosen === 'inPlace' ? heritage() : withBeginning(heritage());
    if (isStopping() || !bequeath(pidFile, left)) return;
    if (left.vrrp !== undefined) awaitHeir(SUCCESSOR_PATIENCE);
    // What has been written to the guardian leaves this process before it becomes another one.
    setImmediate(() => {
      if (isStopping()) return;
      if (chosen === 'inPlace') failed(become(manager));
      else leave();
    });
  };
  return {
    request: (way) => {
      const running = inForce();
      if (rehearsing) return;
      if (running === undefined) {
        refused('there is no configuration in force yet');
        return;
      }
      const { vrrp } = heritage();
      if (way === 'asStop' && vrrp !== undefined && isInOurControlGroup(vrrp)) {
        refused('the VRRP process would end with the service');
        return;
      }
      rehearsing = true;
      rehearse(words, running.global, running.pidFile, (rehearsed) => {
        rehearsing = false;
        if ('problem' in rehearsed) {
          refused(rehearsed.problem);
          return;
        }
        chosen = way;
        remaining = rehearsed.instances;
        deliver({ type: 'replacementRequested', way });
      });
    },
    refused,
    replace: () => {
      const running = inForce();
      // VRRP may have ended meanwhile: whoever comes finds nobody to relieve.
      if (running === undefined || isClosing) return;
      isClosing = true;
      close(() => hand(running.pidFile));
    },
    relief: () => ({ outlivesSupervisor: chosen === 'asStop', remaining }),
  };
}

/** Returns only with the reason why it could not. */
function become(manager: Launch['manager']): string {
  manager.reloading();
  const argv = [process.argv0, ...process.execArgv, ...process.argv.slice(1)];
  return replaceProgram(process.execPath, argv, { ...process.env, ...manager.environment });
}

/** So that the next supervisor, another process, takes nobody else for it. */
function withBeginning(left: Heritage): Heritage {
  const vrrpBegan = left.vrrp === undefined ? undefined : processBeginning(left.vrrp);
  return { ...left, ...given({ vrrpBegan }) };
}

/** Its reader is the operator's command, and a missing one costs that its patience. */
export function keepOutcome(pidFile: string, outcome: RestartOutcome): void {
  writeFileSafely(restartOutcomePath(pidFile), `${JSON.stringify(outcome)}\n`);
}
