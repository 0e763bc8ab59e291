/** The daemon behind Debian's snmpd, asked by Debian's clients, and compared with Debian's keepalived. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import { instance, openNetwork } from './network.js';
import { startSnmpMaster } from './snmp-master.js';

const INSTANCES = '1.3.6.1.4.1.9586.100.5.2.3.1';

test('snmpwalk sees an instance become master, through a socket that is for root alone', { timeout: 60_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const master = await startSnmpMaster(left);
  const program = left.daemon(`global_defs {\nenable_snmp_vrrp\nsnmp_socket ${master.socket}\ncontrol_socket off\n}\n${instance({ priority: 200 })}`);
  await program.line(/AgentX subagent connected to unix:/, 20);
  const walked = await until('it is master there too', 20, () => {
    const objects = master.walk(INSTANCES);
    return Promise.resolve(objects.get(`${INSTANCES}.4.1`) === 'INTEGER: 2' ? objects : undefined);
  });
  assert.equal(walked.get(`${INSTANCES}.2.1`), 'STRING: "V1"');
  assert.equal(walked.get(`${INSTANCES}.3.1`), 'Gauge32: 51');
  assert.equal(walked.get(`${INSTANCES}.8.1`), 'INTEGER: 200');
});
