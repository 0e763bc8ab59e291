/** The same configuration under the real keepalived and under our sockets: the same frames on the wire. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Family, IpAddress } from '../../src/base/address.js';
import { seconds } from '../../src/base/time.js';
import { openAnnouncer } from '../../src/io/sockets/announcer.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { createVrrpSocket } from '../../src/io/sockets/vrrp-socket.js';
import type { Advert } from '../../src/vrrp/wire/packet.js';
import { virtual } from '../support/vrrp-configuration.js';
import { FRAME, captureOn } from './capture.js';
import { createWire } from './namespaces.js';

const CONFIGURATION = `
vrrp_instance PASS {
  interface eth0
  virtual_router_id 51
  priority 255
  state MASTER
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass secret12
  }
  virtual_ipaddress {
    192.0.2.100
    192.0.2.101
  }
}
vrrp_instance THREE {
  interface eth0
  virtual_router_id 52
  version 3
  priority 255
  state MASTER
  advert_int 0.5
  virtual_ipaddress {
    192.0.2.102
  }
}
vrrp_instance SIX {
  interface eth0
  virtual_router_id 53
  version 3
  priority 255
  state MASTER
  advert_int 1
  virtual_ipaddress {
    fe80::100
    2001:db8::100/64
  }
}
`;

const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
wire.left.ip('address add fe80::a/64 dev eth0 nodad');
const linkLocal = /inet6 (fe80:\S+)\/64/.exec(wire.left.ip('address show dev eth0'))?.[1] as IpAddress;
const capture = captureOn(wire.right);
let theirs = { adverts: [''], arp: [''], neighbours: [''] };

const timeLimit = { timeout: 600_000 };
let keepalived: ChildProcess | undefined;

before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bytes-'));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('keepalived.conf'), CONFIGURATION);
  const words = ['netns', 'exec', wire.left.namespace, 'keepalived', '-n', '-P', '-l', '-f', file('keepalived.conf')];
  keepalived = spawn('ip', [...words, '-p', file('pid'), '-r', file('vrrp.pid')], { stdio: 'ignore' });
  const ended = once(keepalived, 'exit');
  const adverts = [
    ...(await capture.waitFor(byRouter('ipv4', 51), 1)).slice(0, 1),
    ...(await capture.waitFor(byRouter('ipv4', 52), 1)).slice(0, 1),
    ...(await capture.waitFor(byRouter('ipv6', 53), 1)).slice(0, 1),
  ];
  theirs = {
    adverts,
    arp: (await capture.waitFor(FRAME.arp, 15)).slice(0, 15),
    neighbours: (await capture.waitFor(FRAME.neighbourAdvert, 10)).slice(0, 10),
  };
  keepalived.kill();
  await ended;
  for (const [family, id] of [['ipv4', 51], ['ipv4', 52], ['ipv6', 53]] as const) await capture.waitFor(new RegExp(`${byRouter(family, id).source}00`), 1);
  capture.take(/./, 0);
  rmSync(folder, { recursive: true });
}, timeLimit);
after(() => {
  keepalived?.kill();
  capture.close();
  wire.remove();
});

function byRouter(family: Family, virtualRouterId: number): RegExp {
  const id = virtualRouterId.toString(16);
  return family === 'ipv4' ? new RegExp(`^01005e000012.{56}[23]1${id}`) : new RegExp(`^333300000012.{96}31${id}`);
}

/** Without the identification of IPv4, and the header's checksum that follows from it. */
function comparable(frame: string): string {
  return frame.replace(/^(01005e000012.{12}0800.{8}).{4}(.{8}).{4}/, '$1----$2----');
}

function advert(version: 2 | 3, virtualRouterId: number, interval: number, ...addresses: readonly string[]): Advert {
  const common = { virtualRouterId, priority: 255, advertInterval: seconds(interval), addresses: addresses as IpAddress[] };
  return version === 3
    ? { version, ...common }
    : { version, ...common, authenticationType: 1, authenticationData: new TextEncoder().encode('secret12') };
}

test('adverts are the same, byte for byte, apart from the IPv4 identification', () => {
  const ours = wire.left.inside(() => ({
    ipv4: createVrrpSocket({ family: 'ipv4', interface: 'eth0' }),
    ipv6: createVrrpSocket({ family: 'ipv6', interface: 'eth0' }),
  }));
  const source = '192.0.2.1' as IpAddress;
  ours.ipv4.send(advert(2, 51, 1, '192.0.2.100', '192.0.2.101'), { source });
  ours.ipv4.send(advert(3, 52, 0.5, '192.0.2.102'), { source });
  ours.ipv6.send(advert(3, 53, 1, 'fe80::100', '2001:db8::100'), { source: linkLocal });
  const sent = capture.take(/^(01005e000012|333300000012)/, 3);
  assert.deepEqual(sent.map(comparable), theirs.adverts.map(comparable));
  // The first ones of a socket, as keepalived counts.
  assert.deepEqual(
    sent.slice(0, 2).map((frame) => frame.slice(36, 40)),
    ['0001', '0002'],
  );
  ours.ipv4.close();
  ours.ipv6.close();
});

test('gratuitous ARP and neighbour advertisements are the same frames in the same order', () => {
  const links = wire.left.inside(() => new LinkMonitor());
  links.start();
  const announcer = wire.left.inside(() => openAnnouncer(links, (error) => assert.fail(error)));
  announcer.announce([virtual('192.0.2.100'), virtual('192.0.2.101')], 5);
  announcer.announce([virtual('192.0.2.102')], 5);
  assert.deepEqual(capture.take(FRAME.arp, 15), theirs.arp);
  announcer.announce([virtual('fe80::100'), virtual('2001:db8::100')], 5);
  assert.deepEqual(capture.take(FRAME.neighbourAdvert, 10), theirs.neighbours);
  announcer.close();
  links.close();
});

