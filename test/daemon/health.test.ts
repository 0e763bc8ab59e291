/** /livez and /readyz, and the command that asks them: a probe must see what clients would. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { holdfast } from '../cli/command.js';
import type { Status } from '../../src/control/status.js';
import { livenessProblems, readinessProblems } from '../../src/control/health.js';
import type { HealthProblem } from '../../src/control/health.js';
import { until } from '../lab/process.js';
import { VIP, instance, openNetwork } from './network.js';

test('a master whose address is on its link is ready; taken away behind its back, or its interface down, it is not', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const socket = join(left.folder, 'control.sock');
  const health = (...what: string[]): ReturnType<typeof holdfast> => holdfast(['health', ...what, '--socket', socket]);
  assert.deepEqual([health().status, health('live').status], [1, 1], 'nobody answers yet');
  const daemon = left.daemon(`global_defs {\ncontrol_socket ${socket}\ncontrol_group nogroup\n}\n${instance({ priority: 100 })}`);
  await until('it is ready', 15, () => health().output === 'ok\n' || undefined);
  assert.equal(health('live').status, 0);
  right.run('ip', 'link', 'set', 'eth0', 'down');
  const down = await until('it is not ready', 10, () => {
    const { status, output } = health();
    // The kernel may be without the address before the picture says why.
    return status === 1 && !output.startsWith('V1 is MASTER') ? output : undefined;
  });
  assert.match(down, /^V1 is in FAULT: /);
  assert.equal(health('live').status, 0, 'a cable is no reason to start the daemon again');
  right.run('ip', 'link', 'set', 'eth0', 'up');
  await until('it is ready again', 15, () => health().status === 0 || undefined);
  daemon.signal('SIGKILL');
  await daemon.exited;
  await until('nobody answers any more', 10, () => health('live').status === 1 || undefined);
});

const texts = (problems: readonly HealthProblem[]): readonly string[] => problems.map(({ text }) => text);

const NOW = Date.parse('2026-01-01T00:01:00Z');

function master(overrides: Partial<NonNullable<Status['daemon']>> = {}): Status {
  return {
    version: 1,
    daemon: {
      version: 'x',
      pid: 1,
      startedAt: '2026-01-01T00:00:00Z',
      stopping: false,
      configuration: { file: 'f', generation: 1, loadedAt: '2026-01-01T00:00:00Z' },
      processes: [{ name: 'vrrp', pid: 2 }],
      ...overrides,
    },
    vrrp: {
      asOf: '2026-01-01T00:00:59Z',
      groups: [],
      scripts: [],
      instances: [
        {
          name: 'V1', interface: 'eth0', family: 'ipv4', virtualRouterId: 51, protocolVersion: 2, state: 'MASTER', reason: 'it is', since: '2026-01-01T00:00:00Z',
          priority: { configured: 100, effective: 100, reasons: [] }, faults: [], preempt: true, advertIntervalSeconds: 1, masterDownSeconds: 3,
          gratuitousArpDelaySeconds: 5, addressesStatus: 'applied', statistics: {},
          addresses: [{ address: VIP, prefixLength: 32, interface: 'eth0', held: true, excluded: false }],
        },
      ],
    },
  };
}

test('what the director believes of its addresses does not make it ready', () => {
  assert.deepEqual(texts(readinessProblems(master(), NOW, () => true)), []);
  assert.deepEqual(texts(readinessProblems(master(), NOW, () => false)), [`V1 is MASTER and ${VIP} is not on eth0`]);
});

test('a process that shows nothing for long is not alive, and a daemon that stops is not ready', () => {
  assert.deepEqual(texts(livenessProblems(master(), NOW)), []);
  assert.match(texts(livenessProblems(master(), NOW + 40_000)).join(), /the VRRP process has shown nothing since/);
  assert.deepEqual(texts(readinessProblems(master({ stopping: true }), NOW, () => true)), ['the daemon is stopping']);
  assert.deepEqual(texts(livenessProblems({ version: 1 }, NOW)), ['the supervisor has said nothing yet']);
  const checkers = { ...master({ processes: [{ name: 'checkers', pid: 3 }] }) };
  assert.deepEqual(texts(readinessProblems(checkers, NOW, () => true)), ['the checkers process has shown nothing yet']);
});
