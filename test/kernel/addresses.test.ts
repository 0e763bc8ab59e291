import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { type AddressEvent, openAddresses } from '../../src/io/netlink/addresses.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { NOTHING } from '../../src/vrrp/instance/belongings.js';
import type { VirtualAddress } from '../../src/vrrp/config.js';
import { address } from '../support/address.js';
import { virtual } from '../support/vrrp-configuration.js';
import { createWire } from './namespaces.js';

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
const answers: AddressEvent[] = [];
const links = wire.left.inside(() => new LinkMonitor());
links.start();
const port = wire.left.inside(() => openAddresses(links, (event) => answers.push(event)));
after(() => {
  port.close();
  links.close();
  wire.remove();
});

interface Shown {
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly label?: string;
  readonly broadcast?: string;
  readonly address?: string;
  readonly nodad?: boolean;
  readonly noprefixroute?: boolean;
  readonly preferred_life_time: number;
  readonly protocol?: string;
}

function shown(address: string): Shown | undefined {
  const [link] = JSON.parse(wire.left.ip('-json address show dev eth0')) as [{ addr_info: Shown[] }];
  return link.addr_info.find(({ local }) => local === address);
}

function set(present: boolean, ...addresses: readonly VirtualAddress[]): AddressEvent | undefined {
  port.set('A', 7, present, { ...NOTHING, addresses });
  return answers.pop();
}

const applied = { type: 'addressesApplied', instance: 'A', epoch: 7 };

test('addresses come with label, broadcast, scope and peer, and go again', () => {
  const addresses = [
    virtual('192.0.2.100/32'),
    virtual('192.0.2.101/24', { label: 'eth0:vip', broadcast: address('192.0.2.255') }),
    virtual('203.0.113.1/24', { scope: 253 }),
    virtual('198.51.100.1/32', { peer: address('198.51.100.2') }),
  ];
  assert.deepEqual(set(true, ...addresses), applied);
  assert.equal(shown('192.0.2.100')?.prefixlen, 32);
  const labelled = shown('192.0.2.101');
  assert.deepEqual(
    [labelled?.label, labelled?.broadcast, labelled?.scope, labelled?.prefixlen],
    ['eth0:vip', '192.0.2.255', 'global', 24],
  );
  assert.equal(shown('203.0.113.1')?.scope, 'link');
  assert.equal(shown('198.51.100.1')?.address, '198.51.100.2');
  assert.deepEqual(set(false, ...addresses), applied);
  for (const { address } of addresses) assert.equal(shown(address), undefined);
});

test('IPv6 addresses skip duplicate detection and may be deprecated, never a source', () => {
  assert.deepEqual(set(true, virtual('2001:db8::100/128', { preferredLifetime: 0 }), virtual('2001:db8::101/64')), applied);
  assert.deepEqual([shown('2001:db8::100')?.nodad, shown('2001:db8::100')?.preferred_life_time], [true, 0]);
  assert.equal(shown('2001:db8::101')?.preferred_life_time, 0xffffffff);
  assert.deepEqual(set(true, virtual('2001:db8::102/64', { duplicateAddressDetection: true, noPrefixRoute: true })), applied);
  assert.deepEqual([shown('2001:db8::102')?.nodad, shown('2001:db8::102')?.noprefixroute], [undefined, true]);
});

test('what is there already is kept, what is gone already is no failure', () => {
  assert.deepEqual(set(true, virtual('192.0.2.110/32')), applied);
  assert.deepEqual(set(true, virtual('192.0.2.110/32'), virtual('192.0.2.111/32')), applied);
  assert.deepEqual(set(false, virtual('192.0.2.110/32'), virtual('192.0.2.119/32'), virtual('192.0.2.111/32')), applied);
  assert.deepEqual(set(false, virtual('192.0.2.110/32', { interface: 'absent0' })), applied);
  assert.equal(shown('192.0.2.111'), undefined);
});

test('a refusal names the address and the reason, and the others are set', () => {
  const answer = set(
    true,
    virtual('192.0.2.120/32', { interface: 'absent0' }),
    virtual('192.0.2.121/32', { label: 'a-label-that-is-far-too-long' }),
    virtual('192.0.2.122/32'),
  );
  assert.equal(answer?.type, 'addressesFailed');
  assert.match(answer.reason, /add address 192\.0\.2\.120\/32 on absent0: ENODEV; add address 192\.0\.2\.121\/32 on eth0: E/);
  assert.deepEqual(answer.applied, ['192.0.2.122']);
  assert.equal(shown('192.0.2.122')?.prefixlen, 32);
});

test('three thousand addresses are set and removed in the order asked', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => virtual(`10.9.${i >> 8}.${i & 255}`));
  port.set('B', 1, true, { ...NOTHING, addresses: many });
  port.set('B', 2, false, { ...NOTHING, addresses: many });
  while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    answers.splice(0).map((answer) => [answer.type, answer.epoch]),
    [
      ['addressesApplied', 1],
      ['addressesApplied', 2],
    ],
  );
  assert.equal(shown('10.9.0.0'), undefined);
});
