import assert from 'node:assert/strict';
import test from 'node:test';
import type { IpAddress } from '../../src/base/address.js';
import { toHex } from '../../src/base/bytes.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { applyOptions, bindToDevice, integerOption, joinGroup4, joinGroup6 } from '../../src/io/sockets/socket-options.js';
import { ipv6SendControl, readPacketInfo } from '../../src/io/sockets/control-messages.js';
import { hostInt32 } from '../../src/io/host-bytes.js';

test('group memberships name the group and the interface', () => {
  assert.equal(toHex(joinGroup4('224.0.0.18' as IpAddress, 5).value), `e000001200000000${toHex(hostInt32(5))}`);
  const group6 = joinGroup6('ff02::12' as IpAddress, 5).value;
  assert.equal(toHex(group6), `ff020000000000000000000000000012${toHex(hostInt32(5))}`);
});

test('a device name is a C string', () => {
  assert.equal(toHex(bindToDevice('eth0').value), '6574683000');
});

test('a refused required option is an error that names it, a refused optional one is not', () => {
  const asked: number[] = [];
  const target = {
    setOption: (_level: number, option: number): number => {
      asked.push(option);
      return option === 2 ? 0 : -92;
    },
  };
  const options = [integerOption('OPTIONAL', 0, 1, 1, false), integerOption('FINE', 0, 2, 1), integerOption('NEEDED', 0, 3, 1)];
  assert.throws(
    () => applyOptions(target, [...options, integerOption('NEVER', 0, 4, 1)]),
    (error: unknown) =>
      error instanceof KernelError && error.code === 'ENOPROTOOPT' && error.operation === 'setsockopt NEEDED',
  );
  assert.deepEqual(asked, [1, 2, 3]);
});

test('what is sent beside an IPv6 datagram reads back as source, interface and hop limit', () => {
  const control = ipv6SendControl('fe80::1' as IpAddress, 9, 255, 0xc0);
  assert.deepEqual(readPacketInfo(control), { destination: 'fe80::1', interfaceIndex: 9, hopLimit: 255 });
});

test('truncated or impossible control data yields what was whole before it', () => {
  const control = ipv6SendControl('fe80::1' as IpAddress, 9, 255, 0xc0);
  for (let length = 0; length < 36; length++) assert.deepEqual(readPacketInfo(control.subarray(0, length)), {});
  assert.deepEqual(readPacketInfo(control.subarray(0, 41)), { destination: 'fe80::1', interfaceIndex: 9 });
  assert.deepEqual(readPacketInfo(new Uint8Array(64)), {});
});
