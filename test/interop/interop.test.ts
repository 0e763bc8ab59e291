/** holdfast and Debian's keepalived as one pair, each in both roles, for every wire format of the spine. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { openCapture, type Captured, type CapturedAdvert } from './capture.js';
import { startDaemon, until, type Daemon, type DaemonKind } from './daemon.js';
import { MAC, openPair, type Pair } from './pair.js';

interface Wire {
  readonly name: string;
  readonly vip: string;
  readonly lines: readonly string[];
  readonly addresses: readonly string[];
  /** To the peer alone. */
  readonly unicast: boolean;
}

const authentication = (type: string): readonly string[] => ['version 2', 'advert_int 1', 'authentication {', `auth_type ${type}`, 'auth_pass secret12', '}'];
/** IP protocol number of the authentication header. */
const AH = 51;

const IPV4 = { vip: '10.77.0.100/32', addresses: ['10.77.0.100', '10.77.0.101/24 dev eth0 label eth0:1'] };

const FORMATS: readonly Omit<Wire, 'unicast'>[] = [
  { name: 'v2', ...IPV4, lines: ['version 2', 'advert_int 1'] },
  { name: 'v2pass', ...IPV4, lines: authentication('PASS') },
  { name: 'v2ah', ...IPV4, lines: authentication('AH') },
  { name: 'v3', ...IPV4, lines: ['version 3', 'advert_int 0.5'] },
  { name: 'v6', vip: 'fe80::100/128', lines: ['version 3', 'advert_int 0.5'], addresses: ['fe80::100', '2001:db8::100/64'] },
];

const WIRES: readonly Wire[] = FORMATS.flatMap((format) => [
  { ...format, unicast: false },
  { ...format, name: `${format.name}uni`, unicast: true },
]);

type Director = 'a' | 'b';
const ADDRESSES = {
  v4: { a: '10.77.0.1', b: '10.77.0.2' },
  v6: { a: 'fe80::77:1', b: 'fe80::77:2' },
} as const;

function configuration(wire: Wire, director: Director, priority: number): string {
  const own = ADDRESSES[wire.vip.includes(':') ? 'v6' : 'v4'];
  const peers = [`unicast_src_ip ${own[director]}`, 'unicast_peer {', own[director === 'a' ? 'b' : 'a'], '}'];
  return [
    'global_defs {',
    `router_id interop_${priority}`,
    '}',
    'vrrp_instance VI_1 {',
    'state BACKUP',
    'interface eth0',
    'virtual_router_id 51',
    `priority ${priority}`,
    ...wire.lines,
    // Announced once: when the second time comes is a matter of how busy the machine is.
    'garp_master_delay 60',
    ...(wire.unicast ? peers : []),
    'virtual_ipaddress {',
    ...wire.addresses,
    '}',
    '}',
    '',
  ].join('\n');
}

async function withPair(name: string, body: (pair: Pair, folder: string) => Promise<void>): Promise<void> {
  const pair = openPair(name);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-interop-'));
  try {
    await body(pair, folder);
  } finally {
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What either says of an advert that it does not like. Of two masters behind a cut cable one has the lower sequence: no fault. */
const FAULTS = /[Ii]nvalid|mismatch|too (short|long)|wrong VRRP|AH header|Expected|not a unicast|not in range|checksum/;

const OTHER = { holdfast: 'keepalived', keepalived: 'holdfast' } as const satisfies Record<DaemonKind, DaemonKind>;

/** Each test waits most of the time. */
describe('holdfast beside keepalived', { concurrency: 8 }, () => {
  for (const wire of WIRES) {
    for (const high of ['holdfast', 'keepalived'] as const) {
      const low = OTHER[high];
      test(`${wire.name}: ${high} leads ${low}, hands over when stopped or cut off, and takes the address back`, async () => {
        await withPair(`${wire.name}${high[0] ?? ''}`, async (pair, folder) => {
          const holds = (station: 'a' | 'b'): boolean => pair.addresses(station).includes(wire.vip);
          const soleHolder = (station: 'a' | 'b') => (): boolean => holds(station) && !holds(station === 'a' ? 'b' : 'a');
          const capture = await openCapture(pair.namespace(wire.unicast ? 'b' : 'client'), join(folder, 'pcap'));
          const b = startDaemon(low, {
            namespace: pair.namespace('b'),
            folder: join(folder, 'b'),
            configuration: configuration(wire, 'b', 100),
            options: ['-P'],
          });
          const startA = (): Daemon =>
            startDaemon(high, {
              namespace: pair.namespace('a'),
              folder: join(folder, 'a'),
              configuration: configuration(wire, 'a', 150),
              options: ['-P'],
            });
          let a = startA();
          try {
            await until('the higher priority holds the address', soleHolder('a'));

            await a.stop();
            await until('the backup holds the address after an orderly stop', soleHolder('b'));

            a = startA();
            await until('the higher priority preempts', soleHolder('a'));

            pair.cable('a', 'pulled');
            await until('the backup takes over behind a pulled cable', () => holds('b'));
            pair.cable('a', 'plugged');
            await until('one holder, the higher priority, after the cable is back', soleHolder('a'));

            const adverts = capture.packets().filter((packet) => packet.kind === 'advert');
            assert.ok(adverts.some((advert) => advert.sourceMac === MAC.a && advert.priority === 0), 'A said goodbye with priority 0');
            assert.doesNotMatch(b.log(), FAULTS, `${low} accepts every advert of ${high}`);
            assert.doesNotMatch(a.log(), FAULTS, `${high} accepts every advert of ${low}`);
          } finally {
            await Promise.all([a.stop(), b.stop()]);
            await capture.close();
          }
        });
      });
    }

    test(`${wire.name}: adverts and announcements are byte for byte keepalived's, the IP id apart`, async () => {
      const spoken = new Map<DaemonKind, { adverts: readonly string[]; announcements: string[] }>();
      for (const kind of ['keepalived', 'holdfast'] as const) {
        await withPair(`${wire.name}w${kind[0] ?? ''}`, async (pair, folder) => {
          const capture = await openCapture(pair.namespace(wire.unicast ? 'b' : 'client'), join(folder, 'pcap'));
          const daemon = startDaemon(kind, {
            namespace: pair.namespace('a'),
            folder: join(folder, 'a'),
            configuration: configuration(wire, 'a', 150),
            options: ['-P'],
          });
          try {
            const mine = () => capture.packets().filter((packet) => packet.sourceMac === MAC.a);
            await until('three adverts', () => mine().filter((packet) => packet.kind === 'advert').length >= 3);
            await daemon.stop();
            await until('the goodbye', () => mine().some((packet) => packet.kind === 'advert' && packet.priority === 0));
            spoken.set(kind, {
              adverts: comparable(mine(), wire.unicast),
              announcements: mine().flatMap((packet) => (packet.kind === 'announcement' ? [packet.bytes.toString('hex')] : [])),
            });
          } finally {
            await daemon.stop();
            await capture.close();
          }
        });
      }
      assert.deepEqual(spoken.get('holdfast'), spoken.get('keepalived'));
    });
  }
});

/** The first three adverts and the goodbye: how many there are between them is a matter of when the stop comes. */
function comparable(packets: readonly Captured[], unicast: boolean): readonly string[] {
  const adverts = packets.flatMap((packet) => (packet.kind === 'advert' ? [packet] : []));
  const goodbye = adverts.filter(({ priority }) => priority === 0).slice(0, 1);
  const first = adverts.filter(({ priority }) => priority !== 0).slice(0, 3);
  return [...first.map((advert) => normalised(advert, unicast)), ...goodbye.map((advert) => uncounted(normalised(advert, unicast)))];
}

/** Hex without the sequence number of AH and the digest that covers it; every other packet as it is. */
function uncounted(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const isAh = bytes.readUInt8(0) >> 4 === 4 && bytes.readUInt8(9) === AH;
  return isAh ? bytes.fill(0, 28, 44).toString('hex') : hex;
}

/**
 * Hex of the packet with the fields that count packets removed: IPv4 id and header checksum, IPv6 flow label. The hop limit
 * to IPv6 peers is 64 from keepalived 2.2.7, which leaves it to the kernel, and 255 from later ones.
 */
function normalised({ bytes }: CapturedAdvert, unicast: boolean): string {
  const copy = Buffer.from(bytes);
  if (copy.readUInt8(0) >> 4 === 4) {
    copy.writeUInt16BE(0, 4);
    copy.writeUInt16BE(0, 10);
  } else {
    copy.writeUInt32BE(copy.readUInt32BE(0) & 0xfff00000, 0);
    if (unicast) copy.writeUInt8(255, 7);
  }
  return copy.toString('hex');
}
