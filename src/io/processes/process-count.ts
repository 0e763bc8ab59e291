/** Which processes are of which tracked kind: everything in /proc once, then one process after the other. */

import type { TrackProcessConfig } from '../../vrrp/config/track.js';
import { isTrackedProcess } from '../../vrrp/tracking/process-match.js';
import type { ProcessEvent } from './process-events.js';
import { listProcesses, readProcess } from './process-list.js';

/** Processes that are read at the same time. */
const WORKERS = 8;

export class ProcessCount {
  readonly #tracked: readonly TrackProcessConfig[];
  readonly #onCount: (name: string, count: number) => void;
  readonly #readsArguments: boolean;
  /** The kinds each process is of; processes of none are left out. */
  #kinds = new Map<number, readonly string[]>();
  /** Looks under way: a newer one of the same process makes the older one worthless. */
  readonly #looks = new Map<number, object>();
  readonly #told = new Map<string, number>();
  #scan: object | undefined;
  #scanning = false;

  /** `onCount`: once for everything after the first scan, then whenever a count has changed. */
  constructor(tracked: readonly TrackProcessConfig[], onCount: (name: string, count: number) => void) {
    this.#tracked = tracked;
    this.#onCount = onCount;
    this.#readsArguments = tracked.some(({ wholeCommand }) => wholeCommand);
  }

  /** Looks at everything anew; counts are told when that is done. */
  async scan(): Promise<void> {
    const mine = {};
    this.#scan = mine;
    this.#scanning = true;
    this.#kinds = new Map();
    this.#looks.clear();
    const left = [...(await listProcesses())];
    const work = async (): Promise<void> => {
      for (let pid = left.pop(); pid !== undefined && this.#scan === mine; pid = left.pop()) await this.#look(pid);
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    if (this.#scan !== mine) return;
    this.#scanning = false;
    this.tell();
  }

  hear(event: ProcessEvent): void {
    if (event.type === 'changed') {
      void this.#lookAndTell(event.pid);
      return;
    }
    if (event.type === 'ended') {
      this.#looks.delete(event.pid);
      this.#kinds.delete(event.pid);
      return;
    }
    const inherited = this.#kinds.get(event.parent);
    // What its parent is decides about the child too, as soon as it is known.
    if (this.#scanning || this.#looks.has(event.parent)) void this.#lookAndTell(event.pid);
    else if (inherited !== undefined) this.#kinds.set(event.pid, inherited);
  }

  /** Tells what has changed; to be called when the last of several events has been heard. */
  tell(): void {
    if (this.#scanning) return;
    const counts = new Map(this.#tracked.map(({ name }) => [name, 0]));
    for (const names of this.#kinds.values()) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [name, count] of counts) {
      if (this.#told.get(name) === count) continue;
      this.#told.set(name, count);
      this.#onCount(name, count);
    }
  }

  /** Nothing is told afterwards. */
  close(): void {
    this.#scan = undefined;
    this.#scanning = true;
    this.#looks.clear();
  }

  async #lookAndTell(pid: number): Promise<void> {
    await this.#look(pid);
    this.tell();
  }

  async #look(pid: number): Promise<void> {
    const mine = {};
    this.#looks.set(pid, mine);
    const identity = await readProcess(pid, this.#readsArguments);
    if (this.#looks.get(pid) !== mine) return;
    this.#looks.delete(pid);
    const kinds = identity === undefined ? [] : this.#tracked.filter((each) => isTrackedProcess(each, identity));
    if (kinds.length === 0) this.#kinds.delete(pid);
    else this.#kinds.set(pid, kinds.map(({ name }) => name));
  }
}
