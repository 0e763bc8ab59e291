/** Lines of the blocks that hold entries: addresses, routes, rules, tracked things, peers, group members. */

import type { Choices } from './choices.js';

/** Names that a configuration has given, for others to refer to. */
export interface World {
  readonly instances: string[];
  readonly scripts: string[];
  readonly files: string[];
  readonly processes: string[];
  readonly bfds: string[];
  readonly serverGroups: string[];
  /** Numbers that must differ: router ids, addresses. */
  counter: number;
  /** The service being written is one of firewall marks: no ports, no protocol. */
  marked: boolean;
  /** What has been written: `BLOCK KEYWORD`, and `BLOCK option WORD` for words within a line. */
  readonly written: Set<string>;
  /** What must be written if its block is: in the same words. */
  readonly demanded: ReadonlySet<string>;
  /** The family of the instance or service being written. */
  family: 'ipv4' | 'ipv6';
}

export function createWorld(demanded: ReadonlySet<string>): World {
  const names = { instances: [], scripts: [], files: [], processes: [], bfds: [], serverGroups: [] };
  return { ...names, counter: 0, marked: false, written: new Set(), demanded, family: 'ipv4' };
}

type Line = (choices: Choices, world: World) => string;

/** A fresh address of the family at hand. */
export function freshAddress(world: World): string {
  world.counter += 1;
  const { counter } = world;
  return world.family === 'ipv4' ? `10.${(counter >> 8) & 255}.${counter & 255}.1` : `2001:db8::${counter.toString(16)}`;
}

function some(choices: Choices, options: readonly string[], probability: number): string {
  return options
    .filter(() => choices.chance(probability))
    .map((option) => ` ${option}`)
    .join('');
}

const IPV4_OPTIONS = ['dev eth1', 'scope link', 'scope 100', 'label eth0:x', 'brd +', 'broadcast 10.255.255.255', 'noprefixroute', 'no_track', 'preferred_lft forever', 'preferred_lft 60', 'autojoin'];
const IPV6_OPTIONS = ['dev eth1', 'home', '-nodad', 'mngtmpaddr', 'noprefixroute', 'no_track', 'preferred_lft 0', 'autojoin'];
const ODD_ADDRESS = ['', 'foo', 'dev', 'dev nope0', 'peer 10.9.9.9', 'peer fe80::1', 'label', 'scope foo', 'scope 300', 'brd foo', 'brd -', '10.0.0.1', 'dev eth0 dev eth1', 'preferred_lft x', '-nodad', 'home'];

const address: Line = (choices, world) => {
  const bits = world.family === 'ipv4' ? choices.pick(['', '/24', '/30', '']) : choices.pick(['', '/64', '/128']);
  const options = some(choices, world.family === 'ipv4' ? IPV4_OPTIONS : IPV6_OPTIONS, 0.06);
  const fitting = bits === '' && choices.chance(0.95) ? options.replace(' brd +', '') : options;
  return `${freshAddress(world)}${bits}${fitting}${odd(choices, ODD_ADDRESS)}`;
};

/** Static and excluded addresses are of either family. */
const anyAddress: Line = (choices, world) => {
  const outer = world.family;
  world.family = choices.pick(['ipv4', 'ipv6']);
  const line = address(choices, world);
  world.family = outer;
  return line;
};

/** How likely a line has something wrong behind it, or a name that nobody has. */
const ODD_ENTRY = 0.015;

function odd(choices: Choices, list: readonly string[]): string {
  return choices.chance(ODD_ENTRY) ? ` ${choices.pick(list)}` : '';
}

const ROUTE_OPTIONS = [
  'table 100', 'metric 5', 'priority 7', 'preference 3', 'protocol static no_track', 'protocol 18', 'tos 4', 'dsfield 0x10', 'mtu 1400', 'mtu lock 1400', 'hoplimit 64', 'advmss 1200', 'advmss lock 1200', 'rtt 100ms', 'rttvar 1s', 'reordering 4',
  'window 1000', 'cwnd 10', 'cwnd lock 10', 'ssthresh lock 3', 'realms 1/2', 'rto_min 200ms', 'initcwnd 10', 'initrwnd 10', 'features ecn', 'quickack 1', 'congctl reno', 'fastopen_no_cookie 1', 'no_track', 'onlink', 'scope link', 'dev eth0',
  'prepend', 'append', 'add', 'src 192.0.2.1', 'dev eth0', 'oif eth1', 'ttl-propagate enabled', 'encap ip id 5 dst 10.9.9.9', 'encap mpls 100/200', 'encap ip6 id 7 dst 2001:db8::9', 'table main',
];
const ROUTE6_OPTIONS = ['pref high', 'pref low', 'expires 60', 'metric 5', 'dev eth0', 'mtu 1400', 'table 100', 'from 2001:db8:9::/48'];
const ODD_ROUTE = [
  'foo', 'table', 'table nope', 'table 4294967296', 'metric -1', 'metric x', 'dev nope0', 'hoplimit 256', 'pref high', 'expires 5', 'features foo', 'quickack 2', 'via', 'via foo', 'gw 192.0.2.9', 'or 192.0.2.8', 'protocol static', 'tos 300',
  'scope foo', 'src foo', 'realms x/', 'weight 5', 'nexthop', 'encap', 'encap foo', 'as to 10.0.0.1', 'vrf nope', 'mtu', 'mtu x', 'rtt foo', 'track_group g1', 'via 192.0.2.9', 'via inet6 fe80::9',
];

const route: Line = (choices, world) => {
  const six = choices.chance(0.25);
  world.counter += 1;
  const typed = choices.chance(0.1);
  const target = six ? `2001:db8:${world.counter.toString(16)}::/48` : choices.pick([`10.${world.counter & 255}.0.0/16`, 'default', `10.${world.counter & 255}.1.1`, typed ? 'default' : `to 10.${world.counter & 255}.0.0/16`]);
  const type = typed ? `${choices.pick(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local'])} ` : '';
  const gateway = six ? 'via fe80::9 dev eth0' : choices.pick(['via 192.0.2.9 dev eth0', 'via 192.0.2.9 dev eth0', 'dev eth0', 'via inet 192.0.2.9 dev eth1']);
  const next = choices.chance(0.08) ? ' nexthop via 192.0.2.8 dev eth0 weight 5 nexthop via 192.0.2.7 dev eth1' : undefined;
  const options = some(choices, six ? ROUTE6_OPTIONS : ROUTE_OPTIONS, 0.02);
  if (next !== undefined && !six) return `${target}${options}${next}${odd(choices, ODD_ROUTE)}`;
  return `${type}${target} ${type === '' || type.startsWith('unicast') || target === 'default' ? gateway : 'dev eth0'}${options}${odd(choices, ODD_ROUTE)}`;
};

const RULE_OPTIONS = ['to 10.2.0.0/16', 'tos 4', 'dsfield 8', 'fwmark 5', 'fwmark 0x10/0xff', 'iif eth0', 'dev eth0', 'oif eth1', 'uidrange 0-99', 'ipproto tcp', 'ipproto 17', 'sport 1-99', 'dport 80-90', 'no_track', 'tunnel-id 7', 'not', 'realms 1/2', 'suppress_prefixlength 8', 'sup_group default', 'protocol 18', 'protocol 4 no_track'];
const ODD_RULE = ['foo', 'table', 'table nope', 'table 0', 'preference x', 'preference -1', 'fwmark x', 'fwmark 1/', 'iif nope0', 'uidrange 5', 'uidrange 9-5', 'ipproto foo', 'sport 80', 'sport 9-5', 'goto 1', 'to foo', 'from 2001:db8::/32', 'realms', 'l3mdev', 'track_group g1', 'type', 'prohibit', 'tunnel-id x', 'protocol 4', 'tos 300'];

const rule: Line = (choices, world) => {
  world.counter += 1;
  const six = choices.chance(0.2);
  const from = six ? `from 2001:db8:${world.counter.toString(16)}::/48` : choices.pick([`from 10.${world.counter & 255}.0.0/16`, 'from all', `from 10.${world.counter & 255}.0.1`]);
  const action = choices.weighted([[6, 'table 100'], [2, 'lookup main'], [1, 'blackhole'], [1, 'prohibit'], [1, 'unreachable'], [1, `goto ${40_000 + world.counter}`], [1, 'type nop']]);
  const preference = choices.chance(0.95) ? ` ${choices.pick(['preference', 'priority', 'order'])} ${30_000 + world.counter}` : '';
  const options = some(choices, six ? ['iif eth0', 'no_track', 'not', 'fwmark 5'] : RULE_OPTIONS, 0.03);
  return `${from}${preference}${options} ${action}${odd(choices, ODD_RULE)}`;
};

function tracked(names: (world: World) => readonly string[], most: number, noreverse: boolean): Line {
  return (choices, world) => {
    const list = names(world);
    const name = list.length === 0 || choices.chance(ODD_ENTRY) ? choices.pick(['nope0', 'x1']) : choices.pick(list);
    const weight = choices.chance(0.4) ? ` weight ${choices.pick([-most, -30, 0, 10, most])}` : '';
    const reverse = weight !== '' && choices.chance(0.2) ? ` ${noreverse ? choices.pick(['reverse', 'noreverse']) : 'reverse'}` : '';
    return `${name}${weight}${reverse}${odd(choices, ['foo', 'weight', 'weight x', 'weight 254', 'weight -255', 'weight 300', 'reverse', 'noreverse', 'weight 5 foo'])}`;
  };
}

const peer: Line = (choices, world) => {
  world.counter += 1;
  const to = world.family === 'ipv4' ? `192.0.2.${(world.counter % 200) + 20}` : `fe80::${world.counter.toString(16)}`;
  return `${to}${some(choices, ['min_ttl 200', 'max_ttl 255'], 0.15)}${odd(choices, ['foo', 'min_ttl', 'min_ttl 256', 'max_ttl -1', 'min_ttl 255 max_ttl 1', '192.0.2.5'])}`;
};

const groupEntry: Line = (choices, world) => {
  world.counter += 1;
  const last = (world.counter % 20) * 10;
  return choices.weighted([
    [5, `192.0.2.${last} 80`],
    [2, `192.0.2.${last}-${last + 5} 80`],
    [1, `10.1.${last}.0/28 80`],
    [1, `192.0.2.${last}-192.0.2.${last + 3} 80`],
    [0.05, `192.0.2.${last}-${last - 1} 80`],
    [0.05, `10.1.1.1/28 80`],
    [0.05, '192.0.2.300 80'],
    [0.05, `192.0.2.${last} 70000`],
    [0.05, 'foo 80'],
    [0.2, `192.0.2.${last} 80 foo`],
    [0.2, `fwmark ${world.counter}`],
  ]);
};

const ACTIONS: ReadonlySet<string> = new Set(['table', 'l3mdev', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit', 'type']);

/** By the kind of line: one with nothing in it that the option to be added could contradict. */
export const PLAIN_LINES: Readonly<Record<string, (option: string, world: World) => string>> = {
  _ipaddress: (_option, world) => `${freshAddress(world)}/${world.family === 'ipv4' ? 24 : 64}`,
  _routes(option, world) {
    world.counter += 1;
    const six = option === 'pref' || option === 'expires' || option === 'from' || option === 'inet6';
    return option === 'to' || option === 'gw' || option === 'or' ? '' : `${six ? `2001:db8:${world.counter.toString(16)}::/48` : `10.${world.counter & 255}.0.0/16`} dev eth0`;
  },
  _rules(option, world) {
    world.counter += 1;
    const from = option === 'from' || option === 'inet6' ? '' : `from 10.${world.counter & 255}.0.0/16`;
    const preference = option === 'preference' || option === 'goto' ? '' : ` preference ${30_000 + world.counter}`;
    return `${from}${preference}${ACTIONS.has(option) ? '' : ' table 100'}`;
  },
};

/** By the keyword that opens the block. */
export const ENTRIES: Readonly<Record<string, Line>> = {
  virtual_ipaddress: address,
  virtual_ipaddress_excluded: anyAddress,
  static_ipaddress: (choices, world) => `${anyAddress(choices, world)}${choices.chance(0.7) ? ' dev eth0' : ''}`,
  virtual_routes: route,
  static_routes: route,
  virtual_rules: rule,
  static_rules: rule,
  track_interface: tracked(() => ['eth1'], 253, false),
  track_script: tracked(({ scripts }) => scripts, 253, true),
  track_file: tracked(({ files }) => files, 254, true),
  track_process: tracked(({ processes }) => processes, 254, true),
  track_bfd: tracked(({ bfds }) => bfds, 253, true),
  unicast_peer: peer,
  virtual_server_group: groupEntry,
  linkbeat_interfaces: (choices) => `eth${choices.integer(0, 1)}${choices.pick(['', ' MII', ' ETHTOOL', ' IOCTL'])}${odd(choices, ['foo', 'MII'])}`,
  interface_up_down_delays: (choices) => `eth${choices.integer(0, 1)} ${choices.pick(['1', '0.5', '10 2', '1 0.25'])}${odd(choices, ['foo', '256', 'x'])}`,
  group: (choices, { instances }) => (instances.length === 0 || choices.chance(ODD_ENTRY) ? 'nobody' : choices.pick(instances)),
  notification_email: (choices) => choices.pick(['ops@example.org', 'a@example.org b@example.org']),
  interfaces: (choices) => choices.pick(['eth0', 'eth1', 'eth0 eth1']),
};
