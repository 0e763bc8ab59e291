/**
 * How long `holdfast status` takes with 10,000 real servers: the command from its start to its end beside the start of Node.js
 * alone, and the API's answers. The control process is a real one and is fed as the supervisor feeds it, a picture every five
 * seconds with new counters. `npm run bench -- status --runs=N`.
 */

import { execFile, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { IpAddress } from '../../src/base/address.js';
import { micros, seconds } from '../../src/base/time.js';
import type { ControlReport, ControlSettings, Feed, Picture } from '../../src/control/feed.js';
import type { RealServerDescription, VirtualServerDescription } from '../../src/health/describe.js';
import type { Flow, Traffic } from '../../src/ipvs/counts.js';
import { formatTable, median, percentile } from './statistics.js';

const VIRTUAL_SERVERS = 1_000;
const SERVERS_EACH = 10;
const PICTURE_EVERY = 5_000;

const run = promisify(execFile);

export async function benchStatus(runs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-status-'));
  const path = join(folder, 'control.sock');
  const control = await startControl(path);
  let round = 0;
  const show = (): void => {
    round += 1;
    control.send({ type: 'picture', of: 'checkers', text: JSON.stringify(picture(round)) } satisfies Feed);
  };
  show();
  const feeding = setInterval(show, PICTURE_EVERY);
  try {
    await ask(path, '/v1/status.txt');
    const rows = [];
    const node = await times(runs, () => run(process.execPath, ['-e', '0']));
    rows.push(row('node -e 0', node));
    for (const words of [['status'], ['status', '--json']]) {
      rows.push(row(`holdfast ${words.join(' ')}`, await times(runs, () => run(process.execPath, ['dist/main.js', ...words, '--socket', path], { maxBuffer: 1e9 }))));
    }
    for (const question of ['/v1/status.txt', '/v1/status', '/metrics', '/readyz']) rows.push(row(`GET ${question}`, await times(runs, () => ask(path, question))));
    return formatTable([[`${VIRTUAL_SERVERS * SERVERS_EACH} real servers, ${runs} runs`, 'median', 'p95', 'longest'], ...rows]);
  } finally {
    clearInterval(feeding);
    control.disconnect();
    rmSync(folder, { recursive: true });
  }
}

function row(name: string, samples: readonly number[]): readonly string[] {
  return [name, ...[median(samples), percentile(samples, 95), Math.max(...samples)].map((value) => `${value.toFixed(1)} ms`)];
}

/** One after the other, a moment apart. */
async function times(runs: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const begun = performance.now();
    await work();
    samples.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return samples;
}

function startControl(path: string): Promise<ReturnType<typeof fork>> {
  const settings: ControlSettings = {
    log: { ident: 'bench', detail: false, format: 'text', console: false, syslogFacility: undefined, file: undefined },
    sockets: { path, groupId: 0, adminPath: `${path}.admin`, adminGroupId: 0 },
    metricsNames: [],
  };
  const control = fork('dist/main.js', ['control', JSON.stringify(settings)], { serialization: 'advanced', execArgv: [] });
  return new Promise((resolve, reject) => {
    control.on('message', (report) => (report as ControlReport).type === 'listening' && resolve(control));
    control.on('exit', (status) => reject(new Error(`the control process ends with ${status ?? 'a signal'}`)));
  });
}

function ask(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => response.on('end', resolve).resume()).on('error', reject).end();
  });
}

function picture(round: number): Picture<'checkers'> {
  const virtualServers = Array.from({ length: VIRTUAL_SERVERS }, (_, index) => virtualServer(index, round));
  return {
    takenAt: seconds(1_000),
    wallTime: Date.now(),
    shown: {
      pool: { countedAt: seconds(999), virtualServers },
      reconciler: { phase: 'idle', trusted: true, ownedServices: VIRTUAL_SERVERS, refusedCommands: 0, driftRepaired: 0 },
    },
  };
}

function virtualServer(index: number, round: number): VirtualServerDescription {
  const address = `192.0.${index >> 8}.${index & 255}` as IpAddress;
  return {
    name: `[${address}]:tcp:80`,
    quorumUp: true,
    since: seconds(1),
    quorum: 1,
    aliveWeight: SERVERS_EACH,
    services: [{ identity: { kind: 'address', protocol: 'tcp', address, port: 80 }, scheduler: 'wlc', traffic: traffic(index + round) }],
    realServers: Array.from({ length: SERVERS_EACH }, (_, each) => realServer(index, each, round)),
  };
}

function realServer(index: number, each: number, round: number): RealServerDescription {
  const address = `10.${index >> 8}.${index & 255}.${each + 1}` as IpAddress;
  const amount = index * SERVERS_EACH + each + round;
  return {
    name: `[${address}]:tcp:80`,
    address,
    port: 80,
    method: 'nat',
    alive: true,
    since: seconds(1),
    configuredWeight: 1,
    weight: 1,
    weightInTables: 1,
    connections: { active: amount % 50, inactive: amount % 90, persistent: 0 },
    traffic: traffic(amount),
    checkers: [{ check: 'HTTP_GET', up: true, hasRun: true, retries: 0, probing: false, lastAnswer: { at: seconds(998), latency: micros(1_000 + (amount % 700)) } }],
    followers: [],
  };
}

function traffic(amount: number): Traffic {
  const flow = (times: number): Flow => ({ connections: times, packetsIn: 40 * times, packetsOut: 30 * times, bytesIn: 4_000 * times, bytesOut: 30_000 * times });
  return { ...flow(amount), perSecond: flow(amount % 7) };
}
