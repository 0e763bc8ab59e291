/** Lines of addresses, routes and rules: what the model has of every option, and what is said about those that cannot be. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { StaticObjects } from '../../src/vrrp/config.js';
import { findings, load } from './support.js';

const FILES: Readonly<Record<string, readonly string[]>> = {
  '/etc/iproute2/rt_tables': ['# comment\n100 office # Vienna\n0x20 hex\n', '200\textra\n'],
  '/etc/iproute2/rt_protos': ['99 ours\n'],
  '/usr/share/iproute2/rt_protos': ['98 ours\n97 theirs\n'],
  '/etc/iproute2/rt_realms': ['7 cosmos\n'],
  '/etc/iproute2/rt_dsfield': ['0x28 AF11\n'],
  '/etc/iproute2/group': ['5 uplinks\n'],
  '/etc/protocols': ['tcp\t6\tTCP\nospf 89 OSPFIGP\n'],
};

const options = { readNameFiles: (path: string): readonly string[] => FILES[path] ?? [] };

function staticObjects(block: string, line: string): StaticObjects | undefined {
  return load(`${block} {\n${line}\n}\n`, options).model?.director.staticObjects;
}

/** Without the line number. */
function said(block: string, line: string): readonly string[] {
  return findings(`${block} {\n${line}\n}\n`, options).map((text) => text.replace(/^2:/, ''));
}

const ROUTE = {
  family: 'ipv4',
  type: 'unicast',
  destination: { address: '10.9.0.0', prefixLength: 16 },
  typeOfService: 0,
  table: 254,
  protocol: 18,
  interface: 'eth0',
  onLink: false,
  metrics: [],
  nextHops: [],
  placement: 'prepend',
  tracked: true,
};

function route(line: string): unknown {
  const routes = staticObjects('static_routes', line)?.routes;
  assert.equal(routes?.length, 1, line);
  return routes[0];
}

test('every option of a route reaches it', () => {
  const D = '10.9.0.0/16 dev eth0';
  const V6 = { ...ROUTE, family: 'ipv6', destination: { address: '2001:db8::', prefixLength: 32 } };
  for (const [line, expected] of [
    [D, ROUTE],
    ['to 10.9.0.0/16 oif eth0', ROUTE],
    ['default dev eth0', { ...ROUTE, destination: { address: '0.0.0.0', prefixLength: 0 } }],
    ['default via fe80::1 dev eth0', { ...V6, destination: { address: '::', prefixLength: 0 }, gateway: 'fe80::1' }],
    ['brd 10.9.0.0/16 dev eth0', { ...ROUTE, type: 'broadcast' }],
    [`${D} via inet 192.0.2.254 onlink src 192.0.2.1`, { ...ROUTE, gateway: '192.0.2.254', onLink: true, preferredSource: '192.0.2.1' }],
    [`${D} table office tos AF11 scope link metric 7`, { ...ROUTE, table: 100, typeOfService: 0x28, scope: 253, metric: 7 }],
    [`${D} table extra priority 3 dsfield 0x10`, { ...ROUTE, table: 200, typeOfService: 16, metric: 3 }],
    [`${D} table 0 preference 0`, { ...ROUTE, metric: 0 }],
    [`${D} table -1 vrf eth1`, { ...ROUTE, table: 4_294_967_295, vrf: 'eth1' }],
    [`${D} protocol ours no_track`, { ...ROUTE, protocol: 99, tracked: false }],
    [`${D} protocol theirs no_track`, { ...ROUTE, protocol: 97, tracked: false }],
    [`${D} realms 3/cosmos`, { ...ROUTE, realms: { source: 3, destination: 7 } }],
    [`${D} add`, { ...ROUTE, placement: 'add' }],
    [`${D} append ttl-propagate disabled`, { ...ROUTE, placement: 'append', ttlPropagate: false }],
    [`${D} encap mpls 100/200`, { ...ROUTE, encapsulation: { type: 'mpls', labels: [100, 200] } }],
    [`${D} encap ila 1:2:3:4`, { ...ROUTE, encapsulation: { type: 'ila', locator: '0001000200030004' } }],
    [
      `${D} encap ip id 5 dst 10.0.0.1 src 10.0.0.2 tos 5 ttl 6`,
      { ...ROUTE, encapsulation: { type: 'ip', id: '5', destination: '10.0.0.1', source: '10.0.0.2', typeOfService: 5, hopLimit: 6 } },
    ],
    [
      '2001:db8::/32 from 2001:db8:1::/48 dev eth0 expires 60 pref high',
      { ...V6, source: { address: '2001:db8:1::', prefixLength: 48 }, expires: 60, preference: 1 },
    ],
    [
      '10.9.0.0/16 no_track nexthop via 192.0.2.3 weight 4 nexthop dev eth1 onlink realms 5',
      {
        ...Object.fromEntries(Object.entries(ROUTE).filter(([name]) => name !== 'interface')),
        tracked: false,
        nextHops: [
          { gateway: '192.0.2.3', onLink: false, weight: 4 },
          { interface: 'eth1', onLink: true, realms: { source: 0, destination: 5 }, weight: 1 },
        ],
      },
    ],
  ] as const) {
    assert.deepEqual(route(line), expected, line);
    assert.deepEqual(said('static_routes', line), [], line);
  }
});

test('metrics of a route are in the units of the kernel', () => {
  for (const [line, metric, value, locked] of [
    ['mtu lock 1400', 'mtu', 1_400, true],
    ['hoplimit 64', 'hoplimit', 64, false],
    ['rtt 1.5s', 'rtt', 12_000, false],
    ['rtt lock 300ms', 'rtt', 2_400, true],
    ['rtt 2000', 'rtt', 2_000, false],
    ['rttvar 300ms', 'rttvar', 1_200, false],
    ['rto_min 300ms', 'rto_min', 300, false],
    ['features ecn', 'features', 1, false],
    ['congctl lock reno', 'congctl', 'reno', true],
    ['fastopen_no_cookie 1', 'fastopen_no_cookie', 1, false],
  ] as const) {
    assert.deepEqual(route(`10.9.0.0/16 dev eth0 ${line}`), { ...ROUTE, metrics: [{ metric, value, locked }] }, line);
  }
  assert.deepEqual(route('10.9.0.0/16 dev eth0 rtt 100ms'), { ...ROUTE, metrics: [{ metric: 'rtt', value: 1_600, locked: false }] });
  assert.deepEqual(said('static_routes', '10.9.0.0/16 dev eth0 rtt 100ms'), [
    "26: warning: rtt: 100ms is below the kernel's minimum; 200ms is used [HF-435]",
  ]);
});

test('a route that keepalived would skip is skipped, with the place and the way out', () => {
  for (const [line, message] of [
    ['10.9.0.0/16 dev eth0 mtu x', "26: warning: mtu: 'x' is not a whole number; the route is skipped [HF-311]"],
    ['10.9.0.0/16 dev eth0 hoplimit 256', '31: warning: hoplimit: 256 is not within 0 to 255; the route is skipped [HF-312]'],
    ['10.9.0.0/16 dev eth0 table foo', "28: warning: 'foo' is no routing table; the route is skipped [HF-432]"],
    ['10.9.0.0/16 via fe80::1 dev eth0', '17: warning: a route has addresses of one family only; the route is skipped [HF-409]'],
    ['10.9.0.0/16 dev eth0 expires 5', '30: warning: expires is for IPv6 routes only; the route is skipped [HF-311]'],
    ['2001:db8::/32 dev eth0 realms 5', '31: warning: realms is for IPv4 routes only; the route is skipped [HF-311]'],
    ['dev eth0', '1: warning: a route needs a destination; the route is skipped [HF-311]'],
  ] as const) {
    assert.deepEqual(said('static_routes', line), [message], line);
    assert.equal(staticObjects('static_routes', line), undefined, line);
  }
});

test('a value that costs only its option leaves the route', () => {
  for (const line of ['features foo', 'ttl-propagate foo', 'as to 10.0.0.1']) {
    assert.deepEqual(route(`10.9.0.0/16 dev eth0 ${line}`), ROUTE, line);
    assert.equal(said('static_routes', `10.9.0.0/16 dev eth0 ${line}`).length, 1, line);
  }
});

test('a mistyped option is answered with the nearest one of its kind', () => {
  for (const [block, line, guess] of [
    ['static_routes', '10.9.0.0/16 dev eth0 mettric 5', 'metric'],
    ['static_rules', 'from 10.9.0.0/16 tabel 5 preference 3', 'table'],
    ['static_ipaddress', '10.9.0.1/16 dev eth0 lable eth0:1', 'label'],
    ['static_routes', '10.9.0.0/16 nexthop via 192.0.2.3 wieght 5', 'weight'],
  ] as const) {
    const found = load(`${block} {\n${line}\n}\n`, options).diagnostics.find(({ message }) => message.includes(' no option of ') || message.includes('neither'));
    assert.equal(found?.hint, `did you mean ${guess}?`, line);
  }
});

const RULE = {
  family: 'ipv4',
  action: { type: 'table', table: 100 },
  inverted: false,
  priority: 9,
  protocol: 18,
  tracked: true,
};

function rule(line: string): unknown {
  const rules = staticObjects('static_rules', line)?.rules;
  assert.equal(rules?.length, 1, line);
  return rules[0];
}

test('every option of a rule reaches it', () => {
  const T = 'table office preference 9';
  for (const [line, expected] of [
    [T, RULE],
    [`not from 10.9.0.0/16 to 10.8.0.0/16 ${T}`, { ...RULE, inverted: true, from: { address: '10.9.0.0', prefixLength: 16 }, to: { address: '10.8.0.0', prefixLength: 16 } }],
    [`from all to 2001:db8::/32 ${T}`, { ...RULE, family: 'ipv6', to: { address: '2001:db8::', prefixLength: 32 } }],
    ['lookup 0x64 order 0x9', RULE],
    [`${T} tos AF11 fwmark 0x5/0xff`, { ...RULE, typeOfService: 0x28, mark: { value: 5, mask: 255 } }],
    [`${T} fwmark 5`, { ...RULE, mark: { value: 5, mask: 4_294_967_295 } }],
    [`${T} realms cosmos`, { ...RULE, realms: { source: 0, destination: 7 } }],
    [`${T} sup_pl 0 sup_group uplinks`, { ...RULE, suppressPrefixLength: 0, suppressInterfaceGroup: 5 }],
    [`${T} iif eth0 oif eth1`, { ...RULE, inputInterface: 'eth0', outputInterface: 'eth1' }],
    [`${T} tunnel-id 18446744073709551615 uidrange 0-99`, { ...RULE, tunnelId: '18446744073709551615', userIds: { first: 0, last: 99 } }],
    [`${T} ipproto OSPFIGP sport 80-80 dport 1-9`, { ...RULE, ipProtocol: 89, sourcePorts: { first: 80, last: 80 }, destinationPorts: { first: 1, last: 9 } }],
    [`${T} protocol 5 no_track`, { ...RULE, protocol: 5, tracked: false }],
    ['goto 20 preference 9', { ...RULE, action: { type: 'goto', target: 20 } }],
    ['type blackhole preference 9', { ...RULE, action: { type: 'blackhole' } }],
    ['iif eth0 l3mdev preference 9', { ...RULE, action: { type: 'l3mdev' }, inputInterface: 'eth0' }],
  ] as const) {
    assert.deepEqual(rule(line), expected, line);
    assert.deepEqual(said('static_rules', line), [], line);
  }
});

test('rules without a preference count down from 16384 over the whole file', () => {
  const instance = 'vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\nvirtual_rules {\ntable 7\n}\n}\n';
  const { model } = load(`static_rules {\ntable 5\ntable 6 preference 3\n}\n${instance}static_rules {\ntable 8\n}\n`, options);
  assert.deepEqual(model?.director.staticObjects?.rules.map(({ priority }) => priority), [16_384, 3, 16_383]);
  assert.deepEqual(model.director.instances[0]?.rules?.map(({ priority }) => priority), [16_382]);
});

test('a rule that keepalived would skip is skipped, with the place and the way out', () => {
  for (const [line, message] of [
    ['from 10.9.0.0/16', '1: warning: a rule needs an action; the rule is skipped [HF-311]'],
    ['table 5 blackhole preference 9', '9: warning: a rule has one action only; the rule is skipped [HF-410]'],
    ['table 0 preference 9', '7: warning: there is no table 0; the rule is skipped [HF-312]'],
    ['goto 9 preference 9', '6: warning: goto 9 must lead to a rule behind preference 9; the rule is skipped [HF-311]'],
    ['blackhole realms 5 preference 9', '18: warning: realms and suppressors need the action table; the rule is skipped [HF-410]'],
    ['from 10.9.0.0/16 to 2001:db8::/32 table 5', '21: warning: a rule has addresses of one family only; the rule is skipped [HF-409]'],
    ['table 5 tos foo', "13: warning: 'foo' is no type of service; the rule is skipped [HF-432]"],
  ] as const) {
    assert.deepEqual(said('static_rules', line), [message], line);
    assert.equal(staticObjects('static_rules', line), undefined, line);
  }
});

test('a static address has the options of a virtual one', () => {
  const addresses = staticObjects('static_ipaddress', '192.0.2.9/24 dev eth1 label eth1:9 brd + scope 7 no_track\n2001:db8::9/64 preferred_lft 5')?.addresses;
  const plain = {
    duplicateAddressDetection: false,
    noPrefixRoute: false,
    homeAddress: false,
    manageTemporaryAddress: false,
    autoJoin: false,
  };
  assert.deepEqual(addresses, [
    {
      ...plain,
      address: '192.0.2.9',
      prefixLength: 24,
      interface: 'eth1',
      scope: 7,
      preferredLifetime: 'forever',
      tracked: false,
      label: 'eth1:9',
      broadcast: '192.0.2.255',
    },
    { ...plain, address: '2001:db8::9', prefixLength: 64, interface: 'eth0', scope: 0, preferredLifetime: 5, tracked: true },
  ]);
});

test('a static entry is tied to a track_group that stands above it', () => {
  const group = 'vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\n}\ntrack_group TG {\ngroup {\na\n}\n}\n';
  const entries = 'static_routes {\n10.9.0.0/16 dev eth0 track_group TG\n}\n';
  const groupOf = (text: string): string | undefined => load(text, options).model?.director.staticObjects?.routes[0]?.trackGroup;
  assert.equal(groupOf(group + entries), 'TG');
  assert.equal(groupOf(entries + group), undefined);
  assert.deepEqual(said('static_routes', '10.9.0.0/16 dev eth0 track_group TG'), [
    '34: warning: there is no track_group TG above; it is ignored [HF-417]',
  ]);
  const untied = load(`${group}static_rules {\nfrom 10.0.0.0/8 table 5 preference 3 track_group TG\n}\n`, options);
  assert.deepEqual(untied.diagnostics.map(({ code }) => code), ['HF-413']);
});
