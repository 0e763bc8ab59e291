/**
 * Inside a lab: connections through the virtual address outlive whatever happens to the daemon. keepalived has the table, holdfast
 * takes it over, reloads, starts again, is killed, restarts in place, freezes, and gives it back. `node continuity.js KEPT LINES RATE
 * RELOADS RESTARTS CONTROL [both]`: connections that are kept, lines a second on them, new ones a second, how often, and how many seconds
 * nothing happens; `both` has keepalived do first what it can of it. Stalls are printed, not judged: on one CPU the clients wait
 * for the daemon.
 */

import assert from 'node:assert/strict';
import type { CrowdReport } from '../crowd.js';
import { Crowd, buildCrowd, startCrowdServer } from '../crowd.js';
import type { DaemonName, Director } from '../director.js';
import { startDirector } from '../director.js';
import { run } from '../namespace.js';
import { addressTranslation } from '../networks.js';
import { pause, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';

const [kept = 100, lines = 500, rate = 50, reloads = 5, restarts = 1, control = 2] = process.argv.slice(2, 8).map(Number);
const both = process.argv[8] === 'both';
const PREFIX = 'con-';
const DIRECTOR = `${PREFIX}director1`;
const VIRTUAL_ADDRESS = '12.0.0.1';
const SERVERS = ['192.168.1.20', '192.168.1.30'];
/** Seconds after an event that still belong to it. */
const AFTERMATH = 0.5;

/** Every version has other weights, every second one another service. */
function configuration(version: number): string {
  const service = (port: number): string => `virtual_server ${VIRTUAL_ADDRESS} ${port} {
    delay_loop 1
    lb_algo wrr
    lb_kind NAT
    protocol TCP
${SERVERS.map((address, index) => `    real_server ${address} 80 {
        weight ${1 + ((version + index) % 3)}
        TCP_CHECK {
            connect_timeout 3
        }
    }`).join('\n')}
}
`;
  return service(80) + (version % 2 === 1 ? service(81) : '');
}

await buildTopology(addressTranslation(PREFIX));
const programs = buildCrowd();
await Promise.all(['server1', 'server2'].map((name) => startCrowdServer(programs, PREFIX + name)));

let version = 0;
let director = await start('keepalived');
const crowd = await Crowd.start(programs, { namespace: `${PREFIX}client`, address: VIRTUAL_ADDRESS, kept, lines, rate });

/** With -I: a stop leaves the table for who comes next. */
async function start(daemon: DaemonName): Promise<Director> {
  const started = startDirector({ namespace: DIRECTOR, daemon, configuration: { text: configuration(version) }, words: ['-I'] });
  await started.tableThat('its table', 60, hasVersion);
  // keepalived says nothing when it is ready; its table is, and its checkers have begun.
  await (daemon === 'holdfast' ? started.program.line(/Startup complete/, 60) : pause(2));
  return started;
}

function hasVersion(table: string): boolean {
  return SERVERS.every((address, index) => table.includes(`-a -t ${VIRTUAL_ADDRESS}:80 -r ${address}:80 -m -w ${1 + ((version + index) % 3)}`));
}

/** As the kernel has counted them since the service is there. */
async function connections(): Promise<number> {
  const text = await run(DIRECTOR, ['ipvsadm', '-Ln', '--stats', '--exact', '-t', `${VIRTUAL_ADDRESS}:80`]);
  return Number(/^TCP\s+\S+\s+(\d+)/m.exec(text)?.[1]);
}

/** Runs `body` and prints what connections noticed of it. */
async function watch(name: string, body: () => Promise<void>): Promise<CrowdReport> {
  await crowd.report();
  await body();
  await pause(AFTERMATH);
  const seen = await crowd.report();
  process.stdout.write(`@stall ${JSON.stringify({ name, ...seen })}\n`);
  return seen;
}

/** Runs `body`; then no connection may be lost, and no new one may have failed meanwhile. */
async function proveContinuity(name: string, body: () => Promise<void>): Promise<void> {
  await prove(name, async () => {
    const seen = await watch(name, body);
    assert.deepEqual({ kept: seen.kept, lost: seen.lost, failed: seen.failed }, { kept, lost: {}, failed: {} });
    assert.ok(seen.asked >= 5, `${seen.asked} new connections`);
  });
}

async function times(count: number, body: () => Promise<void>): Promise<void> {
  for (let left = count; left > 0; left -= 1) await body();
}

async function reload(daemon: DaemonName): Promise<void> {
  version += 1;
  const from = director.program.lines.length;
  director.reload(configuration(version));
  await director.tableThat('the new weights', 60, hasVersion);
  if (daemon === 'holdfast') await director.program.line(/Reload complete/, 60, from);
}

async function change(to: DaemonName): Promise<void> {
  await director.stop();
  director = await start(to);
}

async function killAndStart(daemon: DaemonName): Promise<void> {
  await director.vanish();
  director = await start(daemon);
}

await proveContinuity('nothing happens', () => pause(control));
if (both) {
  await watch('keepalived: reloads that change weights and services', () => times(reloads, () => reload('keepalived')));
  await watch('keepalived: stops and starts that leave the table', () => times(restarts, () => change('keepalived')));
  await watch('keepalived: a kill of everything and a start', () => killAndStart('keepalived'));
}
await proveContinuity('holdfast takes over from keepalived', () => change('holdfast'));
await proveContinuity('reloads that change weights and services', () => times(reloads, () => reload('holdfast')));
await proveContinuity('stops and starts that leave the table', () => times(restarts, () => change('holdfast')));
await proveContinuity('restarts in place, by the first of which a service leaves', async () => {
  if (version % 2 === 0) await reload('holdfast');
  assert.match(await director.table(), /12\.0\.0\.1:81/);
  const before = { counted: await connections(), pid: director.pid('checkers') };
  version += 1;
  assert.equal(await director.restart(configuration(version)), 0, director.program.text());
  await until('another checkers process', 30, () => director.pid('checkers') !== before.pid || undefined);
  await director.tableThat('the new weights and no service that is not in the file', 60, (table) => hasVersion(table) && !table.includes(':81'));
  const counted = await connections();
  assert.ok(before.counted > 0 && counted >= before.counted, `${before.counted} connections counted before, ${counted} after`);
  await times(restarts - 1, async () => {
    version += 2;
    assert.equal(await director.restart(configuration(version)), 0, director.program.text());
    await director.tableThat('the new weights', 60, hasVersion);
  });
});
await proveContinuity('a checkers process that freezes', async () => {
  const from = director.program.lines.length;
  process.kill(director.pid('checkers'), 'SIGSTOP');
  await director.program.line(/IPVS: found \d+ services/, 60, from);
});
await proveContinuity('a kill of everything and a start', () => killAndStart('holdfast'));
await proveContinuity('keepalived takes over from holdfast', () => change('keepalived'));
await director.stop();
await proveContinuity('no daemon at all', () => pause(control));
endProofs();
