import assert from 'node:assert/strict';
import test from 'node:test';
import type { DownMessage } from '../../src/daemon/ipc.js';
import { createPoolRelay } from '../../src/daemon/pool-relay.js';
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

test('what the checkers say of tracked pools reaches VRRP, outlives their process, and is there for a VRRP process that starts', () => {
  const sent: (readonly [string, DownMessage])[] = [];
  const relay = createPoolRelay((child, message) => void sent.push([child, message]), () => DIRECTOR);
  relay.reported({ quorums: [{ virtualServer: WEB, up: false }, { virtualServer: 'other', up: true }], holds: ['x'] });
  assert.deepEqual(sent, [['vrrp', { type: 'quorums', quorums: [{ virtualServer: WEB, up: false }] }]]);
  // The next checkers process begins without any certainty.
  relay.reported({ quorums: [], holds: ['x', 'y'] });
  assert.deepEqual(relay.known(), { quorums: [{ virtualServer: WEB, up: false }], holds: ['x', 'y'] });
  relay.reported({ quorums: [{ virtualServer: WEB, up: true }], holds: [] });
  assert.deepEqual(relay.known(), { quorums: [{ virtualServer: WEB, up: true }], holds: [] });
});
