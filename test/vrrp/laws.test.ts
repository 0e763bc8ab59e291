/** What holds for the director whatever happens: random events, hostile adverts, kernels that refuse. */

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import { describeDirector } from '../../src/vrrp/describe.js';
import { directorDeadline, initialDirector, stepDirector, type DirectorState, type DirectorStep } from '../../src/vrrp/director.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import type { Advert } from '../../src/vrrp/wire/packet.js';
import { address, cidr } from '../support/address.js';
import { advertV2, advertV3, director, group, instance, link, virtual } from '../support/vrrp-configuration.js';

const members = [
  instance({ name: 'A', virtualRouterId: 1, priority: 150, excludedAddresses: [virtual('203.0.113.1')] }),
  instance({ name: 'B', virtualRouterId: 2, interface: 'eth1', preemptDelay: seconds(2), trackInterfaces: [{ interface: 'eth2', weight: 0, reverse: false }] }),
  instance({ name: 'C', virtualRouterId: 3, version: 3, advertInterval: milliseconds(100), trackInterfaces: [{ interface: 'eth2', weight: -60, reverse: false }] }),
  instance({ name: 'D', virtualRouterId: 4, version: 3, priority: 255, wantsMaster: true, preempt: false }),
];

const configurations: readonly DirectorConfig[] = [
  director(members, { groups: [group('G', 'A', 'B')] }),
  director(members.slice(0, 3)),
  director(
    members.map((member) => ({ ...member, priority: 99, virtualAddresses: [virtual('192.0.2.100'), virtual('192.0.2.150')] })),
    { groups: [group('G', 'A', 'B', 'C')], startupDelay: seconds(1) },
  ),
  director([]),
];

const adverts: fc.Arbitrary<Advert> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 1, 90, 98, 99, 150, 200, 255), fc.constantFrom(1, 2)).map(
    ([virtualRouterId, priority, interval]) => advertV2(priority, { virtualRouterId, advertInterval: seconds(interval) }),
  ),
  fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 1, 90, 99, 150, 254, 255), fc.constantFrom(0, 10, 100, 40_950)).map(
    ([virtualRouterId, priority, interval]) =>
      advertV3(priority, { virtualRouterId, advertInterval: milliseconds(interval) }),
  ),
);

const interfaces = fc.constantFrom('eth0', 'eth1', 'eth2');
const names = fc.constantFrom('A', 'B', 'C', 'D', 'E');

const events: fc.Arbitrary<DirectorEvent> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...configurations).map((config) => ({ type: 'reconfigured' as const, config })) },
  {
    weight: 3,
    arbitrary: fc.tuple(interfaces, fc.boolean(), fc.constantFrom([], [cidr('192.0.2.1/24')], [cidr('192.0.2.77/24'), cidr('192.0.2.1/24')])).map(
      ([name, up, addresses]) => ({ type: 'linkChanged' as const, interface: name, link: link(name, { up, addresses }) }),
    ),
  },
  { weight: 1, arbitrary: interfaces.map((name) => ({ type: 'linkChanged' as const, interface: name })) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(interfaces, adverts, fc.constantFrom('192.0.2.1', '192.0.2.9', '192.0.2.200'), fc.constantFrom(255, 255, 255, 64, -1))
      .map(([name, advert, source, hopLimit]) => ({
        type: 'advertReceived' as const,
        interface: name,
        family: 'ipv4' as const,
        advert,
        source: address(source),
        hopLimit,
      })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(names, fc.integer({ min: 0, max: 40 }), fc.boolean()).map(([name, epoch, worked]): DirectorEvent =>
      worked
        ? { type: 'addressesApplied', instance: name, epoch }
        : { type: 'addressesFailed', instance: name, epoch, reason: 'EPERM', applied: [address('192.0.2.100')] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'addressClaimed' as const, interface: 'eth0', address: address('192.0.2.100'), mac: '02:00:00:00:00:99' }) },
  { weight: 1, arbitrary: fc.constant({ type: 'addressRemoved' as const, interface: 'eth0', address: address('192.0.2.100') }) },
  { weight: 3, arbitrary: fc.constant({ type: 'timeout' as const }) },
);

interface Action {
  readonly event: DirectorEvent;
  readonly wait: number;
}

const histories: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.record({ event: events, wait: fc.constantFrom(0, 1, 1_000, 100_000, 700_000, 4_000_000) }),
  { maxLength: 60 },
);

/** Runs a history, answering the kernel's part at random moments, and hands every step to `check`. */
function run(history: readonly Action[], check: (before: DirectorState, step: DirectorStep, now: Micros, event: DirectorEvent) => void): DirectorState {
  let state = initialDirector(7);
  let now = micros(0);
  const step = (event: DirectorEvent): void => {
    const made = stepDirector(state, event, now);
    check(state, made, now, event);
    state = made.state;
  };
  step({ type: 'reconfigured', config: configurations[0] ?? director([]) });
  for (const name of ['eth0', 'eth1', 'eth2']) step({ type: 'linkChanged', interface: name, link: link(name) });
  for (const { event, wait } of history) {
    const end = now + wait;
    for (let due = directorDeadline(state); due !== undefined && due <= end; due = directorDeadline(state)) {
      now = micros(Math.max(now, due));
      step({ type: 'timeout' });
      for (const { config, addresses } of state.instances) {
        if (addresses.status === 'applying') step({ type: 'addressesApplied', instance: config.name, epoch: addresses.epoch });
      }
    }
    now = micros(end);
    step(event);
  }
  return state;
}

const law = (name: string, check: (before: DirectorState, step: DirectorStep, now: Micros, event: DirectorEvent) => void): void => {
  test(name, () => {
    fc.assert(fc.property(histories, (history) => void run(history, check)), { numRuns: 150 });
  });
};

law('members of a sync group are in one state after every event', (_, { state }) => {
  for (const { members: indexes, config } of state.groups) {
    const roles = new Set(indexes.map((index) => state.instances[index]?.state.role));
    assert.ok(roles.size <= 1, `${config.name}: ${[...roles].join(', ')}`);
  }
});

law('nobody with a fault, or without a source address, is anything but in FAULT', (_, { state }) => {
  for (const { state: { role }, faults, source, config } of state.instances) {
    if (role === 'initialize') continue;
    const grouped = state.groups.some((one) => one.config.members.includes(config.name));
    if (faults.length > 0) assert.equal(role, 'fault', config.name);
    else if (!grouped) assert.notEqual(role, 'fault', config.name);
    if (role === 'master') assert.notEqual(source, undefined);
  }
});

law('a timeout leaves no deadline behind that is already due', (_, { state }, now, event) => {
  const deadline = directorDeadline(state);
  if (event.type === 'timeout' && deadline !== undefined) assert.ok(deadline > now, `${deadline} at ${now}`);
});

law('only addresses that the kernel has confirmed are announced', (before, { effects, state }) => {
  for (const effect of effects) {
    if (effect.type !== 'announce') continue;
    const confirmed = [...before.instances, ...state.instances].some(
      ({ config, addresses }) =>
        config.name === effect.instance && effect.addresses.every((one) => addresses.held.includes(one)),
    );
    assert.ok(confirmed);
    assert.ok(effect.repeat > 0 && effect.addresses.length > 0);
  }
});

law('epochs of address requests only grow', (before, { effects }) => {
  let last = before.epoch;
  for (const effect of effects) {
    if (effect.type !== 'setAddresses') continue;
    assert.ok(effect.epoch > last);
    last = effect.epoch;
    assert.ok(effect.addresses.length > 0);
  }
});

law('a wake-up sends at most one regular advert per instance', (_, { effects }, __, event) => {
  if (event.type !== 'timeout') return;
  const senders = effects.flatMap((effect) => (effect.type === 'sendAdvert' && effect.advert.priority > 0 ? [effect.instance] : []));
  assert.equal(new Set(senders).size, senders.length);
});

law('an advert with a wrong hop limit changes nothing but counters', (before, { state, effects }, _, event) => {
  if (event.type !== 'advertReceived' || event.hopLimit === 255) return;
  assert.deepEqual(effects, []);
  const essence = (of: DirectorState): unknown =>
    of.instances.map(({ told, statistics, ...rest }) => ({ ...rest, counted: told.length + statistics.advertsReceived >= 0 }));
  assert.deepEqual(essence(state), essence(before));
});

law('the state is plain data', (_, { state }) => {
  assert.deepEqual(structuredClone(state), state);
  assert.deepEqual(JSON.parse(JSON.stringify(describeDirector(state))), describeDirector(state));
});

test('the same seed and events give the same steps', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const traces = [0, 1].map(() => {
        const trace: unknown[] = [];
        run(history, (_, { effects, notes }) => trace.push(effects, notes));
        return trace;
      });
      assert.deepEqual(traces[0], traces[1]);
    }),
    { numRuns: 50 },
  );
});

test('after the stop nothing is sent, asked for or told, whatever happens', () => {
  fc.assert(
    fc.property(histories, histories, fc.boolean(), (before, after, keepAddresses) => {
      let state = run(before, () => undefined);
      state = stepDirector(state, { type: 'stopRequested', keepAddresses, patience: micros(1e6) }, micros(1e12)).state;
      state = stepDirector(state, { type: 'timeout' }, micros(1e12 + 1e6)).state;
      assert.equal(directorDeadline(state), undefined);
      for (const { event } of after) {
        const step = stepDirector(state, event, micros(2e12));
        assert.deepEqual([step.effects, step.notes], [[], []]);
        state = step.state;
      }
    }),
    { numRuns: 50 },
  );
});

test('left alone with healthy interfaces, every history ends with every instance master', () => {
  fc.assert(
    fc.property(histories, (history) => {
      let state = run(history, () => undefined);
      let now = micros(1e9);
      const step = (event: DirectorEvent): void => {
        state = stepDirector(state, event, now).state;
      };
      for (const name of ['eth0', 'eth1', 'eth2']) step({ type: 'linkChanged', interface: name, link: link(name) });
      const end = now + 400e6;
      for (let due = directorDeadline(state); due !== undefined && due <= end; due = directorDeadline(state)) {
        now = micros(Math.max(now, due));
        step({ type: 'timeout' });
      }
      for (const { config, state: { role } } of state.instances) assert.equal(role, 'master', config.name);
    }),
    { numRuns: 100 },
  );
});

test('while its addresses wait for a successor, a leaving director only asks the kernel to let go of them', () => {
  fc.assert(
    fc.property(histories, histories, (before, after) => {
      let state = run(before, () => undefined);
      state = stepDirector(state, { type: 'stopRequested', keepAddresses: false, patience: micros(1e6) }, micros(1e12)).state;
      for (const { event } of after) {
        const step = stepDirector(state, event, micros(1e12 + 1));
        for (const effect of step.effects) {
          assert.ok(effect.type === 'notify' || effect.type === 'stopped' || (effect.type === 'setAddresses' && !effect.present));
        }
        state = step.state;
      }
    }),
    { numRuns: 50 },
  );
});
