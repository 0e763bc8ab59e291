/**
 * Inside a lab: the demo's story. Two directors share one virtual address, three real servers answer behind it, a
 * client asks forty times a second. A real server dies and returns, the master director dies and returns.
 * `node demo.js holdfast|keepalived [keep]`; the exit status is 0 only if everything held.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Cast, Finding } from '../demo-story.js';
import { holdersOf, printSummary, startTicker } from '../demo-story.js';
import type { Director } from '../director.js';
import { daemonName, startDirector } from '../director.js';
import { ip, run } from '../namespace.js';
import { directRouting } from '../networks.js';
import type { Program } from '../process.js';
import { pause, until } from '../process.js';
import { createScreen, heading, paint, quotation } from '../screen.js';
import { buildTopology, setCable } from '../topology.js';
import { countByServer, longestSilence, startRealServer, startTraffic } from '../traffic.js';

const daemon = daemonName(process.argv[2]);
const keep = process.argv[3] === 'keep';
const screen = createScreen(process.env['LAB_COLOUR'] === 'yes', (text) => process.stdout.write(text));
const began = Date.now();

const VIRTUAL_ADDRESS = '192.168.1.100';
const SERVERS = ['server1', 'server2', 'server3'];
const PRIORITIES = { director1: 100, director2: 90 } as const;
type DirectorName = keyof typeof PRIORITIES;

/** Seconds. The backup takes over three adverts and its skew after the last advert it heard. */
const ADVERT = 0.5;
const MASTER_DOWN = 3 * ADVERT + ((256 - PRIORITIES.director2) / 256) * ADVERT;
const DELAY_LOOP = 1;
/** A director that boots waits this long before it takes over from a living one, so that its checks have been made. */
const PREEMPT_DELAY = 4;
const CONNECT_TIMEOUT = 1;
/** Seconds that a user-mode kernel on one busy processor may be late by; granted to every bound, and said so. */
const LATENESS = Number(process.env['LAB_LATENESS'] ?? '1');

function configuration(name: DirectorName): string {
  const servers = SERVERS.map(
    (_, index) => `
    real_server 192.168.1.${13 + index} 80 {
        TCP_CHECK {
            connect_timeout ${CONNECT_TIMEOUT}
            retry 0
        }
    }`,
  );
  return `global_defs {
    router_id ${name}
    vrrp_version 3
}

vrrp_instance web {
    interface eth0
    virtual_router_id 51
    priority ${PRIORITIES[name]}
    advert_int ${ADVERT}
    preempt_delay ${PREEMPT_DELAY}
    virtual_ipaddress {
        ${VIRTUAL_ADDRESS}
    }
}

virtual_server ${VIRTUAL_ADDRESS} 80 {
    delay_loop ${DELAY_LOOP}
    lb_algo rr
    lb_kind DR
    protocol TCP
${servers.join('')}
}
`;
}

function start(name: DirectorName): Director {
  return startDirector({ namespace: name, daemon, configuration: { text: configuration(name) } });
}

const findings: Finding[] = [];

function found(what: string, measured: string, wanted: string, held: boolean): void {
  findings.push({ what, measured, wanted, held });
  const words = `   ${what}: ${measured} (${wanted})`;
  screen.line(held ? paint(screen, 'green', words) : paint(screen, 'red', words));
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function within(bound: number): string {
  return `within ${Number(bound.toFixed(2))} s + ${LATENESS}`;
}

/** Seconds since `from`, a time in milliseconds. */
function since(from: number): number {
  return (Date.now() - from) / 1000;
}

async function listing(name: DirectorName): Promise<void> {
  quotation(screen, `${name}# ipvsadm -Ln`, await run(name, ['ipvsadm', '-Ln']));
}

/** Notes how many requests started at `from` or later have failed; with what, if any. */
function foundNoFailure(cast: Cast, what: string, from: number): void {
  const failed = cast.traffic.between(from).filter((exchange) => exchange.error !== undefined);
  const reasons = new Set(failed.map((exchange) => exchange.error));
  found(what, [failed.length, ...reasons].join(' '), 'none', failed.length === 0);
}

async function spread(cast: Cast): Promise<void> {
  const from = Date.now();
  await pause(4);
  const counts = SERVERS.map((server) => countByServer(cast.traffic.between(from)).get(server) ?? 0);
  const even = Math.max(...counts) - Math.min(...counts) <= 1 + Math.max(...counts) / 10;
  found('requests spread over three real servers', counts.join(' : '), 'round robin', even);
}

async function serverDies(cast: Cast, director: Director, server: Program): Promise<void> {
  server.signalGroup('SIGKILL');
  const died = Date.now();
  await director.tableThat('server2 gone', 30, (table) => !table.includes('192.168.1.14'));
  const gone = Date.now();
  const bound = DELAY_LOOP + CONNECT_TIMEOUT;
  found('dead real server gone from the kernel after', seconds(since(died)), within(bound), (gone - died) / 1000 <= bound + LATENESS);
  await listing('director1');
  await pause(3);
  // A request that was on its way when the server was removed does not count against the removal.
  foundNoFailure(cast, 'requests failed once it was gone', gone + 100);
}

async function serverReturns(cast: Cast, director: Director): Promise<void> {
  await startRealServer('server2', ['0.0.0.0:80']);
  const back = Date.now();
  await director.tableThat('server2 back', 30, (table) => table.includes('192.168.1.14'));
  found('returned real server in the kernel after', seconds(since(back)), within(DELAY_LOOP), since(back) <= DELAY_LOOP + LATENESS);
  const from = Date.now();
  await pause(3);
  const answers = countByServer(cast.traffic.between(from)).get('server2') ?? 0;
  found('its answers in the next three seconds', String(answers), 'some', answers > 0);
  foundNoFailure(cast, 'requests failed after its return', from);
}

async function masterDies(cast: Cast, director: Director): Promise<void> {
  const died = Date.now();
  // Power cut: every process gone, and no kernel left that would answer for the address.
  await setCable('', 'director1', 'eth0', 'down');
  await director.vanish();
  await until('the address on director2', 30, async () => ((await holdersOf(cast)).includes('director2') ? true : undefined));
  await cast.traffic.answers(1, 30, died + MASTER_DOWN * 1000 + LATENESS * 1000);
  await pause(2);
  const gap = longestSilence(cast.traffic.between(died - 1000)) / 1000;
  found('longest silence a client met when the master died', seconds(gap), within(MASTER_DOWN), gap <= MASTER_DOWN + LATENESS);
  await listing('director2');
  const from = Date.now();
  await pause(2);
  foundNoFailure(cast, 'requests failed under the backup', from);
}

async function masterReturns(cast: Cast): Promise<void> {
  // A machine that boots has neither the address nor the table it had.
  await ip('director1', ['address flush dev eth0', 'address add 192.168.1.11/24 dev eth0']);
  await run('director1', ['ipvsadm', '-C']);
  await setCable('', 'director1', 'eth0', 'up');
  await run('director1', ['ip', 'route', 'replace', 'default', 'via', '192.168.1.1']);
  const started = Date.now();
  const director = start('director1');
  cast.directors.set('director1', director);
  await director.program.line(/Startup complete/, 60);
  // The handover is measured, not what the booting of a machine takes from the one processor that all of them share.
  const from = (await holdersOf(cast)).includes('director1') ? started : Date.now();
  await until('the address back on director1 alone', 30, async () => ((await holdersOf(cast)).join() === 'director1' ? true : undefined));
  await pause(2);
  const gap = longestSilence(cast.traffic.between(from)) / 1000;
  found('longest silence when the master took back', seconds(gap), within(0), gap < LATENESS);
}

async function curtain(cast: Cast): Promise<void> {
  await cast.traffic.stop();
  await Promise.all([...cast.directors.values()].map((director) => director.stop()));
  const tables = await Promise.all([...cast.directors.values()].map((director) => director.table()));
  const holders = (await Promise.all([...cast.directors.values()].map((director) => director.holdsAddress(VIRTUAL_ADDRESS)))).filter(Boolean);
  const left = tables.filter((table) => table !== '').length + holders.length;
  found('tables and addresses left after an orderly stop', String(left), 'none', left === 0);
}

/** Leaves everything running for a person to look at. */
async function leaveRunning(): Promise<void> {
  heading(screen, 'it keeps running');
  for (const line of [
    'ip netns exec director1 ipvsadm -Ln          the table of a director',
    'ip netns exec client curl -s 192.168.1.100   one request',
    'ip netns exec server2 ss -ltnp               who listens on a real server',
    'tail -f /tmp/director1/log                   what a director says; its keepalived.conf is beside it',
    'ip -n switch link set director1-eth0 down    pull a cable',
  ]) {
    screen.line(`   ${line}`);
  }
  if (!process.stdin.isTTY) {
    screen.line('   There is no terminal to give you a shell in: it runs until this command is ended.');
    await new Promise(() => setInterval(() => undefined, 60_000));
  }
  screen.line('   This is a shell inside; leaving it (exit) ends everything.');
  const shell = spawn('bash', ['--norc', '-i'], { stdio: 'inherit', env: { ...process.env, PS1: 'lab# ' } });
  await once(shell, 'exit');
}

heading(screen, `${daemon}: two directors, three real servers, one virtual address`);
for (const line of [
  'client 10.0.0.2 ── router ─┬─ director1 192.168.1.11  priority 100 ┐',
  '                           ├─ director2 192.168.1.12  priority  90 ┴ 192.168.1.100',
  '                           └─ server1, server2, server3  192.168.1.13 to .15',
]) {
  screen.line(paint(screen, 'blue', `   ${line}`));
}
await buildTopology(directRouting('', SERVERS.length));
const servers = await Promise.all(SERVERS.map((server) => startRealServer(server, ['0.0.0.0:80'])));
const directors = new Map<string, Director>([
  ['director1', start('director1')],
  ['director2', start('director2')],
]);
const master = directors.get('director1');
const victim = servers[1];
if (master === undefined || victim === undefined) throw new Error('the cast is incomplete');
const cast: Cast = {
  screen,
  servers: SERVERS,
  virtualAddress: VIRTUAL_ADDRESS,
  directors,
  traffic: startTraffic({ namespace: 'client', address: VIRTUAL_ADDRESS, interval: 25, timeout: 2000 }),
};

let held = false;
let ticker: { readonly stop: () => void } | undefined;
try {
  await until('director1 holds the address', 40, async () => ((await holdersOf(cast)).join() === 'director1' ? true : undefined));
  await master.tableThat('three real servers', 20, (table) => table.split('\n').length === 1 + SERVERS.length);
  await cast.traffic.answers(1, 20);
  // Real servers are found out within their first delay_loop; before that the picture is not steady.
  await pause(DELAY_LOOP + 1);
  heading(screen, 'requests through the virtual address');
  await listing('director1');
  screen.line(paint(screen, 'dim', '   each second: answers so far, answers by server, failed requests, who holds the address'));
  ticker = startTicker(cast, began);
  await spread(cast);
  heading(screen, 'kill -9 of real server 2');
  await serverDies(cast, master, victim);
  heading(screen, 'real server 2 comes back');
  await serverReturns(cast, master);
  heading(screen, 'power cut of director 1, the master');
  await masterDies(cast, master);
  heading(screen, 'director 1 comes back and takes over again');
  await masterReturns(cast);
  ticker.stop();
  if (keep) await leaveRunning();
  heading(screen, 'orderly stop');
  await curtain(cast);
  heading(screen, `summary after ${Math.round(since(began))} s`);
  held = printSummary(screen, findings);
} catch (error) {
  ticker?.stop();
  screen.line(paint(screen, 'red', String(error).split('\n')[0] ?? ''));
  for (const [name, director] of directors) quotation(screen, `log of ${name}`, director.program.text());
}
screen.line();
screen.line(held ? paint(screen, 'green', ' All of it held.') : paint(screen, 'red', ' Not all of it held.'));
process.exit(held ? 0 : 1);
