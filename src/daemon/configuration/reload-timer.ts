/**
 * reload_time_file: reloads at the time that a file names, and follows the file as it is written, replaced and removed. The
 * file is removed when its time has come, unless it holds for every day. What the text means is in reload-time.ts.
 */

import { readFileSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import type { ReloadConfig } from '../../conf/model.js';
import { errorCodeOf } from '../../io/files/files.js';
import { CHANGE, type Inotify, openInotify } from '../../io/files/inotify.js';
import { KernelError } from '../../io/kernel-error.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { readReloadTime, reloadTimeText } from './reload-time.js';

export interface ReloadTimer {
  /** Follows the file that this configuration names, or none. */
  readonly follow: (reload: ReloadConfig | undefined) => void;
}

/** How long is waited at most before the clock is looked at again: it may have been set. Milliseconds. */
const LOOK = 30_000;
const POLL = 1_000;
const MASK = CHANGE.closeWrite | CHANGE.movedTo | CHANGE.movedFrom | CHANGE.delete;

interface Scheduled {
  readonly at: Date;
  readonly text: string;
  readonly timeOnly: boolean;
}

/** `reload` is called when the time has come. Nothing is opened before a file is to be followed. */
export function createReloadTimer(reload: () => void, tell: (note: LifecycleNote) => void): ReloadTimer {
  return new FileTimer(reload, tell);
}

class FileTimer implements ReloadTimer {
  readonly #reload: () => void;
  readonly #tell: (note: LifecycleNote) => void;
  #path: string | undefined;
  #everyDay = false;
  #inotify: Inotify | undefined;
  #scheduled: Scheduled | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** While the system does not tell of changes. */
  #poll: NodeJS.Timeout | undefined;

  constructor(reload: () => void, tell: (note: LifecycleNote) => void) {
    this.#reload = reload;
    this.#tell = tell;
  }

  readonly follow = (reload: ReloadConfig | undefined): void => {
    const path = reload?.timeFile;
    this.#everyDay = reload?.everyDay ?? false;
    if (path !== this.#path) {
      this.#inotify?.close();
      this.#inotify = undefined;
      clearInterval(this.#poll);
      this.#path = path;
      if (path !== undefined) this.#watch(path);
    }
    this.#look();
  };

  #watch(path: string): void {
    try {
      this.#inotify = openInotify(({ name, mask }) => {
        if ((mask & CHANGE.ignored) !== 0) this.#unwatched(path, 'the directory is gone');
        if (name === basename(path) || (mask & (CHANGE.queueOverflow | CHANGE.ignored)) !== 0) this.#look();
      });
      const result = this.#inotify.add(dirname(path), MASK);
      if (typeof result !== 'number') this.#unwatched(path, result.code);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#unwatched(path, error.code);
    }
  }

  #unwatched(path: string, reason: string): void {
    this.#tell({ type: 'fileUnwatched', path, reason });
    clearInterval(this.#poll);
    this.#poll = setInterval(() => this.#look(), POLL).unref();
  }

  /** Takes what the file says now. */
  #look(): void {
    const before = this.#scheduled;
    const next = this.#read();
    this.#scheduled = next;
    if (next?.at.getTime() !== before?.at.getTime()) {
      if (next === undefined && before !== undefined) this.#tell({ type: 'reloadCancelled', time: before.text });
      else if (next !== undefined && before === undefined) this.#tell({ type: 'reloadScheduled', time: next.text });
      else if (next !== undefined && before !== undefined) this.#tell({ type: 'reloadMoved', from: before.text, to: next.text });
    }
    this.#arm();
  }

  #read(): Scheduled | undefined {
    const text = this.#path === undefined ? undefined : readFirstLine(this.#path);
    if (text === undefined || text === '') return undefined;
    const time = readReloadTime(text, new Date());
    if (!('problem' in time)) return { at: time.at, text: reloadTimeText(time.at, time.utc), timeOnly: time.timeOnly };
    this.#tell({ type: 'reloadTimeRefused', text, problem: time.problem });
    return undefined;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#scheduled === undefined) return;
    const wait = this.#scheduled.at.getTime() - Date.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#arm(), Math.min(wait, LOOK)).unref();
    else this.#fire(this.#scheduled);
  }

  #fire({ timeOnly }: Scheduled): void {
    this.#scheduled = undefined;
    const path = this.#path;
    if (path !== undefined && !(this.#everyDay && timeOnly)) {
      try {
        rmSync(path, { force: true });
      } catch (error) {
        this.#tell({ type: 'unwritable', path, reason: errorCodeOf(error) });
        // Or it would reload for ever.
        this.#path = undefined;
      }
    }
    this.#look();
    this.#reload();
  }
}

/** Undefined when there is no such file. */
function readFirstLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}
