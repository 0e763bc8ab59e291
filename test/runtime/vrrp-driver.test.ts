import assert from 'node:assert/strict';
import test from 'node:test';
import { present } from '../../src/base/invariant.js';
import type { LogEntry } from '../../src/base/log.js';
import { seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { AdvertEndpoint, VrrpPorts } from '../../src/runtime/ports.js';
import { createVrrpDriver } from '../../src/runtime/vrrp-driver.js';
import { routeKey } from '../../src/vrrp/adoption.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { decodeAdvert } from '../../src/vrrp/wire/packet.js';
import { address } from '../support/address.js';
import { director, instance, link, virtual } from '../support/vrrp-configuration.js';


const INSTANCE = instance({
  priority: 100,
  virtualAddresses: [virtual('192.0.2.100/24')],
  announcements: { ...instance().announcements, masterRepeat: 2 },
  notify: { master: { argv: ['/bin/m'] }, any: { argv: ['/bin/any'] } },
});

const CONFIG = director([INSTANCE]);

const ETH0 = link('eth0');

const ADVERT: DirectorEvent = {
  type: 'advertReceived',
  interface: 'eth0',
  family: 'ipv4',
  source: address('192.0.2.9'),
  hopLimit: 255,
  advert: {
    version: 2,
    virtualRouterId: 51,
    priority: 200,
    advertInterval: seconds(1),
    authenticationType: 0,
    authenticationData: new Uint8Array(8),
    addresses: [address('192.0.2.100')],
  },
};

/** A driver between ports that write down what is asked of them. */
function bench() {
  const calls: string[] = [];
  const logged: LogEntry[] = [];
  const payloads: Uint8Array[] = [];
  const queue: DirectorEvent[] = [];
  let now = 0;
  let deadline: Micros | undefined;
  let stopped = 0;
  let deviceCount = 0;
  const endpointText = (endpoints: readonly AdvertEndpoint[]): string =>
    endpoints.map((endpoint) => `${endpoint.interface}/${endpoint.family}/${endpoint.virtualRouterIds.join('+')}`).join(' ');
  const ports: VrrpPorts = {
    clock: { now: () => now as Micros },
    wallClock: () => now as Micros,
    alarm: {
      set: (next) => {
        deadline = next;
      },
    },
    firewall: {
      configure: (wanted) => {
        if (wanted !== undefined) calls.push('rules');
      },
      drop: (addresses, dropped) => calls.push(`${dropped ? 'drop' : 'pass'} ${addresses.length}`),
    },
    devices: {
      configure: ({ devices }) => {
        if (devices.length > 0 || deviceCount > 0) calls.push(`devices [${devices.map(({ device }) => device.name).join(' ')}]`);
        deviceCount = devices.length;
      },
    },
    adverts: {
      configure: (endpoints) => calls.push(`sockets [${endpointText(endpoints)}]`),
      send: (endpoint, { source, destination, payload }) => {
        const decoded = decodeAdvert(payload, { family: endpoint.family, source, destination });
        assert.ok(decoded.ok);
        payloads.push(payload);
        calls.push(`send ${decoded.value.priority} on ${endpoint.interface} to ${destination}`);
      },
      drain: () => {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) driver.deliver(event);
      },
    },
    addresses: { set: (instance, epoch, isPresent) => calls.push(`addresses ${instance} ${epoch} ${isPresent}`) },
    announcements: { announce: (addresses, repeat) => calls.push(`announce ${addresses.length} x ${repeat}`) },
    trackers: {
      runScript: (run, command) => calls.push(`script ${run} ${command.argv.join(' ')}`),
      stopScript: (run) => calls.push(`end script ${run}`),
      watch: () => undefined,
    },
    commands: { run: (key, command) => calls.push(`run [${key}] ${command.argv.join(' ')}`) },
    fifo: { write: (line) => calls.push(`fifo ${line}`) },
    alerts: { send: ({ subject, body }) => calls.push(`mail ${subject} ${body}`) },
    logger: { log: (entry) => logged.push(entry) },
  };
  const foretold: string[] = [];
  const driver = createVrrpDriver(ports, {
    seed: 1,
    onStatesChanging: (states) => {
      foretold.push(`${[...states].join()} after ${calls.length} calls and ${logged.length} sentences`);
    },
    onStopped: () => {
      stopped += 1;
    },
  });
  return {
    driver,
    queue,
    payloads,
    foretold,
    written: () => logged.length,
    sentences: () => logged.map((entry) => entry.text),
    deadline: () => deadline,
    stopped: () => stopped,
    setClock: (instant: number) => {
      now = instant;
    },
    take: () => calls.splice(0),
    /** Up to the first master, with its addresses confirmed. */
    becomeMaster: () => {
      driver.deliver({ type: 'reconfigured', config: CONFIG });
      driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
      now = present(deadline, 'a takeover timer runs');
      driver.onAlarm();
      driver.deliver({ type: 'addressesApplied', instance: 'V1', epoch: 2 });
    },
  };
}

test('a takeover happens in order: advert, addresses, scripts, FIFO line, and announcements once the kernel has answered', () => {
  const { driver, take, setClock, deadline } = bench();
  driver.deliver({ type: 'reconfigured', config: CONFIG });
  driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
  assert.deepEqual(take().slice(-4), [
    'sockets [eth0/ipv4/51]',
    'addresses V1 1 false',
    'run [INSTANCE V1] /bin/any INSTANCE V1 BACKUP 100',
    'fifo INSTANCE "V1" BACKUP 100',
  ]);
  assert.equal(deadline(), 3_609_375);
  setClock(3_609_375);
  driver.onAlarm();
  assert.deepEqual(take(), [
    'send 100 on eth0 to 224.0.0.18',
    'addresses V1 2 true',
    'run [INSTANCE V1] /bin/m',
    'run [INSTANCE V1] /bin/any INSTANCE V1 MASTER 100',
    'fifo INSTANCE "V1" MASTER 100',
  ]);
  driver.deliver({ type: 'addressesApplied', instance: 'V1', epoch: 2 });
  assert.deepEqual(take(), ['announce 1 x 2']);
});

test('what a successor must know is said before the neighbours, the kernel or the log hear of it', () => {
  const { driver, take, setClock, foretold, written } = bench();
  driver.deliver({ type: 'reconfigured', config: CONFIG });
  driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
  take();
  const before = written();
  setClock(3_609_375);
  driver.onAlarm();
  assert.deepEqual(foretold, [`${routeKey(INSTANCE)},MASTER after 0 calls and ${before} sentences`]);
  assert.ok(written() > before);
  driver.deliver(ADVERT);
  assert.match(foretold[1] ?? '', /,BACKUP after /);
});

test('after a stall the queued advert is heard before the alarm is believed, and the lateness is told', () => {
  const { driver, queue, take, setClock, sentences } = bench();
  driver.deliver({ type: 'reconfigured', config: CONFIG });
  driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
  take();
  setClock(5_000_000);
  queue.push(ADVERT);
  driver.onAlarm();
  assert.deepEqual(take(), []);
  assert.ok(sentences().includes('A thread timer expired 1.390625 seconds ago'));
});

test('an alarm that fires early is set again', () => {
  const { driver, setClock, take, deadline } = bench();
  driver.deliver({ type: 'reconfigured', config: CONFIG });
  driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
  take();
  setClock(3_609_300);
  driver.onAlarm();
  assert.deepEqual(take(), []);
  assert.equal(deadline(), 3_609_375);
});

test('equal adverts are encoded once', () => {
  const { driver, becomeMaster, payloads, setClock, deadline } = bench();
  becomeMaster();
  for (let beat = 0; beat < 3; beat += 1) {
    setClock(present(deadline(), 'a master has a next advert'));
    driver.onAlarm();
  }
  assert.equal(payloads.length, 4);
  assert.equal(new Set(payloads).size, 1);
});

test('a removed router still says goodbye on its socket before it is closed', () => {
  const { driver, becomeMaster, take } = bench();
  becomeMaster();
  take();
  const other = { ...INSTANCE, name: 'V2', virtualRouterId: 52, interface: 'eth1', virtualAddresses: [] };
  driver.deliver({ type: 'linkChanged', interface: 'eth1', link: { ...ETH0, name: 'eth1', index: 3 } });
  driver.deliver({ type: 'reconfigured', config: { ...CONFIG, instances: [other] } });
  const calls = take();
  assert.equal(calls[0], 'sockets [eth0/ipv4/51 eth1/ipv4/52]');
  assert.ok(calls.indexOf('send 0 on eth0 to 224.0.0.18') > 0);
  // Still listening: who takes over decides when the addresses go.
  assert.equal(calls.at(-1), 'sockets [eth0/ipv4/51 eth1/ipv4/52]');
  assert.ok(!calls.some((call) => call.startsWith('addresses V1')));
  driver.deliver(ADVERT);
  assert.deepEqual(take(), ['addresses V1 3 false', 'sockets [eth1/ipv4/52]']);
});

test('a stop is over once a successor has spoken and the kernel has answered the last request', () => {
  const { driver, becomeMaster, take, stopped } = bench();
  becomeMaster();
  take();
  driver.deliver({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  assert.deepEqual(take(), ['send 0 on eth0 to 224.0.0.18']);
  driver.deliver(ADVERT);
  assert.deepEqual(take().filter((call) => call.startsWith('addresses')), ['addresses V1 3 false']);
  assert.equal(stopped(), 0);
  driver.deliver({ type: 'addressesApplied', instance: 'V1', epoch: 2 });
  assert.equal(stopped(), 0);
  driver.deliver({ type: 'addressesApplied', instance: 'V1', epoch: 3 });
  assert.equal(stopped(), 1);
});

test('without a successor the addresses go after the longest skew and 200 ms', () => {
  const { driver, becomeMaster, take, deadline, setClock, stopped } = bench();
  becomeMaster();
  take();
  driver.deliver({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  take();
  const until = present(deadline(), 'the handover ends');
  assert.equal(until, 3_609_375 + 996_093 + 200_000);
  setClock(until);
  driver.onAlarm();
  assert.deepEqual(take().slice(0, 1), ['addresses V1 3 false']);
  assert.equal(stopped(), 0);
  driver.deliver({ type: 'addressesApplied', instance: 'V1', epoch: 3 });
  assert.equal(stopped(), 1);
});

test('a stop without anything to remove is over at once', () => {
  const { driver, stopped } = bench();
  driver.deliver({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  assert.equal(stopped(), 1);
});

test('a process that takes over filters the addresses that are there before it makes its first rule', () => {
  const { driver, take } = bench();
  const closed = instance({ priority: 100, virtualAddresses: [virtual('192.0.2.100/24')], accept: false });
  const firewall = { table: 'keepalived', priority: -1, matchInterfaceIndex: false, counters: false };
  const legacy = { states: new Map([[routeKey(closed), 'MASTER' as const]]), delayedUntil: undefined };
  driver.deliver({ type: 'linkChanged', interface: 'eth0', link: ETH0 });
  driver.deliver({ type: 'reconfigured', config: director([closed], { firewall }), legacy });
  const calls = take();
  assert.deepEqual(calls.slice(0, 2), ['drop 1', 'rules']);
  assert.ok(!calls.includes('pass 1'), calls.join('\n'));
});
