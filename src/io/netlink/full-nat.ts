/**
 * Keeps the packet filter's table and the kernel settings that FULLNAT needs: looks every second while it is wanted, puts back
 * what somebody changed, and takes everything away in the end. What the settings were before is kept in a file as well, so
 * that a process that takes the place of a dead one can put them back. What is translated is decided in health/full-nat.ts.
 */

import { FAMILIES } from '../../base/address.js';
import { translationSettings } from '../../health/full-nat.js';
import type { TranslatedService } from '../../health/full-nat.js';
import type { FilterNote } from '../../vrrp/host/device-notes.js';
import { FilterWatch, LOOK_EVERY, repairNotes } from './filter-watch.js';
import { FilterWriter } from './filter-writer.js';
import { makeTranslation, removeTranslation, translationTables } from './full-nat-messages.js';
import { type KeptSettingNote, type KeptSettings, createKeptSettings } from './kept-settings.js';
import type { KernelError } from '../kernel-error.js';
import type { Netfilter } from './netfilter.js';

export type FullNatNote = KeptSettingNote | FilterNote;

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
  readonly #writer: FilterWriter;
  readonly #settings: KeptSettings;
  readonly #watch = new FilterWatch();
  #wanted: readonly TranslatedService[] = [];
  /** What the table has been made for; undefined while that is not known. */
  #made: readonly TranslatedService[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FullNatOptions) {
    this.#options = options;
    this.#writer = new FilterWriter((reason) => options.tell({ type: 'filterRefused', reason: `FULLNAT: ${reason}` }));
    this.#settings = createKeptSettings(options.statePath, options.tell);
  }

  readonly configure = (services: readonly TranslatedService[]): void => {
    if (JSON.stringify(services) !== JSON.stringify(this.#wanted)) this.#wanted = services;
    // An earlier process may have left its table where this configuration wants none.
    if (this.#wanted.length > 0 || this.#settings.isKept()) this.#look();
  };

  readonly release = (keep: boolean): void => {
    clearTimeout(this.#timer);
    if (!keep && this.#settings.isKept()) this.#remove();
    this.#writer.close();
  };

  #remove(): void {
    this.#wanted = [];
    this.#options.within(() => {
      this.#settings.configure([]);
      if (!this.#writer.perform(FAMILIES.flatMap(removeTranslation))) this.#made = undefined;
    });
    this.#settings.keep(this.#wanted.length > 0);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#options.within(() => {
      this.#settings.configure(translationSettings(this.#wanted));
      if (!this.#writer.attempt((filter) => this.#keepTable(filter))) this.#made = undefined;
    });
    this.#settings.keep(this.#wanted.length > 0);
    if (this.#wanted.length > 0) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY);
  }

  #keepTable(filter: Netfilter): KernelError | undefined {
    const isKnown = this.#made === this.#wanted;
    const differences = isKnown ? this.#watch.look(filter, () => translationTables(this.#wanted)) : [];
    if (isKnown && differences.length === 0) return undefined;
    const error = filter.perform(makeTranslation(this.#wanted));
    if (error !== undefined) return error;
    this.#made = this.#wanted;
    for (const note of repairNotes(differences)) this.#options.tell(note);
    return undefined;
  }
}
