/**
 * Inside a lab: pools beyond keepalived in the real table of the kernel. `slow_start` grows the weight of a server that comes
 * back, `manual_resume` keeps one out until it is resumed, backup servers serve tier by tier. They are reached by FULLNAT in a
 * kernel that cannot translate for it (one that can: full-nat.ts).
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Director } from '../director.js';
import { startDirector } from '../director.js';
import { run } from '../namespace.js';
import type { Program } from '../process.js';
import { until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { startRealServer } from '../traffic.js';

const CHECK = 'TCP_CHECK {\n connect_timeout 1\n retry 0\n }';

const CONFIGURATION = `
virtual_server 12.0.0.1 80 {
    delay_loop 1
    lb_algo wrr
    lb_kind FULLNAT
    protocol TCP
    real_server 192.168.1.20 80 {
        weight 50
        slow_start 10
        ${CHECK}
    }
    real_server 192.168.1.30 80 {
        weight 50
        manual_resume
        ${CHECK}
    }
    backup_server 192.168.1.40 80 {
        ${CHECK}
    }
}
`;

/** The servers know their own wire and nothing beyond it: no route to the client, no gateway. */
const SERVERS = [20, 30, 40].map((last, index) => ({
  name: `server${index + 1}`,
  links: [{ lan: 'inside', name: 'eth0', addresses: [`192.168.1.${last}/24`] }],
}));

await buildTopology({
  prefix: 'pool-',
  hosts: [
    { name: 'client', links: [{ lan: 'outside', name: 'eth0', addresses: ['12.0.0.2/24'] }] },
    {
      name: 'director1',
      links: [
        { lan: 'inside', name: 'eth0', addresses: ['192.168.1.10/24'] },
        { lan: 'outside', name: 'eth1', addresses: ['12.0.0.1/24'] },
      ],
      settings: ['net.ipv4.ip_forward=0'],
    },
    ...SERVERS,
  ],
});

async function serve(server: number): Promise<Program> {
  return startRealServer(`pool-server${server}`, ['0.0.0.0:80']);
}

const setting = async (name: string): Promise<string> => (await run('pool-director1', ['sysctl', '-n', name])).trim();

function weightOf(table: string, server: string): number | undefined {
  const [, weight] = new RegExp(`-r ${server}:80 -m -w (\\d+)`).exec(table) ?? [];
  return weight === undefined ? undefined : Number(weight);
}

let first = await serve(1);
const [second, third] = await Promise.all([serve(2), serve(3)]);
const director: Director = startDirector({ namespace: 'pool-director1', daemon: 'holdfast', configuration: { text: CONFIGURATION } });

await prove('while there is a quorum the real servers are in the table and the backup server is not', async () => {
  const table = await director.tableThat('both servers', 20, (text) => weightOf(text, '192.168.1.20') === 50 && weightOf(text, '192.168.1.30') === 50);
  assert.equal(weightOf(table, '192.168.1.40'), undefined);
});

await prove('FULLNAT in a kernel without address translation by nf_tables: it says so and serves on', async () => {
  await director.program.line(/Packet filter failed: FULLNAT/, 20);
  assert.deepEqual([await setting('net.ipv4.ip_forward'), await setting('net.ipv4.vs.conntrack')], ['1', '1']);
  // The same rule in the older filter proves the way.
  const rule = ['-m', 'conntrack', '--ctorigdst', '12.0.0.1', '--ctorigdstport', '80', '-j', 'MASQUERADE'];
  await run('pool-director1', ['iptables-legacy', '-t', 'nat', '-A', 'POSTROUTING', '-p', 'tcp', ...rule]);
  const answers = new Set<string>();
  await until('answers of both servers', 20, async () => {
    answers.add((await run('pool-client', ['sh', '-c', 'curl -s --max-time 2 http://12.0.0.1/ || true'])).trim());
    answers.delete('');
    return answers.size >= 2 ? true : undefined;
  });
  assert.deepEqual([...answers].sort(), ['pool-server1', 'pool-server2']);
});

await prove('slow_start: a server that comes back begins with a small weight and ends with its own', async () => {
  first.signalGroup('SIGKILL');
  await first.exited;
  await director.tableThat('the dead one gone', 10, (text) => weightOf(text, '192.168.1.20') === undefined);
  first = await serve(1);
  const early = await director.tableThat('it is back', 10, (text) => weightOf(text, '192.168.1.20') !== undefined);
  assert.ok((weightOf(early, '192.168.1.20') ?? 50) < 40, early);
  await director.tableThat('its whole weight', 25, (text) => weightOf(text, '192.168.1.20') === 50);
});

await prove('manual_resume: it stays out although its checks pass, until SIGRTMIN+3', async () => {
  second.signalGroup('SIGKILL');
  await second.exited;
  await director.tableThat('the dead one gone', 10, (text) => weightOf(text, '192.168.1.30') === undefined);
  await serve(2);
  await until('it waits', 15, () => Promise.resolve(director.program.text().includes('waits to be resumed') || undefined));
  assert.equal(weightOf(await director.table(), '192.168.1.30'), undefined);
  await run('pool-director1', ['sh', '-c', 'kill -37 "$(cat /tmp/pool-director1/main.pid)"']);
  await director.tableThat('it is back', 10, (text) => weightOf(text, '192.168.1.30') === 50);
});

await prove('when all are dead the backup server serves', async () => {
  await run('pool-server2', ['sh', '-c', 'ip link set eth0 down']);
  first.signalGroup('SIGKILL');
  const table = await director.tableThat('the backup server', 15, (text) => weightOf(text, '192.168.1.40') === 1);
  assert.equal(weightOf(table, '192.168.1.20'), undefined);
});

await prove('an orderly stop leaves no table and puts the settings back', async () => {
  third.signalGroup('SIGKILL');
  assert.equal(await director.stop(), 0);
  assert.equal(await director.table(), '');
  assert.deepEqual([await setting('net.ipv4.ip_forward'), await setting('net.ipv4.vs.conntrack')], ['0', '0']);
  assert.equal(existsSync('/tmp/pool-director1/checkers.pid.fullnat'), false);
});

endProofs();
