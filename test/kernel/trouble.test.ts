/**
 * A master on a real kernel that refuses, forgets to tell, or changes under its hands: afterwards everything that it should
 * hold is there. How long that took is told, not judged.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { director, instance, virtual } from '../support/vrrp-configuration.js';
import { startProgram, until } from '../lab/process.js';
import { route, rule } from '../support/network.js';
import { openDirector } from './live-director.js';
import type { LiveDirector } from './live-director.js';
import { createWire } from './namespaces.js';
import type { Host } from './namespaces.js';

/** An owner that wants to be master is one at once. */
const CONFIG = director([
  instance({
    priority: 255,
    wantsMaster: true,
    virtualAddresses: [virtual('192.0.2.100/32'), virtual('192.0.2.101/32')],
    routes: [route('10.50.0.0/16')],
    rules: [rule(102)],
  }),
]);
const TAKEN = ['address del 192.0.2.100/32 dev eth0', 'route del 10.50.0.0/16 dev eth0', 'rule del preference 102'];

function scene(t: TestContext, onLoss?: (code: string) => void): { readonly host: Host; readonly director: LiveDirector } {
  const wire = createWire();
  wire.left.ip('address add 192.0.2.1/24 dev eth0');
  const live = openDirector(wire.left, onLoss);
  t.after(() => {
    live.close();
    wire.remove();
  });
  return { host: wire.left, director: live };
}

function isWhole(host: Host): boolean {
  const addresses = host.ip('-o address show dev eth0');
  return addresses.includes(' 192.0.2.100/32 ') && addresses.includes(' 192.0.2.101/32 ') && host.ip('route').includes('10.50.0.0/16') && /^102:/m.test(host.ip('rule'));
}

/** Until the host has all of it; says how long after `since` that was. */
async function whole(t: TestContext, host: Host, since: number): Promise<void> {
  const giveUpAt = performance.now() + 180_000;
  while (!isWhole(host)) {
    assert.ok(performance.now() < giveUpAt, `${host.ip('-o address show dev eth0')}${host.ip('route')}${host.ip('rule')}`);
    await pause(5);
  }
  t.diagnostic(`whole ${(performance.now() - since).toFixed(0)} ms after the end of the trouble`);
}

/** The commands again and again, by processes that wait for nobody here, until they are ended: by the end of the test at the latest. */
function keepDoing(t: TestContext, host: Host, commands: readonly string[]): { readonly end: () => Promise<void> } {
  const program = startProgram(['sh', '-c', 'yes "$1" | ip -n "$2" -force -batch - >/dev/null 2>&1', 'sh', commands.join('\n'), host.namespace]);
  const end = async (): Promise<void> => {
    program.signalGroup('SIGKILL');
    await program.exited;
  };
  t.after(end);
  return { end };
}

test('what the kernel does not permit is told and asked for again until it does (EPERM)', async (t) => {
  const { host, director: live } = scene(t);
  live.watch(CONFIG);
  // Without its rights for a moment: only the effective ones go, and come back with the user.
  process.seteuid?.(65_534);
  try {
    live.configure(CONFIG);
    await until('it is told', 30, () => live.sentences.some((sentence) => sentence.includes('EPERM')) || undefined);
  } finally {
    process.seteuid?.(0);
  }
  const since = performance.now();
  assert.equal(isWhole(host), false);
  await whole(t, host, since);
});

test('what is there already, or gone already, is no trouble (EEXIST, ESRCH)', async (t) => {
  const { host, director: live } = scene(t);
  host.ipBatch(['address add 192.0.2.100/32 dev eth0', 'route add 10.50.0.0/16 dev eth0 proto 18', 'rule add from all lookup 100 preference 102 protocol 18']);
  live.watch(CONFIG);
  live.configure(CONFIG);
  await whole(t, host, performance.now());
  assert.ok(!live.sentences.some((sentence) => /EEXIST|exists/.test(sentence)), live.sentences.join('\n'));
});

test('what is taken while the kernel has too much to tell is put back (ENOBUFS)', async (t) => {
  const { host, director: live } = scene(t);
  live.watch(CONFIG);
  live.configure(CONFIG);
  live.setReceiveBuffers({ monitor: { bytes: 4_096, force: false } });
  await whole(t, host, performance.now());
  const flood = Array.from({ length: 500 }, (_, i) => [`address add 10.9.0.${i & 255}/32 dev lo`, `address del 10.9.0.${i & 255}/32 dev lo`, `rule add from all lookup 77 preference ${i + 1_000}`, `rule del preference ${i + 1_000}`]).flat();
  // Nobody reads while ip runs.
  host.ipBatch([...flood, ...TAKEN, ...flood]);
  const since = performance.now();
  assert.equal(isWhole(host), false);
  await whole(t, host, since);
  assert.ok(live.losses.includes('ENOBUFS'), `nothing was lost: ${live.losses.join()}`);
});

test('what is taken is put back although the kernel changes while it is looked at (interrupted dumps)', { timeout: 600_000 }, async (t) => {
  // From the first loss on nothing more is lost: only a look that succeeds can find what is missing.
  const { host, director: live } = scene(t, (code) => {
    if (code === 'ENOBUFS') live.setReceiveBuffers({});
  });
  const many = Array.from({ length: 2_000 }, (_, i) => [`address add 10.8.${i >> 8}.${i & 255}/32 dev lo`, `rule add from all lookup 77 preference ${i + 1_000}`]).flat();
  host.ipBatch(many);
  live.watch(CONFIG);
  live.configure(CONFIG);
  await whole(t, host, performance.now());
  const flood = (last: number): readonly string[] => [`address add 10.9.0.${last}/32 dev lo`, `address del 10.9.0.${last}/32 dev lo`, `rule add from all lookup 77 preference ${3_500 + last}`, `rule del preference ${3_500 + last}`];
  const burst = Array.from({ length: 100 }, () => flood(1)).flat();
  const changes = [2, 3].map((last) => keepDoing(t, host, flood(last)));
  const giveUpAt = performance.now() + 120_000;
  for (let round = 0; performance.now() < giveUpAt && !live.losses.includes('EINTR'); round += 1) {
    live.setReceiveBuffers({ monitor: { bytes: 4_096, force: false } });
    // What is taken too often is given up.
    host.ipBatch([...burst, ...(round === 0 ? TAKEN : [])]);
    await pause(20);
  }
  for (const each of changes) await each.end();
  await whole(t, host, performance.now());
  assert.ok(live.losses.includes('EINTR'), `no look was interrupted: ${live.losses.join()}`);
});
