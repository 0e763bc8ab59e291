import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openAddressClaims } from '../../src/io/sockets/address-claims.js';
import type { ClaimEvent } from '../../src/io/sockets/address-claims.js';
import { openAnnouncer } from '../../src/io/sockets/announcer.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { virtual } from '../support/vrrp-configuration.js';
import { address } from '../support/address.js';
import { createWire } from './namespaces.js';

const wire = createWire();
const open = (host: typeof wire.left): { links: LinkMonitor; announce: (...addresses: readonly string[]) => void; close: () => void } => {
  const links = host.inside(() => new LinkMonitor());
  links.start();
  const announcer = host.inside(() => openAnnouncer(links, () => undefined));
  return {
    links,
    announce: (...addresses) => announcer.announce(addresses.map((each) => virtual(each)), 1),
    close: () => {
      announcer.close();
      links.close();
    },
  };
};
const here = open(wire.left);
const there = open(wire.right);
const heard: ClaimEvent[] = [];
let told = (): void => undefined;
const claims = openAddressClaims(
  (index) => here.links.nameOf(index),
  (event) => {
    heard.push(event);
    told();
  },
);
after(() => {
  claims.close();
  here.close();
  there.close();
  wire.remove();
});

async function hear(count: number): Promise<readonly ClaimEvent[]> {
  while (heard.length < count) await new Promise<void>((resolve) => (told = resolve));
  return heard.splice(0);
}

test('ARP and neighbour advertisements of others for our addresses are heard, our own and those for other addresses are not', async () => {
  const watched = ['192.0.2.100', '2001:db8::100'];
  wire.left.inside(() => claims.watch(watched.map((each) => ({ interface: 'eth0', address: address(each) }))));
  const mac = there.links.find('eth0')?.mac ?? 'unknown';
  here.announce(...watched);
  there.announce('192.0.2.101', '2001:db8::101', '2001:db8:1::100', '192.0.2.100');
  assert.deepEqual(await hear(1), [{ type: 'addressClaimed', interface: 'eth0', address: '192.0.2.100', mac }]);
  there.announce('2001:db8::100');
  assert.deepEqual(await hear(1), [{ type: 'addressClaimed', interface: 'eth0', address: '2001:db8::100', mac }]);
});

test('what is watched can be replaced', async () => {
  wire.left.inside(() => claims.watch([{ interface: 'eth0', address: address('192.0.2.101') }]));
  there.announce('192.0.2.100', '192.0.2.101');
  assert.deepEqual((await hear(1)).map((event) => event.address), ['192.0.2.101']);
});
