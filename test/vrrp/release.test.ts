import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { address } from '../support/address.js';
import { advertV2, director, instance, virtual } from '../support/vrrp-configuration.js';
import { started } from './rig.js';
import type { Rig } from './rig.js';

const OLD = virtual('192.0.2.100/24');
const NEW = virtual('192.0.2.101/24');

interface Request {
  readonly epoch: number;
  readonly text: string;
}

/** Requests since the last look, as `+ADDRESS` and `-ADDRESS`. */
function requests(rig: Rig): readonly Request[] {
  return rig.take().effects.flatMap((effect) => {
    if (effect.type !== 'setAddresses') return [];
    const sign = effect.present ? '+' : '-';
    return [{ epoch: effect.epoch, text: effect.addresses.map(({ address }) => `${sign}${address}`).join(' ') }];
  });
}

function master(...instances: InstanceConfig[]): Rig {
  const rig = started(director(instances));
  rig.advance(seconds(5));
  rig.settle();
  rig.take();
  return rig;
}

function refuse(rig: Rig, name: string, request: Request | undefined): void {
  rig.send({ type: 'addressesFailed', instance: name, epoch: request?.epoch ?? 0, reason: 'EBUSY' });
}

test('an address that a reload replaced is asked for again until the kernel lets go of it', () => {
  const rig = master(instance({ virtualAddresses: [OLD] }));
  rig.send({ type: 'reconfigured', config: director([instance({ virtualAddresses: [NEW] })]) });
  const [removal, addition] = requests(rig);
  assert.deepEqual([removal?.text, addition?.text], ['-192.0.2.100', '+192.0.2.101']);
  refuse(rig, 'V1', removal);
  rig.advance(seconds(1));
  const [again] = requests(rig);
  assert.equal(again?.text, '-192.0.2.100');
  rig.send({ type: 'addressesApplied', instance: 'V1', epoch: again.epoch });
  rig.advance(seconds(20));
  assert.deepEqual(requests(rig), []);
});

test('the addresses of a removed instance are asked for again, too', () => {
  const rig = master(instance({ virtualAddresses: [OLD] }));
  rig.send({ type: 'reconfigured', config: director([]) });
  assert.deepEqual(requests(rig), []);
  rig.advance(seconds(2));
  const [removal] = requests(rig);
  refuse(rig, 'V1', removal);
  rig.advance(seconds(1));
  assert.deepEqual(requests(rig).map(({ text }) => text), ['-192.0.2.100']);
});

test('nor are they forgotten when the kernel had not yet answered the master that gave way a moment before', () => {
  const rig = master(instance({ virtualAddresses: [OLD] }));
  rig.send({ type: 'advertReceived', interface: 'eth0', family: 'ipv4', advert: advertV2(200), source: address('192.0.2.2'), hopLimit: 255 });
  const [first] = requests(rig);
  rig.send({ type: 'reconfigured', config: director([]) });
  const [second] = requests(rig);
  refuse(rig, 'V1', first);
  refuse(rig, 'V1', second);
  rig.advance(seconds(1));
  assert.deepEqual(requests(rig).map(({ text }) => text), ['-192.0.2.100']);
});

test('an address that another master has taken over since is left to it', () => {
  const rig = master(instance({ virtualAddresses: [OLD] }), instance({ name: 'V2', virtualRouterId: 52, virtualAddresses: [NEW] }));
  rig.send({ type: 'reconfigured', config: director([instance({ name: 'V2', virtualRouterId: 52, virtualAddresses: [NEW, OLD] })]) });
  const [removal] = requests(rig);
  assert.equal(removal?.text, '-192.0.2.100');
  refuse(rig, 'V1', removal);
  rig.advance(seconds(20));
  assert.deepEqual(requests(rig).filter(({ text }) => text.startsWith('-')), []);
});

test('a stop asks once more for what the kernel has kept', () => {
  const rig = master(instance({ virtualAddresses: [OLD] }));
  rig.send({ type: 'reconfigured', config: director([instance({ virtualAddresses: [NEW] })]) });
  refuse(rig, 'V1', requests(rig)[0]);
  rig.send({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  rig.advance(seconds(4));
  assert.deepEqual(requests(rig).map(({ text }) => text).sort(), ['-192.0.2.100', '-192.0.2.101']);
});
