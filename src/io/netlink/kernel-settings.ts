/**
 * Settings of the network stack (files below /proc/sys/net) that the director needs while it runs: written when they are
 * wanted, put back as they were when they are not. Which ones is decided in vrrp/host/devices.ts.
 */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingNote } from '../../vrrp/host/device-notes.js';
import type { Setting } from '../../vrrp/host/devices.js';

const ROOT = '/proc/sys/net';

/** Each original value by the path of its file below /proc/sys/net. */
export type Originals = ReadonlyMap<string, string>;

export interface KernelSettings {
  /** Sets all of these, and puts back what was set before and is not among them. Settings of absent interfaces wait. */
  readonly configure: (settings: readonly Setting[]) => void;
  /** An interface is there now, perhaps another one of the same name. */
  readonly interfaceAppeared: (name: string) => void;
  /** Sets something that goes away with its interface; nothing is put back. */
  readonly set: (setting: Setting) => void;
  /** What has to be put back one day. */
  readonly originals: () => Originals;
  /** Takes over what an earlier process, that has died, would have had to put back. */
  readonly inherit: (originals: Originals) => void;
}

/** The file of a path of Originals. */
export function settingFile(path: string): string {
  return join(ROOT, path);
}

/**
 * `tell` hears of every change; a file that cannot be written is told once. `remember` hears of originals before anything is
 * written over them, so that whoever keeps them elsewhere has them even when this process dies in the middle.
 */
export function createKernelSettings(tell: (note: SettingNote) => void, remember: () => void = () => undefined): KernelSettings {
  const originals = new Map<string, string>();
  const refused = new Set<string>();
  let wanted = new Map<string, Setting>();

  const write = (path: string, value: string): boolean => {
    try {
      writeFileSync(settingFile(path), value);
      return true;
    } catch (error) {
      if (!refused.has(path)) tell({ type: 'settingFailed', path, reason: error instanceof Error ? error.message : String(error) });
      refused.add(path);
      return false;
    }
  };
  const note = (settings: Iterable<Setting>): void => {
    const known = originals.size;
    for (const { path, value } of settings) {
      const from = read(path);
      if (from !== undefined && from !== value && !originals.has(path) && !refused.has(path)) originals.set(path, from);
    }
    if (originals.size > known) remember();
  };
  const apply = ({ path, value }: Setting): void => {
    const from = read(path);
    if (from === undefined || from === value) return;
    if (!write(path, value)) {
      if (originals.get(path) === from) originals.delete(path);
      return;
    }
    if (!originals.has(path)) originals.set(path, from);
    tell({ type: 'settingChanged', path, from, to: value });
  };
  /** What somebody else has set meanwhile stays. */
  const restore = (path: string, ours: string | undefined): void => {
    const to = originals.get(path);
    originals.delete(path);
    if (to === undefined || read(path) !== ours || !write(path, to)) return;
    tell({ type: 'settingRestored', path, to });
  };

  return {
    configure: (settings) => {
      const before = wanted;
      wanted = new Map(settings.map((setting) => [setting.path, setting]));
      for (const path of [...originals.keys()]) if (!wanted.has(path)) restore(path, before.get(path)?.value ?? read(path));
      note(wanted.values());
      for (const setting of wanted.values()) apply(setting);
    },
    interfaceAppeared: (name) => {
      for (const setting of wanted.values()) {
        if (setting.interface !== name) continue;
        originals.delete(setting.path);
        note([setting]);
        apply(setting);
      }
    },
    set: ({ path, value }) => {
      if (read(path) !== value) write(path, value);
    },
    originals: () => originals,
    inherit: (inherited) => {
      for (const [path, value] of inherited) originals.set(path, value);
    },
  };
}

/**
 * The settings by which the reverse-path filter of `all` moves to every interface (the stricter of both counts for each);
 * none when `all` filters nothing. Interfaces in `except` are left out.
 */
export function reversePathSettings(except: ReadonlySet<string>): readonly Setting[] {
  const file = (name: string): string => `ipv4/conf/${name}/rp_filter`;
  const all = Number(read(file('all')) ?? 0);
  if (all === 0) return [];
  const others = readdirSync(join(ROOT, 'ipv4/conf')).filter((name) => name !== 'all' && !except.has(name));
  const moved = others.flatMap((name): readonly Setting[] => {
    if (Number(read(file(name)) ?? all) >= all) return [];
    return [{ path: file(name), value: String(all), ...(name === 'default' ? {} : { interface: name }) }];
  });
  return [...moved, { path: file('all'), value: '0' }];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(settingFile(path), 'utf8').trim();
  } catch {
    // The interface, or this part of the kernel, is not there.
    return undefined;
  }
}
