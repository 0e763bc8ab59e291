/**
 * Keeps the packet filter's table and the kernel settings that FULLNAT needs: looks every second while it is wanted, puts back
 * what somebody removed, and takes everything away in the end. What the settings were before is kept in a file as well, so
 * that a process that takes the place of a dead one can put them back. What is translated is decided in health/full-nat.ts.
 */

import { rmSync } from 'node:fs';
import { translationSettings } from '../../health/full-nat.js';
import type { TranslatedService } from '../../health/full-nat.js';
import type { SettingNote } from '../../vrrp/device-notes.js';
import { errorCodeOf, readOwnFile, writeFileSafely } from '../files/files.js';
import { askForRules, makeTranslation, removeTranslation } from './full-nat-messages.js';
import { type KernelSettings, createKernelSettings } from './kernel-settings.js';
import { KernelError } from '../kernel-error.js';
import { type Netfilter, openNetfilter } from './netfilter.js';

/** Milliseconds. */
const LOOK_EVERY = 1000;
const FAMILIES = ['ipv4', 'ipv6'] as const;

export type FullNatNote =
  | SettingNote
  | { readonly type: 'filterRefused'; readonly reason: string }
  | { readonly type: 'translationRepaired' }
  /** What the settings were cannot be kept for another process. */
  | { readonly type: 'unwritable'; readonly path: string; readonly reason: string };

export interface FullNat {
  readonly configure: (services: readonly TranslatedService[]) => void;
  /** Takes everything away, or with `keep` leaves all as it is. */
  readonly release: (keep: boolean) => void;
}

export interface FullNatOptions {
  /** Where what the settings were is kept while they are changed. */
  readonly statePath: string;
  /** Runs something in the network namespace of IPVS. */
  readonly within: <T>(run: () => T) => T;
  readonly tell: (note: FullNatNote) => void;
}

/** Does nothing at all while nothing is wanted and no earlier process has left anything. */
export function createFullNat(options: FullNatOptions): FullNat {
  return new Translation(options);
}

class Translation implements FullNat {
  readonly #options: FullNatOptions;
  readonly #settings: KernelSettings;
  #netfilter: Netfilter | undefined;
  #wanted: readonly TranslatedService[] = [];
  /** What the table has been made for; undefined while that is not known. */
  #made: readonly TranslatedService[] | undefined;
  #refused: string | undefined;
  /** What the file holds; undefined: there is none, and nothing of ours in the kernel. */
  #saved: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FullNatOptions) {
    this.#options = options;
    this.#settings = createKernelSettings(options.tell, () => this.#save());
    const left = readState(options.statePath);
    if (left === undefined) return;
    this.#settings.inherit(new Map(left));
    this.#saved = '';
  }

  readonly configure = (services: readonly TranslatedService[]): void => {
    if (JSON.stringify(services) !== JSON.stringify(this.#wanted)) this.#wanted = services;
    // An earlier process may have left its table where this configuration wants none.
    if (this.#wanted.length > 0 || this.#saved !== undefined) this.#look();
  };

  readonly release = (keep: boolean): void => {
    clearTimeout(this.#timer);
    if (!keep && this.#saved !== undefined) this.#remove();
    this.#netfilter?.close();
    this.#netfilter = undefined;
  };

  #remove(): void {
    this.#wanted = [];
    this.#options.within(() => {
      this.#settings.configure([]);
      this.#attempt((filter) => filter.perform(FAMILIES.flatMap(removeTranslation)));
    });
    this.#save();
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#options.within(() => {
      this.#settings.configure(translationSettings(this.#wanted));
      this.#attempt((filter) => this.#keepTable(filter));
    });
    this.#save();
    if (this.#wanted.length > 0) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY);
  }

  #keepTable(filter: Netfilter): KernelError | undefined {
    const isRepair = this.#made === this.#wanted;
    if (isRepair && isWhole(filter, this.#wanted)) return undefined;
    const error = filter.perform(makeTranslation(this.#wanted));
    if (error !== undefined) return error;
    this.#made = this.#wanted;
    if (isRepair) this.#options.tell({ type: 'translationRepaired' });
    return undefined;
  }

  /** What the kernel refuses is told once, and tried again at every look. */
  #attempt(run: (filter: Netfilter) => KernelError | undefined): void {
    let error: KernelError | undefined;
    try {
      this.#netfilter ??= openNetfilter();
      error = run(this.#netfilter);
    } catch (thrown) {
      if (!(thrown instanceof KernelError)) throw thrown;
      error = thrown;
    }
    if (error !== undefined) this.#made = undefined;
    if (error !== undefined && error.message !== this.#refused) {
      this.#options.tell({ type: 'filterRefused', reason: `FULLNAT: ${error.message}` });
    }
    this.#refused = error?.message;
  }

  #save(): void {
    const { statePath } = this.#options;
    const originals = this.#settings.originals();
    const text = originals.size === 0 && this.#wanted.length === 0 ? undefined : JSON.stringify([...originals]);
    if (text === this.#saved) return;
    this.#saved = text;
    const reason = text === undefined ? removeFile(statePath) : writeFileSafely(statePath, text);
    if (reason !== undefined) this.#options.tell({ type: 'unwritable', path: statePath, reason });
  }
}

/** Answers why it failed, if it did. One that is not there is removed. */
function removeFile(path: string): string | undefined {
  try {
    rmSync(path, { force: true });
    return undefined;
  } catch (error) {
    return errorCodeOf(error);
  }
}

/** All rules are there, as many as there are services. */
function isWhole(filter: Netfilter, services: readonly TranslatedService[]): boolean {
  return FAMILIES.every((family) => {
    const expected = services.filter((service) => service.family === family).length;
    return expected === 0 || filter.count(askForRules(family)) === expected;
  });
}

function readState(path: string): readonly (readonly [string, string])[] | undefined {
  try {
    const value: unknown = JSON.parse(readOwnFile(path));
    const isEntry = (each: unknown): each is [string, string] =>
      Array.isArray(each) && each.length === 2 && each.every((text) => typeof text === 'string') && !String(each[0]).includes('..');
    return Array.isArray(value) && value.every(isEntry) ? value : undefined;
  } catch {
    return undefined;
  }
}
