/**
 * A thousand servers that mean harm, of every kind at once, among two hundred healthy ones: what the checker process comes to
 * weigh, how exactly a check lets go of a server that holds it, and how late the healthy ones are asked. holdfast only:
 * keepalived has neither limits for most of them nor checks for some.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { startDaemon, until } from '../interop/daemon.js';
import { openPair } from '../interop/pair.js';
import { HOSTILE_KINDS, portOf } from './hostile-kinds.js';
import { type Memory, allSeconds, loopSeconds, memoryOf } from './process-figures.js';
import { formatTable, percentile } from './statistics.js';

const HEALTHY = 100;
/** Seconds: connect_timeout of the hostile ones, and how long everything runs before figures are taken. */
const CONNECT_TIMEOUT = 1;
const SETTLE = 8;
/** Seconds without the hostile ones, whose checks are refused meanwhile. */
const CALM = 5;

/** `kind`: of those only whose names have this word. */
export async function benchHostile({ servers, seconds, kind = '' }: { readonly servers: number; readonly seconds: number; readonly kind?: string | undefined }): Promise<string> {
  const pair = openPair('hostile');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const healthy = openServers(pair.namespace('a'), 'healthy');
  const daemon = startDaemon('holdfast', { namespace: pair.namespace('a'), folder, configuration: configuration(servers, kind), options: ['-C'] });
  const hostile: Servers[] = [];
  try {
    await until('the checkers', () => /Startup complete/.test(daemon.log()), 60);
    await sleep(SETTLE);
    const checkers = Number(readFileSync(join(folder, 'c.pid'), 'utf8'));
    const before = memoryOf(checkers);
    await healthy.measured();
    const calmLoop = loopSeconds(checkers);
    await sleep(CALM);
    const calmUse = (loopSeconds(checkers) - calmLoop) / CALM;
    const calm = (await healthy.measured())['healthy'] ?? [];
    const holding = openServers(pair.namespace('a'), 'holding');
    const loud = openServers(pair.namespace('a'), 'loud');
    hostile.push(holding, loud);
    await sleep(SETTLE);
    await Promise.all([healthy, holding, loud].map((servers) => servers.measured()));
    const [cpu, loop] = [allSeconds(checkers), loopSeconds(checkers)];
    let heaviest = before;
    for (let second = 0; second < seconds; second += 1) {
      await sleep(1);
      const now = memoryOf(checkers);
      if (now.resident > heaviest.resident) heaviest = now;
    }
    const used = { all: allSeconds(checkers) - cpu, loop: loopSeconds(checkers) - loop, calmLoop: calmUse };
    const [late = [], held, others] = [(await healthy.measured())['healthy'], await holding.measured(), await loud.measured()];
    const asked = [held, others].flatMap((servers) => Object.values(servers)).flat().length;
    return report({ servers, seconds, before, heaviest, calm, late, held, used, asked, died: /died|Internal error|Uncaught/.test(daemon.log()) });
  } finally {
    await daemon.stop();
    for (const servers of hostile) servers.close();
    healthy.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Figures {
  readonly servers: number;
  readonly seconds: number;
  readonly before: Memory;
  readonly heaviest: Memory;
  readonly calm: readonly number[];
  readonly late: readonly number[];
  readonly held: Readonly<Record<string, readonly number[]>>;
  /** Seconds of processor; `calmLoop`: of the loop's thread in a second without hostile servers. */
  readonly used: { readonly all: number; readonly loop: number; readonly calmLoop: number };
  /** How often hostile servers were. */
  readonly asked: number;
  readonly died: boolean;
}

function report({ servers, seconds, before, heaviest, calm, late, held, used, asked, died }: Figures): string {
  const lateness = (samples: readonly number[]): string => [50, 99, 100].map((percent) => percentile(samples, percent).toFixed(0)).join(' / ');
  const rows = [['a hostile server', 'allowed ms', 'held ms, p1 / p50 / p99', 'checks']];
  for (const { name, hold } of HOSTILE_KINDS) {
    if (hold === undefined) continue;
    const samples = held[name] ?? [];
    rows.push([name, String(hold * CONNECT_TIMEOUT * 1_000), [1, 50, 99].map((percent) => percentile(samples, percent).toFixed(0)).join(' / '), String(samples.length)]);
  }
  return [
    `${servers} hostile servers of ${HOSTILE_KINDS.length} kinds for ${seconds} s${died ? ': THE CHECKERS DIED' : ''}`,
    `checker process: ${before.resident.toFixed(1)} MiB resident before, at most ${heaviest.resident.toFixed(1)} among them (${(heaviest.resident - before.resident).toFixed(1)} more, ${(heaviest.anonymous - before.anonymous).toFixed(1)} of that private), ${percent(used.all / seconds)} of a processor`,
    `hostile servers asked ${asked} times; the event loop's thread took ${percent(used.calmLoop)} of a processor before, ${percent(used.loop / seconds)} among them: at most ${((used.loop / asked) * 1_000).toFixed(2)} ms for each`,
    `${HEALTHY * 2} healthy servers asked late, ms p50 / p99 / max: ${lateness(calm)} before, ${lateness(late)} among them`,
    formatTable(rows),
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function configuration(servers: number, kind: string): string {
  const lines = ['global_defs {\nrouter_id bench\nchecker_log_all_failures\n}'];
  const real = (address: string, port: number, check: string): void =>
    void lines.push(`virtual_server 10.99.${lines.length >> 8}.${lines.length & 255} 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server ${address} ${port} {\n${check}\n}\n}\n}`);
  const healthy = 'delay_loop 1\nretry 0\nconnect_timeout 5';
  for (let i = 0; i < HEALTHY; i += 1) {
    real(`127.2.0.${i + 1}`, 8_080, `TCP_CHECK {\n${healthy}`);
    real(`127.2.1.${i + 1}`, 8_081, `HTTP_GET {\nurl {\npath /\n}\n${healthy}`);
  }
  for (let i = 0; i < servers; i += 1) {
    const chosen = HOSTILE_KINDS.filter(({ name }) => name.includes(kind));
    const hostile = chosen[i % chosen.length];
    if (hostile === undefined) throw new Error(`no hostile servers are called ${kind}`);
    const { check } = hostile;
    const number = HOSTILE_KINDS.indexOf(hostile);
    real(`127.3.${i >> 8}.${i & 255}`, portOf(number), `${check}\ndelay_loop 5\nretry 0\nconnect_timeout ${CONNECT_TIMEOUT}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Servers {
  readonly measured: () => Promise<Readonly<Record<string, readonly number[]>>>;
  readonly close: () => void;
}

function openServers(namespace: string, word: string): Servers {
  const program = spawn('ip', ['netns', 'exec', namespace, process.execPath, join(import.meta.dirname, 'hostile-servers.js'), word], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const ready = lines.next();
  return {
    measured: async () => {
      await ready;
      program.stdin.write('\n');
      return JSON.parse(String((await lines.next()).value)) as Readonly<Record<string, readonly number[]>>;
    },
    close: () => void program.stdin.end(),
  };
}

async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
