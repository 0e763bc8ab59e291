/** Word of changes in the file system as events: one inotify instance of the addon, its records read into names. */

import { littleEndian } from '../../base/host-order.js';
import { cString } from '../host-bytes.js';
import { KernelError } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface InotifyAddon {
  inotifyOpen(listener: () => void): object | number;
  inotifyAdd(handle: object, path: Uint8Array, mask: number): number;
  inotifyRemove(handle: object, descriptor: number): number;
  inotifyRead(handle: object, bytes: Uint8Array): number;
  inotifyClose(handle: object): void;
}

/** linux/inotify.h IN_* */
export const CHANGE = {
  closeWrite: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  create: 0x100,
  delete: 0x200,
  deleteSelf: 0x400,
  moveSelf: 0x800,
  unmount: 0x2000,
  queueOverflow: 0x4000,
  /** The watch has ended. */
  ignored: 0x8000,
} as const;

export interface FileChange {
  /** Of `add`; -1 when records were lost. */
  readonly descriptor: number;
  readonly mask: number;
  /** Of the entry of a watched directory; empty when it is about what is watched itself. */
  readonly name: string;
}

export interface Inotify {
  /** The descriptor of the watch on what `path` leads to, or the error's code. */
  readonly add: (path: string, mask: number) => number | { readonly code: string };
  readonly remove: (descriptor: number) => void;
  readonly close: () => void;
}

/** struct inotify_event: wd, mask, cookie, len, name[len]. */
const HEADER = 16;
const ROOM = 16_384;

/** Throws KernelError when the machine gives no more instances. Changes come in order, outside of any call. */
export function openInotify(onChange: (change: FileChange) => void): Inotify {
  const addon = loadAddon() as InotifyAddon;
  const bytes = new Uint8Array(ROOM);
  const view = new DataView(bytes.buffer);
  const text = new TextDecoder();
  const read = (): void => {
    const length = addon.inotifyRead(handle, bytes);
    for (let at = 0; at + HEADER <= length; at += HEADER + view.getUint32(at + 12, littleEndian)) {
      const name = bytes.subarray(at + HEADER, at + HEADER + view.getUint32(at + 12, littleEndian));
      const end = name.indexOf(0);
      onChange({
        descriptor: view.getInt32(at, littleEndian),
        mask: view.getUint32(at + 4, littleEndian),
        name: text.decode(name.subarray(0, end < 0 ? name.length : end)),
      });
    }
  };
  const opened = addon.inotifyOpen(read);
  if (typeof opened === 'number') throw new KernelError('inotify', opened);
  const handle = opened;
  return {
    add: (path, mask) => {
      const result = addon.inotifyAdd(handle, cString(path), mask);
      return result < 0 ? { code: new KernelError('inotify', result).code } : result;
    },
    remove: (descriptor) => void addon.inotifyRemove(handle, descriptor),
    close: () => addon.inotifyClose(handle),
  };
}
