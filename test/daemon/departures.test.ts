/** Who leaves before another program takes over, and comes back when none does. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { createDepartures } from '../../src/daemon/restart/departures.js';
import { routeKey } from '../../src/vrrp/adoption.js';
import { director, instance } from '../support/vrrp-configuration.js';

const [stays, leaves] = [instance({ name: 'V1', virtualRouterId: 51 }), instance({ name: 'V2', virtualRouterId: 52 })];

function departing(): { readonly names: () => readonly string[]; readonly limitTo: (remaining: readonly string[] | undefined) => void } {
  const asked: string[] = [];
  const departures = createDepartures(({ instances }) => void asked.push(instances.map(({ name }) => name).join(' ')));
  departures.configure(director([stays, leaves]));
  return { names: () => asked, limitTo: departures.limitTo };
}

test('whom the next program does not have leaves, and is back when there is no next program', () => {
  const { names, limitTo } = departing();
  limitTo([routeKey(stays)]);
  limitTo(undefined);
  assert.deepEqual(names(), ['V1 V2', 'V1', 'V1 V2']);
});

test('where everybody stays nothing is configured anew, there and back', () => {
  const { names, limitTo } = departing();
  limitTo([routeKey(leaves), routeKey(stays), 'eth9 ipv4 7']);
  limitTo(undefined);
  assert.deepEqual(names(), ['V1 V2']);
});
