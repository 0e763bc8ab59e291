/** Routes and rules of an instance: with its addresses they come and go. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { micros, seconds } from '../../src/base/time.js';
import { routeKey } from '../../src/vrrp/adoption.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { director, instance, link } from '../support/vrrp-configuration.js';
import { route, rule } from '../support/network.js';
import { rig, started, type Rig } from './rig.js';

const ROUTE = route('10.9.0.0/16');
const RULE = rule(100);
const V1 = instance({ routes: [ROUTE], rules: [RULE] });

function master(config: InstanceConfig = V1): Rig {
  const made = started(director([config]));
  made.advance(seconds(4));
  made.settle();
  made.take();
  return made;
}

interface Asked {
  readonly present: boolean;
  readonly addresses: number;
  readonly routes: number;
  readonly rules: number;
}

function asked(made: Rig): readonly Asked[] {
  return made.take().effects.flatMap((effect) => {
    if (effect.type !== 'setAddresses') return [];
    const { present, addresses, routes, rules } = effect;
    return [{ present, addresses: addresses.length, routes: routes.length, rules: rules.length }];
  });
}

test('a removed route or rule is put back at once, and the instance stays master', () => {
  for (const event of [{ type: 'routeRemoved', route: ROUTE }, { type: 'ruleRemoved', rule: RULE }] as const) {
    const made = master();
    made.send(event);
    made.advance(micros(1));
    assert.deepEqual(asked(made), [{ present: true, addresses: 1, routes: 1, rules: 1 }]);
    assert.equal(made.state().instances[0]?.state.role, 'master');
  }
});

test('nothing happens to what is not tracked, or to a backup', () => {
  const untracked = master(instance({ routes: [{ ...ROUTE, tracked: false }] }));
  untracked.send({ type: 'routeRemoved', route: { ...ROUTE, tracked: false } });
  const backup = started(director([V1]));
  backup.take();
  backup.send({ type: 'routeRemoved', route: ROUTE });
  for (const made of [untracked, backup]) {
    made.advance(micros(1));
    assert.deepEqual(asked(made), []);
  }
});

test('a repair leaves alone what nobody tracks', () => {
  const made = master(instance({ routes: [ROUTE, route('10.8.0.0/16', { tracked: false })] }));
  made.send({ type: 'routeRemoved', route: ROUTE });
  made.advance(micros(1));
  assert.deepEqual(asked(made), [{ present: true, addresses: 1, routes: 1, rules: 0 }]);
});

test('a reload changes only what the file changes', () => {
  const made = master();
  made.send({ type: 'reconfigured', config: director([{ ...V1, routes: [ROUTE, route('10.8.0.0/16')], rules: [rule(101)] }]) });
  assert.deepEqual(asked(made), [
    { present: false, addresses: 0, routes: 0, rules: 1 },
    { present: true, addresses: 0, routes: 1, rules: 1 },
  ]);
});

test('a process that takes the place of a master removes nothing and confirms everything', () => {
  const made = rig();
  made.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
  const legacy = { states: new Map([[routeKey(V1), 'MASTER' as const]]), delayedUntil: undefined };
  made.send({ type: 'reconfigured', config: director([V1]), legacy });
  assert.deepEqual(asked(made), [{ present: true, addresses: 1, routes: 1, rules: 1 }]);
});

test('a leaving master keeps its routes until its successor has them', () => {
  const made = master();
  made.send({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  assert.deepEqual(asked(made), []);
  made.advance(seconds(2));
  assert.deepEqual(asked(made), [{ present: false, addresses: 1, routes: 1, rules: 1 }]);
});

test('an instance is in FAULT while the interface of a tracked route or rule is down', () => {
  for (const part of [{ routes: [route('10.9.0.0/16', { interface: 'eth1' })] }, { rules: [rule(100, { inputInterface: 'eth1' })] }]) {
    const made = started(director([instance(part)]), [link('eth0'), link('eth1')]);
    made.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1', { up: false }) });
    assert.equal(made.state().instances[0]?.state.role, 'fault');
  }
});
