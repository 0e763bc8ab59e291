import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { IpAddress } from '../../src/base/address.js';
import { seconds } from '../../src/base/time.js';
import { type AdvertFault, openAdvertEndpoints } from '../../src/io/sockets/advert-endpoints.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { createVrrpSocket } from '../../src/io/sockets/vrrp-socket.js';
import type { AdvertEndpoint } from '../../src/runtime/ports.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';
import type { AdvertEvent } from '../../src/vrrp/wire/unpack.js';
import { awaitCarrier } from '../support/carrier.js';
import { drainUntil } from './drain.js';
import { createWire } from './namespaces.js';

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
wire.right.ip('address add 192.0.2.2/24 dev eth0');
wire.left.enter();
const events: AdvertEvent[] = [];
const faults: AdvertFault[] = [];
const links = new LinkMonitor();
links.start();
const port = openAdvertEndpoints(
  links,
  (event) => events.push(event),
  (fault) => faults.push(fault),
);
after(() => {
  port.close();
  links.close();
  wire.remove();
});

const group = '224.0.0.18' as IpAddress;
const here = '192.0.2.1' as IpAddress;
const there = '192.0.2.2' as IpAddress;

function endpoint(name: string, virtualRouterIds: readonly number[] = [51]): AdvertEndpoint {
  return { interface: name, family: 'ipv4', protocol: 'vrrp', multicastGroup: group, virtualRouterIds };
}

function payload(virtualRouterId: number, source: IpAddress): Uint8Array {
  const advert = { version: 3, virtualRouterId, priority: 9, advertInterval: seconds(1), addresses: [here] } as const;
  return encodeAdvert(advert, { family: 'ipv4', source, destination: group });
}

const datagram = { source: here, destination: group, hopLimit: 255, payload: payload(51, here) };

/** What the endpoints hear when the other side of this interface sends for 51 and 52; waits for `count` of them. */
function heardFrom(name: string, count = 1): number[] {
  const sender = wire.right.inside(() => createVrrpSocket({ family: 'ipv4', interface: name }));
  for (const id of [51, 52]) sender.sendMessage(payload(id, there), there, group);
  sender.close();
  drainUntil(port.drain, () => events.length >= count);
  return events.splice(0).map((event) => (event.type === 'advertReceived' ? event.advert.virtualRouterId : 0));
}

function told(): [string, string][] {
  return faults.splice(0).map(({ interface: name, error }) => [name, error.code]);
}

/** Makes another wire and waits until the monitor knows and it carries. */
async function plug(name: string): Promise<void> {
  wire.left.ip(`link add ${name} type veth peer name ${name} netns ${wire.right.namespace}`);
  wire.right.ip(`link set ${name} up`);
  wire.left.ip(`link set ${name} up`);
  await until(() => links.find(name)?.up === true);
  awaitCarrier(wire.right.namespace, name);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => links.once('event', resolve));
}

test('adverts of the configured routers are events of their interface, others are not heard', () => {
  port.configure([endpoint('eth0')]);
  assert.deepEqual(heardFrom('eth0'), [51]);
  port.configure([endpoint('eth0', [51, 52])]);
  assert.deepEqual(heardFrom('eth0', 2), [51, 52]);
  port.configure([]);
  assert.deepEqual(heardFrom('eth0', 0), []);
});

test('an advert event names interface, family, source, hop limit and destination; a broken one its error and header', () => {
  port.configure([endpoint('eth0')]);
  const sender = wire.right.inside(() => createVrrpSocket({ family: 'ipv4', interface: 'eth0' }));
  const broken = payload(51, there);
  broken[3] = 77;
  sender.sendMessage(payload(51, there), there, group);
  sender.sendMessage(broken, there, group);
  sender.close();
  drainUntil(port.drain, () => events.length >= 2);
  const [heard, malformed] = events.splice(0);
  const origin = { interface: 'eth0', family: 'ipv4', source: there, hopLimit: 255 };
  const advert = { version: 3, virtualRouterId: 51, priority: 9, advertInterval: seconds(1), addresses: [here] };
  assert.ok(heard?.type === 'advertReceived' && heard.arrival !== undefined);
  const { arrival, ...plain } = heard;
  assert.deepEqual(plain, { type: 'advertReceived', ...origin, advert });
  const { destination, checksum, packetType, message } = arrival;
  assert.deepEqual({ destination, checksum, packetType }, { destination: group, checksum: 'right', packetType: 1 });
  assert.deepEqual(message, payload(51, there));
  const header = { version: 3, packetType: 1, virtualRouterId: 51, addressCount: 77 };
  const broke = { error: 'lengthMismatch', length: 12, header, destination: group, protocol: 'vrrp' };
  assert.deepEqual(malformed, { type: 'advertMalformed', ...origin, ...broke });
});

test('what is sent on an endpoint arrives, and what cannot be sent is a fault told once, or not at all while its link is down', async () => {
  port.configure([endpoint('eth0')]);
  const ear = wire.right.inside(() => createVrrpSocket({ family: 'ipv4', interface: 'eth0' }));
  let heard = 0;
  ear.on('advert', () => (heard += 1));
  port.send(endpoint('eth0'), datagram);
  drainUntil(
    () => ear.drain(),
    () => heard > 0,
  );
  assert.equal(heard, 1);
  ear.close();
  port.send(endpoint('absent0'), datagram);
  assert.deepEqual(told(), []);
  wire.left.ip('link set eth0 down');
  for (let i = 0; i < 3; i++) port.send(endpoint('eth0'), datagram);
  assert.deepEqual(told(), [['eth0', 'ENETUNREACH']]);
  wire.left.ip('link set eth0 up');
  port.send(endpoint('eth0'), datagram);
  wire.left.ip('link set eth0 down');
  await until(() => links.find('eth0')?.up === false);
  port.send(endpoint('eth0'), datagram);
  wire.left.ip('link set eth0 up');
  await until(() => links.find('eth0')?.up === true);
  assert.deepEqual(told(), []);
  awaitCarrier(wire.right.namespace, 'eth0');
});

test('an interface that appears late, goes down and up, or is made again is heard each time', async () => {
  port.configure([endpoint('eth0'), endpoint('late0')]);
  await plug('late0');
  assert.deepEqual(heardFrom('late0'), [51]);
  wire.left.ip('link set late0 down');
  await until(() => links.find('late0')?.up === false);
  wire.left.ip('link set late0 up');
  awaitCarrier(wire.right.namespace, 'late0');
  assert.deepEqual(heardFrom('late0'), [51]);
  wire.left.ip('link del late0');
  await until(() => links.find('late0') === undefined);
  await plug('late0');
  assert.deepEqual(heardFrom('late0'), [51]);
  assert.deepEqual(heardFrom('eth0'), [51]);
  wire.left.ip('link del late0');
});
