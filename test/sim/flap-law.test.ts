/** How often loss alone makes a backup take over: as often as the protocol says, and not once more. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import { DIRECTOR } from '../../src/runtime/vrrp-driver.js';
import { virtual } from '../support/vrrp-configuration.js';
import type { ClusterPlan, HostPlan, RouterPlan } from './cluster-config.js';
import { createCluster } from './cluster.js';
import { NOTHING_TRACKED } from './conditions.js';
import { CALM_WEATHER } from './lan.js';
import { createWorld } from './world.js';

const HOURS = 20;

function host(number: number, priority: number): HostPlan {
  return { name: `h${number}`, number, priority, preempt: true, preemptDelay: micros(0), wantsMaster: false, slowness: 1, software: 'holdfast' };
}

function pair(downTimerAdverts: number): ClusterPlan {
  const router: RouterPlan = {
    name: 'V1',
    segment: 'eth0',
    virtualRouterId: 51,
    version: 3,
    family: 'ipv4',
    advertInterval: seconds(1),
    longestInterval: seconds(1),
    downTimerAdverts,
    authentication: { type: 'none' },
    hasPeers: false,
    virtualAddresses: [virtual('192.0.2.100/24')],
    excludedAddresses: [],
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    skipCheckAdvertAddresses: false,
    trackPrimary: true,
  };
  const segments = ['eth0'];
  const times = { startupDelay: micros(0), linkDelay: micros(0), pace: 1 };
  return { routers: [router], hosts: [host(1, 200), host(2, 100)], group: [], segments, interfaces: segments, tracks: NOTHING_TRACKED, unevenIntervals: false, ...times };
}

/** Takeovers by the worse host, and adverts that the better one has sent in turn. */
function run(downTimerAdverts: number, loss: number): { readonly takeovers: number; readonly adverts: number } {
  const world = createWorld(1);
  const cluster = createCluster(world, pair(downTimerAdverts), { machine: DIRECTOR, drains: true });
  let takeovers = 0;
  for (const each of cluster.hosts) each.powerOn();
  world.pass(seconds(10));
  cluster.watch((observation) => {
    if (observation.type === 'roleChanged' && observation.host.plan.name === 'h2' && observation.to === 'MASTER') takeovers += 1;
  });
  cluster.lan.setWeather({ ...CALM_WEATHER, loss });
  world.pass(seconds(HOURS * 3_600));
  return { takeovers, adverts: HOURS * 3_600 };
}

for (const [downTimerAdverts, loss] of [[3, 0.2], [3, 0.3], [5, 0.3]] as const) {
  test(`with ${downTimerAdverts} adverts to miss and ${loss * 100} % of them lost, false takeovers follow the law of runs`, (context) => {
    const { takeovers, adverts } = run(downTimerAdverts, loss);
    // The mean number of adverts up to the end of the first run of so many lost ones.
    const between = (1 - loss ** downTimerAdverts) / ((1 - loss) * loss ** downTimerAdverts);
    const expected = adverts / between;
    const deviation = (takeovers - expected) / Math.sqrt(expected);
    context.diagnostic(`${takeovers} takeovers in ${HOURS} hours, ${expected.toFixed(0)} expected: ${deviation.toFixed(2)} standard deviations`);
    assert.ok(Math.abs(deviation) < 4, `${deviation} standard deviations`);
  });
}
