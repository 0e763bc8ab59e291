/** The split units under the real systemd: their order, what is kept from them, and one control service for both halves. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { instance, pool } from '../daemon/network.js';
import { watchAddresses } from '../daemon/witnesses.js';
import { startSnmpMaster } from '../daemon/snmp-master.js';
import { until } from '../lab/process.js';
import type { Director } from './boot.js';
import { isGone, isHeld, listen, preparePackage, startMaster } from './scene.js';

const HALVES = ['holdfast-vrrp.service', 'holdfast-checkers.service'] as const;
/** One command that names several units hands them over one by one: an order holds for those that have been handed over. */
const IN_ORDER_OF_START = ['holdfast-checkers.service', 'holdfast-vrrp.service'] as const;
const CONTROL = 'holdfast-control.service';
const SOCKETS = ['holdfast-control.socket', 'holdfast-control-admin.socket', 'holdfast-control-feed.socket'] as const;
const open = preparePackage();
const CHECKED = pool({ servers: { 81: [] } });

/** Fields of /proc/PID/status of a unit's main process. */
function status(director: Director, unit: string): Readonly<Record<string, string>> {
  const pid = director.show(unit, 'MainPID')['MainPID'] ?? '';
  const lines = director.run('cat', `/proc/${pid}/status`).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

const seesMaster = (director: Director): true | undefined => director.attempt('holdfast', 'status').output.includes('V1  MASTER') || undefined;
const canAsk = (director: Director): Promise<true> => until('the API answers for both', 30, () => seesMaster(director));

test('each half has what its unit leaves it, whoever is started again finds the others, and VRRP leaves before its services', { timeout: 900_000 }, async (t) => {
  const scene = await open(t, `${instance({ advertInterval: 2, lines: ['version 3'] })}${CHECKED}`);
  const { network, director, journal } = scene;
  await startMaster(scene, ...IN_ORDER_OF_START);
  for (const unit of HALVES) await journal.line(new RegExp(`Started ${unit}`), 20);
  const started = journal.lines.map(({ text }) => text);
  const begun = journal.lines.length;
  const at = (unit: string): number => started.findIndex((text) => text.includes(`Started ${unit}`));
  assert.ok(at(HALVES[1]) >= 0 && at(HALVES[1]) < at(HALVES[0]), 'services are there before an address is');
  await canAsk(director);

  for (const unit of [...HALVES, CONTROL]) {
    const { Seccomp: seccomp, NoNewPrivs: noNew } = status(director, unit);
    assert.deepEqual([seccomp, noNew], ['2', '1'], unit);
  }
  assert.equal(status(director, HALVES[1])['CapBnd'], '0000000000001000', 'CAP_NET_ADMIN alone');
  const control = status(director, CONTROL);
  assert.equal(control['CapBnd'], '0000000000000000');
  assert.doesNotMatch(control['Uid'] ?? '', /\b0\b/);
  const links = ['ns/net', 'ns/user', 'ns/mnt'].map((name) => ['self', director.show(CONTROL, 'MainPID')['MainPID']].map((pid) => director.run('readlink', `/proc/${pid}/${name}`)));
  for (const [ours, theirs] of links) assert.notEqual(ours, theirs);
  const refused = director.attempt('nsenter', '--target', director.show(HALVES[0], 'MainPID')['MainPID'] ?? '', '--mount', 'touch', '/usr/holdfast');
  assert.match(refused.output, /Read-only file system/);

  const removals = await watchAddresses(network.left);
  const wire = await listen(network.right);
  director.run('systemctl', 'restart', CONTROL);
  await canAsk(director);
  director.run('kill', '-KILL', director.show(CONTROL, 'MainPID')['MainPID'] ?? '');
  await until('the control service is started again', 30, () => Number(director.show(CONTROL, 'NRestarts')['NRestarts']) > 0 || undefined);
  await canAsk(director);
  for (const unit of HALVES) director.run('systemctl', 'restart', unit);
  await journal.line(/\(V1\) adopted in MASTER STATE from the process before/, 20);
  // All that systemd says of it: what it says at the end comes behind that.
  for (const unit of HALVES) await journal.line(new RegExp(`Started ${unit}`), 20, begun);
  await canAsk(director);
  assert.doesNotMatch(removals.text(), /Deleted.*10\.9\.9\.100/);
  assert.doesNotMatch(wire.text(), /prio 0/);

  const last = journal.lines.length;
  director.run('systemctl', 'stop', ...HALVES);
  await until('the address is gone', 20, () => isGone(network));
  // What two units say may reach the journal in any order, and after systemd's own words, which are in order.
  for (const said of [/removing VIPs/, /Shutting down service/, /Stopped holdfast-checkers\.service/]) await journal.line(said, 20, last);
  const said = journal.lines.slice(last).map(({ text }) => text);
  const [left, shut] = ['Stopped holdfast-vrrp.service', 'Stopping holdfast-checkers.service'].map((words) => said.findIndex((text) => text.includes(words)));
  assert.ok(left !== undefined && shut !== undefined && left >= 0 && left < shut, `VRRP has ended in line ${left}, the checkers are asked to end in line ${shut}`);
});

/** Prints the body of what is posted to it. */
const HOOK = "require('node:http').createServer((q, s) => { let b = ''; q.on('data', (d) => (b += d)).on('end', () => { console.log(b); s.end(); }); }).listen(8081, '127.0.0.1', () => console.log('listening'))";

test('webhooks, SNMP over TCP and D-Bus work with the control service once the examples are installed', { timeout: 900_000 }, async (t) => {
  const settings = 'global_defs {\nenable_dbus\nenable_snmp_vrrp\nsnmp_socket tcp:127.0.0.1:705\nwebhook {\nurl http://127.0.0.1:8081/hook\nevents stateChanged\n}\n}\n';
  const scene = await open(t, `${settings}${instance()}`);
  const { network, director, journal } = scene;
  const hook = network.left.start([process.execPath, '-e', HOOK]);
  await hook.line(/listening/, 15);
  const snmp = await startSnmpMaster(network.left, 'tcp:127.0.0.1:705');
  await startMaster(scene, HALVES[0]);
  await canAsk(director);
  assert.equal(director.show(CONTROL, 'ActiveState')['ActiveState'], 'active', 'what it may not do is no reason to end');
  assert.doesNotMatch(hook.text(), /stateChanged/, 'it has no network yet');

  director.write('/etc/systemd/system/holdfast-control.service.d/network.conf', readFileSync('examples/systemd/drop-ins/holdfast-control-network.conf', 'utf8'));
  for (const name of ['org.keepalived.Vrrp1', 'holdfast-control']) director.write(`/etc/dbus-1/system.d/${name}.conf`, readFileSync(`examples/dbus/${name}.conf`, 'utf8'));
  // While the unit runs its user has that name where the machine knows dynamic ones.
  director.run('systemctl', 'stop', CONTROL, ...SOCKETS);
  director.run('useradd', '--system', '--no-create-home', 'holdfast-control');
  director.run('systemctl', 'daemon-reload');
  director.attempt('systemctl', 'try-reload-or-restart', 'dbus.service');
  director.run('systemctl', 'start', CONTROL);
  await canAsk(director);
  await hook.line(/"stateChanged".*MASTER/, 30);
  await until('snmpd has its objects', 30, async () => ([...(await snmp.walk('1.3.6.1.4.1.9586.100.5.2.3.1.2')).values()].some((value) => value.includes('"V1"')) ? true : undefined));
  await until('it has its name on the bus', 30, () => director.attempt('busctl', 'list').output.includes('org.keepalived.Vrrp1') || undefined);
  const path = await until('its instance is there', 30, () => director.attempt('busctl', 'tree', '--list', 'org.keepalived.Vrrp1').output.split('\n').find((each) => each.endsWith('/IPv4')));
  await until('it is master there too', 30, () => director.attempt('busctl', 'get-property', 'org.keepalived.Vrrp1', path, 'org.keepalived.Vrrp1.Instance', 'State').output.includes('2 "Master"') || undefined);
  assert.match(status(director, CONTROL)['CapBnd'] ?? '', /^0+$/);
  assert.ok(isHeld(network));
  assert.doesNotMatch(journal.text(), /Internal error/);
});
