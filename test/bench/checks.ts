/**
 * What a TCP and an HTTP check cost, and what the processes weigh, at up to a thousand checks a second on the host's own kernel. It
 * has no ip_vs, so keepalived gets a stand-in for it; holdfast reports that ip_vs is missing and goes on checking.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { startDaemon, type DaemonKind } from '../interop/daemon.js';
import { openPair } from '../interop/pair.js';
import { lvsConfiguration } from './lvs-configuration.js';
import { cpuSeconds, memoryOf, type Memory } from './process-figures.js';
import { formatTable, ratio } from './statistics.js';

interface CheckFigures {
  readonly checksPerSecond: number;
  readonly microsecondsPerCheck: number;
  readonly memory: readonly { readonly name: string; readonly memory: Memory }[];
}

/** First runs are spread over one second plus a warm-up of one delay_loop; then everything is steady. */
const SETTLE_SECONDS = 6;
const MEASURE_SECONDS = 15;

/** Prints CPU per check and memory per process for both daemons. */
export async function benchChecks(): Promise<string> {
  const rows = [['check', 'checks/s (keepalived, holdfast)', 'keepalived us/check', 'holdfast us/check', 'ratio']];
  const weights = [['real servers', 'process', 'RSS MiB', 'private MiB']];
  for (const [check, realServers] of [['TCP_CHECK', 100], ['TCP_CHECK', 1_000], ['HTTP_GET', 1_000]] as const) {
    const figures = {
      keepalived: await measure('keepalived', realServers, check),
      holdfast: await measure('holdfast', realServers, check),
    };
    const { keepalived, holdfast } = figures;
    rows.push([
      check,
      `${keepalived.checksPerSecond.toFixed(0)}, ${holdfast.checksPerSecond.toFixed(0)}`,
      keepalived.microsecondsPerCheck.toFixed(1),
      holdfast.microsecondsPerCheck.toFixed(1),
      ratio(holdfast.microsecondsPerCheck, keepalived.microsecondsPerCheck),
    ]);
    for (const [kind, { memory }] of Object.entries(figures)) {
      for (const { name, memory: figure } of memory) {
        weights.push([`${realServers} ${check}`, `${kind} ${name}`, figure.resident.toFixed(1), figure.anonymous.toFixed(1)]);
      }
    }
  }
  return `CPU per check (all processes of the daemon)\n${formatTable(rows)}\n\nMemory\n${formatTable(weights)}`;
}

async function measure(kind: DaemonKind, realServers: number, check: 'TCP_CHECK' | 'HTTP_GET'): Promise<CheckFigures> {
  const pair = openPair('checks');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const farm = openFarm(pair.namespace('a'));
  const standIn = join(folder, 'standin-ipvs.so');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', standIn, 'test/bench/tools/standin-ipvs.c']);
  await farm.line();
  const daemon = startDaemon(kind, {
    namespace: pair.namespace('a'),
    folder,
    configuration: lvsConfiguration({ realServers, perVirtualServer: 10, delayLoop: 1, check }),
    options: ['-C'],
    environment: kind === 'keepalived' ? { LD_PRELOAD: standIn } : {},
  });
  try {
    await sleep(SETTLE_SECONDS);
    const accepted = await farm.accepted();
    const cpu = cpuSeconds(daemon.pids());
    await sleep(MEASURE_SECONDS);
    const checks = (await farm.accepted()) - accepted;
    const used = cpuSeconds(daemon.pids()) - cpu;
    return {
      checksPerSecond: checks / MEASURE_SECONDS,
      microsecondsPerCheck: (used * 1e6) / checks,
      memory: daemon.pids().map((pid, i) => ({ name: i === 0 ? 'parent' : 'checkers', memory: memoryOf(pid) })),
    };
  } finally {
    await daemon.stop();
    farm.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The farm inside a namespace: its lines of output one at a time. */
function openFarm(namespace: string): {
  readonly line: () => Promise<string>;
  readonly accepted: () => Promise<number>;
  readonly close: () => void;
} {
  const farm = spawn('ip', ['netns', 'exec', namespace, process.execPath, join(import.meta.dirname, 'farm.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: farm.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return {
    line,
    accepted: async () => {
      farm.stdin.write('\n');
      return Number(await line());
    },
    close: () => void farm.stdin.end(),
  };
}

async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
