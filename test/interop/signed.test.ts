/** auth_hmac among holdfasts, as keepalived 2.2.7 does not know it: a pair works, and who has no key takes nothing away. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { startDaemon, until } from './daemon.js';
import { openPair } from './pair.js';

interface Wire {
  readonly name: string;
  readonly vip: string;
  readonly version: 2 | 3;
  readonly own: Readonly<Record<'a' | 'b', string>>;
  readonly unicast: boolean;
}

const IPV4 = { vip: '10.77.0.100/32', own: { a: '10.77.0.1', b: '10.77.0.2' } };
const IPV6 = { vip: 'fe80::100/128', own: { a: 'fe80::77:1', b: 'fe80::77:2' } };
const WIRES: readonly Wire[] = [
  { name: 'sign2', version: 2, ...IPV4, unicast: false },
  { name: 'sign3', version: 3, ...IPV4, unicast: false },
  { name: 'sign3u', version: 3, ...IPV4, unicast: true },
  { name: 'sign6', version: 3, ...IPV6, unicast: false },
];

const KEY = 'ab'.repeat(32);

function configuration({ version, vip, own, unicast }: Wire, director: 'a' | 'b', priority: number, keys: readonly string[]): string {
  const peers = ['unicast_src_ip ', own[director], '\nunicast_peer {\n', own[director === 'a' ? 'b' : 'a'], '\n}'].join('');
  return `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  version ${version}
  advert_int 1
  ${unicast ? peers : ''}
  ${keys.length === 0 ? '' : `auth_hmac {\n${keys.join('\n')}\n}`}
  virtual_ipaddress {
    ${vip.split('/')[0] ?? ''}
  }
}
`;
}

describe('auth_hmac', { concurrency: 4 }, () => {
  for (const wire of WIRES) {
    test(`${wire.name}: a signed pair hands over and takes back; a director without the key is refused`, async () => {
      const pair = openPair(wire.name);
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-signed-'));
      const signing = [`key 1 hex:${KEY}`, 'key 2 0123456789abcdef0123456789abcdef', 'active_key 1'];
      const holds = (station: 'a' | 'b'): boolean => pair.addresses(station).includes(wire.vip);
      const start = (director: 'a' | 'b', priority: number, keys: readonly string[], life: string): ReturnType<typeof startDaemon> =>
        startDaemon('holdfast', {
          namespace: pair.namespace(director),
          folder: join(folder, `${director}${life}`),
          configuration: configuration(wire, director, priority, keys),
          options: ['-P'],
        });
      // Each signs with another key, and both know both.
      const b = start('b', 100, [...signing.slice(0, 2), 'active_key 2'], '1');
      let a = start('a', 150, signing, '1');
      try {
        await until('the higher priority holds the address', () => holds('a') && !holds('b'));
        await a.stop();
        await until('the backup holds it after an orderly stop', () => holds('b') && !holds('a'));
        a = start('a', 150, signing, '2');
        await until('the higher priority preempts', () => holds('a') && !holds('b'));
        assert.doesNotMatch(a.log() + b.log(), /authentication (trailer|HMAC|key)/);
        await a.stop();
        await until('the backup holds it again', () => holds('b'));
        a = start('a', 200, [], '3');
        await until('the unsigned advert is refused', () => b.log().includes(`missing authentication trailer from ${wire.own.a}`));
        assert.ok(holds('b'), 'who cannot sign takes nothing away');
      } finally {
        await Promise.all([a.stop(), b.stop()]);
        pair.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
