/** Make before break in running daemons: whoever leaves keeps the address until the other director has it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';
import { instantOf, watchAddresses } from './witnesses.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
/** The other one's skew is 609 ms; without a handover the address goes with the goodbye. Milliseconds. */
const KEPT = 400;

interface Scene extends Network {
  readonly daemon: Program;
  readonly other: Program;
  readonly wire: Program;
  readonly removals: Program;
}

/** A master on the left, whose every move is watched, and a backup with priority 100 on the right. */
async function openScene(t: TestContext, configuration: (left: Host) => string): Promise<Scene> {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const daemon = left.daemon(configuration(left));
  await daemon.line(MASTER, 8);
  await until('the address is set', 3, () => left.addresses().includes(VIP) || undefined);
  const other = right.daemon(instance({ priority: 100, lines: ['version 3'] }));
  await other.line(/Entering BACKUP STATE/, 5);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-tt', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const removals = await watchAddresses(left);
  return { ...network, daemon, other, wire, removals };
}

async function handsOver({ wire, removals, other, right }: Scene): Promise<void> {
  const goodbye = await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18: .*prio 0/, 5);
  await other.line(MASTER, 5);
  const removed = await removals.line(/Deleted.*10\.9\.9\.100/, 5);
  const kept = instantOf(removals, removed) - instantOf(wire, goodbye);
  assert.ok(kept > KEPT, `removed ${kept} ms after the goodbye`);
  await until('the other has it', 2, () => right.addresses().includes(VIP) || undefined);
}

describe('make before break', { concurrency: 4 }, () => {
  test('a master that a tracked file holds in FAULT keeps its address until the other one has it', async (t) => {
    const scene = await openScene(t, (left) => {
      const file = left.write('maintenance', '0\n');
      return `vrrp_track_file F {\nfile ${file}\n}\n${instance({ priority: 150, lines: ['version 3', 'track_file {\nF weight 0\n}'] })}`;
    });
    scene.left.write('maintenance', '1\n');
    await scene.daemon.line(/\(V1\) Entering FAULT STATE/, 5);
    await handsOver(scene);
    await scene.daemon.line(/handed over to 10\.9\.9\.2/i, 5);
  });

  test('a master that gives way to whoever removes its address keeps the others until its neighbour has them', async (t) => {
    const second = '10.9.9.101';
    const configuration = (priority: number): string => instance({ priority, lines: ['version 3'] }).replace(VIP, `${VIP}\n${second}`);
    const scene = await openScene(t, () => configuration(150));
    const { left, daemon } = scene;
    for (let times = 0; !/put back 5 times/.test(daemon.text()) && times < 200; times += 1) {
      if (left.addresses().includes(second)) left.run('ip', 'address', 'del', `${second}/32`, 'dev', 'eth0');
      await new Promise((done) => setTimeout(done, 10));
    }
    await daemon.line(/\(V1\) Entering BACKUP STATE/, 5);
    await handsOver(scene);
  });

  test('a master whose priority a reload lowers keeps its address until the better one speaks', async (t) => {
    const scene = await openScene(t, () => instance({ priority: 150, lines: ['version 3'] }));
    const { left, daemon, wire, removals } = scene;
    left.write('keepalived.conf', instance({ priority: 50, lines: ['version 3'] }));
    daemon.signal('SIGHUP');
    const lowered = await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18: .*prio 50/, 5);
    await wire.line(/10\.9\.9\.2 > 224\.0\.0\.18: .*prio 100/, 8);
    const removed = await removals.line(/Deleted.*10\.9\.9\.100/, 5);
    // The better one waits for what is left of its master-down interval: no goodbye tells it not to.
    const kept = instantOf(removals, removed) - instantOf(wire, lowered);
    assert.ok(kept > KEPT, `removed ${kept} ms after the first advert with less`);
    assert.doesNotMatch(wire.text(), /10\.9\.9\.1 > 224\.0\.0\.18: .*prio 0/);
  });

  test('a director that is removed by a reload keeps its address until the other one has it', async (t) => {
    const scene = await openScene(t, () => instance({ priority: 150, lines: ['version 3'] }));
    const { left, daemon } = scene;
    left.write('keepalived.conf', instance({ priority: 150, lines: ['version 3'] }).replace('V1', 'V2').replace('_id 51', '_id 52').replace(VIP, '10.9.9.109'));
    daemon.signal('SIGHUP');
    await handsOver(scene);
  });
});
