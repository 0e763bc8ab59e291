/** Two directors side by side: equal files say nothing, and each difference is found with its place in both files. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createOrigins } from '../../src/conf/origins.js';
import { comparePair } from '../../src/conf/pair.js';
import type { PairSide } from '../../src/conf/pair.js';
import type { Diagnostic } from '../../src/base/source.js';
import { loadConfiguration } from '../../src/conf/load.js';
import { memorySource } from './support.js';

function side(file: string, text: string): PairSide {
  const origins = createOrigins();
  const { model, diagnostics } = loadConfiguration(memorySource({ [file]: text }), file, { origins });
  assert.ok(model !== undefined, diagnostics.map(({ message }) => message).join('\n'));
  return { file, model, origins };
}

function compare(first: string, second: string): readonly Diagnostic[] {
  return comparePair(side('a.conf', first), side('b.conf', second));
}

/** `code FILE:LINE:COLUMN message | FILE:LINE:COLUMN message` of each finding. */
function found(first: string, second: string): readonly string[] {
  const place = ({ at }: Pick<Diagnostic, 'at'>): string => `${at.file}:${at.line}:${at.column}`;
  return compare(first, second).map((finding) =>
    [`${finding.code} ${place(finding)} ${finding.message}`, ...(finding.related ?? []).map((other) => `${place(other)} ${other.message}`)].join(' | '),
  );
}

interface Instance {
  readonly name?: string;
  readonly id?: number;
  readonly priority?: number;
  readonly device?: string;
  readonly addresses?: string;
  readonly lines?: string;
}

/** `lines` begin on line 5. */
function instance({ name = 'web', id = 51, priority = 100, device = 'eth0', addresses = '192.0.2.100/24', lines = '' }: Instance = {}): string {
  return `vrrp_instance ${name} {\n interface ${device}\n virtual_router_id ${id}\n priority ${priority}\n${lines}\n virtual_ipaddress {\n${addresses}\n }\n}\n`;
}

const master = instance();
const backup = instance({ priority: 90 });

const POOL = `virtual_server 192.0.2.100 80 {
 lb_algo rr
 lb_kind NAT
 protocol TCP
 quorum 1
 real_server 198.51.100.1 80 {
  weight 1
  TCP_CHECK {
   connect_timeout 3
   bindto 198.51.100.7
  }
 }
 real_server 198.51.100.2 80 {
  weight 1
  TCP_CHECK {
  }
 }
}
`;

test('a master and its backup need not differ in anything but priority, interface, source and where checks come from', () => {
  assert.deepEqual(found(master + POOL, backup + POOL), []);
  const other = instance({ priority: 90, device: 'bond0', lines: 'mcast_src_ip 198.51.100.8\nstate MASTER' });
  assert.deepEqual(found(master + POOL, other + POOL.replace('.7', '.8')), []);
});

test('an instance that only one file has is named, whichever file it is', () => {
  assert.deepEqual(found(master, '! nothing\n'), ['HF-701 a.conf:1:15 vrrp_instance web (virtual_router_id 51) is not in b.conf']);
  assert.deepEqual(found('! nothing\n', backup), ['HF-701 b.conf:1:15 vrrp_instance web (virtual_router_id 51) is not in a.conf']);
});

test('instances of different names are one router when their id is the same', () => {
  assert.deepEqual(found(master, instance({ name: 'other', priority: 90 })), []);
});

test('one id on two interfaces is told apart by name', () => {
  const two = (priority: number): string =>
    instance({ priority }) + instance({ name: 'inner', device: 'eth1', priority, addresses: '198.51.100.100/24' });
  const swapped = instance({ name: 'inner', device: 'eth1', priority: 90, addresses: '198.51.100.100/24' }) + backup;
  assert.deepEqual(found(two(100), swapped), []);
});

test('the same name with another id is a mistake, with both places', () => {
  assert.deepEqual(found(master, instance({ id: 52, priority: 90 })), [
    'HF-702 a.conf:3:20 (web) virtual_router_id is 51 here and 52 there: both directors become master | b.conf:3:20 here it is 52',
  ]);
});

test('version and interval must be the same', () => {
  assert.deepEqual(found(instance({ lines: 'version 3' }), instance({ priority: 90, lines: 'version 2' })), [
    'HF-703 a.conf:5:9 (web) version 3 over IPv4 here and version 2 over IPv4 there: neither hears the other, both directors become master | b.conf:5:9 here it is version 2 over IPv4',
  ]);
  assert.deepEqual(found(instance({ lines: 'advert_int 2' }), backup), [
    'HF-706 a.conf:5:12 (web) advert_int is 2 s here and 1 s there: version 2 drops such adverts, both directors become master | b.conf:1:15 here it is 1 s',
  ]);
});

test('the addresses and their order must be the same', () => {
  const [one, two, three] = ['192.0.2.1/24', '192.0.2.2/24', '192.0.2.3/24'];
  const addresses = (...list: readonly string[]): string => list.join('\n');
  assert.deepEqual(found(instance({ addresses: addresses(one, two) }), instance({ priority: 90, addresses: addresses(two, three) })), [
    'HF-704 a.conf:6:2 (web) virtual_ipaddress differs: only here 192.0.2.1/24, only there 192.0.2.3/24 | b.conf:6:2 here there is 192.0.2.3/24',
  ]);
  assert.deepEqual(found(instance({ addresses: addresses(one, two) }), instance({ priority: 90, addresses: addresses(two, one) })), [
    'HF-705 a.conf:6:2 (web) the addresses stand in another order: number 1 is 192.0.2.1/24 here | b.conf:6:2 here it is 192.0.2.2/24',
  ]);
});

test('passwords are compared and never shown', () => {
  const secret = (password: string, priority: number): string =>
    instance({ priority, lines: `authentication {\n auth_type PASS\n auth_pass ${password}\n}` });
  assert.deepEqual(found(secret('hush', 100), secret('hush', 90)), []);
  const [finding, ...others] = found(secret('hush', 100), secret('murmur', 90));
  assert.equal(others.length, 0);
  assert.match(finding ?? '', /^HF-707 a\.conf:5:1 .*the passwords are not the same/);
  assert.doesNotMatch(JSON.stringify(compare(secret('hush', 100), secret('murmur', 90))), /hush|murmur/);
  assert.match(found(secret('hush', 100), backup)[0] ?? '', /^HF-707 .*auth_type is pass here and none there/);
});

test('equal priorities are a tie, two states MASTER make it worse', () => {
  assert.deepEqual(found(master, master), [
    'HF-709 a.conf:4:11 (web) both directors have priority 100: the higher address decides who wins a tie | b.conf:4:11 here it is 100 as well',
  ]);
  const both = instance({ lines: 'state MASTER' });
  assert.match(found(both, both)[0] ?? '', /both begin as MASTER/);
});

test('nopreempt belongs to the director that could preempt', () => {
  const quiet = instance({ priority: 90, lines: 'nopreempt' });
  assert.match(found(master, quiet)[0] ?? '', /^HF-713 a\.conf:4:11 /);
  assert.deepEqual(found(instance({ lines: 'nopreempt' }), quiet), []);
});

test('groups are compared by the instances in them, not by names', () => {
  const two = (priority: number, suffix: string): string =>
    instance({ name: `web${suffix}`, priority }) + instance({ name: `db${suffix}`, id: 52, priority, addresses: '192.0.2.101/24' });
  const group = (name: string, ...members: readonly string[]): string => `vrrp_sync_group ${name} {\n group {\n${members.join('\n')}\n }\n}\n`;
  assert.deepEqual(found(two(100, '') + group('G', 'web', 'db'), two(90, '2') + group('H', 'db2', 'web2')), []);
  assert.deepEqual(found(two(100, '') + group('G', 'web', 'db'), two(90, '2')), [
    'HF-711 a.conf:19:17 a vrrp_sync_group of web db is not in b.conf',
  ]);
});

test('services and real servers that only one file has', () => {
  assert.deepEqual(found(POOL, '! nothing\n'), ['HF-720 a.conf:1:16 the service [192.0.2.100]:tcp:80 is not in b.conf']);
  assert.deepEqual(found(POOL, POOL.replace('198.51.100.2', '198.51.100.3')), [
    'HF-722 a.conf:13:14 [192.0.2.100]:tcp:80: real_server 198.51.100.2 80 is not in b.conf',
    'HF-722 b.conf:13:14 [192.0.2.100]:tcp:80: real_server 198.51.100.3 80 is not in a.conf',
  ]);
});

test('services, servers and checks that are set up differently', () => {
  assert.deepEqual(found(POOL, POOL.replace('lb_algo rr', 'lb_algo wlc')), [
    'HF-721 a.conf:2:10 [192.0.2.100]:tcp:80: lb_algo is rr here and wlc there | b.conf:2:10 here it is wlc',
  ]);
  assert.deepEqual(found(POOL, POOL.replace('weight 1', 'weight 5')), [
    'HF-723 a.conf:7:10 [192.0.2.100]:tcp:80: real_server 198.51.100.1 80: weight is 1 here and 5 there | b.conf:7:10 here it is 5',
  ]);
  assert.deepEqual(found(POOL, POOL.replace('lb_kind NAT', 'lb_kind DR')).map((text) => text.slice(0, 6)), ['HF-723', 'HF-723']);
  assert.deepEqual(found(POOL, POOL.replace('connect_timeout 3', 'connect_timeout 1')), [
    'HF-724 a.conf:8:3 [192.0.2.100]:tcp:80: real_server 198.51.100.1 80: TCP_CHECK is set up differently there | b.conf:8:3 here it is set up differently',
  ]);
  const web = POOL.replace(/TCP_CHECK \{\n {2}\}/, 'HTTP_GET {\n url {\n path /\n }\n }');
  assert.match(found(POOL, web)[0] ?? '', /^HF-724 a\.conf:15:3 .*: TCP_CHECK here and HTTP_GET there \| b\.conf:15:3 /);
});

test('a group of services is compared as one pool, its services one by one', () => {
  const grouped = (...entries: readonly string[]): string =>
    `virtual_server_group g {\n${entries.join('\n')}\n}\n${POOL.replace('192.0.2.100 80', 'group g')}`;
  assert.deepEqual(found(grouped('192.0.2.100 80', '192.0.2.100 443'), grouped('192.0.2.100 80')), [
    'HF-720 a.conf:5:16 the service 192.0.2.100 443 of [g]:0 is not in b.conf',
  ]);
  assert.equal(found(grouped('192.0.2.100 80', '192.0.2.100 443'), grouped('192.0.2.100 80', '192.0.2.100 443').replace('weight 1', 'weight 2')).length, 1);
});
