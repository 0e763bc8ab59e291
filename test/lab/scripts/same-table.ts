/**
 * Inside a lab: keepalived and holdfast run the same configuration, each in a namespace of its own with the same real
 * servers, and must leave the same `ipvsadm -Sn` at every stage of their life.
 */

import assert from 'node:assert/strict';
import type { DaemonName, Director } from '../director.js';
import { daemonName, startDirector } from '../director.js';
import { DEAD, LISTENING, MORTAL, MORTALS, NEWCOMER, STEADY, matrixConfiguration, statusFile } from '../matrix.js';
import { writeFileSync } from 'node:fs';
import { ip } from '../namespace.js';
import type { Program } from '../process.js';
import { pause, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { startRealServer } from '../traffic.js';

/** So long that a check before the first table is read is unlikely; keepalived cuts the random delay of a first check at 8,590 s. */
const NEVER = 1_000_000;
/** An early first check of keepalived shows in its table; one in three starts in a row is beyond chance. */
const STARTS = 3;
/** With delay_loop 1, one retry after 1 s and servers that refuse at once, all is decided after this many seconds. */
const SETTLED = 5;

async function raiseServers(namespace: string): Promise<Program> {
  await ip(undefined, [`netns add ${namespace}`]);
  await ip(namespace, [
    'link set lo up',
    ...LISTENING.map((address) => `address add ${address}/${address.includes(':') ? '128 nodad' : '32'} dev lo`),
    // The dead server's addresses exist too: a refused connection decides sooner than one that times out.
    'address add 10.1.0.3/32 dev lo',
    'address add fd00:1::3/128 dev lo nodad',
  ]);
  return startRealServer(namespace, LISTENING.map(endpoint));
}

function start(daemon: DaemonName, namespace: string): Director {
  return startDirector({ namespace, daemon, configuration: { text: matrixConfiguration({ delayLoop: NEVER, changed: false }) } });
}

function endpoint(address: string): string {
  return `${address}:80`;
}

// The second word exists to compare keepalived with itself: that the comparison is fair, and how long it takes.
const other = daemonName(process.argv[2]);
const servers = await Promise.all(['theirs', 'ours'].map(raiseServers));
for (const [address, status] of [[STEADY, 7], [MORTAL, 4], [NEWCOMER, 3], [DEAD, 1]] as const) setStatus(address, status);
/** True once the file has been changed. */
let forgets = false;
let reference = start('keepalived', 'theirs');
let candidate = start(other, 'ours');
const seen = new Map<string, string>();

/** A busy machine takes its time; what is to be has come to stay. */
const PATIENCE = 40;

/** Waits until both tables are equal, and another than at the stage `differsFrom`, or that of `as`. */
async function sameTable(stage: string, differsFrom?: string, as?: string): Promise<void> {
  let pair: readonly string[] = [];
  const isDue = (): boolean => pair[0] !== seen.get(differsFrom ?? '') && (as === undefined || pair[0] === seen.get(as));
  await until('equal tables', PATIENCE, async () => {
    const [theirs, ours] = await Promise.all([reference.table(), candidate.table()]);
    pair = [withoutLeftovers(theirs, ours), ours];
    return pair[0] === pair[1] && isDue() ? true : undefined;
  }).catch(() => undefined);
  assert.deepEqual(differences(pair), []);
  assert.ok(isDue(), `${stage}: as at ${differsFrom ?? ''}, or not as at ${as ?? ''}`);
  seen.set(stage, pair[0] ?? '');
}

function differences([theirs = '', ours = '']: readonly string[]): readonly string[] {
  const lines = (table: string): readonly string[] => serviceLines(table).flatMap(({ head, destinations }) => [head, ...destinations.map((line) => `${head}: ${line}`)]);
  const only = (all: readonly string[], others: readonly string[], sign: string): string[] => {
    const known = new Set(others);
    return all.filter((line) => !known.has(line)).map((line) => `${sign} ${line}`);
  };
  return [...only(lines(theirs), lines(ours), 'keepalived'), ...only(lines(ours), lines(theirs), other)];
}

interface SavedService {
  readonly head: string;
  readonly destinations: readonly string[];
}

function serviceLines(table: string): readonly SavedService[] {
  return table.split(/^(?=-A )/m).flatMap((text) => {
    const [head = '', ...destinations] = text.split('\n').filter((line) => line !== '');
    return head === '' ? [] : [{ head, destinations }];
  });
}

/** Services of the matrix's groups. */
const OF_GROUP = /^-A (-t (10\.4\.|\[fd00:4:)|-f 9\d\d )/;

/**
 * keepalived's table without the services that it forgets: what a reload has changed about a group leaves services without servers
 * behind, there and at the stop. Those count as long as the candidate has them.
 */
function withoutLeftovers(theirs: string, ours: string): string {
  const known = new Set(serviceLines(ours).map(({ head }) => head));
  const isLeft = ({ head, destinations }: SavedService): boolean => destinations.length === 0 && OF_GROUP.test(head) && !known.has(head);
  const kept = serviceLines(theirs).filter((service) => !(forgets && isLeft(service)));
  return kept.map(({ head, destinations }) => [head, ...destinations].join('\n')).join('\n');
}

function setStatus(address: string, status: number): void {
  writeFileSync(statusFile(address), `exit ${status}\n`);
}

function tellServers(line: string): void {
  for (const server of servers) server.tell(line);
}

async function sameStart(): Promise<void> {
  await until('both have a table', 60, async () => {
    const tables = await Promise.all([reference.table(), candidate.table()]);
    return tables.every((table) => table !== '') ? true : undefined;
  });
  await pause(2);
  await sameTable('start');
}

await prove('the same table at start, before any check', async () => {
  for (let left = STARTS - 1; left > 0; left -= 1) {
    if (await sameStart().then(() => true, () => false)) break;
    await Promise.all([reference.stop(), candidate.stop()]);
    reference = start('keepalived', 'theirs');
    candidate = start(other, 'ours');
  }
  if (!seen.has('start')) await sameStart();
  assert.ok((seen.get('start') ?? '').split('\n').length > 200, 'the matrix is in the kernel');
});
await prove('the same table after a reload that only makes checks run, dead servers found out', async () => {
  for (const director of [reference, candidate]) director.reload(matrixConfiguration({ delayLoop: 1, changed: false }));
  await pause(SETTLED + 2);
  await sameTable('checked', 'start');
});
await prove('the same table after programs said other weights', async () => {
  setStatus(STEADY, 3);
  setStatus(MORTAL, 12);
  await sameTable('weights', 'checked');
  setStatus(STEADY, 7);
  setStatus(MORTAL, 4);
  await sameTable('weights of before', 'weights', 'checked');
});
await prove('the same table after a real server died', async () => {
  setStatus(MORTAL, 1);
  tellServers(`close ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('died', 'checked');
});
await prove('the same table after it returned, and as it was before', async () => {
  setStatus(MORTAL, 4);
  tellServers(`open ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('returned', 'died', 'checked');
});
await prove('the same table after a reload with a changed file', async () => {
  forgets = true;
  for (const director of [reference, candidate]) director.reload(matrixConfiguration({ delayLoop: 1, changed: true }));
  await pause(SETTLED + 2);
  await sameTable('changed', 'returned');
});
await prove('the same table after a real server died under the changed file', async () => {
  setStatus(MORTAL, 1);
  tellServers(`close ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('died again', 'changed');
});
await prove('the same table after a second reload, back to the first file', async () => {
  setStatus(MORTAL, 4);
  tellServers(`open ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('returned again', 'died again');
  for (const director of [reference, candidate]) director.reload(matrixConfiguration({ delayLoop: 1, changed: false }));
  await pause(SETTLED + 2);
  await sameTable('back', 'returned again');
});
await prove('the same table after a stop: none', async () => {
  await Promise.all([reference.stop(), candidate.stop()]);
  await sameTable('stopped', 'back');
  assert.equal(seen.get('stopped'), '');
});
endProofs();
