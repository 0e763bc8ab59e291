/**
 * Child processes that are forked ahead of need: they load their modules and wait for their settings, so that this takes no
 * time when they are wanted. Nothing is watched or decided here; a prepared process has no pid file and does nothing.
 */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { putInBackground } from '../../io/processes/background.js';
import type { Child } from '../../runtime/children-events.js';
import type { Options } from '../start/options.js';

/**
 * Of Node. The young generation is small: a flood of packets, or of checks, is short-lived garbage, which would otherwise spread
 * over three times 16 MiB before it is collected.
 */
const NODE_OPTIONS: Readonly<Record<Child, readonly string[]>> = { vrrp: ['--max-semi-space-size=2'], checkers: ['--max-semi-space-size=4'], bfd: [] };

export interface PreparedChildren {
  /** Does nothing when there is one of this kind. In the background it takes no time from those at work. */
  readonly prepare: (child: Child, where?: 'background') => void;
  /** A process of this kind that has not ended, which is the caller's from now on. */
  readonly take: (child: Child) => ChildProcess | undefined;
  /** Ends those that were not taken. */
  readonly drop: () => void;
}

/** A process of the same program that waits for its settings. It ends by itself when this process does. */
export function forkChild(child: Child): ChildProcess {
  return fork(process.argv[1] ?? '', [child], {
    serialization: 'advanced',
    execArgv: [...NODE_OPTIONS[child]],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

export function createPreparedChildren(): PreparedChildren {
  const prepared = new Map<Child, ChildProcess>();
  return {
    prepare: (child, where) => {
      if (prepared.has(child)) return;
      const forked = forkChild(child);
      const forget = (): void => {
        if (prepared.get(child) === forked) prepared.delete(child);
      };
      // Then it is forked when it is wanted, and what is wrong is told there.
      forked.on('error', forget);
      forked.on('exit', forget);
      if (forked.pid === undefined) return;
      if (where === 'background') putInBackground(forked.pid);
      prepared.set(child, forked);
    },
    take: (child) => {
      const forked = prepared.get(child);
      prepared.delete(child);
      return forked?.connected === true ? forked : undefined;
    },
    drop: () => {
      for (const forked of prepared.values()) forked.kill('SIGKILL');
      prepared.clear();
    },
  };
}

/**
 * The children that a daemon with these options will most likely run: a look at the words of its first file. None when it
 * may have to enter another network namespace first, where its children have to be born.
 */
export function likelyChildren({ configurationFile, runVrrp, runCheckers, runBfd, networkNamespace }: Options): readonly Child[] {
  const text = networkNamespace === undefined ? contentOf(configurationFile) : NOTHING;
  if (text.includes('net_namespace')) return [];
  const children: Child[] = [];
  if (runCheckers && text.includes('virtual_server')) children.push('checkers');
  if (runVrrp && text.includes('vrrp_instance')) children.push('vrrp');
  if (runBfd && text.includes('bfd_instance')) children.push('bfd');
  return children;
}

const NOTHING = Buffer.alloc(0);

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    // A pattern, a directory, or nothing at all: whoever reads it properly says so.
    return NOTHING;
  }
}
