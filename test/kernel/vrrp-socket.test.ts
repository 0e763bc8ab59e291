import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Family, IpAddress } from '../../src/base/address.js';
import { seconds } from '../../src/base/time.js';
import { type AdvertInfo, type VrrpSocket, createVrrpSocket } from '../../src/io/sockets/vrrp-socket.js';
import { type Advert, type AdvertError, encodeAdvert } from '../../src/vrrp/wire/packet.js';
import { awaitCarrier } from '../support/carrier.js';
import { drainUntil } from './drain.js';
import { type Host, createWire } from './namespaces.js';

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
wire.right.ip('address add 192.0.2.2/24 dev eth0');
wire.left.ip('address add fe80::1/64 dev eth0 nodad');
wire.right.ip('address add fe80::2/64 dev eth0 nodad');
const opened: VrrpSocket[] = [];
after(() => {
  // An open socket keeps the process running: a failed test must not keep it for ever.
  for (const socket of opened) socket.close();
  wire.remove();
});

interface Ear {
  readonly socket: VrrpSocket;
  readonly adverts: [Advert, AdvertInfo][];
  readonly malformed: [AdvertError, AdvertInfo][];
}

function open(host: Host, family: Family, virtualRouterIds?: readonly number[]): Ear {
  const socket = host.inside(() =>
    createVrrpSocket({ family, interface: 'eth0', ...(virtualRouterIds === undefined ? {} : { virtualRouterIds }) }),
  );
  opened.push(socket);
  const ear: Ear = { socket, adverts: [], malformed: [] };
  socket.on('advert', (advert, info) => ear.adverts.push([advert, info]));
  socket.on('malformed', (error, info) => ear.malformed.push([error, info]));
  return ear;
}

/** Hears until there are `count` messages, adverts or not. */
function hear({ socket, adverts, malformed }: Ear, count: number): void {
  drainUntil(
    () => socket.drain(),
    () => adverts.length + malformed.length >= count,
  );
}

function advert(family: Family, virtualRouterId = 51): Advert {
  const address = (family === 'ipv4' ? '192.0.2.100' : 'fe80::100') as IpAddress;
  return { version: 3, virtualRouterId, priority: 150, advertInterval: seconds(1), addresses: [address] };
}

const sources = { ipv4: '192.0.2.1' as IpAddress, ipv6: 'fe80::1' as IpAddress };
const groups = { ipv4: '224.0.0.18', ipv6: 'ff02::12' };

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`${family}: an advert is heard on the link with its source, group and hop limit, and not by its sender`, () => {
    const left = open(wire.left, family);
    const right = open(wire.right, family);
    assert.equal(left.socket.send(advert(family), { source: sources[family] }), 0);
    hear(right, 1);
    left.socket.drain();
    const [heard] = right.adverts;
    assert.deepEqual(heard?.[0], advert(family));
    assert.equal(heard[1].source, sources[family]);
    assert.equal(heard[1].destination, groups[family]);
    assert.equal(heard[1].hopLimit, 255);
    assert.equal(right.adverts.length, 1);
    assert.deepEqual(left.adverts, []);
    left.socket.close();
    right.socket.close();
  });

  test(`${family}: only the virtual routers asked for pass the kernel, and the choice can change`, () => {
    const left = open(wire.left, family);
    const right = open(wire.right, family, [51, 53]);
    const sendAll = (count: number): void => {
      for (let id = 1; id <= 255; id++) left.socket.send(advert(family, id), { source: sources[family] });
      hear(right, count);
    };
    const heardIds = (): number[] => right.adverts.splice(0).map(([{ virtualRouterId }]) => virtualRouterId);
    sendAll(2);
    assert.deepEqual(heardIds(), [51, 53]);
    right.socket.setVirtualRouterIds([]);
    sendAll(0);
    assert.deepEqual(heardIds(), []);
    const everyId = Array.from({ length: 255 }, (_, i) => i + 1);
    right.socket.setVirtualRouterIds(everyId);
    sendAll(255);
    assert.deepEqual(heardIds(), everyId);
    left.socket.close();
    right.socket.close();
  });

  test(`${family}: an advert sent to the host alone is not heard: it did not come to the group`, () => {
    const left = open(wire.left, family);
    const right = open(wire.right, family);
    const destination = (family === 'ipv4' ? '192.0.2.2' : 'fe80::2') as IpAddress;
    assert.equal(left.socket.send(advert(family), { source: sources[family], destination }), 0);
    assert.equal(left.socket.send(advert(family, 52), { source: sources[family] }), 0);
    hear(right, 1);
    assert.deepEqual(right.adverts.map(([{ virtualRouterId }]) => virtualRouterId), [52]);
    left.socket.close();
    right.socket.close();
  });

  test(`${family}: an advert can come from an address that the host no longer has`, () => {
    const left = open(wire.left, family);
    const right = open(wire.right, family);
    const source = (family === 'ipv4' ? '192.0.2.77' : 'fe80::77') as IpAddress;
    assert.equal(left.socket.send(advert(family), { source }), 0);
    hear(right, 1);
    assert.deepEqual(right.adverts.map(([, info]) => info.source), [source]);
    left.socket.close();
    right.socket.close();
  });

  test(`${family}: bytes that are no advert are told apart`, () => {
    const left = open(wire.left, family);
    const right = open(wire.right, family);
    const destination = groups[family] as IpAddress;
    const source = sources[family];
    const broken = encodeAdvert(advert(family), { family, source, destination });
    broken[6] = (broken[6] ?? 0) ^ 0xff;
    left.socket.sendMessage(broken, source, destination);
    left.socket.sendMessage(broken.subarray(0, 5), source, destination);
    hear(right, 2);
    assert.deepEqual(
      right.malformed.map(([error, info]) => [error, info.source, info.message.length]),
      [
        ['badChecksum', source, broken.length],
        ['tooShort', source, 5],
      ],
    );
    assert.deepEqual(right.adverts, []);
    left.socket.close();
    right.socket.close();
  });
}

test('adverts on another interface are not heard', () => {
  wire.right.ip('link add eth1 type veth peer name eth2');
  for (const name of ['eth1', 'eth2']) wire.right.ip(`link set ${name} up`);
  awaitCarrier(wire.right.namespace, 'eth1', 'eth2');
  const onEth0 = open(wire.right, 'ipv4');
  const onEth2 = wire.right.inside(() => createVrrpSocket({ family: 'ipv4', interface: 'eth2' }));
  let heardOnEth2 = 0;
  onEth2.on('advert', () => (heardOnEth2 += 1));
  const sender = wire.right.inside(() => createVrrpSocket({ family: 'ipv4', interface: 'eth1' }));
  opened.push(onEth2, sender);
  assert.equal(sender.send(advert('ipv4'), { source: '198.51.100.1' as IpAddress }), 0);
  drainUntil(
    () => onEth2.drain(),
    () => heardOnEth2 > 0,
  );
  onEth0.socket.drain();
  assert.deepEqual(onEth0.adverts, []);
  assert.equal(heardOnEth2, 1);
  onEth0.socket.close();
  wire.right.ip('link del eth1');
});

test('without a source the first fitting address of the interface speaks', () => {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const left = open(wire.left, family);
    const right = open(wire.right, family);
    assert.equal(
      wire.left.inside(() => left.socket.send(advert(family))),
      0,
    );
    hear(right, 1);
    assert.equal(right.adverts.length, 1);
    left.socket.close();
    right.socket.close();
  }
});

test('an absent interface is refused by name', () => {
  assert.throws(() => createVrrpSocket({ family: 'ipv4', interface: 'absent0' }), { code: 'ENODEV' });
});

test('the library is exported as holdfast/vrrp with what its users need', async () => {
  const name: string = 'holdfast/vrrp';
  const library = (await import(name)) as Record<string, unknown>;
  assert.equal(library['createVrrpSocket'], createVrrpSocket);
  for (const wanted of ['parseAddress', 'seconds', 'milliseconds', 'KernelError']) assert.equal(typeof library[wanted], 'function');
});
