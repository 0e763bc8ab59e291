import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { type LinkEvent, LinkMonitor } from '../../src/io/netlink/links.js';
import { NativeSocket } from '../../src/io/sockets/native-socket.js';
import { AF, sockaddrNl } from '../../src/io/sockets/sockaddr.js';
import type { LinkState } from '../../src/vrrp/config.js';
import { createWire } from './namespaces.js';

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
after(() => wire.remove());

interface Watched {
  readonly monitor: LinkMonitor;
  /** Resolves once an event has come that satisfies; the events before it are in `events`. */
  readonly until: (satisfies: (event: LinkEvent) => boolean) => Promise<LinkEvent>;
  readonly events: LinkEvent[];
}

function watch(receiveBuffer?: number): Watched {
  const monitor = wire.left.inside(() => new LinkMonitor());
  if (receiveBuffer !== undefined) monitor.setReceiveBuffers({ monitor: { bytes: receiveBuffer, force: false } });
  const events: LinkEvent[] = [];
  let arrived = (): void => undefined;
  monitor.on('event', (event) => {
    events.push(event);
    arrived();
  });
  monitor.start();
  return {
    monitor,
    events,
    until: async (satisfies) => {
      for (;;) {
        for (let event = events.shift(); event !== undefined; event = events.shift()) if (satisfies(event)) return event;
        await new Promise<void>((resolve) => (arrived = resolve));
      }
    },
  };
}

function linkOf(event: LinkEvent | undefined): LinkState | undefined {
  return event?.type === 'linkChanged' ? event.link : undefined;
}

/** Matches linkChanged of this interface, optionally only when the link is (or is not) there. */
function changed(name: string, link: (state: LinkState | undefined) => boolean = () => true) {
  return (event: LinkEvent): boolean => event.type === 'linkChanged' && event.interface === name && link(event.link);
}

const isGone = (state: LinkState | undefined): boolean => state === undefined;
const holds =
  (address: string) =>
  (state: LinkState | undefined): boolean =>
    state?.addresses.some((cidr) => cidr.address === address) === true;
const isThere = (state: LinkState | undefined): boolean => state !== undefined;

test('the first picture has every interface with its addresses, and missing ones are reported on demand', () => {
  const { monitor, events } = watch();
  const eth0 = linkOf(events.find(changed('eth0')));
  assert.equal(eth0?.up, true);
  assert.equal(eth0.mac, /link\/ether (\S+)/.exec(wire.left.ip('link show eth0'))?.[1]);
  assert.deepEqual(eth0.addresses[0], { address: '192.0.2.1', prefixLength: 24 });
  assert.ok(events.some((event) => event.interface === 'lo'));
  events.length = 0;
  monitor.report(['absent0']);
  assert.deepEqual(events, [{ type: 'linkChanged', interface: 'absent0' }]);
  monitor.close();
});

test('what happens while the first picture is being taken is no older than it', { timeout: 600_000 }, async (t) => {
  wire.left.ip('link add late0 type veth peer name late1');
  wire.left.ip('link set late1 up');
  t.after(() => wire.left.ip('link del late0'));
  // As if every answer took so long that the next question waits for a turn of the loop.
  let clock = 0;
  t.mock.method(performance, 'now', () => (clock += 3));
  const { monitor, until } = watch();
  wire.left.ip('link set late0 up');
  wire.left.ip('address add 192.0.2.9/32 dev late0');
  await until(changed('late0', (link) => link?.up === true && holds('192.0.2.9')(link)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(monitor.find('late0')?.up, true);
  monitor.close();
});

test('an interface that loses its carrier, is deleted, made again or renamed is told whole each time', async () => {
  const { monitor, until } = watch();
  wire.left.ip('link add port0 type veth peer name port1');
  wire.left.ip('link set port0 up');
  await until(changed('port0', isThere));
  wire.left.ip('link set port1 up');
  const up = linkOf(await until(changed('port0', (link) => link?.up === true)));
  wire.left.ip('link set port1 down');
  await until(changed('port0', (link) => link?.up === false));
  wire.left.ip('link del port0');
  await until(changed('port0', isGone));
  assert.equal(monitor.find('port0'), undefined);
  wire.left.ip('link add port0 type veth peer name port1');
  const again = linkOf(await until(changed('port0', isThere)));
  assert.notEqual(again?.index, up?.index);
  wire.left.ip('link set port0 name port9');
  await until(changed('port0', isGone));
  assert.equal(monitor.find('port9')?.index, again?.index);
  wire.left.ip('link del port9');
  monitor.close();
});

test('an address that somebody removes is told, one that is put back in the same moment is not', async () => {
  const { monitor, events, until } = watch();
  wire.left.ip('address add 192.0.2.100/32 dev eth0');
  const added = linkOf(await until(changed('eth0', holds('192.0.2.100'))));
  const ipv4 = added?.addresses.filter(({ address }) => address.startsWith('192.')) ?? [];
  assert.deepEqual(ipv4, [
    { address: '192.0.2.1', prefixLength: 24 },
    { address: '192.0.2.100', prefixLength: 32 },
  ]);
  wire.left.ipBatch(['address del 192.0.2.100/32 dev eth0', 'address add 192.0.2.100/32 dev eth0']);
  wire.left.ip('link set lo mtu 65000');
  await until(changed('lo'));
  assert.ok(!events.some((event) => event.type === 'addressRemoved'));
  wire.left.ip('address del 192.0.2.100/32 dev eth0');
  const removed = await until((event) => event.type === 'addressRemoved');
  assert.deepEqual(removed, { type: 'addressRemoved', interface: 'eth0', address: '192.0.2.100' });
  monitor.close();
});

test('after an overrun the picture is taken again and nothing is missed', async () => {
  const { monitor, until } = watch(4096);
  const overruns: string[] = [];
  monitor.on('resynchronising', (error) => overruns.push(error.code));
  wire.left.ip('address add 192.0.2.200/32 dev eth0');
  await until(changed('eth0', holds('192.0.2.200')));
  const burst = Array.from({ length: 2000 }, (_, i) => `address add 10.8.${i >> 8}.${i & 255}/32 dev eth0`);
  // This process does not read while ip runs, so most of the events are lost.
  wire.left.ipBatch([...burst, 'address del 192.0.2.200/32 dev eth0']);
  await until((event) => event.type === 'addressRemoved' && event.address === '192.0.2.200');
  assert.ok(overruns.includes('ENOBUFS'), overruns.join());
  const addresses = monitor.find('eth0')?.addresses.filter(({ address }) => address.startsWith('10.8.'));
  assert.equal(addresses?.length, 2000);
  monitor.close();
});

test('messages of another process are ignored', async () => {
  const { monitor, events, until } = watch();
  const forger = wire.left.inside(
    () =>
      new NativeSocket({
        domain: AF.netlink,
        type: 3,
        protocol: 0,
        slots: 1,
        slotSize: 64,
        onMessage: () => undefined,
        onError: () => undefined,
      }),
  );
  // RTM_DELLINK of interface 1, sent to the port of the monitor's event socket: the process id, being the first.
  const forged = new Uint8Array(52);
  const view = new DataView(forged.buffer);
  view.setUint32(0, 52, true);
  view.setUint16(4, 17, true);
  view.setInt32(20, 1, true);
  view.setUint16(32, 7, true);
  view.setUint16(34, 3, true);
  forged.set([0x6c, 0x6f], 36);
  const ports = wire.left.run('cat', '/proc/net/netlink').matchAll(/^\S+ 0 +(\d+) +00000111/gm);
  let sent = 0;
  for (const [, port] of ports) if (forger.send(forged, sockaddrNl(Number(port), 0), null) > 0) sent += 1;
  assert.ok(sent > 0, 'no event socket found');
  wire.left.ip('link set lo mtu 65001');
  await until(changed('lo', isThere));
  assert.ok(!events.some(changed('lo', isGone)));
  assert.notEqual(monitor.find('lo'), undefined);
  forger.close();
  monitor.close();
});

test('a device that a listener makes because another one went is told of after that, to everybody', async () => {
  const monitor = wire.left.inside(() => new LinkMonitor());
  wire.left.ip('link add twice type bridge');
  let made = false;
  monitor.on('event', (event) => {
    if (event.type !== 'linkChanged' || event.interface !== 'twice' || event.link !== undefined || made) return;
    made = true;
    wire.left.ip('link add twice type bridge');
    monitor.drain();
    monitor.report(['twice']);
  });
  const heard: boolean[] = [];
  let settled = (): void => undefined;
  const end = new Promise<void>((resolve) => (settled = resolve));
  monitor.on('event', (event) => {
    if (event.type !== 'linkChanged' || event.interface !== 'twice') return;
    heard.push(event.link !== undefined);
    if (made && event.link !== undefined) settled();
  });
  monitor.start();
  wire.left.ip('link delete twice');
  await end;
  monitor.drain();
  assert.deepEqual(heard.slice(heard.indexOf(false)), heard.slice(heard.indexOf(false)).map((_, i) => i > 0));
  assert.equal(heard.at(-1), true);
  monitor.close();
  wire.left.ip('link delete twice');
});
