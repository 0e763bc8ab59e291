import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { DownMessage } from '../../src/daemon/children/ipc.js';
import { createPoolRelay } from '../../src/daemon/relays/pool-relay.js';
import { load } from '../conf/support.js';

const DIRECTOR = load(`
virtual_server 192.0.2.1 80 {
  lb_algo rr
  lb_kind NAT
  protocol TCP
  real_server 192.0.2.2 80 {
  }
}
vrrp_instance a {
  interface eth0
  virtual_router_id 1
  priority 100
  virtual_ipaddress {
    192.0.2.1
  }
  track_virtual_server {
    192.0.2.1 80
  }
}
`).model?.director;

const WEB = '[192.0.2.1]:tcp:80';

const quiet = { director: () => DIRECTOR, tell: () => undefined };

test('what the checkers say of tracked pools reaches VRRP, outlives their process, and is there for a VRRP process that starts', () => {
  const sent: (readonly [string, DownMessage])[] = [];
  const relay = createPoolRelay({ ...quiet, send: (child, message) => void sent.push([child, message]) });
  relay.reported({ quorums: [{ virtualServer: WEB, up: false }, { virtualServer: 'other', up: true }], holds: ['x'] });
  assert.deepEqual(sent, [['vrrp', { type: 'quorums', quorums: [{ virtualServer: WEB, up: false }] }]]);
  // The next checkers process begins without any certainty.
  relay.reported({ quorums: [], holds: ['x', 'y'] });
  assert.deepEqual(relay.known(), { quorums: [{ virtualServer: WEB, up: false }], holds: ['x', 'y'], marks: [], services: [] });
  relay.reported({ quorums: [{ virtualServer: WEB, up: true }], holds: [] });
  assert.deepEqual(relay.known(), { quorums: [{ virtualServer: WEB, up: true }], holds: [], marks: [], services: [] });
});

test('at a restart in place the next program knows the quorums, and the services that may be in the kernel', () => {
  const relay = createPoolRelay({ ...quiet, send: () => undefined });
  relay.reported({ quorums: [{ virtualServer: WEB, up: false }], holds: [] });
  relay.owned(['tcp 192.0.2.1 80']);
  const next = createPoolRelay({ ...quiet, send: () => undefined });
  next.inherit(relay.heritage());
  assert.deepEqual(next.known(), { quorums: [{ virtualServer: WEB, up: false }], holds: [], marks: [], services: ['tcp 192.0.2.1 80'] });
});

test('who waits for an operator and which group has which mark outlives the daemon; what cannot be read is told', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pools-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'deeper', 'pools.json');
  const started = (): ReturnType<typeof createPoolRelay> => {
    const relay = createPoolRelay({ ...quiet, send: () => undefined });
    relay.remember(path);
    return relay;
  };
  const first = started();
  first.reported({ quorums: [], holds: ['x'] });
  first.marked([['A tcp 1', 1001]]);
  const known = { quorums: [], holds: ['x'], marks: [['A tcp 1', 1001]], services: [] };
  assert.deepEqual(started().known(), known);
  const written = readFileSync(path, 'utf8');

  writeFileSync(path, written.slice(0, -4));
  const told: unknown[] = [];
  const deaf = createPoolRelay({ ...quiet, send: () => undefined, tell: (note) => void told.push(note) });
  deaf.remember(path);
  assert.deepEqual(deaf.known(), { quorums: [], holds: [], marks: [], services: [] });
  assert.deepEqual(told, [{ type: 'poolsForgotten', path, reason: 'not as it was written' }]);
});
