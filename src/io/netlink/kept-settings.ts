/**
 * Settings of the network stack that outlive a crash: what they were is kept in a file while they are changed, so that a process that
 * takes the place of a dead one can put them back.
 */

import { rmSync } from 'node:fs';
import type { SettingNote } from '../../vrrp/host/device-notes.js';
import type { Setting } from '../../vrrp/host/devices.js';
import { errorCodeOf, readOwnFile, writeFileSafely } from '../files/files.js';
import { createKernelSettings } from './kernel-settings.js';

export type KeptSettingNote =
  | SettingNote
  /** What the settings were cannot be kept for another process. */
  | { readonly type: 'unwritable'; readonly path: string; readonly reason: string };

export interface KeptSettings {
  /** Sets all of these, and puts back what was set before and is not among them. */
  readonly configure: (settings: readonly Setting[]) => void;
  /** The file stays while there is something to put back, or while its owner has more than that in the kernel (`isHeld`). */
  readonly keep: (isHeld: boolean) => void;
  /** There is a file: something of ours, or of an earlier process, may be in the kernel. */
  readonly isKept: () => boolean;
}

/** Takes over what an earlier process has left in the file. */
export function createKeptSettings(statePath: string, tell: (note: KeptSettingNote) => void): KeptSettings {
  /** What the file holds; undefined: there is none. */
  let saved: string | undefined;
  const keep = (isHeld: boolean): void => {
    const originals = settings.originals();
    const text = originals.size === 0 && !isHeld ? undefined : JSON.stringify([...originals]);
    if (text === saved) return;
    saved = text;
    const reason = text === undefined ? removeFile(statePath) : writeFileSafely(statePath, text);
    if (reason !== undefined) tell({ type: 'unwritable', path: statePath, reason });
  };
  const settings = createKernelSettings(tell, () => keep(true));
  const left = readState(statePath);
  if (left !== undefined) {
    settings.inherit(new Map(left));
    saved = '';
  }
  return { configure: settings.configure, keep, isKept: () => saved !== undefined };
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
