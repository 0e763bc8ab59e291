/** vrrp_instance and vrrp_sync_group: defaults, corrections, and what stops the daemon. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { findings, load } from './support.js';

/** One instance; `body` begins on line 4, `addresses` on the line after `virtual_ipaddress {`. */
function instance(body: string, addresses = '192.0.2.100', { name = 'a', id = 1, device = 'eth0' } = {}): string {
  return `vrrp_instance ${name} {\n interface ${device}\n virtual_router_id ${id}\n${body}\n virtual_ipaddress {\n${addresses}\n }\n}\n`;
}

function built(body: string, addresses?: string, before = ''): InstanceConfig {
  const config = load(before + instance(body, addresses)).model?.director.instances[0];
  assert.ok(config !== undefined, body);
  return config;
}

function codes(text: string): readonly string[] {
  return load(text).diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}

test('an instance with the least of words has the defaults of keepalived', () => {
  assert.deepEqual(built(''), {
    name: 'a',
    interface: 'eth0',
    family: 'ipv4',
    virtualRouterId: 1,
    version: 2,
    priority: 100,
    wantsMaster: false,
    advertInterval: 1_000_000,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelay: 0,
    authentication: { type: 'none' },
    virtualAddresses: [
      {
        address: '192.0.2.100',
        prefixLength: 32,
        interface: 'eth0',
        scope: 0,
        duplicateAddressDetection: false,
        noPrefixRoute: false,
        homeAddress: false,
        manageTemporaryAddress: false,
        autoJoin: false,
        preferredLifetime: 'forever',
        tracked: true,
      },
    ],
    excludedAddresses: [],
    announcements: {
      masterRepeat: 5,
      masterDelay: 5_000_000,
      masterRefresh: 0,
      masterRefreshRepeat: 1,
      lowerPriorityRepeat: 5,
      lowerPriorityDelay: 5_000_000,
    },
    trackPrimary: true,
    trackInterfaces: [],
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    skipCheckAdvertAddresses: false,
    notify: {},
  });
});

test('state MASTER without a priority means 255', () => {
  assert.deepEqual([built('state MASTER').priority, built('state MASTER').wantsMaster], [255, true]);
  assert.equal(built('state MASTER\npriority 150').priority, 150);
});

test('an instance without virtual_router_id, or with one out of range, stops the daemon', () => {
  assert.deepEqual(codes('vrrp_instance a {\n interface eth0\n}\n'), ['HF-401 1:1']);
  assert.deepEqual(findings(instance('', undefined, { id: 256 })), [
    '1:1: error: (a) the virtual router id must be set [HF-401]',
    '3:20: warning: virtual_router_id: 256 is not within 1 to 255; it is ignored [HF-312]',
  ]);
});

test('an interface that is missing, unknown or the loopback stops the daemon', () => {
  assert.deepEqual(findings('vrrp_instance a {\n virtual_router_id 1\n}\n'), ['1:15: error: (a) no interface is named [HF-403]']);
  assert.deepEqual(findings(instance('', undefined, { device: 'eth9' })), ['2:12: error: there is no interface eth9 [HF-404]']);
  assert.equal(load(instance('', undefined, { device: 'eth9' })).diagnostics[0]?.hint, 'this machine has eth0, eth1');
  assert.deepEqual(findings(instance('', undefined, { device: 'lo' })), ['2:12: error: (a) VRRP cannot run on the loopback interface [HF-405]']);
});

test('without a list of interfaces none is missed', () => {
  assert.notEqual(load(instance('', undefined, { device: 'eth9' }), { interfaces: ['eth9'] }).model, undefined);
});

test('an unknown interface of an address or a tracker stops the daemon too', () => {
  assert.deepEqual(codes(instance('', '192.0.2.1 dev eth9')), ['HF-404 6:15']);
  assert.deepEqual(codes(instance(' track_interface {\n  eth9 weight 5\n }')), ['HF-404 5:3']);
});

test('the same router id on one interface and family stops the daemon, at the second one', () => {
  const twice = instance('') + instance('', '192.0.2.101', { name: 'b' });
  assert.deepEqual(findings(twice), ['11:20: error: a and b both use virtual router id 1 with IPv4 on eth0 [HF-402]']);
  assert.equal(load(twice).diagnostics[0]?.hint, 'choose another one; the first is at k.conf:3');
  assert.deepEqual(codes(instance('') + instance('', 'fe80::1', { name: 'b' })), []);
  assert.deepEqual(codes(instance('') + instance('', '192.0.2.101', { name: 'b', device: 'eth1' })), []);
});

test('a second instance of one name is skipped', () => {
  const text = instance('') + instance('priority 5', '192.0.2.101', { id: 2 });
  assert.deepEqual(codes(text), ['HF-318 9:15']);
  assert.deepEqual(load(text).model?.director.instances.map(({ priority }) => priority), [100]);
  assert.deepEqual(findings('vrrp_instance a b {\n interface eth0\n}\n'), [
    '1:17: warning: vrrp_instance must have one name only; the block is skipped [HF-321]',
  ]);
  assert.deepEqual(findings('vrrp_instance {\n interface eth0\n}\n'), [
    '1:1: warning: vrrp_instance must have a name; the block is skipped [HF-321]',
  ]);
});

test('version 3 needs an address, version 2 goes without', () => {
  const bare = 'vrrp_instance a {\n interface eth0\n virtual_router_id 1\n';
  assert.deepEqual(findings(`${bare} version 3\n}\n`), ['1:15: error: (a) no virtual address: version 3 needs at least one [HF-406]']);
  assert.deepEqual(findings(`${bare}}\n`), ['1:15: warning: (a) no virtual address: at least one is sensible [HF-407]']);
  assert.deepEqual(findings(`${bare} version 3\n no_virtual_ipaddress\n}\n`), []);
});

test('the advert interval is whole seconds in version 2 and steps of 10 ms up to 40.95 s in version 3', () => {
  assert.deepEqual(findings(instance(' advert_int 0.4')), [
    '4:13: warning: (a) version 2 knows whole seconds only: 1 s is used [HF-312]',
  ]);
  assert.equal(built('advert_int 1.6').advertInterval, 2_000_000);
  assert.equal(built('version 3\nadvert_int 0.01').advertInterval, 10_000);
  assert.equal(built('version 3\nadvert_int 0.516').advertInterval, 520_000);
  assert.equal(built('version 3\nadvert_int 60').advertInterval, 40_950_000);
  assert.deepEqual(codes(instance(' version 3\n advert_int 60')), ['HF-312 5:13']);
  assert.deepEqual(codes(instance(' version 3\n advert_int 0.25')), []);
});

test('IPv6 runs version 3, whatever is asked', () => {
  assert.equal(built('', 'fe80::1').version, 3);
  assert.equal(built('', '192.0.2.1', 'global_defs {\nvrrp_version 3\n}\n').version, 3);
  assert.deepEqual(codes(instance(' version 2', 'fe80::1')), ['HF-411 4:10']);
});

test('global defaults reach every instance, wherever global_defs stands, and later blocks win', () => {
  const globals = 'global_defs {\nvrrp_version 3\nvrrp_garp_master_repeat 2\nvrrp_down_timer_adverts 4\n}\n';
  const text = instance('') + globals + instance('', '192.0.2.101', { name: 'b', id: 2 });
  const [first, second] = load(text).model?.director.instances ?? [];
  assert.deepEqual([first?.version, first?.announcements.masterRepeat, first?.downTimerAdverts], [3, 2, 4]);
  assert.deepEqual([second?.version, second?.announcements.masterRepeat, second?.downTimerAdverts], [3, 2, 4]);
});

test("after an advert of lower priority the global master values count, not the instance's own", () => {
  const schedule = built('garp_master_repeat 7\ngarp_master_delay 9', undefined, 'global_defs {\nvrrp_garp_master_delay 3\n}\n').announcements;
  assert.deepEqual([schedule.masterRepeat, schedule.masterDelay], [7, 9_000_000]);
  assert.deepEqual([schedule.lowerPriorityRepeat, schedule.lowerPriorityDelay], [5, 3_000_000]);
});

test('vrrp_min_garp replaces only what is still at its default', () => {
  const minimal = built('', undefined, 'global_defs {\nvrrp_min_garp\n}\n').announcements;
  assert.deepEqual([minimal.masterRepeat, minimal.masterDelay], [1, 0]);
  const own = built('', undefined, 'global_defs {\nvrrp_min_garp\nvrrp_garp_master_delay 4\n}\n').announcements;
  assert.deepEqual([own.masterRepeat, own.masterDelay], [1, 4_000_000]);
});

test('most numbers count as far as they are numbers, with a finding; a priority and an interval do not', () => {
  const config = built('garp_master_delay 3x\ngarp_master_repeat .5\ndown_timer_adverts 7.9\npreempt_delay 2.5s\npriority 90x\nadvert_int 2x');
  assert.deepEqual([config.announcements.masterDelay, config.announcements.masterRepeat], [3_000_000, 1]);
  assert.deepEqual([config.downTimerAdverts, config.preemptDelay, config.priority, config.advertInterval], [7, 2_500_000, 100, 1_000_000]);
  assert.deepEqual(findings(instance(' garp_master_delay 3x\n priority 90x')), [
    "4:20: warning: garp_master_delay: '3x' is not a whole number; 3 is used [HF-311]",
    "5:11: warning: priority: '90x' is not a whole number; it is ignored [HF-311]",
  ]);
});

test('0 rounds of announcements become 1', () => {
  assert.equal(built('garp_master_repeat 0').announcements.masterRepeat, 1);
  assert.deepEqual(codes(instance(' garp_master_repeat 0')), ['HF-312 4:21']);
});

test('nopreempt and preempt_delay are cleared where they cannot work', () => {
  assert.equal(built('nopreempt').preempt, false);
  assert.equal(built('nopreempt\npreempt').preempt, true);
  assert.equal(built('preempt\nnopreempt').preempt, false);
  assert.equal(built('state MASTER\npriority 100\nnopreempt').preempt, true);
  assert.deepEqual(codes(instance(' state MASTER\n priority 100\n nopreempt')), ['HF-410 6:2']);
  assert.equal(built('preempt_delay 5').preemptDelay, 5_000_000);
  assert.equal(built('preempt_delay 1.0000005').preemptDelay, 1_000_001);
  assert.equal(built('preempt_delay 1.00000049').preemptDelay, 1_000_000);
  assert.equal(built('nopreempt\npreempt_delay 5').preemptDelay, 0);
  assert.deepEqual(codes(instance(' nopreempt\n preempt_delay 5')), ['HF-410 5:16']);
  assert.deepEqual(codes(instance(' nopreempt no')), ['HF-315 4:12']);
  assert.equal(built('nopreempt no').preempt, false);
});

test('a password needs its type, version 2 and at most 8 characters', () => {
  const block = (inner: string): string => ` authentication {\n${inner}\n }`;
  assert.deepEqual(built(block('auth_type PASS\nauth_pass secret12')).authentication, { type: 'pass', password: 'secret12' });
  assert.deepEqual(built(block('auth_type PASS\nauth_pass secret123')).authentication, { type: 'pass', password: 'secret12' });
  assert.deepEqual(codes(instance(block('auth_type PASS\nauth_pass secret123'))), ['HF-412 6:11']);
  // The first is judged although the second replaces it.
  assert.deepEqual(codes(instance(block('auth_type PASS\nauth_pass secret123\nauth_pass secret'))), ['HF-412 6:11']);
  assert.deepEqual(built(block('auth_type PASS\nauth_pass äääää')).authentication, { type: 'pass', password: 'ääää' });
  assert.deepEqual(codes(instance(block('auth_type PASS'))), ['HF-412 5:11']);
  assert.deepEqual(codes(instance(block('auth_pass 1'))), ['HF-415 5:11']);
  assert.deepEqual(codes(instance(`version 3\n${block('auth_type PASS\nauth_pass 1')}`)), ['HF-412 6:11']);
  assert.deepEqual(built(`version 3\n${block('auth_type PASS\nauth_pass 1')}`).authentication, { type: 'none' });
  assert.deepEqual(codes(instance(block('auth_type AH\nauth_pass 1'))), []);
});

test('an address takes its options in any order', () => {
  const [address] = built('', '192.0.2.1/24 label eth1:v dev eth1 brd + scope link no_track noprefixroute preferred_lft 60').virtualAddresses;
  assert.deepEqual(
    [address?.label, address?.interface, address?.broadcast, address?.scope, address?.tracked, address?.noPrefixRoute, address?.preferredLifetime],
    ['eth1:v', 'eth1', '192.0.2.255', 253, false, true, 60],
  );
  assert.equal(built('', '192.0.2.1/24 brd -').virtualAddresses[0]?.broadcast, '192.0.2.0');
  assert.equal(built('', '192.0.2.1 brd +').virtualAddresses[0]?.broadcast, undefined);
  assert.deepEqual(codes(instance('', '192.0.2.1/31 brd +')), ['HF-311 6:18']);
  assert.equal(built('', '192.0.2.1 peer 192.0.2.2').virtualAddresses[0]?.peer, '192.0.2.2');
  assert.equal(built('', '192.0.2.1/24 scope 200').virtualAddresses[0]?.scope, 200);
});

test('an IPv6 host address is never preferred as a source, one with a shorter prefix is', () => {
  const addresses = built('', 'fe80::1\n2001:DB8:0:0::1/64 -nodad').virtualAddresses;
  assert.deepEqual(
    addresses.map(({ address, preferredLifetime, duplicateAddressDetection }) => [address, preferredLifetime, duplicateAddressDetection]),
    [
      ['fe80::1', 0, false],
      ['2001:db8::1', 'forever', true],
    ],
  );
});

test('a text that is no address drops its line; odd options and prefixes are reported and the address stays', () => {
  assert.deepEqual(findings(instance('', '192.0.2.300\n192.0.2.1/33\n192.0.2.2 bogus\n192.0.2.3 label\n 192.0.2.4 192.0.2.5')), [
    "6:1: warning: '192.0.2.300' is not an address; the line is skipped [HF-313]",
    "7:1: warning: '192.0.2.1/33': the prefix length must be 0 to 32; 32 is used [HF-312]",
    "8:11: warning: 'bogus' is no option of an address; it is ignored [HF-311]",
    '9:11: warning: label of an address needs a value; the line is skipped [HF-311]',
    "10:12: warning: '192.0.2.5' is no option of an address; it is ignored [HF-311]",
  ]);
  assert.deepEqual(built('', '192.0.2.1/33\n192.0.2.2/3x\n192.0.2.3 label\n192.0.2.4 scope x').virtualAddresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`), ['192.0.2.1/32', '192.0.2.2/3', '192.0.2.4/32']);
});

test('a peer takes no prefix and must be of the same family, IPv6 with neither label nor broadcast', () => {
  const text = instance('', '192.0.2.1/24 peer 192.0.2.2\n192.0.2.3 peer fe80::1\n192.0.2.4 dev eth0 dev eth1\n192.0.2.9');
  assert.deepEqual(codes(text), ['HF-311 6:1', 'HF-409 7:1', 'HF-316 8:24']);
  assert.deepEqual(load(text).model?.director.instances[0]?.virtualAddresses.map(({ address, prefixLength, peer }) => [address, prefixLength, peer]), [
    ['192.0.2.1', 32, '192.0.2.2'],
    ['192.0.2.3', 32, undefined],
    ['192.0.2.9', 32, undefined],
  ]);
  assert.deepEqual(codes(instance('', 'fe80::1 label x\nfe80::2 brd 192.0.2.255\nfe80::3 scope link')), ['HF-311 6:15', 'HF-311 7:13', 'HF-311 8:15']);
});

test('the first address fixes the family; others of another family are skipped, excluded ones may mix', () => {
  const text = instance(' virtual_ipaddress_excluded {\n  fe80::5\n 192.0.2.7\n }', '192.0.2.1\nfe80::1');
  assert.deepEqual(codes(text), ['HF-409 10:1']);
  const [config] = load(text).model?.director.instances ?? [];
  assert.deepEqual(config?.virtualAddresses.map(({ address }) => address), ['192.0.2.1']);
  assert.deepEqual(config.excludedAddresses.map(({ address }) => address), ['fe80::5', '192.0.2.7']);
});

test('an address that stands twice counts once', () => {
  assert.deepEqual(codes(instance('', '192.0.2.1\n192.0.2.1')), ['HF-414 7:1']);
  assert.equal(built('', '192.0.2.1\n192.0.2.1').virtualAddresses.length, 1);
});

test('more addresses than a packet holds become excluded ones', () => {
  const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const many = built('', lines(260, (i) => `10.0.${i >> 7}.${(i & 127) + 1}`));
  assert.deepEqual([many.virtualAddresses.length, many.excludedAddresses.length], [255, 5]);
  assert.deepEqual(codes(instance('', lines(260, (i) => `10.0.${i >> 7}.${(i & 127) + 1}`))), ['HF-408 261:1']);
  const six = built('', lines(100, (i) => `2001:db8::${(i + 1).toString(16)}`));
  assert.deepEqual([six.virtualAddresses.length, six.excludedAddresses.length], [89, 11]);
});

test('tracked interfaces: weights within 253, the own one and repeated ones ignored', () => {
  const track = (lines: string): string => ` track_interface {\n${lines}\n }`;
  assert.deepEqual(built(track('eth1 weight -254 reverse')).trackInterfaces, [{ interface: 'eth1', weight: -253, reverse: true }]);
  assert.deepEqual(codes(instance(track('eth1 weight 254'))), ['HF-312 5:13']);
  assert.deepEqual(codes(instance(track('eth0\neth1\neth1'))), ['HF-316 5:1', 'HF-316 7:1']);
  assert.deepEqual(codes(instance(`priority 255\n${track('eth1 weight 5')}`)), ['HF-410 6:1']);
});

test('scripts become argument vectors, with the account of script_user where they name none', () => {
  const globals = 'global_defs {\nscript_user nobody nogroup\nenable_script_security\n}\n';
  const notify = built(
    ' notify_master "/bin/x \'a b\' c\\"d\\"" root\n notify_backup /bin/y\n notify_stop "/bin/z \\x41\\101"\n notify \'/bin/a b\'',
    undefined,
    globals,
  ).notify;
  assert.deepEqual(notify, {
    master: { argv: ['/bin/x', 'a b', 'c"d"'], user: 'root' },
    backup: { argv: ['/bin/y'], user: 'nobody', group: 'nogroup' },
    stop: { argv: ['/bin/z', 'AA'], user: 'nobody', group: 'nogroup' },
    any: { argv: ['/bin/a', 'b'], user: 'nobody', group: 'nogroup' },
  });
});

test('a script given twice keeps the first, and scripts without script security are reported once', () => {
  assert.deepEqual(codes(instance(' notify_master /bin/a\n notify_master /bin/b')), ['HF-320 4:16', 'HF-316 5:2']);
  assert.deepEqual(built(' notify_master /bin/a\n notify_master /bin/b').notify.master?.argv, ['/bin/a']);
});

test('a sync group keeps the members that exist and are in no other group', () => {
  const instances = instance('') + instance('', '192.0.2.101', { name: 'b', id: 2 }) + instance('', '192.0.2.102', { name: 'c', id: 3 });
  const text = `${instances}vrrp_sync_group g {\n group {\n  a b\n  x\n }\n}\nvrrp_sync_group h {\n group {\n  b\n  c\n }\n}\nvrrp_sync_group i {\n}\n`;
  assert.deepEqual(load(text).model?.director.groups, [
    { name: 'g', members: ['a', 'b'], notify: {} },
    { name: 'h', members: ['c'], notify: {} },
  ]);
  assert.deepEqual(findings(text).map((line) => line.replace(/^(\d+):(\d+): warning: /, '$1:$2 ')), [
    '28:3 there is no vrrp_instance x; it is left out of group g [HF-413]',
    '31:17 vrrp_sync_group h has only one member [HF-413]',
    '33:3 b is in group g already and cannot be in h too; it is left out [HF-413]',
    '37:17 vrrp_sync_group i has no members; it is ignored [HF-413]',
  ]);
});

test('an empty list of members and a flag of the wrong family are reported where they stand', () => {
  assert.deepEqual(codes('vrrp_sync_group g {\n group {\n }\n}\n'), ['HF-413 1:17', 'HF-319 2:2']);
  assert.deepEqual(codes(instance('', '192.0.2.1 home')), ['HF-322 6:11']);
});

test('weighted trackers of group members count only when the group says so', () => {
  const tracked = instance(' track_interface {\n  eth1 weight 5\n }') + instance('', '192.0.2.101', { name: 'b', id: 2 });
  const group = (extra: string): string => `${tracked}vrrp_sync_group g {\n group {\n a\n b\n }\n${extra}\n}\n`;
  assert.deepEqual(codes(group('')), ['HF-410 5:3']);
  assert.deepEqual(load(group('')).model?.director.instances[0]?.trackInterfaces, []);
  assert.deepEqual(codes(group('sync_group_tracking_weight')), []);
});

test('multicast groups must be multicast addresses of their family', () => {
  const model = load('global_defs {\nvrrp_mcast_group4 224.0.0.20\nvrrp_mcast_group6 ff02::20\n}\n').model;
  assert.deepEqual([model?.director.multicastGroup4, model?.director.multicastGroup6], ['224.0.0.20', 'ff02::20']);
  assert.deepEqual(codes('global_defs {\nvrrp_mcast_group4 192.0.2.1\nvrrp_mcast_group6 224.0.0.1\n}\n'), ['HF-313 2:19', 'HF-313 3:19']);
});
