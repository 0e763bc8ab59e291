/** holdfast.service under the real systemd, as the package installs it, beside Debian's keepalived as the other director. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { instance } from '../daemon/network.js';
import { watchAddresses } from '../daemon/witnesses.js';
import { until } from '../lab/process.js';
import { MASTER, isGone, isHeld, listen, preparePackage, restartIsOver, startMaster, startNeighbour } from './scene.js';

const UNIT = 'holdfast.service';
const open = preparePackage();

test('start, reload, restart, stop: systemd knows each when it is done, and a restart lets go of nothing', { timeout: 900_000 }, async (t) => {
  // Adverts that come late on a busy machine are no silence.
  const patient = { advertInterval: 2, lines: ['version 3'] };
  const scene = await open(t, instance(patient));
  const { network, director, journal } = scene;
  const show = (name: string): string => director.show(UNIT, name)[name] ?? '';
  await startMaster(scene, UNIT);
  assert.equal(show('StatusText'), 'configuration 1 in force');
  const other = await startNeighbour(network.right, instance({ ...patient, priority: 100 }));
  const wire = await listen(network.right);
  const removals = await watchAddresses(network.left);
  const heard = other.lines.length;

  const file = '/etc/keepalived/keepalived.conf';
  director.write(file, `${instance(patient)}vrrp_instance {`);
  assert.notEqual(director.attempt('systemctl', 'reload', UNIT).status, 0);
  assert.equal(show('ActiveState'), 'active');
  director.write(file, instance(patient));
  director.run('systemctl', 'reload', UNIT);
  await until('systemd has heard of the end of the reload', 15, () => show('StatusText') === 'configuration 2 in force' || undefined);
  const main = show('MainPID');

  director.run('systemctl', 'restart', UNIT);
  await journal.line(/\(V1\) adopted in MASTER STATE from the process before/, 15);
  await restartIsOver(director);
  assert.notEqual(show('MainPID'), main);
  await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18/, 15, wire.lines.length);
  assert.ok(isHeld(network));
  assert.doesNotMatch(wire.text(), /prio 0|10\.9\.9\.2 >/);
  assert.doesNotMatch(removals.text(), /Deleted/);
  assert.deepEqual(other.lines.slice(heard).filter(({ text }) => text.includes('(V1)')), []);
  const ours = journal.lines.map(({ text }) => text).filter((text) => /keepalived|holdfast/i.test(text));
  assert.notEqual(ours.length, 0);
  assert.deepEqual(ours.filter((text) => /failed|invalid|Killing/.test(text) && !text.includes(`Reload failed for ${UNIT}`)), []);

  director.run('systemctl', 'stop', UNIT);
  await wire.line(/prio 0/, 15);
  await other.line(MASTER, 15);
  assert.deepEqual(network.left.addresses(), ['10.9.9.1']);
  assert.deepEqual(director.show(UNIT, 'ActiveState', 'Result'), { ActiveState: 'inactive', Result: 'success' });
});

test('VRRP speaks on until the next daemon is ready, however short its interval; an instance that the file has no more leaves first', { timeout: 900_000 }, async (t) => {
  const quick = { advertInterval: 0.2, lines: ['version 3'] };
  const second = instance(quick).replace('V1', 'V2').replace('_id 51', '_id 52').replace('10.9.9.100', '10.9.9.110');
  const scene = await open(t, `${instance(quick)}${second}`);
  const { network, director, journal } = scene;
  await startMaster(scene, UNIT);
  await until('both addresses are set', 20, () => network.left.addresses().length === 3 || undefined);
  const wire = await listen(network.right);
  const removals = await watchAddresses(network.left);
  director.write('/etc/keepalived/keepalived.conf', instance(quick));
  director.run('systemctl', 'restart', UNIT);
  await journal.line(/\(V1\) adopted in MASTER STATE from the process before/, 15);
  await removals.line(/Deleted.*10\.9\.9\.110/, 15);
  await wire.line(/vrid 52, prio 0/, 15);
  assert.doesNotMatch(wire.text(), /vrid 51, prio 0/);
  assert.doesNotMatch(removals.text(), /Deleted.*10\.9\.9\.100/);
});

test('a restart that no start follows ends in order: goodbye, services and addresses gone', { timeout: 900_000 }, async (t) => {
  const pool = 'virtual_server 10.9.9.101 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.9.9.1 81 {\n}\n}\n';
  const scene = await open(t, `${instance({ lines: ['version 3'] })}${pool}`);
  const { network, director, journal } = scene;
  director.write('/etc/systemd/system/holdfast.service.d/limit.conf', '[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=1\n');
  director.run('systemctl', 'daemon-reload');
  await startMaster(scene, UNIT);
  const wire = await listen(network.right);
  assert.notEqual(director.attempt('systemctl', 'restart', UNIT).status, 0);
  await journal.line(/no start of holdfast\.service takes over: everything is given up in order/, 15);
  await wire.line(/prio 0/, 20);
  await until('the address is gone', 20, () => isGone(network));
  await journal.line(/Shutting down service.*10\.9\.9\.101/, 20);
  await restartIsOver(director);
  director.run('systemctl', 'reset-failed', UNIT);
  director.run('systemctl', 'start', UNIT);
  await until('a later start begins anew', 20, () => isHeld(network));
});

test('what a stop keeps by its options is kept when no start follows; a restart with a broken file is a plain stop', { timeout: 900_000 }, async (t) => {
  const scene = await open(t, instance());
  const { network, director, journal } = scene;
  director.write('/etc/default/holdfast', 'DAEMON_ARGS="--log-detail --dont-release-vrrp"\n');
  director.write('/etc/systemd/system/holdfast.service.d/limit.conf', '[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=1\n');
  director.run('systemctl', 'daemon-reload');
  await startMaster(scene, UNIT);
  assert.notEqual(director.attempt('systemctl', 'restart', UNIT).status, 0);
  await journal.line(/everything is given up in order/, 15);
  await restartIsOver(director);
  assert.ok(isHeld(network));

  director.write('/etc/default/holdfast', 'DAEMON_ARGS="--log-detail"\n');
  director.run('systemctl', 'reset-failed', UNIT);
  await startMaster(scene, UNIT);
  director.write('/etc/keepalived/keepalived.conf', 'vrrp_instance V1 {\n');
  director.attempt('systemctl', 'restart', UNIT);
  await journal.line(/a plain stop: .*cannot be used/, 15);
  await until('the address is gone', 20, () => isGone(network));
});

test('a daemon that is killed or hangs is started again by systemd, and what it held is its again', { timeout: 900_000 }, async (t) => {
  const scene = await open(t, instance());
  const { network, director, journal } = scene;
  director.write('/etc/systemd/system/holdfast.service.d/watchdog.conf', '[Service]\nWatchdogSec=3s\nTimeoutAbortSec=2s\n');
  director.run('systemctl', 'daemon-reload');
  await startMaster(scene, UNIT);
  for (const [signal, result] of [
    ['KILL', /holdfast\.service: Main process exited, code=killed, status=9\/KILL/],
    ['STOP', /holdfast\.service: Watchdog timeout/],
  ] as const) {
    const before = journal.lines.length;
    director.run('kill', `-${signal}`, director.show(UNIT, 'MainPID')['MainPID'] ?? '');
    await journal.line(result, 30, before);
    await journal.line(/Started holdfast\.service/, 60, before);
    await journal.line(MASTER, 30, before);
    await until('it holds its address', 30, () => isHeld(network));
  }
  director.run('systemctl', 'stop', UNIT);
  await until('the address is gone', 20, () => isGone(network));
  assert.equal(director.run('sh', '-c', 'cat /sys/fs/cgroup/system.slice/holdfast.service/cgroup.procs 2>/dev/null || true'), '');
});
