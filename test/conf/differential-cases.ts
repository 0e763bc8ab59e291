/** Small configurations, each with one thing worth a verdict: what keepalived says to them is asked of keepalived itself. */

import { tcpCheck } from '../../src/conf/keywords/checkers.js';
import { globalDefinitions, topLevelWords } from '../../src/conf/keywords/global.js';
import type { Keywords } from '../../src/conf/keywords/schema.js';
import { realServer, virtualServer } from '../../src/conf/keywords/virtual-server.js';
import { vrrpInstance } from '../../src/conf/keywords/vrrp-instance.js';
import { ADDRESS_LINES, BFD_LINES, ROUTE_LINES, RULE_LINES } from './network-cases.js';
import { GLOBAL_LINES, OUTERMOST_LINES } from './differential-global.js';
import { httpGet } from '../../src/conf/keywords/web-checks.js';
import { LVS_CASES } from './differential-lvs.js';

type Cases = Readonly<Record<string, string>>;

const SAFE_SCRIPTS = 'global_defs {\n enable_script_security\n script_user root\n}\n';

function instance(body = '', addresses = '10.0.0.1', name = 'a', device = 'eth0', id = 1): string {
  return `vrrp_instance ${name} {\n interface ${device}\n virtual_router_id ${id}\n ${body}\n virtual_ipaddress {\n ${addresses}\n }\n}\n`;
}

const CHECKED = 'real_server 192.0.2.10 80 {\n TCP_CHECK {\n connect_timeout 3\n }\n }';

function service(body = '', header = '192.0.2.100 80', servers = CHECKED): string {
  return `virtual_server ${header} {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n ${body}\n ${servers}\n}\n`;
}

function server(body: string): string {
  return service('', '192.0.2.1 80', `real_server 192.0.2.10 80 {\n ${body}\n }`);
}

function globals(body: string): string {
  return `global_defs {\n ${body}\n}\n`;
}

/** The same wrapping for many bodies; the body is the name. */
function each(wrap: (body: string) => string, ...bodies: readonly string[]): Cases {
  return Object.fromEntries(bodies.map((body) => [body, wrap(body)]));
}

function prefixed(prefix: string, cases: Cases): Cases {
  return Object.fromEntries(Object.entries(cases).map(([name, text]) => [`${prefix}: ${name}`, text]));
}

const TEXT: Cases = {
  'empty file': '',
  comments: '# x\n! y\n',
  'brace on the next line': 'virtual_server 192.0.2.1 80\n{\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 192.0.2.2 80\n {\n weight 1\n }\n}\n',
  'several braces on a line': 'virtual_server 192.0.2.1 80 { lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 192.0.2.2 80 { weight 1 } }\n',
  CRLF: instance().replaceAll('\n', '\r\n'),
  tabs: instance().replaceAll(' ', '\t'),
  'comment swallows a brace': 'global_defs { router_id ab#c }\n',
  'unknown block': 'foo {\n bar 1\n}\n',
  'unclosed block': 'global_defs {\n router_id a\n',
  'brace too many': 'global_defs {\n router_id a\n}\n}\n',
  'missing brace': 'global_defs\n router_id a\n}\n',
  'empty block': 'global_defs {\n}\n',
  'brace without keyword': 'global_defs {\n{\n router_id a\n}\n}\n',
  'block behind a plain keyword': 'virtual_server 192.0.2.1 80 {\n lb_algo rr {\n }\n}\n',
  'backslash behind a value': globals('router_id a \\'),
  'backslash behind a flag': globals('process_names \\'),
  'backslash and comment': globals('process_names \\ # c'),
  'long comment line': `#${'c'.repeat(1050)}\nglobal_defs {\n router_id a\n}\n`,
  'long line with a tail': `global_defs {\n router_id a${' '.repeat(1020)}foo bar\n}\n`,
  'NUL byte': 'global_defs {\n router_id a\0b\n}\n',
  'no-break space': 'global_defs {\n\u00a0router_id a\n}\n',
  definition: '$A=router_id x\nglobal_defs {\n $A\n}\n',
  'definition in braces': '$A=eth0\nglobal_defs {\n router_id ${A}b\n}\n',
  'definition of several lines': '$M= \\\n router_id x \\\n process_names\nglobal_defs {\n $M\n}\n',
  'undefined name': 'global_defs {\n router_id $NOPE\n}\n',
  'undefined name in braces': 'global_defs {\n router_id ${NOPE}\n}\n',
  condition: '@foo global_defs {\n@^foo global_defs {\n router_id a\n}\n',
  'two conditions': '@^a @b x\n',
  'comment sign by name': 'global_defs {\n router_id $_HASH\n}\n',
  'include without name': 'include\n',
  ...each((word) => `${word} nope.conf\n`, 'include', 'includer', 'includem', 'includew', 'includeb', 'includea'),
  'include of a pattern without match': 'includem nope*.conf\n',
  'strict include of a pattern without match': 'includew nope*.conf\n',
  'include of missing alternatives': 'includeb nope{a,b}.conf\n',
  ...prefixed(
    'sequence',
    each(
      (line) => globals(line),
      '~SEQ(A,1,2) router_id x${A}', '~SEQ(A,1,2) x${A}', '~SEQ(A,-2) router_id x${A}', '~SEQ(A,1,0,3) router_id x', '~SEQ(A,1,-1,3) router_id x', '~SEQ(A,5,3) router_id x${A}', '~SEQ(A,0x1,010) router_id x',
      '~SEQ(A) router_id x', '~SEQ(A,1x) router_id x', '~SEQ(A,1,2,3,4) router_id x', '~SEQ(A,1,2 router_id x', '~SEQ (A,1,2)router_id x${A}', '~SEQ( A , 1 , 2 ) router_id x', '~SEQ(,1) router_id x', '~SEQ(A,+1,2) router_id x',
      '~SEQx(A,1,2) router_id x', '~SEQx(A,-2) router_id x', '~SEQX(A,2) router_id x', '~SEQ(A,1,2)', '~SEQ(A,1,2) # x', '~SEQ(A,1,2) @^q router_id x', '~SEQ(A,1,2) ~SEQ(B,1,${A}) router_id x${B}',
      '~LST(A,a,b) router_id x${A}', '~LST(A,a,b) x${A}', '~LST({A,B},{a1,b1},{a2,b2}) router_id ${A}${B}', '~LST({A,B},{a1},{,b2}) router_id x${A}${B}', '~LST({A,B},{1,2,3}) router_id x', '~LST(A) router_id x', '~LST(A,) router_id x${A}',
      '~LST(A, a b) router_id x', '~LST({A,B}, a, b) router_id x', '~LST({A,B} {a,b}) router_id x', '~LST(A,a,b router_id x', '~LSTx(A,a) router_id x', '~FOO(A,1) x', '$M=\\\n router_id x${A}\\\n process_names\n~SEQ(A,1,2) $M',
      '$B=2\n~SEQ(A,$B) router_id x', '@^q ~SEQ(A,1,2) router_id x',
    ),
  ),
  ...prefixed(
    'random',
    each(globals, 'router_id x${_RANDOM}', 'router_id $_RANDOM', 'router_id ${_RANDOM 1 6}', 'router_id ${_RANDOM 5}', 'router_id ${_RANDOM a}', 'random_seed 5\nrouter_id ${_RANDOM}', 'random_seed x', 'random_seed', '$_RANDOM=3\nrouter_id ${_RANDOM 1 2}'),
  ),
  ...prefixed(
    'include_check',
    each(
      (body) => `${globals(body.replace(/ \/ .*/, ''))}${body.replace(/.* \/ /, '')}\n`,
      'include_check / include nope', 'include_check / include nope*', 'include_check match / include nope', 'include_check match / include nope*', 'include_check -match / includem nope', 'include_check match wildcard_match / includem nope*',
      'include_check foo / include nope', 'include_check brace_match / include nope{a,b}', 'include_check +match / include nope', 'include_check read / include nope', 'include_check +foo / include nope',
    ),
  ),
  'include_check outside': 'include_check\ninclude nope\n',
  'several lines with a condition': '$M=\\\n router_id x\\\n @foo y\\\n @^foo process_names\nglobal_defs {\n $M\n}\n',
  'several lines ended by a blank one': '$M=\\\n router_id x\\\n\nfoo 1\n',
  'several lines with blanks between': '$M=\\\n router_id x\\\n   \nfoo 1\n',
  'several lines with a comment between': '$M=\\\n router_id x\\\n # c\nfoo 1\n',
  'words in the braces of a name': '$A=1\nglobal_defs {\n router_id "${A foo}"\n}\n',
  'definition inside a definition': '$M=\\\n $Q=5\\\n router_id ${Q}\nglobal_defs {\n $M\n}\n',
  ...prefixed('name', each((value) => `$X=1\n${globals(`router_id ${value}`)}`, '$X-y', '${X}-y', '"$X"', '$X,y', '($X)')),
  ...prefixed('router_id', each(globals, 'router_id "ab#c"', "router_id 'ab#c'", 'router_id ab\\#c', 'router_id "abc', 'router_id ab"cd"ef', 'router_id "a{b}"', 'router_id a b c', 'foo 1')),
};

const GLOBAL: Cases = {
  ...each((body) => globals(body), 'vrrp_mcast_group4 224.0.0.20', 'vrrp_mcast_group4 10.0.0.1', 'vrrp_mcast_group6 224.0.0.20', 'lvs_flush\nlvs_flush_on_stop VS', 'vrrp_startup_delay 5.5'),
  ...prefixed('before an instance', each((body) => globals(body) + instance(), 'vrrp_version 3', 'vrrp_version 5', 'vrrp_garp_master_repeat 0')),
  'two blocks': globals('router_id a') + globals('router_id b'),
  'two instance names': 'instance foo\ninstance bar\n',
};

const INSTANCE: Cases = {
  ...each(
    (body) => SAFE_SCRIPTS + instance(body),
    'priority 300', 'priority 0', 'priority 100x', 'priority 255', 'state FOO', 'state MASTER', 'state MASTER\n priority 100\n nopreempt', 'nopreempt', 'nopreempt no',
    'priority 255\n nopreempt', 'state MASTER\n priority 100\n preempt_delay 5', 'nopreempt\n preempt_delay 5', 'preempt_delay 5.5', 'advert_int 0', 'advert_int 0.5', 'advert_int 255',
    'advert_int 300', 'advert_int 1.0000001', 'version 3\n advert_int 0.5', 'version 3\n advert_int 0.515', 'version 3\n advert_int 60', 'version 4', 'mcast_src_ip 192.0.2.1', 'mcast_src_ip foo',
    'mcast_src_ip fe80::1', 'garp_master_repeat 0', 'garp_master_delay 5000', 'lower_prio_no_advert', 'lower_prio_no_advert maybe', 'down_timer_adverts 0', 'notify_master /bin/true',
    'notify_master /bin/true\n notify_master /bin/true', 'notify_master "/bin/true a#b"', 'notify_master "/bin/true \\"a b\\""', 'notify_master "/bin/true a\\"b"',
    'virtual_ipaddress_excluded {\n 10.0.0.2\n fe80::5\n }',
  ),
  ...prefixed(
    'authentication',
    each(
      (body) => instance(body.replace(/\bauth_type[^]*$/, 'authentication {\n $&\n }')),
      'auth_type PASS\n auth_pass 1111', 'auth_type PASS\n auth_pass 123456789', 'auth_type PASS', 'version 3\n auth_type PASS\n auth_pass 1', 'auth_type FOO\n auth_pass 1', 'auth_type AH\n auth_pass 1',
    ),
  ),
  'password without type': instance('authentication {\n auth_pass 1\n }'),
  ...prefixed('track', each((entry) => instance(`track_interface {\n ${entry}\n }`), 'eth1', 'eth1 weight 10', 'eth1 weight 254', 'eth1 weight 300', 'eth0', 'eth1\n eth1', 'nope0', 'eth1 foo', 'eth1 weight', 'eth1 weight 10 reverse', 'eth1 weight 10 foo')),
  'track with priority 255': instance('priority 255\n track_interface {\n eth1 weight 10\n }'),
  ...prefixed(
    'address',
    each(
      (entries) => instance('', entries),
      '10.0.0.300', '10.0.0.1/', '10.0.0.1/33', '10.0.0.1/0', '10.0.0.1/24 dev eth1 label eth1:1 scope link brd 10.0.0.255', '10.0.0.1 dev nope0', '10.0.0.1 foo', '10.0.0.1 10.0.0.2', '10.0.0.1\n 10.0.0.1',
      '10.0.0.1\n 2001:db8::1', 'fe80::1\n 2001:db8::1/64', '2001:db8::1/64', 'fe80::1 brd 10.0.0.1', '10.0.0.1 brd foo', '10.0.0.1/24 brd +', '10.0.0.1 scope 300', '10.0.0.1 scope foo',
      '10.0.0.1 label abcdefghijklmnopqrst', '10.0.0.1 label', '10.0.0.1 peer 10.0.0.2', '10.0.0.1/32 peer 10.0.0.2', '10.0.0.1/30 peer 10.0.0.2', '10.0.0.1/24 peer 10.0.0.2', '10.0.0.1 peer fe80::1', '10.0.0.1 home', 'fe80::1 -nodad', 'fe80::1 label foo',
      'fe80::1 scope link', '10.0.0.1 dev eth0 dev eth1', '10.0.0.1 preferred_lft forever', '10.0.0.1 preferred_lft foo', '',
    ),
  ),
  'addresses in two blocks': instance('virtual_ipaddress {\n fe80::1\n }'),
  'an empty second block of addresses': instance('', '10.0.0.1\n }\n virtual_ipaddress {'),
  'script with an unfinished quote': SAFE_SCRIPTS + instance('notify_master "/bin/true'),
  'no router id': 'vrrp_instance a {\n interface eth0\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n',
  'no interface': 'vrrp_instance a {\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n',
  'no addresses in version 2': 'vrrp_instance a {\n interface eth0\n virtual_router_id 1\n}\n',
  'no addresses in version 3': 'vrrp_instance a {\n interface eth0\n virtual_router_id 1\n version 3\n}\n',
  'address instead of a block': 'vrrp_instance a {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress 10.0.0.1\n}\n',
  'router id 256': instance('', '10.0.0.1', 'a', 'eth0', 256),
  loopback: instance('', '10.0.0.1', 'a', 'lo'),
  'unknown interface': instance('', '10.0.0.1', 'a', 'nope0'),
  'router id taken': instance() + instance('', '10.0.0.2', 'b'),
  'router id taken in the other family': instance() + instance('', 'fe80::1', 'b'),
  'router id taken on another interface': instance() + instance('', '10.0.0.2', 'b', 'eth1'),
  'name taken': instance() + instance('', '10.0.0.2', 'a', 'eth0', 2),
  'no name': instance().replace('vrrp_instance a', 'vrrp_instance'),
  'two names': instance().replace('vrrp_instance a', 'vrrp_instance a b'),
  '260 addresses': instance('', Array.from({ length: 260 }, (_, i) => `10.1.${i >> 7}.${(i & 127) + 1}`).join('\n')),
  '90 IPv6 addresses': instance('', Array.from({ length: 90 }, (_, i) => `fe80::${(i + 1).toString(16)}`).join('\n')),
};

const PAIR = instance() + instance('', '10.0.0.2', 'b', 'eth0', 2);

const GROUP: Cases = prefixed('group', {
  'two blocks of members': `${PAIR}vrrp_sync_group g {\n group {\n a\n }\n group {\n b\n }\n}\n`,
  ...each((members) => `${PAIR}vrrp_sync_group g {\n group {\n ${members}\n }\n}\n`, 'a\n b', 'a b', 'a', 'a\n b\n x', 'x', ''),
  none: `${PAIR}vrrp_sync_group g {\n}\n`,
  unnamed: `${PAIR}vrrp_sync_group {\n group {\n a\n b\n }\n}\n`,
  twice: `${PAIR}${'vrrp_sync_group g {\n group {\n a\n b\n }\n}\n'.repeat(2)}`,
  'weighted tracker': `${instance('track_interface {\n eth1 weight -30\n }')}${instance('', '10.0.0.2', 'b', 'eth0', 2)}vrrp_sync_group g {\n group {\n a\n b\n }\n}\n`,
});

const SERVICE: Cases = {
  ...prefixed('header', each((header) => service('', header), '192.0.2.300 80', '192.0.2.1 70000', '192.0.2.1 0', '192.0.2.1', '', 'fwmark 3', 'fwmark x', 'group nope')),
  ...prefixed(
    'service',
    each(
      (body) => service(body),
      'ip_family inet6', 'ip_family foo', 'protocol tcp', 'protocol FOO', 'lb_algo foo', 'lb_kind FOO', 'lb_kind TUN', 'lb_kind TUN type gue port 6080 csum', 'lb_kind TUN type gue', 'lb_kind TUN type gre remcsum',
      'lb_kind TUN type foo', 'lb_kind DR', 'lb_kind NAT foo', 'quorum 5', 'quorum 0', 'hysteresis 1', 'hysteresis 0', 'weight 5\n quorum 5', 'persistence_timeout', 'persistence_timeout 0',
      'persistence_granularity 255.255.255.0', 'persistence_granularity foo', 'persistence_engine sip', 'ops', 'protocol UDP\n ops', 'lb_algo sh\n sh-port', 'sh-port', 'sh-port\n lb_algo sh', 'lb_algo mh\n sh-port', 'lb_algo sh\n mh-fallback', 'mh-port\n lb_algo sh', 'lb_algo mh\n mh-port',
      'hashed', 'flag-1\n flag-2\n flag-3', 'alpha\n omega', 'alpha yes', 'inhibit_on_failure', 'delay_loop 0', 'delay_loop 0.5', 'retry 0', 'nat_mask 255.255.255.255', 'sorry_server 192.0.2.9 80',
      'sorry_server 192.0.2.9', 'sorry_server foo', 'sorry_server fe80::1 80', 'sorry_server 192.0.2.9 80\n sorry_server_inhibit\n sorry_server_lvs_method DR', 'sorry_server_inhibit\n sorry_server 192.0.2.9 80', 'sorry_server',
    ),
  ),
  ...each((left) => service().replace(` ${left}\n`, '\n'), 'lb_algo rr', 'lb_kind NAT', 'protocol TCP'),
  ...prefixed(
    'servers',
    each(
      (servers) => service('', '192.0.2.1 80', servers),
      '', `${CHECKED}\n${CHECKED}`, 'real_server 192.0.2.300 80 {\n }', 'real_server 192.0.2.3 0 {\n }', 'real_server 192.0.2.3 {\n }', 'real_server fe80::3 80 {\n }', 'real_server 192.0.2.3 80 foo {\n }', 'real_server {\n }',
    ),
  ),
  ...prefixed('server', each(server, 'weight 0', 'weight -1', 'weight 5x', 'uthreshold 5\n lthreshold 4', 'inhibit_on_failure no', 'alpha')),
  'server by tunnel in the other family': service('lb_kind TUN', '192.0.2.1 80', 'real_server 2001:db8::3 80 {\n }'),
  'DR with another port': service('lb_kind DR', '192.0.2.1 81'),
  'mark without port': 'virtual_server fwmark 3 {\n lb_algo rr\n lb_kind DR\n real_server 192.0.2.10 {\n }\n}\n',
  'mark with port': 'virtual_server fwmark 3 {\n lb_algo rr\n lb_kind DR\n real_server 192.0.2.10 80 {\n }\n}\n',
  'mark in IPv6': 'virtual_server fwmark 3 {\n lb_algo rr\n lb_kind NAT\n ip_family inet6\n real_server fe80::1 80 {\n }\n}\n',
  'mark of the wrong family': 'virtual_server fwmark 3 {\n lb_algo rr\n lb_kind NAT\n ip_family inet6\n real_server 192.0.2.10 80 {\n }\n}\n',
  ...prefixed('group entry', each((entry) => `virtual_server_group g {\n ${entry}\n}\n${service('', 'group g')}`, '192.0.2.1 80\n 192.0.2.2-5 80', '192.0.2.300 80', '192.0.2.9-5 80', '192.0.2.0/30 80')),
  'group of marks': `virtual_server_group g {\n fwmark 3\n}\n${service('', 'group g').replace('protocol TCP', '')}`,
  'two of one identity': service() + service(),
};

const CHECKERS: Cases = {
  ...prefixed('TCP_CHECK', each((body) => server(`TCP_CHECK {\n ${body}\n }`), 'connect_timeout 0', 'retry 3', 'nb_get_retry 3', 'delay_before_retry 0', 'connect_port 0', 'connect_ip 192.0.2.77', 'connect_ip foo', 'connect_ip fe80::1', 'bindto 192.0.2.1', 'bindto fe80::1', 'bind_port 0', 'bind_if nope0', 'fwmark 7', 'alpha no', 'alpha foo', 'warmup 0', 'foo')),
  ...Object.fromEntries(
    ['HTTP_GET', 'SSL_GET'].flatMap((kind) =>
      Object.entries(prefixed(
        kind,
        each(
          (body) => server(`${kind} {\n ${body.replace(/^url (.*)$/s, 'url {\n $1\n }').replace(/ url (.*)$/s, ' url {\n $1\n }')}\n }`),
          'url path /', 'url path /\n status_code 200', 'url path /\n digest 9b3a0c85a887a256d6939da88aabd8cd', 'url path /\n digest xyz', 'url path /\n status_code 200 301-399', 'url path /\n status_code 99', 'url path /\n status_code 300-200',
          'url path /\n status_code foo', 'url path /\n status_code', 'nb_get_retry 3\n url path /', 'http_protocol 1.1\n url path /', 'http_protocol 2\n url path /', 'enable_sni\n url path /', 'fast_recovery\n url path /', 'url path /\n path /b',
        ),
      )),
    ),
  ),
};

/** Every plain keyword of a table alone on its line. */
function bare(prefix: string, keywords: Keywords, wrap: (line: string) => string): Cases {
  const plain = Object.entries(keywords).filter(([, keyword]) => !keyword.opensBlock);
  return Object.fromEntries(plain.map(([name]) => [`${prefix}: ${name} alone`, wrap(name)]));
}

const NOTIFIED = service('', '192.0.2.1 80', 'real_server 192.0.2.10 80 {\n notify_up /bin/true\n }');

/** Which scripts count when script security is off. */
const SCRIPTS: Cases = prefixed('insecure', {
  'of a server': NOTIFIED,
  'of a server beside a broken instance': `${NOTIFIED}vrrp_instance a {\n}\n`,
  'of a second server of the same name': service('', '192.0.2.1 80', 'real_server 192.0.2.10 80 {\n }\n real_server 192.0.2.10 80 {\n notify_up /bin/true\n }'),
  'of a broken instance': 'vrrp_instance a {\n notify /bin/true\n}\n',
  'of an instance on no interface': instance('notify /bin/true', '10.0.0.1', 'a', 'nope0'),
  'of an instance with a taken router id': instance('notify /bin/true') + instance('', '10.0.0.2', 'b'),
  'of an instance with a taken name': instance() + instance('notify /bin/true', '10.0.0.2', 'a', 'eth0', 2),
  'of an empty group': `${PAIR}vrrp_sync_group g {\n notify /bin/true\n}\n`,
  'at the start': `${globals('startup_script /bin/true')}vrrp_instance a {\n}\n`,
});

function block(keyword: string): (line: string) => string {
  return (line) => `${keyword} {\n ${line}\n}\n`;
}

const NETWORK: Cases = {
  ...prefixed('static_ipaddress', each(block('static_ipaddress'), ...ADDRESS_LINES)),
  ...prefixed('static_routes', each(block('static_routes'), ...ROUTE_LINES)),
  ...prefixed('static_rules', each(block('static_rules'), ...RULE_LINES)),
  ...prefixed('bfd_instance', each((line) => `bfd_instance B {\n neighbor_ip 192.0.2.9\n ${line}\n}\n`, ...BFD_LINES)),
  ...prefixed('virtual_routes', each((line) => instance(`virtual_routes {\n ${line}\n }`), '10.9.0.0/16 via 192.0.2.3', '10.9.0.0/16 dev eth0', '10.9.0.0/16 dev eth0 track_group x')),
  ...prefixed('virtual_rules', each((line) => instance(`virtual_rules {\n ${line}\n }`), 'table 5 preference 3', 'table 5', 'table 5 preference 3 track_group x')),
  ...prefixed('track_bfd', each((line) => `bfd_instance B {\n neighbor_ip 192.0.2.9\n}\n${instance(`track_bfd {\n ${line}\n }`)}`, 'B', 'C', 'B foo', 'B weight', 'B weight 5', 'B weight 254', 'B weight 5 reverse', 'B weight 5 noreverse', 'B weight 5 foo', 'B\n B')),
};

export const CASES: Cases = {
  ...NETWORK,
  ...TEXT,
  ...GLOBAL,
  ...prefixed('global_defs', each(globals, ...GLOBAL_LINES)),
  ...prefixed('outermost level', each((line) => `${line}\n`, ...OUTERMOST_LINES)),
  ...INSTANCE,
  ...GROUP,
  ...SERVICE,
  ...CHECKERS,
  ...LVS_CASES,
  ...SCRIPTS,
  'a second script without its value': SAFE_SCRIPTS + instance('notify /bin/true\n notify'),
  ...bare('global_defs', globalDefinitions.keywords, globals),
  ...bare('outermost level', topLevelWords, (line) => `${line}\n`),
  ...bare('vrrp_instance', vrrpInstance.keywords, (line) => SAFE_SCRIPTS + instance(line)),
  ...bare('virtual_server', virtualServer.keywords, (line) => SAFE_SCRIPTS + service(line)),
  ...bare('real_server', realServer.keywords, (line) => SAFE_SCRIPTS + server(line)),
  ...bare('TCP_CHECK', tcpCheck.keywords, (line) => server(`TCP_CHECK {\n ${line}\n }`)),
  ...bare('HTTP_GET', httpGet.keywords, (line) => server(`HTTP_GET {\n ${line}\n url {\n path /\n }\n }`)),
};
