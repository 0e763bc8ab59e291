import assert from 'node:assert/strict';
import test from 'node:test';
import type { InstanceConfig, LinkState } from '../../src/vrrp/config.js';
import { assess, virtualAddressKeys } from '../../src/vrrp/links/links.js';
import { address, cidr } from '../support/address.js';
import { director, instance, link, virtual } from '../support/vrrp-configuration.js';

function sourceOf(config: InstanceConfig, addresses: readonly string[], current?: string): string | undefined {
  const state: LinkState = link('eth0', { addresses: addresses.map(cidr) });
  return assess(config, virtualAddressKeys(director([config])), new Map([['eth0', state]]), current === undefined ? undefined : address(current)).source;
}

const ipv6 = instance({ family: 'ipv6', version: 3, virtualAddresses: [virtual('fe80::100')] });

const sources: readonly (readonly [string, InstanceConfig, readonly string[], string | undefined, string | undefined])[] = [
  ['the first address of the family', instance(), ['fe80::1/64', '192.0.2.1/24', '192.0.2.2/24'], undefined, '192.0.2.1'],
  ['no link-local one for IPv4', instance(), ['169.254.1.1/16', '192.0.2.1/24'], undefined, '192.0.2.1'],
  ['only a link-local one for IPv6', ipv6, ['2001:db8::1/64', 'fe80::1/64'], undefined, 'fe80::1'],
  ['none', ipv6, ['2001:db8::1/64', '192.0.2.1/24'], undefined, undefined],
  ['not a virtual address left from before', instance(), ['192.0.2.100/32', '192.0.2.1/24'], undefined, '192.0.2.1'],
  ['the one in use while it exists', instance(), ['192.0.2.1/24', '192.0.2.2/24'], '192.0.2.2', '192.0.2.2'],
  ['another one when it is gone', instance(), ['192.0.2.1/24', '192.0.2.2/24'], '192.0.2.3', '192.0.2.1'],
  ['the virtual address itself for its owner', instance({ priority: 255 }), ['192.0.2.100/32'], undefined, '192.0.2.100'],
  ['a real one even for the owner', instance({ priority: 255 }), ['192.0.2.100/32', '192.0.2.1/24'], undefined, '192.0.2.1'],
  ['the same address with another prefix length is real', instance(), ['192.0.2.100/24'], undefined, '192.0.2.100'],
  ['the configured one, present or not', instance({ source: address('192.0.2.7') }), ['192.0.2.1/24'], undefined, '192.0.2.7'],
];

for (const [name, config, addresses, current, expected] of sources) {
  test(`source address: ${name}`, () => {
    assert.equal(sourceOf(config, addresses, current), expected);
  });
}

test('an interface that does not exist is one fault, not three', () => {
  const config = instance({ source: address('192.0.2.7') });
  const { faults, source } = assess(config, new Set(), new Map([['eth0', undefined]]), undefined);
  assert.deepEqual(faults, [{ type: 'interfaceMissing', interface: 'eth0' }]);
  assert.equal(source, undefined);
});
