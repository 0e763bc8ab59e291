/** keepalived's objects on a bus of the test's own, asked with busctl. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { DbusSettings } from '../../src/control/dbus/paths.js';
import type { DbusRequest } from '../../src/control/dbus/request.js';
import { openDbus, type DbusOutcome, type DbusSurface } from '../../src/control/dbus/surface.js';
import type { ControlEvent, Status } from '../../src/control/status.js';
import { farmStatus } from '../dashboard/farm.js';
import { until } from '../lab/process.js';
import { busctl, openBus, type Bus } from './bus.js';

const NAME = 'org.keepalived.Vrrp1';
const DAEMON = '/org/keepalived/Vrrp1/Vrrp';
const INSTANCE = '/org/keepalived/Vrrp1/Instance/eth0/51/IPv4';
const SETTINGS: DbusSettings = { serviceName: NAME, names: [], noInterfaceName: 'none' };

interface Opened {
  readonly surface: DbusSurface;
  readonly outcomes: readonly DbusOutcome[];
  readonly requests: readonly DbusRequest[];
}

/** The library takes the address of the bus from the environment, as keepalived does. */
function open(t: TestContext, { address }: Bus, settings = SETTINGS): Opened {
  const outcomes: DbusOutcome[] = [];
  const requests: DbusRequest[] = [];
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] = address;
  const surface = openDbus(settings, (request) => requests.push(request), (outcome) => outcomes.push(outcome));
  delete process.env['DBUS_SYSTEM_BUS_ADDRESS'];
  t.after(() => surface.close());
  return { surface, outcomes, requests };
}

/** What is said on the bus from now on. */
async function listen(t: TestContext, bus: Bus): Promise<() => string> {
  const monitor = spawn('busctl', [`--address=${bus.address}`, '--json=short', 'monitor', NAME], { stdio: ['ignore', 'pipe', 'pipe'] });
  let heard = '';
  monitor.stdout.on('data', (part) => (heard += String(part)));
  let ready = '';
  monitor.stderr.on('data', (part) => (ready += String(part)));
  t.after(() => monitor.kill('SIGKILL'));
  await until('the monitor listens', 10, () => ready.includes('Monitoring') || undefined);
  return () => heard;
}

const changed = (state: string): ControlEvent => ({
  id: 1,
  time: new Date(0).toISOString(),
  process: 'vrrp',
  level: 'info',
  event: 'stateChanged',
  text: '',
  fields: { instance: 'VI_1', state },
});

const status = (generation = 1): Status => {
  const farm = farmStatus({ services: 1, serversEach: 1 });
  const { daemon } = farm;
  return daemon === undefined ? farm : { ...farm, daemon: { ...daemon, configuration: { ...daemon.configuration, generation } } };
};

test('the objects, properties and methods of keepalived', async (t) => {
  const bus = await openBus(t);
  const { surface, outcomes, requests } = open(t, bus);
  surface.show(status());
  await until('the name is ours', 10, () => outcomes.length > 0 || undefined);
  assert.deepEqual(outcomes, [{ type: 'acquired' }]);
  assert.equal(await busctl(bus, 'get-property', NAME, INSTANCE, 'org.keepalived.Vrrp1.Instance', 'Name'), '(s) "VI_1"');
  assert.equal(await busctl(bus, 'get-property', NAME, INSTANCE, 'org.keepalived.Vrrp1.Instance', 'State'), '(us) 2 "Master"');
  for (const method of ['PrintData', 'PrintStats', 'PrintStatsClear', 'ReloadConfig']) await busctl(bus, 'call', NAME, DAEMON, 'org.keepalived.Vrrp1.Vrrp', method);
  await busctl(bus, 'call', NAME, INSTANCE, 'org.keepalived.Vrrp1.Instance', 'SendGarp');
  assert.deepEqual(requests, [
    { action: 'printData' },
    { action: 'printStats' },
    { action: 'printStatsClear' },
    { action: 'reload' },
    { action: 'sendGarp', instance: 'VI_1' },
  ]);
  const tree = await busctl(bus, 'tree', '--list', NAME);
  assert.ok(tree.includes(INSTANCE) && tree.includes(DAEMON), tree);
});

test('changes of state, reloads and the end are signals', async (t) => {
  const bus = await openBus(t);
  const { surface, outcomes } = open(t, bus);
  surface.show(status());
  await until('the name is ours', 10, () => outcomes.length > 0 || undefined);
  const heard = await listen(t, bus);
  surface.hear(changed('BACKUP'));
  surface.hear(changed('MASTER'));
  surface.hear(changed('MASTER'));
  surface.show(status(2));
  surface.close();
  await until('the end was heard', 10, () => /VrrpStopped.*\n/.test(heard()) || undefined);
  const signals = heard()
    .split('\n')
    .filter((line) => line.includes('"signal"') && line.includes('"interface":"org.keepalived.'))
    .map((line) => JSON.parse(line) as { readonly member: string; readonly payload?: { readonly data: readonly unknown[] } })
    .filter(({ member }) => member !== 'PropertiesChanged')
    .map(({ member, payload }) => [member, ...(payload?.data ?? [])]);
  assert.deepEqual(signals, [['VrrpStatusChange', 1], ['VrrpStatusChange', 2], ['VrrpReloaded'], ['VrrpStatusChange', 98], ['VrrpStopped']]);
});

test('an instance that is gone has no object; names become paths', async (t) => {
  const bus = await openBus(t);
  const { surface, outcomes } = open(t, bus, { ...SETTINGS, names: ['red-net', 'second'], noInterfaceName: 'any' });
  const { vrrp, ...others } = status();
  const [first] = vrrp?.instances ?? [];
  assert.ok(vrrp !== undefined && first !== undefined);
  surface.show({ ...others, vrrp: { ...vrrp, instances: [{ ...first, interface: '' }, { ...first, name: 'VI_6', interface: 'eth0.100', family: 'ipv6' }] } });
  await until('the name is ours', 10, () => outcomes.length > 0 || undefined);
  const paths = async (): Promise<readonly string[]> => (await busctl(bus, 'tree', '--list', NAME)).split('\n').filter((path) => /IPv[46]$/.test(path));
  const root = '/org/keepalived/Vrrp1/red_net/second';
  assert.deepEqual(await paths(), [`${root}/Instance/any/51/IPv4`, `${root}/Instance/eth0_100/51/IPv6`]);
  surface.show({ ...others, vrrp: { ...vrrp, instances: [{ ...first, interface: '' }] } });
  assert.deepEqual(await paths(), [`${root}/Instance/any/51/IPv4`]);
});

test('a name that is taken, a bus that is not there or goes away are told once', async (t) => {
  const bus = await openBus(t);
  const first = open(t, bus);
  first.surface.show(status());
  await until('the name is ours', 10, () => first.outcomes.length > 0 || undefined);
  assert.deepEqual(first.outcomes, [{ type: 'acquired' }]);
  const second = open(t, bus);
  second.surface.show(status());
  await until('it is refused', 10, () => second.outcomes.length > 0 || undefined);
  assert.deepEqual(second.outcomes, [{ type: 'lost', reason: `the name ${NAME} is taken` }]);
  const nowhere = open(t, { address: 'unix:path=/nonexistent/socket', stop: () => undefined });
  nowhere.surface.show(status());
  await until('there is no bus', 10, () => nowhere.outcomes.length > 0 || undefined);
  assert.equal(nowhere.outcomes[0]?.type, 'lost');
  bus.stop();
  let state = 0;
  await until('the bus is gone', 10, () => {
    state += 1;
    first.surface.hear(changed(state % 2 === 0 ? 'MASTER' : 'BACKUP'));
    return first.outcomes.length > 1 || undefined;
  });
  assert.deepEqual(first.outcomes.map(({ type }) => type), ['acquired', 'lost']);
});
