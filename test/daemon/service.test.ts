/** The daemon as a service: what it tells the service manager, and that the units give it enough and not much more. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { holdfast } from '../cli/command.js';
import { until } from '../lab/process.js';
import type { Program } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import { HOLDFAST, VIP, instance, openNetwork } from './network.js';
import type { Host } from './network.js';

const MASTER = /\(V1\) Entering MASTER STATE/;

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

/** A service manager's end of the socket: prints what comes, one line a message. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', chr(0)))
print('listening', flush=True)
while True:
    print(s.recv(4096).decode().replace(chr(10), ' '), flush=True)
`;

async function managed(left: Host, address: string): Promise<Program> {
  const manager = left.start(['python3', '-c', LISTENER, address]);
  await manager.line(/listening/, 5);
  return manager;
}

test('a service manager hears of readiness, of reloads with their beginning, refused ones too, of life and of the end', async (t) => {
  const left = host(t);
  const address = join(left.folder, 'notify');
  const manager = await managed(left, address);
  left.write('notify.sh', `#!/bin/sh\nenv >>${left.folder}/environment\n`);
  left.run('chmod', '755', join(left.folder, 'notify.sh'));
  const configuration = `global_defs {\nscript_user root\n}\n${instance({ lines: [`notify ${left.folder}/notify.sh`] })}`;
  const daemon = left.daemon(configuration, { command: ['env', `NOTIFY_SOCKET=${address}`, 'WATCHDOG_USEC=400000', ...HOLDFAST] });
  const ready = await manager.line(/READY=1/, 10);
  await daemon.line(/Startup complete/, 5);
  assert.match(ready.text, new RegExp(`^READY=1 MAINPID=${daemon.pid} STATUS=configuration 1 in force$`));
  await manager.line(/^WATCHDOG=1$/, 5);
  await daemon.line(MASTER, 10);
  const before = manager.lines.length;
  daemon.signal('SIGHUP');
  const { text } = await manager.line(/RELOADING=1/, 5, before);
  const began = Number(/^RELOADING=1 MONOTONIC_USEC=(\d+)$/.exec(text)?.[1]);
  const now = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e6;
  assert.ok(began > now - 60e6 && began <= now + 1e6, `${began} is on the monotonic clock, now ${now}`);
  await manager.line(/READY=1 .*configuration 2 in force/, 5, before);
  const refused = manager.lines.length;
  left.write('keepalived.conf', 'vrrp_instance V1 {\n');
  daemon.signal('SIGHUP');
  await manager.line(/READY=1 .*refused/, 5, refused);
  daemon.signal('SIGTERM');
  await manager.line(/^STOPPING=1$/, 5);
  assert.equal(await daemon.exited, 0);
  const environment = left.read('environment');
  assert.doesNotMatch(environment, /NOTIFY_SOCKET|WATCHDOG/, 'a script does not speak in the name of the daemon');
});

test('an address in the abstract namespace is understood, and a manager that is gone holds nothing up', async (t) => {
  const left = host(t);
  const address = `@hf-${left.namespace}`;
  const manager = await managed(left, address);
  const daemon = left.daemon(instance(), { command: ['env', `NOTIFY_SOCKET=${address}`, ...HOLDFAST] });
  await manager.line(/READY=1/, 10);
  manager.signal('SIGKILL');
  await manager.exited;
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5, before);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
});

test('the unit ends the daemon by its parent and waits for it: services go on until VRRP has left', async (t) => {
  const left = host(t);
  const pool = `virtual_server 10.9.9.101 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.9.9.1 81 {\n}\n}\n`;
  const daemon = left.daemon(`${instance()}${pool}`);
  await daemon.line(MASTER, 10);
  const unit = readFileSync('examples/systemd/holdfast.service', 'utf8');
  const [, command = ''] = /^ExecStop=-(\/bin\/sh -c .*)$/m.exec(unit) ?? [];
  assert.match(command, /MAINPID/);
  const stopped = left.start(['sh', '-c', `exec timeout 30 ${command.replaceAll('${MAINPID}', String(daemon.pid))}`]);
  assert.equal(await stopped.exited, 0);
  assert.equal(await daemon.exited, 0);
  const said = daemon.lines.map(({ text }) => text);
  const goodbye = said.findIndex((text) => text.includes('sent 0 priority'));
  const shut = said.findIndex((text) => text.includes('Shutting down service'));
  assert.ok(goodbye >= 0 && shut > goodbye, `goodbye in line ${goodbye}, services gone in line ${shut}`);
});

test('when the machine goes down the checkers are stopped after VRRP has left', () => {
  const order = (unit: string): string => /^Before=(.*)$/m.exec(readFileSync(`examples/systemd/${unit}.service`, 'utf8'))?.[1] ?? '';
  // systemd.unit(5): what starts before another unit is stopped after it.
  assert.ok(order('holdfast-checkers').split(' ').includes('holdfast-vrrp.service'));
});

/** `systemd-analyze security` of a unit: 0 is a prison, 10 an open door. */
const EXPOSURE: Readonly<Record<string, number>> = { 'holdfast-vrrp': 3.0, 'holdfast-checkers': 2.2, 'holdfast-control': 1.5, 'holdfast-realserver': 7, holdfast: 5.2 };

for (const [unit, limit] of Object.entries(EXPOSURE)) {
  test(`${unit}.service is exposed by at most ${limit}, and systemd understands every line of it`, () => {
    const path = `examples/systemd/${unit}.service`;
    const analysis = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(analysis)?.[1]);
    assert.ok(exposure <= limit, `${exposure}`);
    const complaints = execFileSync('sh', ['-c', `systemd-analyze verify ${path} 2>&1 || true`], { encoding: 'utf8' });
    assert.deepEqual(complaints.split('\n').filter((line) => line !== '' && !/is not executable|SO_PASSCRED|Failed to/.test(line)), []);
  });
}

test('systemd understands every line of the sockets, and each is for the control service', () => {
  const names = ['holdfast-control', 'holdfast-control-admin', 'holdfast-control-feed', 'holdfast-control-http'];
  for (const name of names) {
    const path = `examples/systemd/${name}.socket`;
    const complaints = execFileSync('sh', ['-c', `systemd-analyze verify ${path} 2>&1 || true`], { encoding: 'utf8' });
    assert.deepEqual(complaints.split('\n').filter((line) => line !== '' && !/is not executable|SO_PASSCRED|Failed to/.test(line)), []);
    assert.match(readFileSync(path, 'utf8'), /^Service=holdfast-control\.service$/m);
  }
});

test('systemd opens the sockets of the control service, which has no right at all, and HTTP is for those with the token', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  const at = (name: string): string => join(left.folder, name);
  left.write('token', `${'t0ken'.repeat(8)}\n`);
  left.run('chmod', '600', at('token'));
  const settings = `global_defs {\ncontrol_http 127.0.0.1:9650\ncontrol_token_file ${at('token')}\n}\n`;
  const sockets = ['feed.sock', 'control.sock', 'control.admin.sock'].map((name) => `--listen=${at(name)}`);
  // Not another user: whoever that is may not look into where this program stands.
  const rightless = ['setpriv', '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'];
  const activation = ['systemd-socket-activate', ...sockets, '--listen=127.0.0.1:9650', '--fdname=feed:control:admin:http', ...rightless];
  const service = left.start(['sh', '-c', `umask 077 && exec ${[...activation, ...HOLDFAST, 'serve', '-l'].join(' ')}`]);
  await until('the sockets are there', 10, () => existsSync(at('control.admin.sock')) || undefined);
  const daemon = left.daemon(settings + instance(), { options: ['-n', '-l', '-D', '--control-service', at('feed.sock')] });
  await daemon.line(/Control service at .* joined/, 20);
  await until('it answers', 20, () => holdfast(['status', '--socket', at('control.sock')]).output.includes('V1  MASTER') || undefined);
  assert.deepEqual(capabilityMasks([service.pid]), [0n]);
  const scrape = (token: string): string => left.run('curl', '-s', '-m', '10', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Authorization: Bearer ${token}`, 'http://127.0.0.1:9650/v1/status');
  assert.deepEqual([scrape('t0ken'.repeat(8)), scrape('wrong')], ['200', '401']);
  assert.equal(holdfast(['vrrp', 'yield', 'V1', '--socket', at('control.sock')]).status, 0);
  await daemon.line(/yield V1|yields/i, 10);
});

/** The capabilities that a unit leaves. */
function capabilitiesOf(unit: string): readonly string[] {
  const text = readFileSync(`examples/systemd/${unit}.service`, 'utf8');
  return (/^CapabilityBoundingSet=(.*)$/m.exec(text)?.[1] ?? '').toLowerCase().split(' ').map((name) => name.replace(/^cap_/, ''));
}

/** The daemon with what a unit leaves it of root. */
function bounded(unit: string): readonly string[] {
  const set = ['-all', ...capabilitiesOf(unit).map((name) => `+${name}`)].join(',');
  return ['setpriv', '--no-new-privs', '--bounding-set', set, '--inh-caps=-all', ...HOLDFAST];
}

/** Of those that have not just ended. */
function capabilityMasks(pids: readonly number[]): readonly bigint[] {
  return pids.flatMap((pid) => {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProcess(pid, 'status'))?.[1];
    return mask === undefined ? [] : [BigInt(`0x${mask}`)];
  });
}

test('with the capabilities of its unit the VRRP half holds its address, runs scripts of others, writes its files and is asked', async (t) => {
  const left = host(t);
  const socket = join(left.folder, 'control.sock');
  left.run('chmod', '755', left.folder, join(left.folder, '..'));
  left.write('notify.sh', `#!/bin/sh\nid -un >${left.folder}/ran/as\n`);
  left.run('sh', '-c', `chmod 755 ${left.folder}/notify.sh; mkdir ${left.folder}/ran; chown nobody ${left.folder}/ran`);
  const globals = `global_defs {\ncontrol_socket ${socket}\ncontrol_group nogroup\nvrrp_notify_fifo ${left.folder}/fifo\nscript_user nobody\n}\n`;
  const configuration = globals + instance({ lines: [`notify ${left.folder}/notify.sh`] });
  const daemon = left.daemon(configuration, { command: bounded('holdfast-vrrp'), options: ['-n', '-l', '-D', '-P'] });
  await daemon.line(MASTER, 10);
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  await until('the script ran as its user', 5, () => existsSync(join(left.folder, 'ran/as')) && left.read('ran/as') === 'nobody\n');
  process.kill(daemon.pid, 'SIGUSR1');
  await until('the dump is there', 5, () => existsSync(join(left.folder, 'keepalived.data')) || undefined);
  await until('the control process answers', 10, () => holdfast(['status', '--socket', socket]).status === 0 || undefined);
  const masks = capabilityMasks([daemon.pid, ...childrenOf(daemon.pid)]);
  assert.ok(masks.includes(0n), 'the control process has none at all');
  // NET_ADMIN and NET_RAW, SETUID, SETGID, KILL and CHOWN: nothing else anywhere.
  for (const mask of masks) assert.equal(mask & ~((1n << 12n) | (1n << 13n) | (1n << 7n) | (1n << 6n) | (1n << 5n) | (1n << 0n)), 0n, mask.toString(16));
  assert.doesNotMatch(daemon.text(), /EPERM|Missing permission|not permitted|Internal error/);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
});

test('with the capabilities of its unit the checkers\' half checks servers', async (t) => {
  const left = host(t);
  const configuration = `global_defs {\nlvs_notify_fifo ${left.folder}/fifo\n}
virtual_server 10.9.9.101 80 {\ndelay_loop 1\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.9.9.1 81 {\nTCP_CHECK {\nconnect_timeout 1\nretry 0\n}\n}\n}\n`;
  const daemon = left.daemon(configuration, { command: bounded('holdfast-checkers'), options: ['-n', '-l', '-D', '-C'] });
  await daemon.line(/Removing service \[10\.9\.9\.1\]:tcp:81/, 10);
  for (const mask of capabilityMasks([daemon.pid, ...childrenOf(daemon.pid)])) assert.equal(mask & ~(1n << 12n), 0n);
  assert.doesNotMatch(daemon.text(), /Internal error|died/);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
});
