/** What belongs to no instance: asked for, compared, put back, given up; and who depends on it. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { micros, seconds } from '../../src/base/time.js';
import { NO_INSTANCE } from '../../src/vrrp/instance/addresses.js';
import type { StaticObjects } from '../../src/vrrp/config.js';
import type { DirectorEffect } from '../../src/vrrp/events.js';
import { director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { route, rule } from '../support/network.js';
import { rig, type Rig } from './rig.js';

const ADDRESS = virtual('198.51.100.9/24', { interface: 'eth1' });
const ROUTE = route('10.20.0.0/16', { interface: 'eth1' });
const RULE = rule(200);
const ALL: StaticObjects = { addresses: [ADDRESS], routes: [ROUTE], rules: [RULE] };

const configured = (staticObjects: StaticObjects): Parameters<Rig['send']>[0] => ({
  type: 'reconfigured',
  config: director([instance()], { staticObjects }),
});

function running(staticObjects = ALL): Rig {
  const made = rig();
  for (const name of ['eth0', 'eth1']) made.send({ type: 'linkChanged', interface: name, link: link(name) });
  made.send(configured(staticObjects));
  made.settle();
  return made;
}

/** What was asked for in the name of nobody: `+` to be there, `-` to be gone. */
function asked(made: Rig): readonly string[] {
  return made.take().effects.flatMap(staticRequest);
}

function staticRequest(effect: DirectorEffect): readonly string[] {
  if (effect.type !== 'setAddresses' || effect.instance !== NO_INSTANCE) return [];
  const { addresses, routes, rules, present } = effect;
  const names = [...addresses.map(({ address }) => address), ...routes.map(({ destination }) => destination.address), ...rules.map(({ priority }) => String(priority))];
  return [`${present ? '+' : '-'} ${names.join(' ')}`];
}

test('everything static is asked for at the start, and once', () => {
  const made = running();
  assert.deepEqual(asked(made), ['+ 198.51.100.9 10.20.0.0 200']);
  made.advance(seconds(20));
  assert.deepEqual(asked(made), []);
});

test('a reload takes away what is gone and asks for what is new; the rest is left alone', () => {
  const made = running();
  made.take();
  made.send(configured(ALL));
  assert.deepEqual(asked(made), []);
  made.send(configured({ addresses: [ADDRESS], routes: [{ ...ROUTE, metric: 7 }], rules: [] }));
  assert.deepEqual(asked(made), ['- 10.20.0.0 200', '+ 10.20.0.0']);
  made.settle();
  made.send({ type: 'reconfigured', config: director([instance()]) });
  assert.deepEqual(asked(made), ['- 198.51.100.9 10.20.0.0']);
});

test('what somebody else removes is put back at once, by one request, without what nobody tracks', () => {
  const made = running({ ...ALL, routes: [ROUTE, route('10.21.0.0/16', { tracked: false })] });
  made.take();
  made.send({ type: 'addressRemoved', interface: 'eth1', address: ADDRESS.address });
  made.send({ type: 'routeRemoved', route: ROUTE });
  made.send({ type: 'ruleRemoved', rule: RULE });
  made.advance(micros(1));
  const { effects, notes } = made.take();
  assert.deepEqual(effects.flatMap(staticRequest), ['+ 198.51.100.9 10.20.0.0 200']);
  assert.deepEqual(notes.map(({ type }) => type), ['staticObjectRestoring', 'staticObjectRestoring', 'staticObjectRestoring']);
});

test('nobody minds when an untracked one goes', () => {
  const made = running({ ...ALL, routes: [{ ...ROUTE, tracked: false }] });
  made.take();
  made.send({ type: 'routeRemoved', route: { ...ROUTE, tracked: false } });
  made.advance(micros(1));
  assert.deepEqual(asked(made), []);
});

test('an interface that comes back is given its own again', () => {
  const made = running();
  made.take();
  made.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1', { up: false }) });
  made.advance(micros(1));
  assert.deepEqual(asked(made), []);
  made.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1') });
  made.advance(micros(1));
  assert.deepEqual(asked(made), ['+ 198.51.100.9 10.20.0.0 200']);
});

test('a refusal is told once and tried again until it works', () => {
  const made = rig();
  made.send(configured(ALL));
  for (let times = 0; times < 4; times += 1) {
    const { epoch } = made.state().staticObjects;
    made.send({ type: 'addressesFailed', instance: NO_INSTANCE, epoch, reason: 'ENODEV' });
    made.advance(seconds(8));
  }
  const { effects, notes } = made.take();
  assert.ok(effects.flatMap(staticRequest).length >= 4);
  assert.equal(notes.filter(({ type }) => type === 'addressesFailed').length, 1);
});

test('the stop takes them away, with -V as well, and when the masters have handed over', () => {
  for (const keepAddresses of [false, true]) {
    const made = running();
    made.take();
    made.send({ type: 'stopRequested', keepAddresses, patience: seconds(4) });
    assert.deepEqual(asked(made), ['- 198.51.100.9 10.20.0.0 200']);
  }
  const master = running();
  master.advance(seconds(4));
  master.settle();
  master.take();
  master.send({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  assert.deepEqual(asked(master), []);
  master.advance(seconds(4));
  assert.deepEqual(asked(master), ['- 198.51.100.9 10.20.0.0 200']);
});

test('instances of a track_group are in FAULT while the interface of its static entries is down', () => {
  const made = rig();
  for (const name of ['eth0', 'eth1']) made.send({ type: 'linkChanged', interface: name, link: link(name) });
  const staticObjects = { addresses: [], routes: [{ ...ROUTE, trackGroup: 'TG' }], rules: [] };
  const others = instance({ name: 'V2', virtualRouterId: 52 });
  const staticTrackGroups = [{ name: 'TG', members: ['V1'] }];
  made.send({ type: 'reconfigured', config: director([instance(), others], { staticObjects, staticTrackGroups }) });
  const roles = (): readonly string[] => made.state().instances.map(({ state }) => state.role);
  assert.deepEqual(roles(), ['backup', 'backup']);
  made.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1', { up: false }) });
  assert.deepEqual(roles(), ['fault', 'backup']);
  made.send({ type: 'linkChanged', interface: 'eth1', link: link('eth1') });
  assert.deepEqual(roles(), ['backup', 'backup']);
});
