import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openAddresses } from '../../src/io/netlink/addresses.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { NetlinkRequester } from '../../src/io/netlink/netlink.js';
import { type NetworkEvent, NetworkMonitor } from '../../src/io/netlink/network-monitor.js';
import type { Route } from '../../src/vrrp/host/routes.js';
import { address } from '../support/address.js';
import { route, rule } from '../support/network.js';
import { createWire } from './namespaces.js';

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
wire.left.ip('-6 address add 2001:db8::1/64 dev eth0');
const EINTR = 4;
const heard: NetworkEvent[] = [];
const losses: KernelError[] = [];
const links = wire.left.inside(() => new LinkMonitor());
links.start();
const port = wire.left.inside(() => openAddresses(links, (event) => assert.deepEqual(event.type === 'addressesFailed' ? event.reason : '', '')));
const monitors: NetworkMonitor[] = [];
after(() => {
  port.close();
  links.close();
  for (const each of monitors) each.close();
  wire.remove();
});

const ROUTES: readonly Route[] = [
  route('10.1.0.0/16', { gateway: address('192.0.2.254') }),
  route('10.1.0.0/16', { gateway: address('192.0.2.253') }),
  route('10.2.0.0/16', { table: 5000, metric: 9 }),
  route('2001:db8:1::/48', { gateway: address('2001:db8::fe') }),
  route('10.3.0.0/16', { tracked: false }),
];
const RULES = [
  rule(100, { from: { address: address('10.1.0.0'), prefixLength: 16 } }),
  rule(101, { family: 'ipv6', action: { type: 'table', table: 5000 }, inputInterface: 'eth0', mark: { value: 5, mask: 255 } }),
  rule(102, { inverted: true, to: { address: address('10.9.0.0'), prefixLength: 16 } }),
];
const ALL = { addresses: [], routes: ROUTES, rules: RULES };

function watching(receiveBuffer?: number): NetworkMonitor {
  const options = { onEvent: (event: NetworkEvent) => void heard.push(event), onLoss: (error: KernelError) => void losses.push(error) };
  const monitor = new NetworkMonitor(links, options);
  if (receiveBuffer !== undefined) monitor.setReceiveBuffers({ monitor: { bytes: receiveBuffer, force: false } });
  monitors.push(monitor);
  wire.left.inside(() => monitor.watch(ALL));
  return monitor;
}

async function told(count: number): Promise<readonly NetworkEvent[]> {
  const end = performance.now() + 120_000;
  while (heard.length < count && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  return heard.splice(0);
}

const nameOf = (event: NetworkEvent): string => {
  if (event.type === 'ruleRemoved') return `rule ${event.rule.priority}`;
  const { destination, gateway = '' } = event.route;
  return `${destination.address} ${gateway}`.trim();
};

test('each tracked route or rule that somebody else removes is told, and no other', async () => {
  port.set('A', 1, true, ALL);
  const monitor = watching();
  wire.left.ip('route del 10.1.0.0/16 via 192.0.2.254');
  assert.deepEqual((await told(1)).map(nameOf), ['10.1.0.0 192.0.2.254']);
  wire.left.ip('route del 10.2.0.0/16 table 5000');
  wire.left.ip('-6 route del 2001:db8:1::/48');
  wire.left.ip('route del 10.3.0.0/16');
  wire.left.ip('route add 10.7.0.0/16 dev eth0 proto 18');
  wire.left.ip('route del 10.7.0.0/16 dev eth0 proto 18');
  wire.left.ip('rule del preference 100');
  wire.left.ip('-6 rule del preference 101');
  wire.left.ip('rule del preference 102');
  assert.deepEqual((await told(5)).map(nameOf).sort(), ['10.2.0.0', '2001:db8:1:: 2001:db8::fe', 'rule 100', 'rule 101', 'rule 102']);
  monitor.close();
});

test('what is back by the time the events are read is not gone', async () => {
  port.set('A', 1, true, ALL);
  const monitor = watching();
  port.set('A', 2, false, ALL);
  port.set('A', 3, true, ALL);
  wire.left.ip('rule del preference 102');
  assert.deepEqual((await told(1)).map(nameOf), ['rule 102']);
  monitor.close();
});

test('when events are lost everything is looked at again', async () => {
  port.set('A', 1, true, ALL);
  const monitor = watching(2_048);
  // All of it arrives before anybody reads: far more than the buffer holds.
  const noise = Array.from({ length: 300 }, (_, i) => [`rule add from all lookup 77 preference ${1000 + i}`, `rule del preference ${1000 + i}`]).flat();
  wire.left.ipBatch([...noise, 'rule del preference 102', 'route del 10.1.0.0/16 via 192.0.2.253', ...noise]);
  assert.deepEqual((await told(2)).map(nameOf).sort(), ['10.1.0.0 192.0.2.253', 'rule 102']);
  assert.ok(losses.length > 0, 'nothing was lost: this test shows nothing');
  monitor.close();
  port.set('A', 4, false, ALL);
});

test('a look that the kernel interrupts is taken again, and tells then what is gone', async (t) => {
  port.set('A', 1, true, ALL);
  const monitor = watching(2_048);
  let interruptions = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the object it is asked of
  const { query } = NetlinkRequester.prototype;
  t.mock.method(NetlinkRequester.prototype, 'query', function (this: NetlinkRequester, ...[request, done]: Parameters<NetlinkRequester['query']>) {
    if (request.operation !== 'list rules' || interruptions === 2) {
      query.call(this, request, done);
      return;
    }
    interruptions += 1;
    done({ ok: false, error: new KernelError(request.operation, EINTR) });
  });
  const noise = Array.from({ length: 300 }, (_, i) => [`rule add from all lookup 77 preference ${1000 + i}`, `rule del preference ${1000 + i}`]).flat();
  wire.left.ipBatch([...noise, 'rule del preference 102', 'route del 10.1.0.0/16 via 192.0.2.253', ...noise]);
  assert.deepEqual((await told(2)).map(nameOf).sort(), ['10.1.0.0 192.0.2.253', 'rule 102']);
  assert.equal(interruptions, 2);
  monitor.close();
  port.set('A', 4, false, ALL);
});

test('a whole table of other routes coming and going does not reach the process, and ours still does', async () => {
  losses.length = 0;
  port.set('A', 5, true, ALL);
  const monitor = watching(2_048);
  // A hundred times what the buffer holds, were it not dropped before it.
  const strangers = Array.from({ length: 1_000 }, (_, i) => `10.77.${i >> 8}.${i & 255}/32 via 192.0.2.254 proto bgp`);
  wire.left.ipBatch([...strangers.map((each) => `route add ${each}`), ...strangers.map((each) => `route del ${each}`), 'route del 10.2.0.0/16 table 5000']);
  assert.deepEqual((await told(1)).map(nameOf), ['10.2.0.0']);
  assert.deepEqual(losses, []);
  // Followed instead of those before: what is watched for changes with them.
  const other = route('10.4.0.0/16', { protocol: 44 });
  port.set('B', 1, true, { addresses: [], routes: [other], rules: [] });
  monitor.watch({ routes: [other], rules: [] });
  wire.left.ip('route del 10.4.0.0/16 proto 44');
  assert.deepEqual((await told(1)).map(nameOf), ['10.4.0.0']);
  monitor.close();
  port.set('A', 6, false, ALL);
});
