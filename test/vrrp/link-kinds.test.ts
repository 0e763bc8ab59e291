/** dynamic_interfaces: whether an interface that comes back as something else is the same one. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import { director, instance, link } from '../support/vrrp-configuration.js';
import { rig } from './rig.js';

const ETHERNET = link('eth0', { index: 2, kindAndBase: '1 none' });
const BRIDGE = link('eth0', { index: 3, kindAndBase: '1 bridge' });

/** States and notes after the interface went away and came back as a bridge, then as what it was. */
function comesBack(dynamicInterfaces: DirectorConfig['dynamicInterfaces']): readonly (readonly string[])[] {
  const made = rig();
  made.send({ type: 'linkChanged', interface: 'eth0', link: ETHERNET });
  made.send({ type: 'reconfigured', config: director([instance()], dynamicInterfaces === undefined ? {} : { dynamicInterfaces }) });
  made.send({ type: 'linkChanged', interface: 'eth0' });
  made.take();
  const seen = (): readonly string[] => {
    const told = made.take().notes.filter(({ type }) => type === 'linkOfOtherKind').map(({ type }) => type);
    return [made.state().instances[0]?.state.role ?? '', ...told];
  };
  made.send({ type: 'linkChanged', interface: 'eth0', link: BRIDGE });
  const asBridge = seen();
  made.send({ type: 'linkChanged', interface: 'eth0', link: { ...BRIDGE, up: false } });
  const asBridgeAgain = seen();
  made.send({ type: 'linkChanged', interface: 'eth0', link: { ...ETHERNET, index: 4 } });
  return [asBridge, asBridgeAgain, seen()];
}

test('one of another kind counts as missing, which is said once, until one of the same kind is there', () => {
  assert.deepEqual(comesBack('sameKind'), [['fault', 'linkOfOtherKind'], ['fault'], ['backup']]);
});

test('allow_if_changes takes any kind', () => {
  assert.deepEqual(comesBack('anyKind'), [['backup'], ['fault'], ['backup']]);
});

test('an interface that nobody needs leaves nothing behind in memory', () => {
  const made = rig();
  made.send({ type: 'reconfigured', config: director([instance()]) });
  for (let i = 0; i < 50; i++) made.send({ type: 'linkChanged', interface: `veth${i}`, link: link(`veth${i}`, { kindAndBase: '1 veth' }) });
  assert.equal(made.state().linkKinds.size, 0);
});
