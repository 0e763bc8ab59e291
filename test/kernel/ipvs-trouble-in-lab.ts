/**
 * Runs inside a lab kernel, where ip_vs is: the reconciler on the kernel's tables while the kernel refuses, has no room for its
 * answers, or others change the tables at the same time. Prints what was met, and after how many milliseconds all was right.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { IpAddress } from '../../src/base/address.js';
import { openAlarm } from '../../src/io/alarm.js';
import { openClock } from '../../src/io/clock.js';
import { openIpvs } from '../../src/io/netlink/ipvs-kernel.js';
import type { ReconcilerEvent } from '../../src/ipvs/events.js';
import { initialReconciler, reconcilerDeadline, stepReconciler } from '../../src/ipvs/reconciler.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { destination, entry, tablesOf } from './ipvs-entries.js';

const codes = new Set<string>();
const clock = openClock();
const alarm = openAlarm(() => deliver({ type: 'timeout' }));
const port = openIpvs((event) => {
  if ('code' in event) codes.add(event.code);
  if (event.type === 'opsFailed') for (const { code } of event.failures) codes.add(code);
  deliver(event);
});
let state = initialReconciler();

/** Events that come while one is being handled wait for their turn. */
const queue: ReconcilerEvent[] = [];
let isBusy = false;
function deliver(event: ReconcilerEvent): void {
  queue.push(event);
  if (isBusy) return;
  isBusy = true;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const step = stepReconciler(state, next, clock.now());
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'snapshot') port.snapshot(effect.id);
      else if (effect.type === 'apply') port.apply(effect.id, effect.ops);
    }
  }
  isBusy = false;
  alarm.set(reconcilerDeadline(state));
}

const web = { kind: 'address', protocol: 'tcp', address: '192.0.2.1' as IpAddress, port: 80 } as const;
function farm(servers: number, weight = 1): Tables {
  return tablesOf(entry(web, { scheduler: 'rr' }, ...Array.from({ length: servers }, (_, i) => destination(`10.1.${i >> 8}.${i & 255}`, 80, { weight }))));
}

const shown = (): readonly string[] => execFileSync('ipvsadm', ['-Sn'], { encoding: 'utf8' }).trim().split('\n').filter((line) => line.startsWith('-a'));

/** Milliseconds until the kernel has so many servers, each of this weight, and nothing else; undefined: not within a minute. */
async function right(servers: number, weight: number): Promise<number | undefined> {
  const begun = performance.now();
  while (performance.now() - begun < 60_000) {
    const lines = shown();
    if (lines.length === servers && lines.every((line) => line.endsWith(`-w ${weight}`))) return Math.round(performance.now() - begun);
    await pause(10);
  }
  return undefined;
}

interface Trouble {
  readonly met: readonly string[];
  readonly milliseconds: number | undefined;
}

async function trouble(cause: () => void | Promise<void>, servers: number, weight: number): Promise<Trouble> {
  codes.clear();
  await cause();
  const milliseconds = await right(servers, weight);
  return { met: [...codes], milliseconds };
}

const report: Record<string, Trouble> = {};

report['refused'] = await trouble(
  async () => {
    process.seteuid?.(65_534);
    deliver({ type: 'desiredChanged', desired: farm(20) });
    // Longer than any first attempts: what has waited long is over as soon.
    await pause(3_000);
    process.seteuid?.(0);
  },
  20,
  1,
);

report['raced'] = await trouble(
  async () => {
    const others = 'while :; do ipvsadm -C; ipvsadm -A -t 192.0.2.1:80 -s rr; for i in 1 2 3 4 5; do ipvsadm -a -t 192.0.2.1:80 -r 10.1.0.$i:80 -g -w 9; ipvsadm -d -t 192.0.2.1:80 -r 10.1.0.$i:80; done; done 2>/dev/null';
    const race = spawn('/bin/sh', ['-c', others], { stdio: 'ignore' });
    for (let round = 0; round < 150 || (!(codes.has('EEXIST') && codes.has('ENOENT')) && round < 1_000); round += 1) {
      deliver({ type: 'desiredChanged', desired: farm(round % 20, (round % 5) + 1) });
      await pause(10);
    }
    const exit = once(race, 'exit');
    race.kill('SIGKILL');
    await exit;
    deliver({ type: 'desiredChanged', desired: farm(20, 2) });
  },
  20,
  2,
);

deliver({ type: 'desiredChanged', desired: farm(400, 2) });
await right(400, 2);
report['overrun'] = await trouble(
  async () => {
    // A look that goes on would see it.
    while (state.phase.kind !== 'idle') await pause(1);
    // Every command that follows is refused in words, and there is room for a few of them only; again and again.
    port.setReceiveBuffer({ bytes: 2_048, force: false });
    const begun = performance.now();
    for (let round = 0; performance.now() - begun < 2_000 || (!codes.has('ENOBUFS') && performance.now() - begun < 30_000); round += 1) {
      execFileSync('ipvsadm', ['-C']);
      deliver({ type: 'desiredChanged', desired: farm(380, 4 + (round % 90)) });
      await pause(20);
    }
    deliver({ type: 'desiredChanged', desired: farm(380, 3) });
    port.setReceiveBuffer(undefined);
  },
  380,
  3,
);

port.close();
alarm.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
