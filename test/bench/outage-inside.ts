/**
 * Runs inside the lab kernel: 10,000 real servers, of which 1,000 follow one file, so that they fail in the same moment: what the
 * file says is their verdict. Prints one JSON line of figures for each daemon, and before them one for the kernel alone.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseAddress } from '../../src/base/address.js';
import type { IpAddress } from '../../src/base/address.js';
import { openIpvs } from '../../src/io/netlink/ipvs-kernel.js';
import type { Op } from '../../src/ipvs/plan.js';
import { destinationKey, serviceKey } from '../../src/ipvs/tables.js';
import type { Destination, Service } from '../../src/ipvs/tables.js';
import { startDaemon, until, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { identityOf, lvsConfiguration } from './lvs-configuration.js';
import { memoryOf } from './process-figures.js';
import { watchService } from './watch-service.js';

export interface OutageFigures {
  readonly kind: DaemonKind | 'kernel alone';
  /** MiB of all its processes; what several share counts for each. */
  readonly resident?: number;
  /** MiB of all its processes, private to each. */
  readonly anonymous?: number;
  /** Milliseconds from the writing of the file to the last server out of the table, and back in it: one of each round. */
  readonly out: readonly number[];
  readonly back: readonly number[];
}

const REAL_SERVERS = 10_000;
const PER_SERVICE = 10;
const FAILING = REAL_SERVERS / PER_SERVICE;

const [rounds = '5', only] = process.argv.slice(2);
const ROUNDS = Number(rounds);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
const farm = spawn(process.execPath, [join(import.meta.dirname, 'farm.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
await once(farm.stdout, 'data');
if (only === undefined) print(await measureKernel());
for (const kind of ['keepalived', 'holdfast'] as const) {
  if (only === undefined || only === kind) print(await measure(kind));
}
farm.kill();

function print(figures: OutageFigures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function measure(kind: DaemonKind): Promise<OutageFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'outage');
  writeFileSync(file, '0\n');
  execFileSync('ipvsadm', ['-C']);
  const configuration = lvsConfiguration({ realServers: REAL_SERVERS, perVirtualServer: PER_SERVICE, delayLoop: 600, file });
  const daemon = startDaemon(kind, { folder, configuration, options: ['-C'] });
  await until('all servers', () => inTable() === REAL_SERVERS, 120);
  // The first round of checks is over some seconds later.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const out: number[] = [];
  const back: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    out.push(await timeTo(file, '1\n', PER_SERVICE - 1));
    back.push(await timeTo(file, '0\n', PER_SERVICE));
  }
  const figures = { kind, ...memory(daemon), out, back };
  await daemon.stop();
  return figures;
}

function memory(daemon: Daemon): Pick<OutageFigures, 'resident' | 'anonymous'> {
  const each = daemon.pids().map(memoryOf);
  return { resident: each.reduce((sum, one) => sum + one.resident, 0), anonymous: each.reduce((sum, one) => sum + one.anonymous, 0) };
}

/**
 * Until each service has this many servers. Reading the whole table takes as long as what is measured, so only the last
 * service is watched, and the whole is read when that one is done: who works in another order is measured a little later.
 */
async function timeTo(file: string, text: string, servers: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2_000 + Math.random() * 1_000));
  const watch = watchService(identityOf(FAILING - 1));
  const began = performance.now();
  writeFileSync(file, text);
  for (;;) {
    await watch.reaches(servers, 60_000);
    const end = performance.now();
    if (inTable() === servers * FAILING) {
      watch.close();
      return end - began;
    }
    if (end - began > 60_000) throw new Error(`${inTable()} servers in the table, not ${servers * FAILING}`);
  }
}

/** Real servers in the kernel's table; its head has one line that looks like one. */
function inTable(): number {
  let count = -1;
  const text = readFileSync('/proc/net/ip_vs', 'latin1');
  for (let at = text.indexOf('\n  ->'); at >= 0; at = text.indexOf('\n  ->', at + 1)) count += 1;
  return count;
}

/** The same edits of the same table by a program that does nothing else: below that nobody gets. */
async function measureKernel(): Promise<OutageFigures> {
  const answers = new Map<number, (event: unknown) => void>();
  const port = openIpvs((event) => answers.get(event.id)?.(event));
  let lastId = 0;
  const apply = async (ops: readonly Op[]): Promise<number> => {
    lastId += 1;
    const id = lastId;
    const began = performance.now();
    await new Promise((done) => {
      answers.set(id, done);
      port.apply(id, ops);
    });
    return performance.now() - began;
  };
  const services = Array.from({ length: FAILING }, (_, i) => serviceOf(i));
  await apply(services.map((service) => ({ type: 'addService', key: serviceKey(service.identity), service })));
  const all = services.flatMap((service, i) => Array.from({ length: PER_SERVICE }, (_, k) => edit('addDestination', service, i * PER_SERVICE + k)));
  await apply(all);
  const out: number[] = [];
  const back: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    out.push(await apply(services.map((service, i) => edit('deleteDestination', service, i * PER_SERVICE))));
    back.push(await apply(services.map((service, i) => edit('addDestination', service, i * PER_SERVICE))));
  }
  port.close();
  return { kind: 'kernel alone', out, back };
}

/** As lvsConfiguration has them. */
function serviceOf(i: number): Service {
  return {
    identity: identityOf(i),
    scheduler: 'rr',
    flags: 0,
    persistenceTimeout: 0,
    persistenceGranularity: '255.255.255.255',
  };
}

function edit(type: 'addDestination' | 'deleteDestination', service: Service, k: number): Op {
  const destination: Destination = {
    address: address(`127.1.${k >> 8}.${k & 255}`),
    port: 8080,
    method: 'nat',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
  };
  return { type, key: serviceKey(service.identity), service, destinationKey: destinationKey(destination), destination };
}

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}
