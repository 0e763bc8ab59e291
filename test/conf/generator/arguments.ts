/**
 * The words behind a keyword, made from its row in the keyword tables (syntax, range): mostly what the row allows, now and
 * then what it does not. Rows whose syntax cannot tell the whole have a way of their own here.
 */

import type { Keyword } from '../../../src/conf/keywords/schema.js';
import type { Choices } from './choices.js';

/** `family`: of the block around it. */
type Row = Pick<Keyword<unknown>, 'syntax' | 'min' | 'max'> & { readonly family?: 'ipv4' | 'ipv6' };
type Make = (choices: Choices, row: Row) => string;

/** The arguments of one line; empty for a flag. `odd`: how likely each line has something wrong. */
export function argumentsOf(choices: Choices, keyword: string, row: Row, odd: number): string {
  const own = OWN[keyword];
  const words = own === undefined ? fromSyntax(choices, row) : own(choices, row);
  if (!choices.chance(odd)) return words;
  return choices.weighted<() => string>([
    [4, () => replaceOne(choices, words, oddNumber(choices, row))],
    [2, () => replaceOne(choices, words, choices.pick(ODD_WORDS))],
    [1, () => ''],
    [1, () => `${words} ${choices.pick(ODD_WORDS)}`],
    [1, () => words.split(' ').slice(1).join(' ')],
  ])();
}

const ODD_WORDS = [
  'foo', '0', '-1', '1', '5x', '1.5', '0x10', '010', '""', '" 7"', '99999999999999999999', '4294967296', '1.0000001', '1e3', '+3', 'no',
  'True', 'on', 'fe80::1', '192.0.2.300', '192.0.2.0/24', '2001:db8::1', '224.0.0.18', 'ff02::12', 'nope0', 'averyveryverylongname', '"two words"',
  "'", '-', '/', 'all', 'inet6', 'weight', 'reverse',
];

function oddNumber(choices: Choices, { min, max }: Row): string {
  if (min === undefined || max === undefined) return choices.pick(ODD_WORDS);
  return choices.pick([String(min - 1), String(max + 1), String(min), String(max), `${min}x`, `${min}.5`, `-${max}`, `0${min}`, `+${min}`]);
}

function replaceOne(choices: Choices, words: string, by: string): string {
  const list = words.split(' ');
  list[choices.integer(0, list.length - 1)] = by;
  return list.join(' ');
}

const ADDRESSES = ['192.0.2.10', '192.0.2.11', '192.0.2.77', '10.0.0.9'];

/** By the names that stand in the syntax of the rows. Any other word there stands for itself. */
const PLACEHOLDERS: Readonly<Record<string, Make>> = {
  N: number,
  SECS: (choices, row) => (choices.chance(Number.isInteger(row.min ?? 0) ? 0.01 : 0.25) ? `${number(choices, row)}.${choices.integer(0, 9)}` : number(choices, row)),
  USECS: number,
  MS: number,
  BYTES: number,
  PRIO: (choices) => String(choices.integer(1, 254)),
  NAME: (choices) => choices.pick(['alpha', 'b', 'web-1', 'x_y.z', '"a b"']),
  STRING: (choices) => choices.pick(['secret', 'lb1', '"a b"', '1234']),
  PATH: (choices) => choices.pick(['/run/x', '/tmp/holdfast-none/file', '/']),
  DIR: () => '/tmp',
  CMD: program,
  USER: (choices) => (choices.chance(0.05) ? 'nosuchuser' : 'root'),
  GROUP: (choices) => choices.weighted([[20, 'root'], [1, ':root'], [1, 'nosuchgroup']]),
  HOST: (choices) => choices.pick(['192.0.2.25', '::1']),
  IF: (choices) => choices.pick(['eth0', 'eth1']),
  ADDR: address,
  IP: address,
  PORT: (choices) => String(choices.pick([80, 443, 53, 65_535, 1])),
  BOOL: (choices) => choices.pick(['on', 'off', 'yes', 'no', 'true', 'false']),
  WORD: (choices) => choices.pick(['read', 'match', 'wildcard_match', 'brace_match']),
  MASK: (choices) => choices.pick(['255.255.255.0', '255.255.255.255']),
  HEX32: () => '9b3a0c85a887a256d6939da88aabd8cd',
  HEX: (choices) => choices.pick(['00ff', '61 62', 'AbCd']),
  CPU: () => '0',
};

/** Within the range, small numbers more often than large ones. */
function number(choices: Choices, { min = 0, max = 1000 }: Row): string {
  const least = Math.ceil(min);
  const most = Math.max(least, Math.min(Math.floor(max), least + choices.pick([3, 10, 100, 4_000, 1_000_000])));
  if (choices.chance(0.05)) return String(Math.floor(max));
  return String(choices.integer(least, most));
}

/** Keywords whose words depend on each other, or on the machine. */
const OWN: Readonly<Record<string, Make>> = {
  state: (choices) => choices.pick(['BACKUP', 'BACKUP', 'MASTER']),
  advert_int: (choices) => choices.pick(['1', '2', '1', '0.5', '60']),
  priority: (choices) => choices.pick(['100', '150', '1', '254', '255']),
  status_code: (choices) => choices.pick(['200', '200-299', '200 301-399', '404']),
  http_protocol: (choices) => choices.pick(['1.0', '1.1', '1.0C']),
  lb_kind: method,
  lvs_method: method,
  sorry_server_lvs_method: method,
  vrrp_mcast_group4: (choices) => choices.pick(['224.0.0.18', '239.1.2.3']),
  vrrp_mcast_group6: () => 'ff02::12',
  mcast_dst_ip: (_choices, { family }) => (family === 'ipv6' ? 'ff02::20' : '224.0.0.20'),
  mcast_src_ip: source,
  unicast_src_ip: source,
  include_check: (choices) => choices.pick(['', '+read', '-match', 'read', 'match']),
  lvs_timeouts: (choices) => choices.pick(['tcp 900', 'tcp 900 tcpfin 120 udp 300', 'udp 10']),
  lvs_sync_daemon: (choices) => choices.pick(['eth0', 'eth0 id 5', 'eth0 id 5 maxlen 1000 port 8848 ttl 2 group 224.0.0.90']),
  lvs_sync_daemon_interface: () => 'eth0',
  smtp_server: (choices) => choices.pick(['192.0.2.25', '192.0.2.25 2525', '::1']),
  notification_email_from: () => 'lb@example.org',
  script_user: (choices) => choices.pick(['root', 'root root']),
  vrrp_ipsets: (choices) => choices.pick(['', 'set4', 'set4 set6', 'set4 set6 setif']),
  vrrp_iptables: (choices) => choices.pick(['', 'IN', 'IN OUT']),
  regex: (choices) => choices.pick(['ok', '"a b"', '"^x.*y$"']),
  regex_options: (choices) => choices.pick(['caseless', 'caseless multiline', 'utf']),
  regex_stack: () => '1000 20000',
  param_match: (choices) => choices.pick(['', 'initial', 'partial']),
  process: (choices) => choices.pick(['nginx', 'sshd -D', 'a b c']),
  init_file: (choices) => choices.pick(['', '5', '5 overwrite', 'overwrite']),
  use_vmac: (choices) => choices.pick(['', 'vrrp.9', '']),
  use_ipvlan: (choices) => choices.pick(['192.0.2.5', 'ipv0 192.0.2.5', '192.0.2.5 bridge']),
  old_unicast_checksum: (choices) => choices.pick(['', 'never']),
  misc_path: program,
  script: program,
  type: (choices) => choices.pick(['A', 'AAAA', 'soa', 'TXT']),
  garp_extra_if: (choices) => choices.pick(['10', 'all 10']),
  vrrp_garp_extra_if: (choices) => choices.pick(['10', 'all 10']),
  snmp_socket: (choices) => choices.pick(['', 'udp:127.0.0.1:705']),
  vrrp_rx_bufs_policy: (choices) => choices.pick(['MTU', 'ADVERT', '4096']),
  umask: (choices) => choices.pick(['022', '0077', 'IRUSR|IWGRP']),
  key: () => '/tmp/holdfast-none/key.pem',
  net_namespace_ipvs: () => '',
};

function address(choices: Choices, { family }: Row): string {
  return (family === 'ipv6') === choices.chance(0.97) ? '2001:db8::77' : choices.pick(ADDRESSES);
}

function source(_choices: Choices, { family }: Row): string {
  return family === 'ipv6' ? 'fe80::1' : '192.0.2.1';
}

/** Mostly one that may run; else one that is not there, no program, not to be run, or changeable by everybody. */
function program(choices: Choices): string {
  return choices.weighted([
    [20, '/bin/true'],
    [10, '"/bin/true a b"'],
    [10, '"/bin/echo \'x y\'"'],
    [10, "'/bin/true'"],
    [5, 'true'],
    [1, '/bin/nosuch'],
    [1, 'nosuch'],
    [1, '/bin'],
    [1, '/etc/passwd'],
    [1, '/dev/null'],
  ]);
}

function method(choices: Choices): string {
  return choices.weighted([
    [6, 'NAT'],
    [4, 'DR'],
    [3, 'TUN'],
    [1, 'TUN type gue port 6080'],
    [1, 'TUN type gue port 6080 csum'],
    [1, 'TUN type ipip'],
    [1, 'TUN type gre csum'],
  ]);
}

/** `A / B [C [N]] D...`: one alternative, some of the optional parts, each placeholder by its name. */
function fromSyntax(choices: Choices, row: Row): string {
  const syntax = row.syntax.replaceAll(/\{[^}]*\}/g, '').trim();
  if (syntax === '') return '';
  return optional(choices, syntax)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => placeholder(choices, word, row))
    .join(' ');
}

/** One of the alternatives, then takes or leaves each `[...]` in it, outermost first. `[[:]GROUP]` is GROUP. */
function optional(choices: Choices, syntax: string): string {
  const plain = choices.pick(alternatives(syntax.replaceAll('[:]', '').replaceAll('...', '')));
  const open = plain.indexOf('[');
  if (open < 0) return plain;
  let depth = 0;
  let close = open;
  for (; close < plain.length; close += 1) {
    depth += plain[close] === '[' ? 1 : plain[close] === ']' ? -1 : 0;
    if (depth === 0) break;
  }
  const inside = choices.chance(0.5) ? optional(choices, plain.slice(open + 1, close)) : '';
  return `${plain.slice(0, open)} ${inside} ${optional(choices, plain.slice(close + 1))}`;
}

/** Split at the slashes that stand outside of brackets. */
function alternatives(syntax: string): readonly string[] {
  let depth = 0;
  const found = [''];
  for (const word of syntax.split(' ')) {
    if (word === '/' && depth === 0) found.push('');
    else found.push(`${found.pop() ?? ''} ${word}`);
    depth += word.split('[').length - word.split(']').length;
  }
  return found;
}

function placeholder(choices: Choices, word: string, row: Row): string {
  const [, sign = '', name = ''] = /^([+-]?)(.*)$/.exec(word) ?? [];
  return sign + (PLACEHOLDERS[name]?.(choices, row) ?? name);
}
