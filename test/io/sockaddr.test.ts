import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import test from 'node:test';
import type { IpAddress } from '../../src/base/address.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { addressOf, netlinkPortOf, sockaddrIn, sockaddrIn6, sockaddrLl, sockaddrNl } from '../../src/io/sockets/sockaddr.js';

const little = endianness() === 'LE';
const host16 = (value: string): string => (little ? value.slice(2) + value.slice(0, 2) : value);
const host32 = (value: string): string => (little ? toHex(Uint8Array.from(fromHex(value)).reverse()) : value);

test('an IPv4 socket address has family, port and address where the kernel reads them', () => {
  assert.equal(toHex(sockaddrIn('192.0.2.1' as IpAddress, 443)), `${host16('0002')}01bbc00002010000000000000000`);
});

test('an IPv6 socket address carries the interface as its scope', () => {
  const expected = `${host16('000a')}0000 00000000 ff020000000000000000000000000012 ${host32('00000007')}`;
  assert.equal(toHex(sockaddrIn6('ff02::12' as IpAddress, 0, 7)), expected.replaceAll(' ', ''));
});

test('a packet socket address names interface, protocol and destination', () => {
  const bytes = sockaddrLl(0x0806, 3, fromHex('ffffffffffff'));
  assert.equal(toHex(bytes), `${host16('0011')}0806${host32('00000003')}00000006ffffffffffff0000`);
});

test('a netlink socket address carries port and groups', () => {
  const bytes = sockaddrNl(0x1234, 0x111);
  assert.equal(toHex(bytes), `${host16('0010')}0000${host32('00001234')}${host32('00000111')}`);
  assert.equal(netlinkPortOf(bytes), 0x1234);
});

test('addresses are read back from the two IP families and from no other', () => {
  assert.equal(addressOf(sockaddrIn('192.0.2.1' as IpAddress, 1)), '192.0.2.1');
  assert.equal(addressOf(sockaddrIn6('2001:db8::1' as IpAddress, 1, 2)), '2001:db8::1');
  assert.equal(addressOf(sockaddrNl(0, 0)), undefined);
  assert.equal(addressOf(new Uint8Array(1)), undefined);
  assert.equal(netlinkPortOf(sockaddrIn('192.0.2.1' as IpAddress)), undefined);
});
