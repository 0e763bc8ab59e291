/**
 * Inside a lab: a client that goes on sending from one port is one flow to the kernel. When its server fails its packets go to the
 * other one: the setting for that is made where every service is UDP, or where the configuration says so, and put back.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../lab.js';
import { startDirector } from '../director.js';
import { addressTranslation } from '../networks.js';
import { run } from '../namespace.js';
import { startProgram, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { startRealServer } from '../traffic.js';

const PREFIX = 'udp-';
const DIRECTOR = `${PREFIX}director1`;
const VIRTUAL_ADDRESS = '12.0.0.1';
const SERVERS = ['192.168.1.20', '192.168.1.30'];
const PROGRAM = [process.execPath, join(CHECKOUT, 'dist/test/lab/datagrams.js')];

function service(port: number, protocol: 'TCP' | 'UDP'): string {
  const servers = SERVERS.map((address) => `real_server ${address} ${port} {\n TCP_CHECK {\n connect_port 80\n connect_timeout 1\n retry 0\n }\n }`);
  return `virtual_server ${VIRTUAL_ADDRESS} ${port} {\n delay_loop 1\n lb_algo rr\n lb_kind NAT\n protocol ${protocol}\n ${servers.join('\n')}\n}\n`;
}

const setting = async (): Promise<string> => (await run(DIRECTOR, ['cat', '/proc/sys/net/ipv4/vs/expire_nodest_conn'])).trim();
const settingIs = (value: string): Promise<true> => until(`expire_nodest_conn ${value}`, 30, async () => ((await setting()) === value ? true : undefined));

await buildTopology(addressTranslation(PREFIX));
const names = ['server1', 'server2'];
const servers = await Promise.all(names.map((name) => startRealServer(PREFIX + name, ['0.0.0.0:80'])));
await Promise.all(names.map((name) => startProgram([...PROGRAM, 'serve', name, '0.0.0.0', '53'], { namespace: PREFIX + name }).line(/^ready$/, 30)));
const director = startDirector({ namespace: DIRECTOR, daemon: 'holdfast', configuration: { text: service(53, 'UDP') } });
await director.tableThat('both servers', 60, (table) => SERVERS.every((address) => table.includes(address)));
await director.program.line(/Startup complete/, 60);

await prove('a flow of datagrams goes to the other server when its own is out, and the sender hears of it by its answers alone', async () => {
  await settingIs('1');
  const flow = startProgram([...PROGRAM, 'ask', VIRTUAL_ADDRESS, '53', '100'], { namespace: `${PREFIX}client` });
  const { text: first } = await flow.line(/^server/, 30);
  servers[names.indexOf(first)]?.tell('close 0.0.0.0:80');
  await director.tableThat('one server', 60, (table) => !table.includes(SERVERS[names.indexOf(first)] ?? ''));
  await flow.line(first === 'server1' ? /^server2$/ : /^server1$/, 30, flow.lines.length);
});
await prove('beside TCP the setting is as it was, and the configuration may say so', async () => {
  director.reload(service(53, 'UDP') + service(80, 'TCP'));
  await settingIs('0');
  director.reload(`global_defs {\n lvs_expire_nodest_conn\n}\n${service(53, 'UDP')}${service(80, 'TCP')}`);
  await settingIs('1');
});
await prove('a stop puts it back and leaves no file', async () => {
  assert.equal(existsSync(`/tmp/${DIRECTOR}/checkers.pid.flows`), true);
  await director.stop();
  assert.equal(await setting(), '0');
  assert.equal(existsSync(`/tmp/${DIRECTOR}/checkers.pid.flows`), false);
});
endProofs();
