import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { decodeDestination, decodeService, encodeDestinationDump, encodeOp, encodeServiceDump } from '../../src/ipvs/messages.js';
import { sameDestination, sameService } from '../../src/ipvs/plan.js';
import { destinationKey, serviceKey } from '../../src/ipvs/tables.js';
import type { Destination, Service } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';
import { destination, destinations, service, services } from './samples.js';

function destinationOp(each: Destination, type: 'addDestination' | 'editDestination' | 'deleteDestination') {
  return { type, key: '', service: service(80), destinationKey: destinationKey(each), destination: each };
}

const KEY_OF_SERVICE_80 = '060001000200 0000 060002000600 0000 14000300c0000201000000000000000000000000 060004000050 0000';

test('a new service is written as linux/ip_vs.h lays it out', () => {
  const { command, bytes } = encodeOp({ type: 'addService', key: '', service: service(80, { scheduler: 'wlc' }) });
  assert.equal(command, 1);
  const attributes =
    KEY_OF_SERVICE_80 +
    '08000600776c6300' + // SCHED_NAME "wlc"
    '0c00070000000000ffffffff' + // FLAGS 0, mask all
    '0800080000000000' + // TIMEOUT 0
    '08000900ffffffff'; // NETMASK 255.255.255.255
  assert.equal(toHex(bytes), toHex(fromHex(`54000180${attributes}`)));
});

test('a persistent IPv6 mark service carries the flag, the timeout and the prefix as a host-order number', () => {
  const { bytes } = encodeOp({
    type: 'editService',
    key: '',
    service: {
      identity: { kind: 'fwmark', fwmark: 7, family: 'ipv6' },
      scheduler: 'rr',
      flags: 0x10,
      persistenceTimeout: 360,
      persistenceGranularity: '64',
      persistenceEngine: 'sip',
    },
  });
  const attributes =
    '060001000a000000' + // AF_INET6
    '0800050007000000' + // FWMARK 7
    '0700060072720000' + // SCHED_NAME "rr"
    '0c00070011000000ffffffff' + // FLAGS sh-port and persistent
    '0800080068010000' + // TIMEOUT 360
    '0800090040000000' + // NETMASK 64
    '08000b0073697000'; // PE_NAME "sip"
  assert.equal(toHex(bytes), toHex(fromHex(`40000180${attributes}`)));
});

test('a new destination names its service and then itself', () => {
  const gue = destination(11, { method: 'tunnel', tunnel: { type: 'gue', port: 6080, checksum: 'remote' }, weight: 3 });
  const { command, bytes } = encodeOp(destinationOp({ ...gue, upperThreshold: 100, lowerThreshold: 50 }, 'addDestination'));
  assert.equal(command, 5);
  const attributes =
    '14000100c633640b000000000000000000000000' + // ADDR 198.51.100.11
    '0600020000500000' + // PORT 80
    '06000b0002000000' + // ADDR_FAMILY
    '0800030002000000' + // FWD_METHOD tunnel
    '0800040003000000' + // WEIGHT
    '0800050064000000' + // U_THRESH
    '0800060032000000' + // L_THRESH
    '05000d0001000000' + // TUN_TYPE gue
    '06000e0017c00000' + // TUN_PORT 6080
    '06000f0002000000'; // TUN_FLAGS remcsum
  assert.equal(toHex(bytes), toHex(fromHex(`30000180${KEY_OF_SERVICE_80}60000280${attributes}`)));
});

test('forwarding methods are the numbers of the kernel', () => {
  for (const [method, number] of [['nat', '00'], ['tunnel', '02'], ['direct', '03']] as const) {
    const { bytes } = encodeOp(destinationOp(destination(1, { method }), 'editDestination'));
    assert.ok(toHex(bytes).includes(`08000300${number}000000`), method);
  }
});

test('a deletion sends the identity alone', () => {
  const gone = encodeOp(destinationOp(destination(11), 'deleteDestination'));
  assert.equal(gone.command, 7);
  const identity = '14000100c633640b000000000000000000000000 0600020000500000 06000b0002000000';
  assert.equal(toHex(gone.bytes), toHex(fromHex(`30000180${KEY_OF_SERVICE_80}28000280${identity}`)));
  const service80 = encodeOp({ type: 'deleteService', key: '', service: service(80) });
  assert.deepEqual([service80.command, toHex(service80.bytes)], [3, toHex(fromHex(`30000180${KEY_OF_SERVICE_80}`))]);
});

test('the dumps ask for every service and for the destinations of one', () => {
  assert.deepEqual(encodeServiceDump(), { command: 4, bytes: new Uint8Array() });
  const dump = encodeDestinationDump(service(80).identity);
  assert.deepEqual([dump.command, toHex(dump.bytes)], [8, toHex(fromHex(`30000180${KEY_OF_SERVICE_80}`))]);
});

test('what is written for any service is read back equal', () => {
  fc.assert(
    fc.property(services, (each: Service) => {
      const read = decodeService(encodeOp({ type: 'addService', key: '', service: each }).bytes);
      assert.ok(read.ok && sameService(read.value, each) && serviceKey(read.value.identity) === serviceKey(each.identity));
    }),
  );
});

test('what is written for any destination is read back equal', () => {
  fc.assert(
    fc.property(destinations, (each) => {
      const read = decodeDestination(encodeOp(destinationOp(each, 'addDestination')).bytes, 'ipv4');
      assert.ok(read.ok && sameDestination(read.value, each) && destinationKey(read.value) === destinationKey(each));
    }),
  );
});

test('flags the kernel keeps for itself are not ours', () => {
  const { bytes } = encodeOp({ type: 'addService', key: '', service: service(80, { flags: 0x2 | 0x8 }) });
  const read = decodeService(bytes);
  assert.ok(read.ok);
  assert.equal(read.value.flags, 0x8);
});

test('a timeout without the persistence flag does not make a service persistent', () => {
  const { bytes } = encodeOp({ type: 'addService', key: '', service: service(80, { persistenceTimeout: 360 }) });
  const flagged = Uint8Array.from(bytes);
  flagged[toHex(bytes).indexOf('0c00070001000000') / 2 + 4] = 0;
  const read = decodeService(flagged);
  assert.ok(read.ok);
  assert.equal(read.value.persistenceTimeout, 0);
});

test('without a family of its own a destination has that of its service', () => {
  const attributes = `14000100c633640b000000000000000000000000 0600020000500000
    0800030003000000 0800040001000000 0800050000000000 0800060000000000`;
  const read = decodeDestination(fromHex(`40000280${attributes}`), 'ipv4');
  assert.ok(read.ok);
  assert.equal(read.value.address, address('198.51.100.11'));
});

test('entries of kinds we never write are unsupported, not wrong', () => {
  const { bytes } = encodeOp({ type: 'addService', key: '', service: service(80) });
  const icmp = Uint8Array.from(bytes);
  icmp[16] = 1; // PROTOCOL
  assert.deepEqual(decodeService(icmp), { ok: false, error: 'unsupported' });
  const added = encodeOp(destinationOp(destination(1), 'addDestination')).bytes;
  const local = Uint8Array.from(added);
  local[toHex(added).indexOf('0800030003000000') / 2 + 4] = 1; // FWD_METHOD local node
  assert.deepEqual(decodeDestination(local, 'ipv4'), { ok: false, error: 'unsupported' });
});

test('a missing attribute and an envelope that is not there are told apart from damage', () => {
  const { bytes } = encodeOp({ type: 'deleteService', key: '', service: service(80) });
  assert.deepEqual(decodeService(bytes), { ok: false, error: 'attributeMissing' });
  assert.deepEqual(decodeService(new Uint8Array()), { ok: false, error: 'attributeMissing' });
  assert.deepEqual(decodeService(bytes.subarray(0, 30)), { ok: false, error: 'attributeTruncated' });
  assert.deepEqual(decodeService(fromHex('0300 0100')), { ok: false, error: 'attributeLengthInvalid' });
});

test('no bytes of any kind make the decoders throw', () => {
  const whole = encodeOp(destinationOp(destination(11, { method: 'tunnel' }), 'addDestination')).bytes;
  const changed = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (input) => {
      const bytes = Uint8Array.from(input instanceof Uint8Array ? input : whole);
      if (!(input instanceof Uint8Array)) for (const [at, value] of input) bytes[at] = value;
      for (const read of [decodeService(bytes), decodeDestination(bytes, 'ipv4'), decodeDestination(bytes, 'ipv6')]) {
        assert.equal(typeof read.ok, 'boolean');
      }
    }),
    { numRuns: 5000 },
  );
});
