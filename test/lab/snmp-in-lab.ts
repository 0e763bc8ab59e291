/**
 * Runs inside a lab kernel, where ip_vs is: keepalived and holdfast one after the other behind the same snmpd, with the same
 * virtual servers; prints what they show and which traps came, as one JSON line.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';

import { CHECKOUT } from './lab.js';
import { run } from './namespace.js';
import { startProgram, until } from './process.js';

const FOLDER = '/tmp/snmp';
const SOCKET = `unix:${FOLDER}/agentx`;
const CHECK = '1.3.6.1.4.1.9586.100.5.3';
const ENVIRONMENT = { MIBS: '', SNMP_PERSISTENT_DIR: FOLDER };

const CONFIGURATION = `global_defs {
  router_id the-router
  enable_script_security
  script_user nobody
  enable_snmp_checker
  enable_traps
  snmp_socket ${SOCKET}
  lvs_sync_daemon eth0 id 7 ttl 3 port 8849 maxlen 1400 group 224.0.0.82
  lvs_timeouts tcp 901 tcpfin 121 udp 301
}
virtual_server_group mixed {
  192.0.2.40 80
  192.0.2.50-55 81
  fwmark 9
}
virtual_server 192.0.2.1 80 {
  delay_loop 1
  lb_algo wlc
  lb_kind NAT
  persistence_timeout 50
  persistence_granularity 255.255.255.0
  protocol TCP
  virtualhost www.example.com
  alpha
  omega
  quorum 2
  hysteresis 1
  quorum_up "/bin/true up"
  quorum_down "/bin/true down"
  snmp_name first
  retry 2
  delay_before_retry 1
  warmup 0
  sorry_server 192.0.2.90 9000
  real_server 127.0.0.1 8001 {
    weight 3
    uthreshold 50
    lthreshold 40
    inhibit_on_failure
    notify_up "/bin/true rs-up"
    notify_down "/bin/true rs-down"
    snmp_name one
    smtp_alert
    TCP_CHECK {
      connect_timeout 1
    }
  }
  real_server 127.0.0.1 8002 {
    weight 2
    virtualhost other.example.com
    delay_loop 2
    TCP_CHECK {
      connect_timeout 1
    }
  }
}
virtual_server fwmark 5 {
  lb_algo sh
  sh-fallback
  sh-port
  lb_kind TUN type gue port 6080
  ip_family inet
  real_server 192.0.2.11 {
    weight 1
  }
}
virtual_server group mixed {
  lb_algo mh
  lb_kind NAT
  protocol UDP
  ops
  weight 4
  inhibit_on_failure
  smtp_alert
  real_server 192.0.2.12 53 {
  }
}
virtual_server 2001:db8::1 443 {
  lb_algo rr
  lb_kind TUN
  persistence_timeout 60
  persistence_granularity 64
  protocol TCP
  real_server 2001:db8::11 443 {
    weight 6
  }
}
`;

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return server;
}

async function walk(): Promise<readonly string[]> {
  const text = await run(undefined, ['snmpwalk', '-v2c', '-c', 'public', '-m', '', '-On', '-Cc', '-t', '2', '-r', '5', '127.0.0.1', CHECK]);
  return text.split('\n').filter((line) => line.startsWith('.'));
}

/** How many say of a real server of the first virtual server that it is up (1) or down (2). */
function trapsAbout(traps: string, status: number): number {
  return [...traps.matchAll(new RegExp(`\\.3\\.5\\.0\\.1\\t.*Gauge32: 800[12]\\t\\S+ = INTEGER: ${status}\\t`, 'g'))].length;
}

async function tell(command: readonly string[]): Promise<unknown> {
  writeFileSync(`${FOLDER}/traps`, '');
  const servers = [await listen(8001), await listen(8002)];
  const daemon = startProgram([...command, '-n', '-l', '-D', '-C', '-G', '-f', `${FOLDER}/conf`, '-p', `${FOLDER}/main.pid`, '-c', `${FOLDER}/c.pid`, '-r', `${FOLDER}/v.pid`, '-b', `${FOLDER}/b.pid`], {});
  const traps = (): string => readFileSync(`${FOLDER}/traps`, 'utf8');
  await until('all is shown', 30, async () => ((await walk()).length > 150 ? true : undefined));
  await until('both are up', 30, () => trapsAbout(traps(), 1) >= 2 || undefined);
  const objects = await walk();
  for (const server of servers) server.close();
  await until('both are down', 30, () => trapsAbout(traps(), 2) >= 2 || undefined);
  const set = await run(undefined, ['snmpset', '-v2c', '-c', 'public', '-m', '', '-On', '127.0.0.1', `${CHECK}.4.1.7.1.2`, 'i', '7']).catch(String);
  const down = await until('the weight is set and the state known', 30, async () => {
    const lines = await walk();
    return lines.includes(`.${CHECK}.4.1.7.1.2 = INTEGER: 7`) && lines.includes(`.${CHECK}.4.1.6.1.2 = INTEGER: 2`) ? lines : undefined;
  });
  daemon.signal('SIGHUP');
  await until('the weight is that of the file again', 30, async () => (await walk()).includes(`.${CHECK}.4.1.7.1.2 = INTEGER: 3`) || undefined);
  daemon.signal('SIGTERM');
  await daemon.exited;
  return { objects, down, set, traps: traps().split('\n') };
}

mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/conf`, CONFIGURATION);
writeFileSync(`${FOLDER}/snmpd.conf`, `master agentx\nagentXSocket ${SOCKET}\nagentAddress udp:127.0.0.1:161\nrwcommunity public\ntrap2sink 127.0.0.1:162 public\n`);
for (const words of ['link set lo up', 'link add eth0 type dummy', 'link set eth0 up']) {
  try {
    execFileSync('ip', words.split(' '));
  } catch {
    // It is there already.
  }
}
const agents = [
  startProgram(['snmptrapd', '-f', '-Lf', `${FOLDER}/traps`, '-C', '--disableAuthorization=yes', '-On', '-m', '', 'udp:127.0.0.1:162'], { environment: ENVIRONMENT }),
  startProgram(['snmpd', '-f', '-Lf', `${FOLDER}/log`, '-C', '-c', `${FOLDER}/snmpd.conf`], { environment: ENVIRONMENT }),
];
// Traps that come before it listens are lost.
await until('snmptrapd listens', 20, () => (existsSync(`${FOLDER}/traps`) && readFileSync(`${FOLDER}/traps`, 'utf8').includes('NET-SNMP version')) || undefined);
await until('snmpd answers', 20, () => run(undefined, ['snmpget', '-v2c', '-c', 'public', '-m', '', '127.0.0.1', '1.3.6.1.2.1.1.3.0']).then(() => true as const, () => undefined));
const keepalived = await tell(['keepalived']);
const holdfast = await tell([process.execPath, join(CHECKOUT, 'dist/main.js')]);
process.stdout.write(`${JSON.stringify({ keepalived, holdfast })}\n`);
for (const agent of agents) agent.signalGroup('SIGKILL');
