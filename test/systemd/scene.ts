/** What the tests of units have in common: the package, a director booted with it, and the other director. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { TestContext } from 'node:test';

import type { Host, Network } from '../daemon/network.js';
import { VIP, openNetwork } from '../daemon/network.js';
import { until } from '../lab/process.js';
import type { Program } from '../lab/process.js';
import { bootDirector, buildPackage } from './boot.js';
import type { Director } from './boot.js';

export const FILE = '/etc/keepalived/keepalived.conf';
export const MASTER = /\(V1\) Entering MASTER STATE/;

export interface Scene {
  readonly network: Network;
  readonly director: Director;
  /** From the boot on. */
  readonly journal: Program;
}

/** Builds the package before the tests of the file that calls this, and answers how to open a scene. */
export function preparePackage(): (t: TestContext, configuration: string) => Promise<Scene> {
  let folder = '';
  let file = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-systemd-'));
    file = buildPackage(folder);
  });
  after(() => rmSync(folder, { recursive: true }));
  return async (t, configuration) => {
    const network = openNetwork();
    const booted: Director[] = [];
    t.after(async () => {
      for (const each of booted) await each.close();
      await network.close();
    });
    const director = await bootDirector(network.left, file);
    booted.push(director);
    director.write(FILE, configuration);
    return { network, director, journal: director.journal() };
  };
}

/** Starts units, and waits until V1 holds its address. */
export async function startMaster({ network, director, journal }: Scene, ...units: readonly string[]): Promise<void> {
  director.run('systemctl', 'start', ...units);
  await journal.line(MASTER, 20);
  await until('the address is set', 20, () => isHeld(network));
}

/** The transient unit that has watched over a restart has ended. */
export async function restartIsOver(director: Director): Promise<void> {
  await until('nobody of the restart is left', 20, () => !director.run('systemctl', 'list-units', '--no-legend', '--plain', 'run-r*.service').includes('run-r') || undefined);
}

export function isHeld({ left }: Network): true | undefined {
  return left.addresses().includes(VIP) || undefined;
}

export function isGone(network: Network): true | undefined {
  return isHeld(network) === undefined || undefined;
}

/** Debian's keepalived with a lower priority, once it waits for V1 to end. */
export async function startNeighbour(right: Host, configuration: string): Promise<Program> {
  const path = right.write('keepalived.conf', configuration);
  const program = right.start(['keepalived', '-n', '-l', '-D', '-G', '-f', path, '-p', join(right.folder, 'k.pid'), '-r', join(right.folder, 'kv.pid')]);
  await program.line(/Entering BACKUP STATE/, 10);
  return program;
}

/** What is said on the wire, with -v. */
export async function listen(right: Host): Promise<Program> {
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on/, 10);
  return wire;
}
