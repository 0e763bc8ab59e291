/**
 * Inside a lab: keepalived and holdfast run the same configuration, each in a namespace of its own with the same real
 * servers, and must leave the same `ipvsadm -Sn` at every stage of their life.
 */

import assert from 'node:assert/strict';
import type { DaemonName, Director } from '../director.js';
import { daemonName, startDirector } from '../director.js';
import { LISTENING, MORTALS, matrixConfiguration } from '../matrix.js';
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
let reference = start('keepalived', 'theirs');
let candidate = start(other, 'ours');
const seen = new Map<string, string>();

/** Waits until both tables have had time to settle and are equal; `differsFrom` names a stage that must look different. */
async function sameTable(stage: string, differsFrom?: string): Promise<void> {
  let pair: readonly string[] = [];
  await until('equal tables', 10, async () => {
    pair = await Promise.all([reference.table(), candidate.table()]);
    return pair[0] === pair[1] ? true : undefined;
  }).catch(() => undefined);
  assert.equal(pair[1], pair[0]);
  seen.set(stage, pair[0] ?? '');
  if (differsFrom !== undefined) assert.notEqual(pair[0], seen.get(differsFrom), `nothing changed since ${differsFrom}`);
}

function tellServers(line: string): void {
  for (const server of servers) server.tell(line);
}

async function sameStart(): Promise<void> {
  await until('both have a table', 20, async () => {
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
await prove('the same table after a real server died', async () => {
  tellServers(`close ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('died', 'checked');
});
await prove('the same table after it returned, and as it was before', async () => {
  tellServers(`open ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('returned', 'died');
  assert.equal(seen.get('returned'), seen.get('checked'));
});
await prove('the same table after a reload with a changed file', async () => {
  for (const director of [reference, candidate]) director.reload(matrixConfiguration({ delayLoop: 1, changed: true }));
  await pause(SETTLED + 2);
  await sameTable('changed', 'returned');
});
await prove('the same table after a real server died under the changed file', async () => {
  tellServers(`close ${MORTALS.map(endpoint).join(' ')}`);
  await pause(SETTLED);
  await sameTable('died again', 'changed');
});
await prove('the same table after a stop: none', async () => {
  await Promise.all([reference.stop(), candidate.stop()]);
  await sameTable('stopped', 'died again');
  assert.equal(seen.get('stopped'), '');
});
endProofs();
