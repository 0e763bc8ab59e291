/**
 * Inside a lab: direct routing, address translation (the published tutorials, as examples/ has them) and tunnelling each carry HTTP
 * through the virtual address; a dead real server leaves the kernel in time, no client sees it after that, and it
 * comes back. `node forwarding.js holdfast|keepalived`.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Exchange } from '../client.js';
import type { Director, DirectorOptions } from '../director.js';
import { daemonName, startDirector } from '../director.js';
import { CHECKOUT } from '../lab.js';
import { addressTranslation, directRouting, tunnelling } from '../networks.js';
import { run } from '../namespace.js';
import type { Program } from '../process.js';
import { pause } from '../process.js';
import { endProofs, prove } from '../proof.js';
import type { TopologyPlan } from '../topology.js';
import { buildTopology, setCable } from '../topology.js';
import type { Traffic } from '../traffic.js';
import { countByServer, startRealServer, startTraffic } from '../traffic.js';

const daemon = daemonName(process.argv[2]);

const TUNNELLING = `
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.1.100
    }
}

virtual_server 192.168.1.100 80 {
    delay_loop 2
    lb_algo rr
    lb_kind TUN
    protocol TCP
    real_server 192.168.2.21 80 {
        TCP_CHECK {
            connect_timeout 1
            delay_before_retry 1
        }
    }
    real_server 192.168.2.22 80 {
        TCP_CHECK {
            connect_timeout 1
            delay_before_retry 1
        }
    }
}
`;

function example(name: string): { readonly file: string } {
  return { file: join(CHECKOUT, 'examples', name) };
}

interface Case {
  readonly name: string;
  readonly plan: TopologyPlan;
  readonly virtualAddress: string;
  readonly configuration: DirectorOptions['configuration'];
  /** The address of server1, the one that dies. */
  readonly victim: string;
  /** Seconds after which a dead server must be gone: delay_loop, one retry and both attempts' connect_timeout. */
  readonly goneWithin: number;
  readonly delayLoop: number;
}

const cases: readonly Case[] = [
  {
    name: 'direct routing',
    plan: directRouting('dr-'),
    virtualAddress: '192.168.1.100',
    configuration: example('lvs-dr-master.conf'),
    victim: '192.168.1.13',
    goneWithin: 6 + 3 + 3 + 3,
    delayLoop: 6,
  },
  {
    name: 'address translation',
    plan: addressTranslation('nat-'),
    virtualAddress: '12.0.0.1',
    configuration: example('lvs-nat.conf'),
    victim: '192.168.1.20',
    goneWithin: 6 + 3 + 3 + 3,
    delayLoop: 6,
  },
  {
    name: 'tunnelling',
    plan: tunnelling('tun-'),
    virtualAddress: '192.168.1.100',
    configuration: { text: TUNNELLING },
    victim: '192.168.2.21',
    goneWithin: 2 + 1 + 1 + 1,
    delayLoop: 2,
  },
];

/** What one topology has running. */
interface Stage {
  readonly director: Director;
  readonly server1: Program;
  readonly traffic: Traffic;
}

async function raise(one: Case): Promise<Stage> {
  const { prefix } = one.plan;
  await buildTopology(one.plan);
  const [server1] = await Promise.all(['server1', 'server2'].map((name) => startRealServer(prefix + name, ['0.0.0.0:80'])));
  assert.ok(server1 !== undefined);
  const director = startDirector({ namespace: `${prefix}director1`, daemon, configuration: one.configuration });
  const traffic = startTraffic({ namespace: `${prefix}client`, address: one.virtualAddress, interval: 100 });
  return { director, server1, traffic };
}

/** A listing lags behind the kernel and a request may be on its way: what starts this much later is judged. */
const SETTLED = 0.3;

async function carriesHttp(one: Case, { traffic }: Stage): Promise<void> {
  await traffic.answers(1, 30);
  // Requests from before the address was there repeat their SYN until they are given up, and would count in the turns.
  await pause(2.5);
  const from = Date.now();
  await pause(3);
  const exchanges = await traffic.finished(from, Date.now());
  assert.deepEqual(failures(exchanges), []);
  const counts = countByServer(exchanges);
  const [first = 0, second = 0] = ['server1', 'server2'].map((name) => counts.get(one.plan.prefix + name));
  assert.ok(first >= 5 && Math.abs(first - second) <= 1, `round robin gave ${first} and ${second}`);
}

function failures(exchanges: readonly Exchange[]): readonly Exchange[] {
  return exchanges.filter((exchange) => exchange.error !== undefined);
}

async function deathIsNoticed(one: Case, { director, traffic }: Stage, die: () => Promise<void> | void): Promise<void> {
  // Two seconds for a machine that is busy with three topologies.
  const bound = one.goneWithin + 2;
  await die();
  const table = await director.tableThat(`${one.victim} gone`, bound, (text) => !text.includes(one.victim));
  assert.match(table, /^-a .* -r 192\.168\.\d\.\d+:80/m, 'the healthy server stays');
  await pause(SETTLED);
  const from = Date.now();
  await pause(3);
  const exchanges = await traffic.finished(from, Date.now());
  assert.deepEqual(failures(exchanges), [], 'no client sees the dead server after its removal');
  assert.deepEqual([...countByServer(exchanges).keys()], [`${one.plan.prefix}server2`]);
}

async function returns(one: Case, { director, traffic }: Stage): Promise<void> {
  await director.tableThat(`${one.victim} back`, one.delayLoop + 3, (text) => text.includes(one.victim));
  const from = Date.now();
  await pause(3);
  const exchanges = await traffic.finished(from, Date.now());
  assert.deepEqual(failures(exchanges), []);
  assert.equal(countByServer(exchanges).size, 2);
}

async function stopsCleanly(one: Case, { director, traffic }: Stage): Promise<void> {
  await traffic.stop();
  assert.equal(await director.stop(), 0);
  assert.equal(await director.table(), '', 'its own entries are removed');
  if (one.name !== 'address translation') assert.equal(await director.holdsAddress(one.virtualAddress), false);
}

async function proveCase(one: Case): Promise<void> {
  const stage = await raise(one);
  await prove(`${one.name} carries HTTP through the virtual address to every real server`, () => carriesHttp(one, stage));
  await prove(`${one.name}: a killed real server is gone in time and no client sees it afterwards`, () =>
    deathIsNoticed(one, stage, () => stage.server1.signalGroup('SIGKILL')),
  );
  await startRealServer(`${one.plan.prefix}server1`, ['0.0.0.0:80']);
  await prove(`${one.name}: a real server that returns gets requests again`, () => returns(one, stage));
  if (one.name === 'tunnelling') {
    await prove('a real server whose cable is cut is gone within delay_loop, the retry and both connect timeouts', () =>
      deathIsNoticed(one, stage, () => setCable(one.plan.prefix, 'server1', 'eth0', 'down')),
    );
  }
  await prove(`${one.name}: an orderly stop leaves neither service nor address`, () => stopsCleanly(one, stage));
}

/** The second half of the address translation tutorial. */
async function weightsCount(): Promise<void> {
  const director = startDirector({
    namespace: 'nat-director1',
    daemon,
    configuration: example('lvs-nat-weighted.conf'),
  });
  await director.tableThat('both servers', 20, (text) => text.includes('-w 2') && text.includes('-w 1'));
  const output = await run('nat-client', ['sh', '-c', 'for n in 1 2 3 4 5 6 7 8 9; do curl -s --max-time 20 http://12.0.0.1/; done']);
  const counts = ['nat-server1', 'nat-server2'].map((name) => output.split('\n').filter((line) => line === name).length);
  assert.deepEqual(counts, [6, 3], 'weights 2 and 1 share nine requests as six and three');
  await director.stop();
}

// All three at once: most of the time is waiting for delay_loop.
await Promise.all(cases.map(proveCase));
await prove('address translation with weights 2 and 1 shares requests two to one', weightsCount);
endProofs();
