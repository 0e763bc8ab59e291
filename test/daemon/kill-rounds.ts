/**
 * kill -9 of every process of a master, one after the other at moments that a seed picks, while a backup watches; in the end of
 * its supervisor or of all at once. What must hold is checked at each step; how long each step took is answered.
 */

import assert from 'node:assert/strict';

import { nextRandom } from '../../src/base/random.js';
import type { Program } from '../lab/process.js';
import { pause, until } from '../lab/process.js';
import { childrenOf, descendantsOf, readProcess } from '../support/processes.js';
import type { Network } from './network.js';
import { VIP, instance } from './network.js';
import { untilTold } from './told.js';
import { watchAddresses } from './witnesses.js';

/** In a round each is killed once: a second time within a minute it would be started after a pause. */
const VICTIMS = ['vrrp', 'checkers', 'bfd', 'control', 'guardian', 'script'] as const;
export type Victim = (typeof VICTIMS)[number] | 'supervisor' | 'everything';

export interface Kill {
  readonly victim: Victim;
  /** Until another process was in its place; of the last of a round until nobody of the dead holds the address. */
  readonly milliseconds: number;
}

/** Between two kills, seconds at most. */
const LONGEST_PAUSE = 0.6;

const SESSION = 'bfd_instance peer {\nneighbor_ip 10.9.9.2\nmin_rx 200\nmin_tx 200\nmultiplier 5\n}\n';
const SERVICE = 'virtual_server 10.9.9.200 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\ndelay_loop 1\nreal_server 10.9.9.2 8080 {\nTCP_CHECK {\nconnect_timeout 5\n}\n}\n}\n';

/** `script`: a check of VRRP that runs nearly all the time. */
function configuration(script: string, advertInterval: number): string {
  const lines = ['version 3', 'track_script {', 'busy', '}'];
  return `global_defs {\nscript_user root\n}\nvrrp_script busy {\nscript "${script}"\ninterval 1\ntimeout 5\nfall 3\nrise 1\n}\n${SESSION}${SERVICE}${instance({ priority: 150, advertInterval, lines })}`;
}

/** The backup that watches all rounds. `advertInterval` in seconds: three of them must be longer than a start on this machine. */
export async function startWatcher({ right }: Network, advertInterval: number): Promise<Program> {
  const watcher = right.daemon(`${SESSION.replace('10.9.9.2', '10.9.9.1')}${instance({ priority: 100, advertInterval, lines: ['version 3'] })}`);
  await watcher.line(/\(V1\) Entering MASTER STATE/, 10);
  return watcher;
}

/** One life of a daemon; of an even seed it ends with the supervisor's death, of an odd one with that of all. */
export async function killRound({ left, right }: Network, watcher: Program, advertInterval: number, seed: number): Promise<readonly Kill[]> {
  const random = createRandom(seed);
  const kills: Kill[] = [];
  const script = left.write('busy.sh', '#!/bin/sh\nsleep 0.9\n');
  const daemon = left.daemon(configuration(`/bin/sh ${script}`, advertInterval));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
  await until('it is master alone', 5, () => (left.addresses().includes(VIP) && !right.addresses().includes(VIP)) || undefined);
  await until('everybody is at work', 10, () => VICTIMS.every((victim) => pidOf(victim, daemon.pid, left.pidOf) !== undefined) || undefined);
  await untilTold(left);
  const addresses = await watchAddresses(left);
  const before = watcher.lines.length;
  for (const victim of shuffled(VICTIMS, random)) {
    await pause(random() * LONGEST_PAUSE);
    const pid = await until(`a ${victim} process`, 10, () => pidOf(victim, daemon.pid, left.pidOf));
    const begun = performance.now();
    killOne(pid);
    await until(`another ${victim} process`, 10, () => {
      const next = pidOf(victim, daemon.pid, left.pidOf);
      return (next !== undefined && next !== pid) || undefined;
    });
    kills.push({ victim, milliseconds: performance.now() - begun });
  }
  await untilTold(left);
  assert.ok(left.addresses().includes(VIP), `seed ${seed}: the master has lost its address`);
  assert.doesNotMatch(addresses.text(), /Deleted/, `seed ${seed}: the address was away for a moment`);
  const heard = watcher.lines.slice(before).map(({ text }) => text).join('\n');
  assert.doesNotMatch(heard, /Entering MASTER STATE/, `seed ${seed}: the backup took over although the master was there`);
  addresses.signal('SIGTERM');
  kills.push(await last(seed % 2 === 0 ? 'supervisor' : 'everything'));
  return kills;

  async function last(victim: 'supervisor' | 'everything'): Promise<Kill> {
    const after = watcher.lines.length;
    const all = descendantsOf(daemon.pid);
    const guardian = pidOf('guardian', daemon.pid, left.pidOf);
    const begun = performance.now();
    for (const pid of victim === 'supervisor' ? [daemon.pid] : [daemon.pid, ...all.filter((each) => each !== guardian)]) killOne(pid);
    await watcher.line(/\(V1\) Entering MASTER STATE/, 10, after);
    await until('the address is the successor\'s alone', 10, () => (right.addresses().includes(VIP) && !left.addresses().includes(VIP)) || undefined);
    const milliseconds = performance.now() - begun;
    await until('nobody is left behind', 15, () => all.every((pid) => readProcess(pid, 'cmdline') === '') || undefined);
    return { victim, milliseconds };
  }
}

function createRandom(start: number): () => number {
  let seed = start;
  return () => {
    const draw = nextRandom(seed);
    ({ seed } = draw);
    return draw.value;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values.map((value) => [random(), value] as const).sort(([a], [b]) => a - b).map(([, value]) => value);
}

/** It may have ended by itself, as a script does. */
function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Undefined while there is none that works: one that was just started may be written of, but not yet be there. */
function pidOf(victim: (typeof VICTIMS)[number], supervisor: number, fromFile: (file: 'vrrp' | 'checkers' | 'bfd') => number): number | undefined {
  switch (victim) {
    case 'control':
      return childrenOf(supervisor).find((pid) => readProcess(pid, 'cmdline').includes('\0control\0'));
    case 'guardian':
      return childrenOf(supervisor).find((pid) => readProcess(pid, 'comm').startsWith('holdfast-guardi'));
    case 'script':
      return descendantsOf(supervisor).find((pid) => readProcess(pid, 'cmdline').includes('busy.sh'));
    default: {
      const pid = readPid(victim, fromFile);
      return pid !== undefined && childrenOf(supervisor).includes(pid) ? pid : undefined;
    }
  }
}

function readPid(file: 'vrrp' | 'checkers' | 'bfd', fromFile: (name: 'vrrp' | 'checkers' | 'bfd') => number): number | undefined {
  try {
    return fromFile(file) || undefined;
  } catch {
    return undefined;
  }
}
