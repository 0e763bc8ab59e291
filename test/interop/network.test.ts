/**
 * What the kernel holds with holdfast and with Debian's keepalived under the same configuration: addresses, routes and rules
 * with every option that 2.2.7 knows, as master, after a foreign hand, after a reload, in FAULT and after the stop.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { awaitCarrier } from '../support/carrier.js';
import { startDaemon, until, type DaemonKind } from './daemon.js';

/**
 * Left out is what 2.2.7 gets wrong: it does not remove an address with a peer, takes preferred_lft 0 of an IPv4 address for
 * no limit, and asks for routes of the types local, broadcast and anycast with a scope that the kernel refuses.
 */
const ADDRESSES = [
  '192.0.2.100/24 dev eth0 brd + label eth0:vip',
  '192.0.2.101',
  '192.0.2.102/25 brd 192.0.2.127 scope link',
  '192.0.2.103/24 brd -',
  '192.0.2.104/24 noprefixroute',
  '192.0.2.105/32 preferred_lft 500',
  '192.0.2.106/24 dev eth1 scope 99 no_track',
  '198.51.100.77/28 preferred_lft forever',
];
const EXCLUDED = [
  '2001:db8::100/64',
  '2001:db8::101',
  '2001:db8::102/64 home mngtmpaddr',
  '2001:db8::103/64 -nodad',
  '2001:db8::104/64 noprefixroute',
  '2001:db8::105/64 preferred_lft 600',
  '2001:db8::106/128 preferred_lft forever',
  '224.1.2.3/32 autojoin',
  'ff05::77/128 autojoin',
];
const VIA = 'via 192.0.2.254 dev eth0';
const ROUTES = [
  `10.1.0.0/16 ${VIA}`,
  '10.2.0.0/16 dev eth1 scope link',
  `10.3.0.0/16 ${VIA} src 192.0.2.100 metric 50`,
  '10.4.0.0/16 via 203.0.113.200 dev eth0 onlink table 300 tos 0x10',
  'unicast 10.5.0.0/16 dev eth1',
  'blackhole 10.6.0.0/16 no_track',
  'unreachable 10.7.0.0/16 no_track',
  'prohibit 10.8.0.0/16 metric 9 no_track',
  'throw 10.9.0.0/16 table 301 no_track',
  'local 10.10.1.1/32 dev eth0 table 302 scope host',
  'broadcast 10.10.2.255/32 dev eth0 table 302 scope link',
  'multicast 239.1.1.1/32 dev eth0',
  'anycast 10.10.3.1/32 dev eth0 table 302 scope link',
  `10.11.0.0/16 ${VIA} mtu 1400 advmss lock 1360 rtt 300ms rttvar 400ms window 3000 hoplimit 33 reordering 4 cwnd 90 ` +
    'ssthresh lock 20 initcwnd 10 initrwnd 11 features ecn quickack 1 rto_min 250ms fastopen_no_cookie 1',
  `10.12.0.0/16 ${VIA} mtu lock 1300 congctl reno realms 3/4`,
  '10.13.0.0/16 no_track nexthop via 192.0.2.253 dev eth0 weight 3 nexthop via 198.51.100.254 dev eth1 weight 7 onlink',
  `10.14.0.0/16 ${VIA} protocol bird no_track`,
  `10.15.0.0/16 ${VIA} append`,
  `10.16.0.0/16 ${VIA} add`,
  `10.17.0.0/16 ${VIA} encap ip id 5 dst 192.0.2.9 src 192.0.2.1 tos 4 ttl 9`,
  `10.18.0.0/16 ${VIA} encap ip6 id 6 dst 2001:db8::9 hoplimit 8`,
  `default ${VIA} metric 4000`,
  '2001:db8:1::/48 via 2001:db8::fe dev eth0',
  '2001:db8:2::/48 dev eth1 metric 77',
  '2001:db8:3::/48 via 2001:db8::fe dev eth0 expires 1000 pref high mtu 1400',
  '2001:db8:4::/48 from 2001:db8:99::/64 via 2001:db8::fe dev eth0',
  'blackhole 2001:db8:5::/48 no_track',
  '2001:db8:6::/48 no_track nexthop via 2001:db8::f1 dev eth0 nexthop via 2001:db8::f2 dev eth0 weight 4',
  '2001:db8:8::/48 via 2001:db8::fe dev eth0 table 400 src 2001:db8::1',
  'default via 2001:db8::fe dev eth0 metric 5000',
];
const RULES = [
  'from 10.1.0.0/16 table 100 preference 100',
  'to 10.2.0.0/16 lookup 300 preference 101 tos 0x10',
  'from 10.1.0.0/16 to 10.2.0.0/16 iif eth0 oif eth1 table 102 preference 102',
  'fwmark 5/0xff table 103 preference 103',
  'fwmark 7 table 103 preference 104',
  'not from 10.3.0.0/16 table 104 preference 105',
  'from 10.4.0.0/16 realms 5/6 table 104 preference 106',
  'from 10.5.0.0/16 table 104 suppress_prefixlength 8 preference 107',
  'from 10.5.0.0/16 table 104 suppress_ifgroup 3 preference 108',
  'from 10.6.0.0/16 blackhole preference 109',
  'from 10.6.0.0/16 unreachable preference 110',
  'from 10.6.0.0/16 prohibit preference 111',
  'from 10.7.0.0/16 goto 200 preference 112',
  'from 10.7.0.0/16 nop preference 200',
  'uidrange 1000-2000 table 100 preference 113',
  'ipproto tcp sport 80-90 dport 1000-2000 table 100 preference 114',
  'tunnel-id 77 table 100 preference 115',
  'l3mdev preference 116',
  'from 10.8.0.0/16 table 5000000 preference 117',
  'from 2001:db8:1::/48 table 100 preference 118',
  'from 10.9.0.0/16 table 9 preference 119 protocol 4 no_track',
  'ipproto 17 table 100 preference 120',
];

const block = (name: string, lines: readonly string[]): string => `${name} {\n${lines.join('\n')}\n}\n`;

function configuration(routes: readonly string[], rules: readonly string[], staticRoute: string): string {
  const parts = [
    block('virtual_ipaddress', ADDRESSES),
    block('virtual_ipaddress_excluded', EXCLUDED),
    block('virtual_routes', routes),
    block('virtual_rules', rules),
  ];
  return [
    block('vrrp_instance V1', ['state MASTER', 'interface eth0', 'virtual_router_id 51', 'priority 255', ...parts]),
    block('track_group TG', ['group {', 'V1', '}']),
    block('static_ipaddress', ['203.0.113.50/24 dev eth0', '203.0.113.51/24 dev eth1 track_group TG']),
    block('static_routes', [staticRoute, '10.41.0.0/16 dev eth0 no_track']),
    block('static_rules', ['from 10.40.0.0/16 iif eth0 table 200 preference 300', 'to 10.40.0.0/16 table 200 preference 301']),
  ].join('');
}

const FIRST = configuration(ROUTES, RULES, '10.40.0.0/16 dev eth0');
const SECOND = configuration(
  ROUTES.filter((route) => !route.startsWith('10.15.')).map((route) => route.replace(`10.1.0.0/16 ${VIA}`, `10.1.0.0/16 ${VIA} metric 7`)),
  [...RULES.map((rule) => rule.replace('table 100 preference 100', 'table 99 preference 100')), 'from 10.99.0.0/16 table 99 preference 299'],
  '10.42.0.0/16 dev eth0',
);

interface Ground {
  readonly ip: (words: string) => string;
  readonly namespace: string;
  readonly remove: () => void;
}

/** A host with two links to nobody in particular. */
function openGround(kind: DaemonKind): Ground {
  const namespace = `hf-network-${process.pid}-${kind}`;
  const far = `${namespace}-far`;
  const ip = (words: string): string => execFileSync('ip', ['-n', namespace, ...words.split(' ')], { encoding: 'utf8' });
  for (const name of [namespace, far]) execFileSync('ip', ['netns', 'add', name]);
  const settings = ['net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.router_solicitations=0'];
  execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...settings]);
  ip('link set lo up');
  for (const [i, name] of ['eth0', 'eth1'].entries()) {
    ip(`link add ${name} address 02:00:00:00:0${i}:01 type veth peer name ${name} netns ${far}`);
    ip(`link set ${name} addrgenmode none`);
    ip(`link set ${name} up`);
    execFileSync('ip', ['-n', far, 'link', 'set', name, 'up']);
  }
  awaitCarrier(namespace, 'eth0', 'eth1');
  for (const address of ['192.0.2.1/24 dev eth0', '198.51.100.1/24 dev eth1', '2001:db8::1/64 dev eth0']) ip(`address add ${address}`);
  return {
    ip,
    namespace,
    remove: () => {
      for (const name of [namespace, far]) execFileSync('ip', ['netns', 'del', name]);
    },
  };
}

/** Everything that is not the kernel's own, line by line; times that run are left out. */
function picture({ ip }: Ground): readonly string[] {
  const shown = ['-d -o address show', '-d -4 route show table all', '-d -6 route show table all', '-d -4 rule show', '-d -6 rule show'];
  const lines = shown.flatMap((command) => ip(command).split('\n'));
  return lines
    .filter((line) => line !== '' && !line.includes('proto kernel'))
    .map((line) => line.replace(/^\d+: (eth)/, '$1').replace(/\b(expires|preferred_lft|valid_lft) \d+sec/g, '$1 NNsec').replace(/\s+/g, ' '))
    .sort();
}

/** So often in a row it must look the same: a daemon may be in the middle of what it does. */
const SAME_LOOKS = 5;

async function settled(ground: Ground): Promise<readonly string[]> {
  let last: readonly string[] = [];
  for (let same = 0; same < SAME_LOOKS; ) {
    const now = picture(ground);
    same = now.join('\n') === last.join('\n') ? same + 1 : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return last;
}

/** What the foreign hand does. */
const VICTIMS = [
  'route del 10.1.0.0/16 dev eth0',
  '-6 route del 2001:db8:1::/48 dev eth0',
  'rule del preference 101',
  'address del 203.0.113.50/24 dev eth0',
  'route del 10.40.0.0/16 dev eth0',
  'rule del preference 301',
  // At last: keepalived sets everything anew for an address, not for every route.
  'address del 192.0.2.101/32 dev eth0',
];

/** Milliseconds to put back what is taken in one go. */
const FOR_KEEPALIVED = 5_000;

const STEPS = ['master', 'removed by a foreign hand', 'reloaded', 'fault', 'stopped'] as const;
type Pictures = Readonly<Record<(typeof STEPS)[number], readonly string[]>>;

async function live(kind: DaemonKind): Promise<Pictures> {
  const ground = openGround(kind);
  const { ip, namespace } = ground;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-network-'));
  const daemon = startDaemon(kind, { namespace, folder, configuration: FIRST, options: ['-P'] });
  const has = (what: string): boolean => picture(ground).some((line) => line.includes(what));
  try {
    await until(`${kind} has set the last rule`, () => has('120: from all ipproto') && has('10.40.0.0/16 dev eth0'));
    const master = await settled(ground);
    const whole = (): boolean => picture(ground).join('\n') === master.join('\n');
    const take = (victim: string): void => {
      try {
        ip(victim);
      } catch (error) {
        // After some of them keepalived takes all away and sets it anew: what is next may just not be there.
        if (kind === 'holdfast') throw error;
      }
    };
    VICTIMS.forEach(take);
    let taken = Date.now();
    await until(`${kind} has put everything back`, () => {
      const isWhole = whole();
      // The address may have been what was just not there, and then nothing makes keepalived set the others anew.
      if (!isWhole && kind === 'keepalived' && Date.now() > taken + FOR_KEEPALIVED) {
        take(VICTIMS.at(-1) ?? '');
        taken = Date.now();
      }
      return isWhole;
    });
    const restored = picture(ground);
    writeFileSync(join(folder, 'keepalived.conf'), SECOND);
    daemon.signal('SIGHUP');
    await until(`${kind} has reloaded`, () => has('299: from 10.99.0.0/16') && has('10.42.0.0/16 dev eth0') && has('metric 7'));
    const reloaded = await settled(ground);
    ip('link set eth1 down');
    await until(`${kind} has let go`, () => !has('299: from 10.99.0.0/16') && !has('192.0.2.100/24') && !has('ff05::77'));
    const fault = await settled(ground);
    await daemon.stop();
    return { master, 'removed by a foreign hand': restored, reloaded, fault, stopped: picture(ground) };
  } finally {
    await daemon.stop();
    ground.remove();
    rmSync(folder, { recursive: true });
  }
}

test('the kernel holds what it holds with keepalived, whatever happens', { timeout: 600_000 }, async (t) => {
  const [ours, theirs] = await Promise.all([live('holdfast'), live('keepalived')]);
  assert.ok(theirs.master.length > theirs.stopped.length + 60, `keepalived has set ${theirs.master.length} lines`);
  for (const step of STEPS) await t.test(step, () => assert.deepEqual(ours[step], theirs[step]));
});
