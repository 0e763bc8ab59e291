/**
 * Inside a lab: the README's section about a pair of one's own, followed line by line as someone new would, with the examples as they
 * are. A client asks all the time; what it may meet is said in each proof.
 */

import assert from 'node:assert/strict';
import type { Exchange } from '../client.js';
import type { Outcome } from '../own-machine.js';
import { Machine } from '../own-machine.js';
import { directRouting } from '../networks.js';
import type { Program } from '../process.js';
import { until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { countByServer, startRealServer, startTraffic } from '../traffic.js';
import { Transcript } from '../transcript.js';

const VIRTUAL_ADDRESS = '192.168.1.100';
/** Seconds until a condition must have come, on whatever machine. */
const PATIENCE = 60;
/** Milliseconds: more than a busy machine stalls. */
const REQUEST_TIMEOUT = 10_000;

const transcript = new Transcript('A pair of your own');
const plan = directRouting('');
// A real server is bare: what direct routing needs of it, the README's command does.
const bare = plan.hosts.map(({ settings, extra, ...host }) => (host.name.startsWith('server') ? host : { ...host, ...(settings && { settings }), ...(extra && { extra }) }));
await buildTopology({ ...plan, hosts: bare });
const web = await startRealServer('server1', ['0.0.0.0:80']);
await startRealServer('server2', ['0.0.0.0:80']);
const machines = new Map<string, Machine>();
for (const name of ['director1', 'director2', 'server1', 'server2', 'client']) machines.set(name, await Machine.open(name));
const [director1, director2] = [machine('director1'), machine('director2')];

function machine(name: string): Machine {
  const found = machines.get(name);
  assert.ok(found !== undefined, `a machine of that name: ${name}`);
  return found;
}

/** Runs the README's next command, which must end as it says there. */
async function follow(words: string): Promise<Outcome> {
  const { host, command, status } = transcript.next(words);
  const outcome = await machine(host).run(command);
  assert.equal(outcome.status, status, `${host}: ${command}\n${outcome.output}`);
  return outcome;
}

/** Runs the README's next command again and again until it ends and answers as it should: what it asks may take its time to know. */
async function followUntil(words: string, wanted: readonly RegExp[]): Promise<void> {
  const { host, command, status } = transcript.next(words);
  let last: Outcome | undefined;
  await until(`${host}: ${command}`, PATIENCE, async () => {
    last = await machine(host).run(command);
    return last.status === status && wanted.every((pattern) => pattern.test(last?.output ?? '')) ? true : undefined;
  }).catch((error: unknown) => assert.fail(`${String(error)}\n${last?.output ?? ''}`));
}

async function followAll(words: string): Promise<void> {
  for (const { host, command } of transcript.allWith(words)) assert.equal((await machine(host).run(command)).status, 0, command);
}

/** Starts the README's next command, which goes on. */
function startNext(): Program {
  const { host, command } = transcript.next('holdfast -n');
  return machine(host).start(command);
}

async function isServedBy(holder: Machine, other: Machine): Promise<true | undefined> {
  const [here, there] = await Promise.all([holder.holdsAddress(VIRTUAL_ADDRESS), other.holdsAddress(VIRTUAL_ADDRESS)]);
  return here && !there ? true : undefined;
}

/** Both real servers with the weight of the file. */
function isWhole(table: string): boolean {
  return [13, 14].every((last) => table.includes(`-a -t ${VIRTUAL_ADDRESS}:80 -r 192.168.1.${last}:80 -g -w 1\n`));
}

function wholeTable(director: Machine): Promise<string> {
  return until(`both servers in the table of ${director.name}`, PATIENCE, async () => {
    const table = await director.table();
    return isWhole(table) ? table : undefined;
  });
}

/** No request that failed fails again when it is asked again. */
function assertRetriesSucceed(exchanges: readonly Exchange[]): void {
  for (const failed of exchanges.filter(({ error }) => error !== undefined)) {
    const retry = exchanges.find(({ at }) => at >= failed.at + failed.took);
    assert.equal(retry?.error, undefined, JSON.stringify({ failed, retry }));
  }
}

await prove('check finds what is wrong in the examples of an old tutorial, and nothing once its hints are taken', async () => {
  await follow('cp examples');
  const found = await follow('check');
  assert.match(found.output, /^\/etc\/keepalived\/lvs-dr\.conf:\d+:\d+: warning: unknown keyword nat_mask/m);
  await follow('sed');
  await follow('check');
  await follow('check --pair');
  await follow('cp examples');
  await follow('sed');
  await follow('check');
});

await followAll('holdfast realserver');
const logs = [startNext(), startNext()] as const;

await prove('status shows master, backup and servers, and the address answers', async () => {
  await until('director1 is master', PATIENCE, () => isServedBy(director1, director2));
  await Promise.all([wholeTable(director1), wholeTable(director2)]);
  const servers = [13, 14].map((last) => new RegExp(`192\\.168\\.1\\.${last}\\b.*\\bup\\b`));
  await followUntil('status', [/\bweb\b.*\bMASTER\b/, ...servers]);
  await followUntil('status', [/\bweb\b.*\bBACKUP\b/, ...servers]);
  assert.match((await follow('curl')).output, /^server[12]$/);
});

const traffic = startTraffic({ namespace: 'client', address: VIRTUAL_ADDRESS, interval: 50, timeout: REQUEST_TIMEOUT });
await traffic.answers(10, PATIENCE);

await prove('a server is drained, stopped, started and enabled without a lost request', async () => {
  const from = Date.now();
  await follow('rs drain');
  const drained = Date.now();
  web.tell('close 0.0.0.0:80');
  await web.line(/^done close/, PATIENCE);
  await traffic.answers(20, PATIENCE, drained);
  const stopped = web.lines.length;
  web.tell('open 0.0.0.0:80');
  await web.line(/^done open/, PATIENCE, stopped);
  const opened = Date.now();
  await follow('rs enable');
  await wholeTable(director1);
  const enabled = Date.now();
  await until('answers of both', PATIENCE, () => (countByServer(traffic.between(enabled)).size === 2 ? true : undefined));
  const answered = traffic.between(from);
  assert.deepEqual(answered.filter(({ error }) => error !== undefined), []);
  assert.deepEqual([...countByServer(traffic.between(drained, opened)).keys()], ['server2']);
});

await prove('a failover by hand and back costs the client at most a request that it asks again', async () => {
  const from = Date.now();
  await follow('vrrp yield');
  await until('director2 serves alone', PATIENCE, () => isServedBy(director2, director1));
  await traffic.answers(20, PATIENCE, Date.now());
  assert.ok(isWhole(await director2.table()), 'with both servers');
  await follow('vrrp resume');
  await until('director1 serves alone again', PATIENCE, () => isServedBy(director1, director2));
  const back = Date.now();
  await traffic.answers(20, PATIENCE, back);
  assertRetriesSucceed(await traffic.finished(from, back));
});

await prove('a broken file is refused with its position, and the configuration before it serves on', async () => {
  const [log] = logs;
  const from = Date.now();
  const before = await director1.table();
  const broken = log.lines.length;
  await follow('echo');
  assert.match((await follow('holdfast reload')).output, /lvs-dr-master\.conf:\d+:\d+: .*never closed[^]*stays in force/);
  await log.line(/\/etc\/keepalived\/lvs-dr-master\.conf:\d+:\d+: .*never closed/, PATIENCE, broken);
  await log.line(/New configuration not used/, PATIENCE, broken);
  const refused = Date.now();
  await traffic.answers(20, PATIENCE, refused);
  assert.equal(await director1.table(), before);
  assert.ok(await isServedBy(director1, director2), 'director1 is master still');
  const mended = log.lines.length;
  await follow('sed');
  assert.match((await follow('holdfast reload')).output, /configuration \d+ is in force/);
  await log.line(/Reload complete/, PATIENCE, mended);
  await traffic.answers(20, PATIENCE, Date.now());
  assert.equal(await director1.table(), before);
  assert.deepEqual(traffic.between(from).filter(({ error }) => error !== undefined), []);
});

await prove('a change by hand in the kernel is put right, and drift names it', async () => {
  const before = await director1.table();
  await follow('ipvsadm -e');
  await until('the table is as before', PATIENCE, async () => ((await director1.table()) === before ? true : undefined));
  assert.match((await follow('drift')).output, /put right[^]*192\.168\.1\.13/);
});

await prove('the README has no command that was not run, and an orderly stop leaves nothing', async () => {
  assert.deepEqual(transcript.rest(), []);
  for (const log of logs) log.signal('SIGINT');
  for (const log of logs) assert.equal(await log.exited, 0);
  for (const director of [director1, director2]) assert.deepEqual([await director.table(), await director.holdsAddress(VIRTUAL_ADDRESS)], ['', false]);
});
endProofs();
