/**
 * What a TCP and an HTTP check cost, how evenly they come, and what the processes weigh, at up to ten thousand checks a second on
 * the host's own kernel. It has no ip_vs, so keepalived gets a stand-in for it; holdfast reports that ip_vs is missing and goes on
 * checking.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
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
  /** Of a processor, by what serves. */
  readonly farm: number;
  /**
   * How far the time between two questions to one server is from the second that is configured, p50, p99 and the most, ms: in the
   * seconds after those of the CPU figures, because listening costs the daemons something. Empty for HTTP.
   */
  readonly jitter: string;
  readonly memory: readonly { readonly name: string; readonly memory: Memory }[];
}

/** First runs are spread over one second plus a warm-up of one delay_loop; then what runs again and again is compiled. */
const SETTLE_SECONDS = 30;
const JITTER_SECONDS = 5;

const CASES = [
  ['TCP_CHECK', 100],
  ['TCP_CHECK', 1_000],
  ['TCP_CHECK', 10_000],
  ['HTTP_GET', 100],
  ['HTTP_GET', 1_000],
] as const;

/** Prints CPU per check and memory per process for both daemons. `word`: of those checks only; `count`: with so many servers only. */
export async function benchChecks({ seconds, word = '', count }: { readonly seconds: number; readonly word?: string | undefined; readonly count?: number | undefined }): Promise<string> {
  const rows = [['check', 'checks/s (keepalived, holdfast)', 'keepalived us/check', 'holdfast us/check', 'ratio', 'keepalived jitter p50/p99/max ms', 'holdfast', 'farm CPU', 'load']];
  const weights = [['real servers', 'process', 'RSS MiB', 'private MiB']];
  for (const [check, realServers] of CASES.filter(([name, servers]) => name.includes(word) && (count ?? servers) === servers)) {
    const figures = {
      keepalived: await measure('keepalived', realServers, check, seconds),
      holdfast: await measure('holdfast', realServers, check, seconds),
    };
    const { keepalived, holdfast } = figures;
    rows.push([
      `${realServers} ${check}`,
      `${keepalived.checksPerSecond.toFixed(0)}, ${holdfast.checksPerSecond.toFixed(0)}`,
      keepalived.microsecondsPerCheck.toFixed(1),
      holdfast.microsecondsPerCheck.toFixed(1),
      ratio(holdfast.microsecondsPerCheck, keepalived.microsecondsPerCheck),
      keepalived.jitter,
      holdfast.jitter,
      `${(keepalived.farm * 100).toFixed(0)} %, ${(holdfast.farm * 100).toFixed(0)} %`,
      (loadavg()[0] ?? 0).toFixed(1),
    ]);
    for (const [kind, { memory }] of Object.entries(figures)) {
      for (const { name, memory: figure } of memory) {
        weights.push([`${realServers} ${check}`, `${kind} ${name}`, figure.resident.toFixed(1), figure.anonymous.toFixed(1)]);
      }
    }
  }
  return `CPU per check (all processes of the daemon; ${SETTLE_SECONDS} s after the start, for ${seconds} s)\n${formatTable(rows)}\n\nMemory\n${formatTable(weights)}`;
}

async function measure(kind: DaemonKind, realServers: number, check: 'TCP_CHECK' | 'HTTP_GET', seconds: number): Promise<CheckFigures> {
  const pair = openPair('checks');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const farm = openFarm(pair.namespace('a'), check, folder);
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
    const before = await farm.accepted();
    const [cpu, farmCpu] = [cpuSeconds(daemon.pids()), farm.cpu()];
    await sleep(seconds);
    const checks = (await farm.accepted()) - before;
    const used = cpuSeconds(daemon.pids()) - cpu;
    const farmUsed = farm.cpu() - farmCpu;
    return {
      checksPerSecond: checks / seconds,
      microsecondsPerCheck: (used * 1e6) / checks,
      farm: farmUsed / seconds,
      jitter: check === 'TCP_CHECK' ? await farm.jitter() : '',
      memory: daemon.pids().map((pid, i) => ({ name: i === 0 ? 'parent' : 'checkers', memory: memoryOf(pid) })),
    };
  } finally {
    await daemon.stop();
    farm.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Farm {
  readonly line: () => Promise<string>;
  /** Connections since it began. */
  readonly accepted: () => Promise<number>;
  /** Takes JITTER_SECONDS. Not of HTTP. */
  readonly jitter: () => Promise<string>;
  /** Seconds since it began. */
  readonly cpu: () => number;
  readonly close: () => void;
}

/** The farm inside a namespace: its lines of output one at a time. */
function openFarm(namespace: string, check: 'TCP_CHECK' | 'HTTP_GET', folder: string): Farm {
  const quick = join(folder, 'farm');
  if (check === 'TCP_CHECK') execFileSync('cc', ['-O2', '-pthread', '-o', quick, 'test/bench/tools/farm.c']);
  const command = check === 'TCP_CHECK' ? [quick] : [process.execPath, join(import.meta.dirname, 'farm.js')];
  const farm = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: farm.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return {
    line,
    accepted: async () => {
      farm.stdin.write('\n');
      return Number(await line());
    },
    jitter: async () => {
      farm.stdin.write('watch\n');
      await sleep(JITTER_SECONDS);
      farm.stdin.write('\n');
      const microseconds = (await line()).split(' ').map(Number);
      return microseconds.map((each) => (each / 1_000).toFixed(2)).join(' / ');
    },
    cpu: () => cpuSeconds(farm.pid === undefined ? [] : [farm.pid]),
    close: () => void farm.stdin.end(),
  };
}

async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
