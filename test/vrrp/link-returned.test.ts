/** What the kernel takes from a master while a link is down, and does not tell: routes. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { DirectorConfig, InstanceConfig } from '../../src/vrrp/config.js';
import { route } from '../support/network.js';
import { director, instance, link } from '../support/vrrp-configuration.js';
import { started, type Rig } from './rig.js';

const routed: Partial<InstanceConfig> = { priority: 255, wantsMaster: true, routes: [route('10.0.0.0/16', { interface: 'eth0' })] };

function master(config: Partial<InstanceConfig>, overrides: Partial<DirectorConfig> = {}): Rig {
  const rig = started(director([instance({ ...routed, ...config })], overrides));
  rig.advance(milliseconds(100));
  rig.settle();
  rig.advance(seconds(10));
  rig.take();
  return rig;
}

/** What is asked of the kernel when the link goes down for `span` and comes back. */
function askedAfter(rig: Rig, span: number): readonly string[] {
  rig.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0', { up: false }) });
  rig.advance(micros(span));
  rig.take();
  rig.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
  rig.advance(micros(0));
  return rig.take().effects.flatMap((effect) => (effect.type === 'setAddresses' ? [`${effect.present ? 'set' : 'remove'} ${effect.routes.length} routes`] : []));
}

test('a master that does not track its own interface sets its routes again when the link returns', () => {
  assert.deepEqual(askedAfter(master({ trackPrimary: false }), seconds(3)), ['set 1 routes']);
});

test('so does one whose link was down for less than counts', () => {
  const linkDelays = [{ interface: 'eth0', down: seconds(2), up: seconds(2) }];
  assert.deepEqual(askedAfter(master({}, { linkDelays }), seconds(1)), ['set 1 routes']);
});

test('what is not tracked is not asked for again', () => {
  const untracked = { ...route('10.0.0.0/16', { interface: 'eth0' }), tracked: false };
  const virtualAddresses = instance().virtualAddresses.map((virtual) => ({ ...virtual, tracked: false }));
  assert.deepEqual(askedAfter(master({ trackPrimary: false, routes: [untracked], virtualAddresses }), seconds(3)), []);
});

test('news of a link that was up all the time ask for nothing', () => {
  const rig = master({ trackPrimary: false });
  rig.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
  rig.advance(micros(0));
  assert.deepEqual(rig.take().effects.filter(({ type }) => type === 'setAddresses'), []);
});
