/**
 * Inside a user-mode lab that has not loaded ip_vs: the kernel's table is what the daemon wants whatever happens to it,
 * entries of others are left alone, and a kernel without ip_vs costs VRRP nothing.
 */

import assert from 'node:assert/strict';
import { get } from 'node:http';
import { join } from 'node:path';

import type { Status } from '../../../src/control/status.js';
import { startDirector } from '../director.js';
import { CHECKOUT } from '../lab.js';
import { ip, run } from '../namespace.js';
import { pause, startProgram, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { startRealServer } from '../traffic.js';

const NAMESPACE = 'director1';
const VIRTUAL_ADDRESS = '192.168.1.100';

const CONFIGURATION = `
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        ${VIRTUAL_ADDRESS}
    }
}
virtual_server ${VIRTUAL_ADDRESS} 80 {
    delay_loop 1
    lb_algo wrr
    lb_kind NAT
    protocol TCP
    real_server 192.168.1.13 80 {
        weight 3
        TCP_CHECK {
            connect_timeout 1
        }
    }
    real_server 192.168.1.14 80 {
        TCP_CHECK {
            connect_timeout 1
        }
    }
}
`;
const OWN = `-A -t ${VIRTUAL_ADDRESS}:80 -s wrr
-a -t ${VIRTUAL_ADDRESS}:80 -r 192.168.1.13:80 -m -w 3
-a -t ${VIRTUAL_ADDRESS}:80 -r 192.168.1.14:80 -m -w 1`;
const FOREIGN = `-A -t 203.0.113.7:443 -s sh
-a -t 203.0.113.7:443 -r 198.51.100.1:443 -g -w 5`;

/** Milliseconds: three seconds, and the rest for a busy machine. */
const FROZEN = 10_000;

/** Seconds that a repair takes at most on a quiet machine; the bench of repairs measures it. */
const REPAIR = 2;

/** What the running daemon answers on its control socket. */
function ask(path: string): Promise<string> {
  const request = get({ socketPath: join('/tmp', NAMESPACE, 'main.control.sock'), path });
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.once('end', () => {
        resolve(body);
      });
    });
  });
}

await ip(undefined, [`netns add ${NAMESPACE}`]);
await ip(NAMESPACE, [
  'link set lo up',
  'link add eth0 type veth peer name peer0',
  'link set eth0 up',
  'link set peer0 up',
  'address add 192.168.1.11/24 dev eth0',
  'address add 192.168.1.13/32 dev lo',
  'address add 192.168.1.14/32 dev lo',
]);
await startRealServer(NAMESPACE, ['192.168.1.13:80', '192.168.1.14:80']);

// Nothing can be loaded while an empty directory hides the modules.
await run(undefined, ['mount', '-t', 'tmpfs', 'tmpfs', '/lib/modules']);
let director = startDirector({ namespace: NAMESPACE, daemon: 'holdfast', configuration: { text: CONFIGURATION } });

await prove('without ip_vs in the kernel the trouble is reported and VRRP becomes master', async () => {
  await until('the virtual address', 20, async () => ((await director.holdsAddress(VIRTUAL_ADDRESS)) ? true : undefined));
  await director.program.line(/Can't initialize ipvs/, 20);
});
await prove('ip_vs is retried and programmed once it is there', async () => {
  await run(undefined, ['umount', '/lib/modules']);
  await until('the table', 20, async () => {
    // ipvsadm itself would load the module; it must be the daemon that does.
    const loaded = (await run(undefined, ['cat', '/proc/modules'])).includes('ip_vs ');
    return loaded ? true : undefined;
  });
  await director.tableThat('its own entries', 5, (table) => table === OWN);
  assert.equal(await director.holdsAddress(VIRTUAL_ADDRESS), true);
});
await prove('a table cleared behind its back is repaired, whenever that happens', async () => {
  for (let round = 0; round < 5; round += 1) {
    await run(NAMESPACE, ['ipvsadm', '-C']);
    await director.tableThat('its own entries', REPAIR, (table) => table === OWN);
    await pause(0.3 * round);
  }
});
await prove('a single entry deleted or changed behind its back is repaired', async () => {
  const service = ['-t', `${VIRTUAL_ADDRESS}:80`];
  for (const edit of [
    ['-e', ...service, '-r', '192.168.1.13:80', '-m', '-w', '9'],
    ['-E', ...service, '-s', 'rr'],
    ['-a', ...service, '-r', '192.168.1.99:80', '-m', '-w', '5'],
    ['-d', ...service, '-r', '192.168.1.13:80'],
  ]) {
    // Rejects if the kernel refuses; looking at the table first would race with a repair that is quick.
    await run(NAMESPACE, ['ipvsadm', ...edit]);
    await director.tableThat('its own entries', REPAIR, (table) => table === OWN);
  }
});
await prove('holdfast drift finds the table as it is wanted, and tells what was put right', async () => {
  const words = [process.execPath, join(CHECKOUT, 'dist/main.js'), 'drift', '--socket', join('/tmp', NAMESPACE, 'main.control.sock')];
  const report = await until('no difference', 30, async () => {
    const text = await run(NAMESPACE, words).catch(() => '');
    return text.startsWith('The kernel holds what the daemon wants.\n') ? text : undefined;
  });
  assert.match(report, /Changed by somebody else, and put right, of late:\n(.*\n)*.* driftRepaired IPVS: service 192\.168\.1\.100:tcp:80 was changed\n/);
});
await prove('each of them is named in the log and counted in the status and for Prometheus', async () => {
  const name = `${VIRTUAL_ADDRESS}:tcp:80`;
  for (const line of [
    `IPVS: server 192.168.1.13:80 of ${name} was changed`,
    `IPVS: service ${name} was changed`,
    `IPVS: server 192.168.1.99:80 of ${name} does not belong here`,
    `IPVS: server 192.168.1.13:80 of ${name} had disappeared`,
  ]) {
    await director.program.line(new RegExp(line.replaceAll('.', '\\.')), 10);
  }
  // Five clearings of three entries each, and what was changed one by one.
  const repairs = await until('the repairs in the status', 20, async () => {
    const found = (JSON.parse(await ask('/v1/status')) as { lvs?: { kernel: { repairs: number } } }).lvs?.kernel.repairs ?? 0;
    return found >= 5 * 3 + 4 ? found : undefined;
  });
  const metric = Number(/^holdfast_ipvs_repairs_total (\d+)$/m.exec(await ask('/metrics'))?.[1]);
  assert.ok(metric >= repairs, `${metric} in the metrics, ${repairs} in the status`);
});
await prove('connections and traffic of service and servers are in the status and for Prometheus soon after somebody looks', async () => {
  const client = startProgram([process.execPath, '-e', `require('net').connect(80, '${VIRTUAL_ADDRESS}', () => console.log('connected'))`], { namespace: NAMESPACE });
  await client.line(/connected/, 20);
  await until('the connection in the status', 40, async () => {
    const { lvs } = JSON.parse(await ask('/v1/status')) as Pick<Status, 'lvs'>;
    const pool = lvs?.virtualServers.find(({ traffic }) => (traffic?.connections ?? 0) > 0 && (traffic?.packetsIn ?? 0) > 0);
    return lvs?.countedAt !== undefined && pool?.realServers.some(({ connections }) => (connections?.active ?? 0) > 0) ? true : undefined;
  });
  assert.match(await ask('/metrics'), /^holdfast_virtual_server_connections_active\{virtual_server="\[192\.168\.1\.100\]:tcp:80"\} [1-9]/m);
  assert.match(await ask('/v1/status.txt'), /\d+ active \d+ inactive/);
  client.signalGroup('SIGKILL');
  await client.exited;
});
await prove('holdfast rs drain --wait ends when the last connection does, and gives up when its time is over', async () => {
  const rs = [process.execPath, join(CHECKOUT, 'dist/main.js'), 'rs'];
  const socket = ['--socket', join('/tmp', NAMESPACE, 'main.control.sock')];
  await run(NAMESPACE, [...rs, 'disable', '192.168.1.14', '--wait', ...socket]);
  const client = startProgram([process.execPath, '-e', `require('net').connect(80, '${VIRTUAL_ADDRESS}', () => console.log('connected'))`], { namespace: NAMESPACE });
  await client.line(/connected/, 20);
  const gaveUp = startProgram([...rs, 'drain', '192.168.1.13', '--wait', '6', ...socket], { namespace: NAMESPACE });
  assert.equal(await gaveUp.exited, 3, gaveUp.text());
  const waiting = startProgram([...rs, 'drain', '192.168.1.13', '--wait', ...socket], { namespace: NAMESPACE });
  await waiting.line(/drain \[192\.168\.1\.13\]:tcp:80 in/, 20);
  client.signalGroup('SIGKILL');
  assert.equal(await waiting.exited, 0, waiting.text());
  await run(NAMESPACE, [...rs, 'enable', '192.168.1.13', '--wait', ...socket]);
  await run(NAMESPACE, [...rs, 'enable', '192.168.1.14', '--wait', ...socket]);
  await director.tableThat('its own entries', 10, (table) => table === OWN);
});
await prove('a frozen checkers process is replaced within three seconds of its freezing, and nothing is sent to the kernel', async () => {
  const log = director.program.lines.length;
  const began = Date.now();
  process.kill(director.pid('checkers'), 'SIGSTOP');
  const silent = await director.program.line(/Healthcheck process silent for/, 20, log);
  assert.ok(silent.at - began < FROZEN, `${silent.at - began} ms`);
  const adopted = await director.program.line(/IPVS: found \d+ services/, 30, log);
  assert.match(adopted.text, /found 1 services with 2 servers, 0 edits to make/);
  assert.equal(await director.table(), OWN);
});
await prove('checkers that die while a reload takes a service away leave nothing of it', async () => {
  const other = CONFIGURATION.replaceAll(`${VIRTUAL_ADDRESS} 80`, `${VIRTUAL_ADDRESS} 81`);
  for (const [text, table] of [
    [other, OWN.replaceAll(`${VIRTUAL_ADDRESS}:80`, `${VIRTUAL_ADDRESS}:81`)],
    [CONFIGURATION, OWN],
  ] as const) {
    const log = director.program.lines.length;
    process.kill(director.pid('checkers'), 'SIGKILL');
    director.reload(text);
    await director.program.line(/Reload complete/, 60, log);
    await director.tableThat('the services that are left', 60, (found) => found === table);
  }
});
await prove('a kill of everything leaves the table, and the next start takes it over and sends nothing', async () => {
  await director.vanish();
  assert.equal(await director.table(), OWN);
  director = startDirector({ namespace: NAMESPACE, daemon: 'holdfast', configuration: { text: CONFIGURATION } });
  const adopted = await director.program.line(/IPVS: found \d+ services/, 30);
  assert.match(adopted.text, /found 1 services with 2 servers, 0 edits to make/);
  assert.equal(await director.table(), OWN);
});
await prove('a restart in place into a file without services leaves none of ours in the kernel', async () => {
  const [without = ''] = CONFIGURATION.split('virtual_server ');
  assert.equal(await director.restart(without), 0, director.program.text());
  await director.tableThat('no service', 60, (table) => table === '');
  assert.equal(await director.restart(CONFIGURATION), 0, director.program.text());
  await director.tableThat('its own entries', 60, (table) => table === OWN);
});
await prove('services of others are left alone: while running, through a reload, a repair and a stop', async () => {
  await run(NAMESPACE, ['ipvsadm', '-R'], FOREIGN + '\n');
  const both = (own: string) => (table: string) => table.includes(FOREIGN) && table.includes(own);
  await pause(REPAIR);
  await director.tableThat('both', 1, both(OWN));
  director.reload(CONFIGURATION.replace('weight 3', 'weight 2'));
  await director.tableThat('both, with the new weight', 10, both(OWN.replace('-w 3', '-w 2')));
  await run(NAMESPACE, ['ipvsadm', '-D', '-t', `${VIRTUAL_ADDRESS}:80`]);
  await director.tableThat('both again', REPAIR, both(OWN.replace('-w 3', '-w 2')));
  assert.equal(await director.stop(), 0);
  assert.equal(await director.table(), FOREIGN);
});
endProofs();
