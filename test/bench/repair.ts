/** How long what somebody else removes stays away: address, route and rule of a master, and until the neighbours hear of it. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture } from '../interop/capture.js';
import { startDaemon, until, type DaemonKind } from '../interop/daemon.js';
import { MAC, openPair } from '../interop/pair.js';
import { formatTable, median } from './statistics.js';

const CONFIGURATION = `vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 200
    advert_int 1
    virtual_ipaddress {
      10.77.0.100
    }
    virtual_routes {
      10.9.0.0/16 via 10.77.0.3 dev eth0
    }
    virtual_rules {
      from 10.9.0.0/16 table 100 preference 100
    }
  }\n`;

/** How each is removed, and what of it `ip monitor` shows. */
const OBJECTS = [
  { name: 'address', removal: ['address', 'del', '10.77.0.100/32', 'dev', 'eth0'], shown: 'inet 10.77.0.100/32' },
  { name: 'route', removal: ['route', 'del', '10.9.0.0/16'], shown: '10.9.0.0/16 via' },
  { name: 'rule', removal: ['rule', 'del', 'preference', '100'], shown: 'from 10.9.0.0/16 lookup 100' },
] as const;

/** Five within 10 s are put back; more would make the master give way. */
const PAUSE = 2_200;

/** Prints, for each kind of object and for the announcement, how long it was away. */
export async function benchRepair(runs: number): Promise<string> {
  const [keepalived, holdfast] = await Promise.all([measure('keepalived', runs), measure('holdfast', runs)]);
  const names = [...OBJECTS.map(({ name }) => name), 'announced again'];
  const cell = (samples: readonly number[] = []): string =>
    [Math.min(...samples), median(samples), Math.max(...samples)].map((value) => value.toFixed(1)).join(' / ');
  const rows = names.map((name) => [name, '100.0', cell(keepalived.get(name)), cell(holdfast.get(name))]);
  return `Removed by a foreign hand, ${runs} times: milliseconds until it is back\n${formatTable([
    ['object', 'required ms', 'keepalived min/med/max ms', 'holdfast min/med/max ms'],
    ...rows,
  ])}`;
}

async function measure(kind: DaemonKind, runs: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const pair = openPair(`repair-${kind}`);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const capture = await openCapture(pair.namespace('client'), join(folder, 'pcap'));
  const daemon = startDaemon(kind, { namespace: pair.namespace('a'), folder, configuration: CONFIGURATION, options: ['-P'] });
  const samples = new Map<string, number[]>();
  const add = (name: string, milliseconds: number): void => void samples.set(name, [...(samples.get(name) ?? []), milliseconds]);
  const whole = (): boolean => pair.run('a', 'ip', 'rule').includes('100:') && pair.addresses('a').includes('10.77.0.100/32');
  const monitor = openMonitor(pair.namespace('a'));
  try {
    await until(`${kind} is master`, whole);
    await pause(7_000);
    for (let run = 0; run < runs; run += 1) {
      for (const { name, removal, shown } of OBJECTS) {
        const from = monitor.lines().length;
        // Before the command starts, which counts against both.
        const removedAt = Date.now() / 1000;
        pair.run('a', 'ip', ...removal);
        const back = (): number | undefined => backAt(monitor.lines().slice(from), shown);
        await until(`${kind} has put the ${name} back`, () => back() !== undefined);
        add(name, ((back() ?? Number.NaN) - removedAt) * 1000);
        if (name === 'address') {
          const announced = (): number | undefined =>
            capture.packets().find((packet) => packet.kind === 'announcement' && packet.sourceMac === MAC.a && packet.at > removedAt)?.at;
          await until(`${kind} has announced the address again`, () => announced() !== undefined);
          add('announced again', ((announced() ?? Number.NaN) - removedAt) * 1000);
        }
        await until(`${kind} is whole`, whole);
        await pause(PAUSE);
      }
    }
    return samples;
  } finally {
    monitor.close();
    await daemon.stop();
    await capture.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Line {
  /** Seconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** When it was there again after its removal; undefined while it is not. */
function backAt(lines: readonly Line[], shown: string): number | undefined {
  const own = lines.filter(({ text }) => text.includes(shown));
  const removed = own.findIndex(({ text }) => text.includes('Deleted'));
  return removed < 0 ? undefined : own.slice(removed).find(({ text }) => !text.includes('Deleted'))?.at;
}

/** `ip monitor` with the kernel's events, each stamped when it is read. */
function openMonitor(namespace: string): { readonly lines: () => readonly Line[]; readonly close: () => void } {
  const words = ['netns', 'exec', namespace, 'stdbuf', '-oL', 'ip', '-ts', '-o', 'monitor', 'address', 'route', 'rule'];
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TZ: 'UTC' } });
  const lines: Line[] = [];
  let rest = '';
  child.stdout.on('data', (part: Buffer) => {
    const parts = (rest + part.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const text of parts) {
      const stamp = /^\[([\d-]+T[\d:]+)\.(\d+)\]/.exec(text);
      if (stamp !== null) lines.push({ at: Date.parse(`${stamp[1] ?? ''}Z`) / 1000 + Number(`0.${stamp[2] ?? '0'}`), text });
    }
  });
  return { lines: () => lines, close: () => void child.kill('SIGTERM') };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
