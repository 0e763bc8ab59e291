/** What two statuses disagree about. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';

import { comparePeers } from '../../src/cli/peer/compare.js';
import { readSide } from '../../src/cli/peer/source.js';
import type { InstanceStatus, Status } from '../../src/control/status.js';

const instance = (state: InstanceStatus['state'], effective: number): InstanceStatus => ({
  name: 'V1',
  interface: 'eth0',
  family: 'ipv4',
  virtualRouterId: 51,
  protocolVersion: 2,
  state,
  reason: `it is ${state}`,
  since: '2026-01-01T00:00:00.000Z',
  priority: { configured: effective, effective, reasons: [] },
  faults: [],
  preempt: true,
  advertIntervalSeconds: 1,
  masterDownSeconds: 3,
  gratuitousArpDelaySeconds: 5,
  addresses: [],
  addressesStatus: 'applied',
  statistics: {},
});

function status(one: InstanceStatus | undefined, version = '0.1.0'): Status {
  return {
    version: 1,
    daemon: { version, pid: 1, startedAt: '', stopping: false, configuration: { file: 'a', generation: 1, loadedAt: '', digests: { vrrp: 'a', lvs: 'a' } }, processes: [] },
    vrrp: { asOf: '', instances: one === undefined ? [] : [one], groups: [], scripts: [] },
  };
}

const disagreements = (here: Status, there: Status, clock?: number): readonly string[] =>
  comparePeers(here, { status: there, ...(clock === undefined ? {} : { clock }) }).disagreements;

test('roles, versions and clocks', () => {
  const master = status(instance('MASTER', 100));
  assert.deepEqual(disagreements(master, status(instance('BACKUP', 90)), 900), []);
  assert.deepEqual(disagreements(master, status(instance('MASTER', 90))), ['V1 (vrid 51, ipv4): both are MASTER, they do not hear each other']);
  assert.deepEqual(disagreements(status(instance('FAULT', 100)), status(instance('BACKUP', 90))), ['V1 (vrid 51, ipv4): neither is MASTER (FAULT here: it is FAULT; BACKUP there: it is BACKUP)']);
  assert.deepEqual(disagreements(master, status(undefined)), ['V1 (vrid 51, ipv4): only here']);
  assert.deepEqual(disagreements(master, status(instance('BACKUP', 90), '0.2.0'), -61_000), ['version: 0.1.0 here, 0.2.0 there', 'the clock there differs by -61 s']);
});

/** What readSide makes of a clock that is so much ahead when the answer comes so much after the question, in milliseconds. */
async function clockRead(ahead: number, delay: number): Promise<number | undefined> {
  const server = createServer((_request, response) => {
    response.setHeader('Date', new Date(Date.now() + ahead).toUTCString());
    setTimeout(() => response.end(JSON.stringify(status(instance('MASTER', 1)))), delay);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { clock } = await readSide(`http://127.0.0.1:${port}`, undefined);
  server.close();
  return clock;
}

test('an answer that takes its time does not make a clock differ, whole seconds between two clocks do', async () => {
  assert.equal(await clockRead(0, 1_600), 0);
  assert.ok(((await clockRead(60_000, 0)) ?? 0) > 30_000);
  assert.ok(((await clockRead(-60_000, 0)) ?? 0) < -30_000);
});
