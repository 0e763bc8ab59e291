/** `holdfast dump`: what a configuration came to, for people and for programs. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { holdfast, openFolder } from './command.js';

const folder = openFolder();

const TEXT = `global_defs {
  router_id lvs1
}
vrrp_instance V1 {
  interface eth0
  virtual_router_id 51
  priority 150
  authentication {
    auth_type PASS
    auth_pass tops3cr
  }
  track_interface {
    eth1 weight -20
  }
  virtual_ipaddress {
    192.0.2.100/24
  }
  notify_master "/bin/true m" root
}
virtual_server 192.0.2.100 80 {
  lb_algo wrr
  lb_kind DR
  protocol TCP
  real_server 192.0.2.10 80 {
    weight 2
    TCP_CHECK {
      connect_timeout 3
    }
  }
}
`;

function dump(text: string, ...words: readonly string[]): ReturnType<typeof holdfast> {
  return holdfast(['dump', '--offline', ...words, folder.write('k.conf', text)]);
}

test('the text has the sections and keys of keepalived, defaults included, and no password', () => {
  const { status, output, errors } = dump(TEXT);
  assert.deepEqual([status, errors], [0, '']);
  const heads = output.split('\n').filter((line) => line.startsWith('------<'));
  assert.deepEqual(heads, [
    '------< Global definitions >------',
    '------< VRRP Topology >------',
    '------< LVS Topology >------',
    '------< Health checkers >------',
  ]);
  for (const line of [
    ' Router ID = lvs1',
    ' VRRP Instance = V1',
    '   Wantstate = BACKUP',
    '   Gratuitous ARP delay = 5',
    '   Virtual Router ID = 51',
    '   Advert interval = 1 sec',
    '   Authentication type = SIMPLE_PASSWORD',
    '     eth1 weight -20',
    '   Virtual IP (1):',
    '     192.0.2.100/24 dev eth0 scope global',
    "   Master state transition script = '/bin/true' 'm', root",
    '   lvs_sched = wrr',
    '   RIP = 192.0.2.10, RPORT = 80, WEIGHT = 2 EFF WEIGHT = 2',
    '   forwarding method = DR',
    '   Keepalive method = TCP_CHECK',
    '     Timeout = 3.000000',
    '   Delay loop = 60000000 us',
  ]) {
    assert.ok(output.split('\n').includes(line), `${line}\n${output}`);
  }
  assert.doesNotMatch(output, /tops3cr/);
});

test('the JSON is the model, without passwords', () => {
  const { output } = dump(TEXT, '--format', 'json');
  const model = JSON.parse(output) as { director: { instances: { priority: number; authentication: unknown }[] }; pool: { virtualServers: unknown[] } };
  assert.equal(model.director.instances[0]?.priority, 150);
  assert.deepEqual(model.director.instances[0].authentication, { type: 'pass' });
  assert.equal(model.pool.virtualServers.length, 1);
});

test('of a configuration that nothing starts with the reason is printed', () => {
  const { status, output, errors } = dump('vrrp_instance V1 {\n interface eth0\n}\n');
  assert.deepEqual([status, output], [1, '']);
  assert.match(errors, /k\.conf:1:1: error: \(V1\) the virtual router id must be set \[HF-401\]/);
});
