/** A D-Bus of the test's own, and busctl as a program on it. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

import { until } from '../lab/process.js';

const OPEN = '<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/></policy>';

export interface Bus {
  readonly address: string;
  readonly stop: () => void;
}

/** Its own daemon and socket; `policy` is what a file of /etc/dbus-1/system.d has. */
export async function openBus(t: TestContext, policy = OPEN): Promise<Bus> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bus-'));
  const socket = join(folder, 'socket');
  const file = join(folder, 'bus.conf');
  writeFileSync(file, `<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>${policy}</busconfig>`);
  const daemon = spawn('dbus-daemon', [`--config-file=${file}`, '--nofork'], { stdio: 'ignore' });
  t.after(() => {
    daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const bus = { address: `unix:path=${socket}`, stop: () => daemon.kill('SIGKILL') };
  await until('the bus answers', 10, () => busctl(bus, 'list').then(() => true as const, () => undefined));
  return bus;
}

/** What it prints; throws when it fails. */
export async function busctl({ address }: Bus, ...words: readonly string[]): Promise<string> {
  return (await promisify(execFile)('busctl', [`--address=${address}`, ...words])).stdout.trim();
}
