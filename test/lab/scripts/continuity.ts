/**
 * Inside a lab: connections through the virtual address outlive whatever happens to the daemon. keepalived has the table, holdfast
 * takes it over, reloads, starts again, restarts in place, freezes, is killed, and gives it back. `node continuity.js HELD INTERVAL_MS RELOADS
 * RESTARTS CONTROL`: connections that are kept, milliseconds between new ones, how often, and how many seconds nothing happens. Stalls are printed, not judged: in a lab
 * kernel of one CPU they are mostly those of the clients.
 */

import assert from 'node:assert/strict';
import type { DaemonName, Director } from '../director.js';
import { startDirector } from '../director.js';
import type { Holding } from '../holder.js';
import { run } from '../namespace.js';
import { addressTranslation } from '../networks.js';
import { pause, startProgram, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { startRealServer, startTraffic } from '../traffic.js';
import { CHECKOUT } from '../lab.js';
import { join } from 'node:path';

const [held = '100', interval = '20', reloads = '5', restarts = '1', control = '2'] = process.argv.slice(2);
const PREFIX = 'con-';
const DIRECTOR = `${PREFIX}director1`;
const VIRTUAL_ADDRESS = '12.0.0.1';
const SERVERS = ['192.168.1.20', '192.168.1.30'];

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
await Promise.all(['server1', 'server2'].map((name) => startRealServer(PREFIX + name, ['0.0.0.0:80'])));

let version = 0;
let director = await start('keepalived');
const holder = startProgram([process.execPath, join(CHECKOUT, 'dist/test/lab/holder.js'), VIRTUAL_ADDRESS, '80', held, '200'], { namespace: `${PREFIX}client` });
await holder.line(/^held$/, 120);
const traffic = startTraffic({ namespace: `${PREFIX}client`, address: VIRTUAL_ADDRESS, interval: Number(interval), timeout: 15_000 });
await traffic.answers(10, 30);

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

async function holding(): Promise<Holding> {
  const from = holder.lines.length;
  holder.tell('report');
  const { text } = await holder.line(/^\{/, 30, from);
  return JSON.parse(text) as Holding;
}

/** Runs `body`; then no connection may be lost, and no new one may have failed meanwhile. */
async function proveContinuity(name: string, body: () => Promise<void>): Promise<void> {
  await prove(name, async () => {
    const from = Date.now();
    await body();
    const end = Date.now();
    await traffic.answers(5, 30, end);
    const asked = traffic.between(from, end);
    const { held: still, lost, longest } = await holding();
    const failed = asked.filter(({ error }) => error !== undefined);
    const slowest = Math.max(...asked.map(({ took }) => took));
    process.stdout.write(`@stall ${JSON.stringify({ name, held: still, longest, asked: asked.length, failed: failed.length, errors: [...new Set(failed.map(({ error }) => error))], slowest })}\n`);
    assert.deepEqual(failed, []);
    assert.ok(asked.length >= 5, `${asked.length} requests`);
    assert.deepEqual({ still, lost }, { still: Number(held), lost: [] });
  });
}

async function reload(): Promise<void> {
  version += 1;
  const from = director.program.lines.length;
  director.reload(configuration(version));
  await director.tableThat('the new weights', 60, hasVersion);
  await director.program.line(/Reload complete/, 60, from);
}

async function change(from: DaemonName, to: DaemonName): Promise<void> {
  assert.ok(director.program.text() !== '', from);
  await director.stop();
  director = await start(to);
}

await proveContinuity('nothing happens', () => pause(Number(control)));
await proveContinuity('holdfast takes over from keepalived', () => change('keepalived', 'holdfast'));
await proveContinuity('reloads that change weights and services', async () => {
  for (let left = Number(reloads); left > 0; left -= 1) await reload();
});
await proveContinuity('stops and starts that leave the table', async () => {
  for (let left = Number(restarts); left > 0; left -= 1) await change('holdfast', 'holdfast');
});
await proveContinuity('restarts in place, by the first of which a service leaves', async () => {
  if (version % 2 === 0) await reload();
  assert.match(await director.table(), /12\.0\.0\.1:81/);
  const before = { counted: await connections(), pid: director.pid('checkers') };
  version += 1;
  assert.equal(await director.restart(configuration(version)), 0, director.program.text());
  await until('another checkers process', 30, () => director.pid('checkers') !== before.pid || undefined);
  await director.tableThat('the new weights and no service that is not in the file', 60, (table) => hasVersion(table) && !table.includes(':81'));
  const counted = await connections();
  assert.ok(before.counted > 0 && counted >= before.counted, `${before.counted} connections counted before, ${counted} after`);
  for (let left = Number(restarts) - 1; left > 0; left -= 1) {
    version += 2;
    assert.equal(await director.restart(configuration(version)), 0, director.program.text());
    await director.tableThat('the new weights', 60, hasVersion);
  }
});
await proveContinuity('a checkers process that freezes', async () => {
  const from = director.program.lines.length;
  process.kill(director.pid('checkers'), 'SIGSTOP');
  await director.program.line(/IPVS: found \d+ services/, 60, from);
});
await proveContinuity('a kill of everything and a start', async () => {
  await director.vanish();
  director = await start('holdfast');
});
await proveContinuity('keepalived takes over from holdfast', () => change('holdfast', 'keepalived'));
await director.stop();
await proveContinuity('no daemon at all', () => pause(Number(control)));
endProofs();
