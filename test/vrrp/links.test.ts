import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import { address, cidr } from '../support/address.js';
import { director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { started } from './rig.js';
import type { Rig } from './rig.js';

function sources(rig: Rig): string[] {
  return rig.take().effects.flatMap((effect) => (effect.type === 'sendAdvert' ? [effect.source] : []));
}

test('a virtual address of another instance that stands first on the interface is no address to speak from', () => {
  const six = { family: 'ipv6', version: 3 } as const;
  const config = director([
    instance({ ...six, name: 'V1', virtualRouterId: 51, virtualAddresses: [virtual('fe80::1:100/64')] }),
    instance({ ...six, name: 'V2', virtualRouterId: 52, virtualAddresses: [virtual('fe80::2:100/64')] }),
  ]);
  // As the kernel lists them after a process was killed while it was master: the newest first.
  const addresses = [cidr('fe80::2:100/64'), cidr('fe80::1:100/64'), cidr('fe80::1/64')];
  const rig = started(config, [link('eth0', { addresses })]);
  rig.advance(seconds(5));
  assert.deepEqual([...new Set(sources(rig))], [address('fe80::1')]);
});

test('a link that came back under another index unseen has lost its addresses: they are set again', () => {
  const rig = started(director([instance()]));
  rig.advance(seconds(4));
  rig.settle();
  rig.take();
  rig.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0', { index: 7 }) });
  rig.advance(seconds(4));
  const asked = rig.take().effects.flatMap((effect) => (effect.type === 'setAddresses' ? [effect.present] : []));
  assert.deepEqual(asked, [false, true]);
});
