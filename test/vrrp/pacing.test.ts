/** Announcements at a rate, per interface and per group, on a virtual clock. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import type { AnnouncementRates } from '../../src/vrrp/config/announcement.js';
import { directorDeadline, initialDirector, stepDirector } from '../../src/vrrp/director.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { advertV2, director, instance, link, virtual } from '../support/vrrp-configuration.js';
import { address } from '../support/address.js';

const NONE = { gratuitousArp: micros(0), neighbourAdvert: micros(0) };

/** Makes all instances master and says when each address was announced, in milliseconds after the first. */
function announced(rates: AnnouncementRates | undefined, instances: readonly InstanceConfig[], then: (hear: (event: DirectorEvent) => void) => void = () => undefined) {
  let state = initialDirector(1);
  let now = micros(0);
  const sent: { readonly at: number; readonly text: string }[] = [];
  const hear = (event: DirectorEvent): void => {
    const step = stepDirector(state, event, now);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'announce') sent.push({ at: now, text: `${effect.addresses.map((each) => each.address).join('+')} x${effect.repeat}` });
      if (effect.type === 'setAddresses') hear({ type: 'addressesApplied', instance: effect.instance, epoch: effect.epoch });
    }
  };
  const runUntil = (end: Micros): void => {
    for (let due = directorDeadline(state); due !== undefined && due <= end; due = directorDeadline(state)) {
      now = due;
      hear({ type: 'timeout' });
    }
    now = end;
  };
  for (const name of ['eth0', 'eth1']) hear({ type: 'linkChanged', interface: name, link: link(name) });
  hear({ type: 'reconfigured', config: { ...director(instances), ...(rates === undefined ? {} : { announcementRates: rates }) } });
  runUntil(seconds(3.7));
  then(hear);
  runUntil(seconds(8));
  const start = sent[0]?.at ?? 0;
  return sent.map(({ at, text }) => `${(at - start) / 1000} ${text}`);
}

const SCHEDULE = { ...instance().announcements, masterRepeat: 2, masterDelay: micros(0) };
const TWO = instance({ announcements: SCHEDULE, virtualAddresses: [virtual('192.0.2.100'), virtual('192.0.2.101')] });

test('without a rate a set goes at once', () => {
  assert.deepEqual(announced(undefined, [TWO]), ['0 192.0.2.100+192.0.2.101 x2']);
});

test('with an interval each packet has a moment of its own, in the order of the rounds', () => {
  const perInterface = { ...NONE, gratuitousArp: milliseconds(10) };
  assert.deepEqual(announced({ perInterface, groups: [] }, [TWO]), ['0 192.0.2.100 x1', '10 192.0.2.101 x1', '20 192.0.2.100 x1', '30 192.0.2.101 x1']);
});

test('interfaces queue by themselves, but those of a group share one rate', () => {
  const onBoth = { ...TWO, virtualAddresses: [virtual('192.0.2.100'), virtual('192.0.2.101', { interface: 'eth1' })] };
  const apart: AnnouncementRates = { perInterface: { ...NONE, gratuitousArp: milliseconds(10) }, groups: [] };
  assert.deepEqual(announced(apart, [onBoth]), ['0 192.0.2.100 x1', '0 192.0.2.101 x1', '10 192.0.2.100 x1', '10 192.0.2.101 x1']);
  const together: AnnouncementRates = { perInterface: NONE, groups: [{ ...NONE, gratuitousArp: milliseconds(10), interfaces: ['eth0', 'eth1'] }] };
  assert.deepEqual(announced(together, [onBoth]), ['0 192.0.2.100 x1', '10 192.0.2.101 x1', '20 192.0.2.100 x1', '30 192.0.2.101 x1']);
});

test('the rate of ARP does not slow neighbour advertisements down', () => {
  const mixed = { ...TWO, excludedAddresses: [virtual('2001:db8::1/64')], virtualAddresses: [virtual('192.0.2.100')] };
  const rates: AnnouncementRates = { perInterface: { ...NONE, gratuitousArp: milliseconds(10) }, groups: [] };
  assert.deepEqual(announced(rates, [mixed]), ['0 192.0.2.100 x1', '0 2001:db8::1 x2', '10 192.0.2.100 x1']);
});

test('what has not gone when the instance gives way never goes: a master again begins anew', () => {
  const rates: AnnouncementRates = { perInterface: { ...NONE, gratuitousArp: seconds(1) }, groups: [] };
  const better: DirectorEvent = { type: 'advertReceived', interface: 'eth0', family: 'ipv4', source: address('192.0.2.9'), hopLimit: 255, advert: advertV2(250) };
  assert.deepEqual(announced(rates, [TWO], (hear) => hear(better)), ['0 192.0.2.100 x1', '3700 192.0.2.100 x1']);
});

test('somebody who asks has the addresses of a master announced once more, and nobody else\'s', () => {
  const other = instance({ name: 'V2', virtualRouterId: 52, virtualAddresses: [virtual('192.0.2.200')], announcements: SCHEDULE });
  const asked = announced(undefined, [TWO, other], (hear) => hear({ type: 'announceRequested', instance: 'V1' }));
  assert.deepEqual(asked.map((text) => text.replace(/^\S+ /, '')), ['192.0.2.100+192.0.2.101 x2', '192.0.2.200 x2', '192.0.2.100+192.0.2.101 x1']);
});

test('garp_extra_if announces one address on each other interface, every period', () => {
  const schedule = { ...SCHEDULE, masterRepeat: 1, extraInterfaces: { period: seconds(2), all: true } };
  const elsewhere = [virtual('192.0.2.101', { interface: 'eth1' }), virtual('192.0.2.102', { interface: 'eth1' })];
  const config = instance({ announcements: schedule, virtualAddresses: [virtual('192.0.2.100')], excludedAddresses: elsewhere });
  assert.deepEqual(announced(undefined, [config]), ['0 192.0.2.100+192.0.2.101+192.0.2.102 x1', '2000 192.0.2.101 x1', '4000 192.0.2.101 x1']);
  const quiet = { ...config, announcements: { ...schedule, extraInterfaces: { period: seconds(2), all: false } } };
  assert.deepEqual(announced(undefined, [quiet]).length, 1, 'only interfaces with a virtual MAC, and eth1 has none');
});
