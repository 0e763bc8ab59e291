/**
 * Draws the pictures of the README, light and dark: `node dist/test/dashboard/screenshots.js FOLDER`. The scene is a director of a
 * pair with three virtual routers, whose shop has lost a server and whose images are drained by hand.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { createEventStreams } from '../../src/control/event-streams.js';
import { createControlServer } from '../../src/control/server.js';
import type { ControlEvent, InstanceStatus, RealServerStatus, Status, TrafficStatus, VirtualServerStatus } from '../../src/control/status.js';
import { openPage } from './browser.js';

const NOW = Date.now();
const before = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();

function instance(name: string, virtualRouterId: number, addresses: readonly string[], more: Partial<InstanceStatus>): InstanceStatus {
  const state = more.state ?? 'MASTER';
  return {
    name,
    interface: 'eth0',
    family: 'ipv4',
    virtualRouterId,
    protocolVersion: 3,
    state,
    reason: 'no router with a better priority is heard',
    since: before(212_000),
    priority: { configured: 150, effective: 150, reasons: [] },
    faults: [],
    preempt: true,
    advertIntervalSeconds: 1,
    masterDownSeconds: 3.4,
    gratuitousArpDelaySeconds: 5,
    addresses: addresses.map((address) => ({ address, prefixLength: 24, interface: 'eth0', held: state === 'MASTER', excluded: false })),
    addressesStatus: 'applied',
    statistics: {},
    ...more,
  };
}

const traffic = (rate: number): TrafficStatus => {
  const perSecond = { connections: rate, packetsIn: 24 * rate, packetsOut: 31 * rate, bytesIn: 2_300 * rate, bytesOut: 41_000 * rate };
  return { ...perSecond, perSecond };
};

function server(network: string, last: number, port: number, round: number, more: Partial<RealServerStatus> = {}): RealServerStatus {
  const address = `${network}.${last}`;
  const wave = Math.sin((round + last * 3) / 6) + Math.sin((round * 7 + last * 13) % 11) / 3;
  return {
    name: `[${address}]:tcp:${port}`,
    address,
    port,
    method: 'nat',
    state: 'up',
    since: before(212_000),
    weight: { configured: 10, effective: 10, kernel: 10 },
    connections: { active: 90 + last * 3, inactive: 410, persistent: 0 },
    traffic: traffic(38 + last),
    checks: [{ check: 'HTTP_GET', up: true, hasRun: true, retriesUsed: 0, answeredAt: new Date(NOW + round * 5_000).toISOString(), latencyMilliseconds: 11 + 4 * wave + (round % 29 === 7 ? 22 : 0) }],
    ...more,
  };
}

function pool(address: string, port: number, realServers: readonly RealServerStatus[], more: Partial<VirtualServerStatus> = {}): VirtualServerStatus {
  const alive = realServers.filter(({ state }) => state === 'up');
  return {
    name: `[${address}]:tcp:${port}`,
    services: [{ protocol: 'tcp', address, port, family: 'ipv4', scheduler: 'wlc' }],
    state: 'up',
    since: before(212_000),
    quorum: 20,
    aliveWeight: 10 * alive.length,
    connections: { active: 118 * alive.length, inactive: 400 * alive.length, persistent: 0 },
    traffic: traffic(41 * alive.length),
    realServers,
    ...more,
  };
}

function scene(round: number): Status {
  const many = (network: string, count: number, port: number): readonly RealServerStatus[] => Array.from({ length: count }, (_, index) => server(network, 11 + index, port, round));
  const dead = server('10.0.10', 14, 8080, round, {
    state: 'down',
    since: before(94),
    reason: 'HTTP_GET: HTTP status 503',
    weight: { configured: 10, effective: 10 },
    connections: { active: 0, inactive: 3, persistent: 0 },
    traffic: traffic(0),
    checks: [{ check: 'HTTP_GET', up: false, hasRun: true, retriesUsed: 0, answeredAt: new Date(NOW + round * 5_000).toISOString(), latencyMilliseconds: 3, failure: 'HTTP status 503' }],
  });
  const drained = server('10.0.20', 17, 8080, round, { byHand: 'drain', since: before(600), reason: 'drained by hand', weight: { configured: 10, effective: 0, kernel: 0 } });
  const shop = many('10.0.10', 12, 8080).map((each) => (each.name === dead.name ? dead : each));
  const images = many('10.0.20', 24, 8080).map((each) => (each.name === drained.name ? drained : each));
  return {
    version: 1,
    daemon: {
      version: '0.1.0',
      pid: 812,
      startedAt: before(212_000),
      stopping: false,
      configuration: { file: '/etc/keepalived/keepalived.conf', generation: 4, loadedAt: before(3_600) },
      processes: [{ name: 'vrrp', pid: 815 }, { name: 'checkers', pid: 814 }],
    },
    vrrp: {
      asOf: before(0),
      instances: [
        instance('shop', 51, ['192.0.2.10', '192.0.2.11'], { priority: { configured: 150, effective: 160, reasons: ['+10 script check_uplink'] } }),
        instance('images', 52, ['192.0.2.20'], {}),
        instance('mail', 53, ['192.0.2.30'], {
          state: 'BACKUP',
          reason: '192.0.2.2 is master with priority 150, ours is 100',
          priority: { configured: 100, effective: 100, reasons: [] },
          master: { address: '192.0.2.2', priority: 150 },
        }),
      ],
      groups: [],
      scripts: [{ name: 'check_uplink', up: true, running: false }],
    },
    lvs: {
      asOf: before(0),
      countedAt: before(2),
      kernel: { known: true, ownServices: 5, refusedCommands: 0, repairs: 0 },
      virtualServers: [
        pool('192.0.2.10', 443, shop),
        pool('192.0.2.10', 80, many('10.0.10', 12, 80)),
        pool('192.0.2.11', 443, many('10.0.11', 6, 8443)),
        pool('192.0.2.20', 443, images),
        pool('192.0.2.30', 25, many('10.0.30', 3, 25)),
      ],
    },
  };
}

const say = (id: number, ago: number, level: ControlEvent['level'], event: string, text: string): ControlEvent => ({ id, time: before(ago), process: event === 'effectivePriorityChanged' ? 'vrrp' : 'checkers', level, event, text, fields: {} });

const EVENTS: readonly ControlEvent[] = [
  say(1, 3_400, 'info', 'configurationComplete', 'Reload complete'),
  say(2, 1_500, 'info', 'effectivePriorityChanged', '(shop) Changing effective priority from 150 to 160'),
  say(3, 97, 'warn', 'checkFailed', 'HTTP_GET on service [10.0.10.14]:tcp:8080 failed after 3 retries'),
  say(4, 94, 'warn', 'serverRemoved', 'Removing service [10.0.10.14]:tcp:8080 from VS [192.0.2.10]:tcp:443'),
];

/** Looks of the page: what its latency lines are made of. */
const ROUNDS = 70;

async function draw(folder: string): Promise<void> {
  const endings: (() => unknown)[] = [];
  const streams = createEventStreams();
  let round = 0;
  const status = (): Status => scene(round);
  const text = (): Buffer => {
    round += 1;
    return Buffer.from(JSON.stringify(scene(round)));
  };
  const state = { hear: () => undefined, looked: () => undefined, status, shown: status, statusText: text, screen: () => Buffer.alloc(0), eventsAfter: (id: number) => EVENTS.filter((event) => event.id > id), lastEventId: () => EVENTS.length };
  const commands = { send: () => undefined };
  const { server: http, close } = createControlServer(state, streams, () => Promise.resolve(''), { commands });
  endings.push(close);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const page = await openPage({ after: (ending) => endings.push(ending as () => unknown) }, `http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await page.evaluate(`document.querySelector('.cell[data-state="up"]').click()`);
  const quiet: ControlEvent = say(5, 5, 'info', 'checkSucceeded', 'HTTP_GET on service [10.0.11.14]:tcp:8443 succeeded');
  for (let i = 0; i < ROUNDS; i += 1) {
    streams.send([quiet]);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  mkdirSync(folder, { recursive: true });
  await page.evaluate(`document.documentElement.style.overflow = 'hidden'; document.querySelector('.side').style.overflow = 'hidden'; void 0`);
  for (const scheme of ['light', 'dark'] as const) {
    await page.prefer(scheme);
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(join(folder, `dashboard-${scheme}.png`), await page.screenshot());
  }
  for (const ending of endings.reverse()) await ending();
}

await draw(process.argv[2] ?? 'examples/screenshots');
