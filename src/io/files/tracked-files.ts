/**
 * The numbers in tracked files, as they change. The directory is watched and what the path leads to: files that are
 * replaced, removed, links, and directories that do not exist yet are followed. Files are read outside of the event loop,
 * because they may lie on a file system that hangs.
 */

import { close, constants, open, read } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { readTrackedNumber } from '../../base/tracked-number.js';
import { CHANGE, openInotify, type FileChange, type Inotify } from './inotify.js';
import { KernelError } from '../kernel-error.js';

/** A file under the name by which its number is reported. */
export interface TrackedFile {
  readonly name: string;
  readonly path: string;
}

export interface TrackedFilesEvents {
  /** Once for every file after each `watch`, then whenever the number changes. 0 for a file without a number. */
  readonly onValue: (name: string, value: number) => void;
  /** The number is too large; the one before stays. */
  readonly onInvalid: (path: string, text: string) => void;
  /** The system refuses to tell of changes: the file is looked at every second instead. */
  readonly onUnwatched: (path: string, code: string) => void;
}

export interface TrackedFiles {
  /** Watches these and nothing else. */
  readonly watch: (files: readonly TrackedFile[]) => void;
  readonly close: () => void;
}

interface Watched {
  readonly path: string;
  names: readonly string[];
  /** Names that wait for a first report. */
  unreported: ReadonlySet<string>;
  value: number | undefined;
  descriptors: readonly number[];
  /** Entry of the watched directory that matters: the file, or the next directory on the way to it. */
  entry: string;
  polled: boolean;
  reading: 'no' | 'yes' | 'again';
}

const MASK =
  CHANGE.closeWrite | CHANGE.movedFrom | CHANGE.movedTo | CHANGE.create | CHANGE.delete | CHANGE.deleteSelf | CHANGE.moveSelf;

/** Bytes of a file that are looked at (keepalived: 128). */
const LONGEST = 128;
const POLL_MILLISECONDS = 1_000;

export function openTrackedFiles(events: TrackedFilesEvents): TrackedFiles {
  const watched = new Map<string, Watched>();
  let inotify: Inotify | { readonly code: string } | undefined;
  let poll: NodeJS.Timeout | undefined;
  let closed = false;

  const look = (file: Watched): void => {
    place(file);
    readAgain(file, (text) => {
      if (!closed && watched.get(file.path) === file) report(file, text, events);
    });
  };
  const place = (file: Watched): void => {
    inotify ??= openOrRefuse((change) => happened(change));
    const placed = 'code' in inotify ? inotify : placeWatches(inotify, file.path);
    if ('code' in placed) {
      if (!file.polled) events.onUnwatched(file.path, placed.code);
      file.polled = true;
      poll ??= setInterval(() => {
        for (const each of watched.values()) if (each.polled) look(each);
      }, POLL_MILLISECONDS).unref();
      return;
    }
    const before = file.descriptors;
    Object.assign(file, placed, { polled: false });
    forget(before);
  };
  const forget = (descriptors: readonly number[]): void => {
    if (inotify === undefined || 'code' in inotify) return;
    const used = new Set([...watched.values()].flatMap((file) => file.descriptors));
    for (const descriptor of descriptors) if (!used.has(descriptor)) inotify.remove(descriptor);
  };
  const happened = ({ descriptor, mask, name }: FileChange): void => {
    const lost = (mask & CHANGE.queueOverflow) !== 0;
    for (const file of watched.values()) {
      if (lost || (file.descriptors.includes(descriptor) && (name === '' || name === file.entry))) look(file);
    }
  };
  return {
    watch: (files) => {
      const byPath = new Map<string, string[]>();
      for (const { name, path } of files) byPath.set(path, [...(byPath.get(path) ?? []), name]);
      for (const [path, file] of [...watched]) {
        if (byPath.has(path)) continue;
        watched.delete(path);
        forget(file.descriptors);
      }
      for (const [path, names] of byPath) {
        const file = watched.get(path) ?? unread(path);
        file.names = names;
        file.unreported = new Set(names);
        watched.set(path, file);
        look(file);
      }
    },
    close: () => {
      closed = true;
      clearInterval(poll);
      if (inotify !== undefined && !('code' in inotify)) inotify.close();
    },
  };
}

function unread(path: string): Watched {
  return { path, names: [], unreported: new Set(), value: undefined, descriptors: [], entry: '', polled: false, reading: 'no' };
}

function openOrRefuse(onChange: (change: FileChange) => void): Inotify | { readonly code: string } {
  try {
    return openInotify(onChange);
  } catch (error) {
    if (error instanceof KernelError) return { code: error.code };
    throw error;
  }
}

/** Watches on what the path leads to and on its directory, or on the last directory on the way that exists. */
function placeWatches(inotify: Inotify, path: string): Pick<Watched, 'descriptors' | 'entry'> | { readonly code: string } {
  let directory = dirname(path);
  let entry = basename(path);
  for (;;) {
    const placed = inotify.add(directory, MASK);
    const next = join(directory, entry);
    if (typeof placed !== 'number') {
      if (!isMissing(placed.code) || directory === dirname(directory)) return placed;
      entry = basename(directory);
      directory = dirname(directory);
      continue;
    }
    // After its directory, because it may have come into being in between.
    const target = inotify.add(next, MASK);
    if (typeof target !== 'number') return isMissing(target.code) ? { descriptors: [placed], entry } : target;
    if (next === path) return { descriptors: [placed, target], entry };
    directory = dirname(path);
    entry = basename(path);
  }
}

function isMissing(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function report(file: Watched, text: string, { onValue, onInvalid }: TrackedFilesEvents): void {
  const read = readTrackedNumber(text);
  if (read === undefined) onInvalid(file.path, text.trim());
  const value = read ?? file.value ?? 0;
  const told = value === file.value ? file.unreported : new Set(file.names);
  file.value = value;
  file.unreported = new Set();
  for (const name of told) onValue(name, value);
}

/** One read at a time; what changes meanwhile is read after it. */
function readAgain(file: Watched, onText: (text: string) => void): void {
  if (file.reading !== 'no') {
    file.reading = 'again';
    return;
  }
  file.reading = 'yes';
  readBeginning(file.path, (text) => {
    const again = file.reading === 'again';
    file.reading = 'no';
    if (again) readAgain(file, onText);
    else onText(text);
  });
}

/** The first bytes of a file; none when it cannot be read. A pipe is never waited for. */
function readBeginning(path: string, done: (text: string) => void): void {
  open(path, constants.O_RDONLY | constants.O_NONBLOCK, (refused, fd) => {
    if (refused !== null) {
      done('');
      return;
    }
    const bytes = new Uint8Array(LONGEST);
    read(fd, bytes, 0, LONGEST, 0, (failed, length) => {
      close(fd, () => undefined);
      done(failed === null ? new TextDecoder().decode(bytes.subarray(0, length)) : '');
    });
  });
}
