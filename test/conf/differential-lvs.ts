/** Cases for the comparison with keepalived: checkers, groups, and the LVS keywords of global_defs. */

const SAFE_SCRIPTS = 'global_defs {\n enable_script_security\n script_user root\n}\n';
const BFD = 'bfd_instance b {\n neighbor_ip 192.0.2.9\n source_ip 192.0.2.1\n}\n';
const FILE = 'track_file f {\n file /tmp/x\n}\n';

/** One case for each body, named after the first line of what it tests. */
function cases(prefix: string, wrap: (body: string) => string, bodies: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(bodies.map((body) => [`${prefix}: ${body.replaceAll(/\s+/g, ' ')}`, wrap(body)]));
}

function server(body: string): string {
  return `virtual_server 192.0.2.1 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 192.0.2.10 80 {\n ${body}\n }\n}\n`;
}

function check(kind: string): (body: string) => string {
  return (body) => server(`${kind} {\n ${body}\n }`);
}

function url(body: string): string {
  return server(`HTTP_GET {\n url {\n ${body}\n }\n }`);
}

function pool(body: string, { header = 'group g', kind = 'NAT', protocol = 'protocol TCP', servers = 'real_server 192.0.2.10 80 {\n }' } = {}): string {
  return `virtual_server ${header} {\n lb_algo rr\n lb_kind ${kind}\n ${protocol}\n ${body}\n ${servers}\n}\n`;
}

function group(entries: string, body = '', options: Parameters<typeof pool>[1] = {}): string {
  return `virtual_server_group g {\n ${entries}\n}\n${pool(body, options)}`;
}

const SORRY_LIKE = 'virtual_server 192.0.2.1 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n sorry_server 192.0.2.10 80\n real_server 192.0.2.10 80 {\n inhibit_on_failure\n }\n}\n';

export const LVS_CASES: Readonly<Record<string, string>> = {
  ...cases('UDP_CHECK', check('UDP_CHECK'), [
    '', 'payload 010203', 'payload 01 02 03', 'payload 012', 'payload zz', 'payload', 'payload 0x01', 'payload "01 02"', 'payload 01xx', 'payload 9A', 'require_reply', 'require_reply 01xx',
    'require_reply 01 xx', 'require_reply xX', 'require_reply zz', 'min_reply_length 4', 'require_reply\n min_reply_length 4', 'require_reply\n min_reply_length 70000',
    'require_reply\n min_reply_length 300', 'max_reply_length 1',
  ]),
  ...cases('sorry server', (body) => pool(body, { header: '192.0.2.1 80' }), [
    'sorry_server 192.0.2.90 80\n sorry_server_lvs_method', 'sorry_server_lvs_method\n sorry_server 192.0.2.90 80', 'sorry_server_lvs_method', 'sorry_server 192.0.2.90x 80\n sorry_server_lvs_method',
  ]),
  ...cases('granularity of a mark whose servers are IPv6', (body) => `virtual_server fwmark 5 {\n lb_algo rr\n lb_kind TUN\n ${body}\n real_server 2001:db8::1 {\n }\n}\n`, [
    'persistence_granularity 255.255.255.0', 'persistence_granularity 64', 'persistence_granularity 200', 'persistence_granularity foo', 'ip_family inet6\n persistence_granularity 64',
    'ip_family inet6\n persistence_granularity 255.255.255.0', 'persistence_granularity 255.255.255.0\n ip_family inet6',
  ]),
  ...cases('DNS_CHECK', check('DNS_CHECK'), [
    '', 'type A', 'type a', 'type foo', 'type', 'type ANY', 'name example.com', 'name example.com.', 'name a..b', 'name .', 'name .a', 'name', 'name a\n name b', 'name ex_am',
  ]),
  ...cases('SMTP_CHECK', check('SMTP_CHECK'), [
    '', 'helo_name a', 'helo_name a\n helo_name b', 'helo_name', 'host {\n }', 'host {\n connect_ip 192.0.2.3\n }', 'connect_port 25\n host {\n connect_ip 192.0.2.3\n bindto fe80::1\n }',
    'host {\n foo\n }', 'host {\n helo_name x\n }', 'host {\n retry 3\n }', 'host foo {\n }', 'host',
  ]),
  ...cases('MISC_CHECK', (body) => SAFE_SCRIPTS + check('MISC_CHECK')(body), [
    '', 'misc_path /bin/true', 'misc_path "/bin/true a"', 'misc_path', 'misc_path /bin/true\n misc_path /bin/false', 'misc_path /bin/true\n user root', 'user root\n misc_path /bin/true',
    'misc_path /bin/true\n user', 'misc_path /bin/true\n misc_timeout 0', 'misc_path /bin/true\n misc_timeout 5000', 'misc_path /bin/true\n misc_dynamic', 'misc_path /bin/true\n misc_dynamic\n weight 3',
    'misc_path /bin/true\n connect_timeout 3', 'misc_path ""',
  ]),
  'MISC_CHECK without script security': check('MISC_CHECK')('misc_path /bin/true'),
  ...cases('PING_CHECK', check('PING_CHECK'), ['', 'retry 3', 'connect_port 80', 'foo', 'connect_ip ::1']),
  ...cases('FILE_CHECK', (body) => FILE + check('FILE_CHECK')(body), [
    '', 'track_file f', 'track_file g', 'track_file', 'track_file f\n weight 5', 'track_file f\n weight', 'track_file f\n weight 5 reverse', 'track_file f\n weight 5 foo',
    'track_file f\n weight 3000000000', 'track_file f\n weight x', 'alpha\n track_file f', 'track_file f\n weight -2147483648', 'weight 5',
  ]),
  'FILE_CHECK before its file': check('FILE_CHECK')('track_file f') + FILE,
  ...cases('BFD_CHECK', (body) => BFD + check('BFD_CHECK')(body), [
    '', 'name b', 'name c', 'name', 'name b\n alpha', 'name b\n alpha foo', 'name b\n name b', 'name b\n delay_loop 4', 'name b b',
  ]),
  'BFD_CHECK before its session': check('BFD_CHECK')('name b') + BFD,
  'BFD_CHECK twice': BFD + server('BFD_CHECK {\n name b\n }\n BFD_CHECK {\n name b\n }'),
  ...cases('url', url, [
    'path /\n regex ok', 'path /\n regex "a b"', 'path /\n regex', 'path /\n regex "a("', 'path /\n regex_no_match', 'path /\n regex a\n regex_no_match', 'path /\n regex_options caseless',
    'path /\n regex a\n regex_options caseless foo', 'path /\n regex a\n regex_options', 'path /\n regex a\n regex_options caseless dotall', 'path /\n regex a\n regex_min_offset 5',
    'path /\n regex a\n regex_min_offset -5', 'path /\n regex a\n regex_min_offset', 'path /\n regex a\n regex_min_offset 100\n regex_max_offset 50', 'path /\n regex a\n regex_stack 8192 65536',
    'path /\n regex a\n regex_stack 8192', 'path /\n regex_stack 8192 65536', 'path /\n regex "[z-a]"', 'path /\n regex a b', 'path /\n regex "a#b"', 'path /\n tls_compliant',
    'path /\n digest 9b3a0c85a887a256d6939da88aabd8cd\n digest 9b3a0c85a887a256d6939da88aabd8cd', 'path /\n virtualhost', 'path',
  ]),
  ...cases('SSL', (body) => `SSL {\n ${body}\n}\n`, ['', 'password x', 'ca /etc/ssl/certs/ca-certificates.crt', 'certificate', 'key /x\n key /y', 'password', 'foo x']),
  'SSL twice': 'SSL {\n password x\n}\nSSL {\n password y\n}\n',
  ...cases('pool', (body) => pool(body, { header: '192.0.2.1 80' }), [
    'ha_suspend', 'smtp_alert', 'smtp_alert no', 'smtp_alert foo', 'snmp_name x', 'snmp_name', 'snmp_name a b', 'persistence_granularity 255.0.255.0', 'sorry_server 192.0.2.10 80', 'protocol SCTP\n ops',
    'sorry_server 192.0.2.10 80\n sorry_server_inhibit', 'sorry_server 192.0.2.9 81\n sorry_server_lvs_method DR', 'sorry_server 192.0.2.9 81\n sorry_server_lvs_method TUN',
  ]),
  'sorry server that is a server that stays': SORRY_LIKE,
  ...cases('server', server, ['smtp_alert', 'smtp_alert foo', 'snmp_name x', 'snmp_name', 'lthreshold 5', 'uthreshold 4\n lthreshold 5', 'lvs_method DR']),
  ...cases('header', (header) => pool('', { header }), ['192.0.2.1-5 80', '192.0.2.1/24 80', '192.0.2.1 80 foo', '192.0.2.1 80x', 'fwmark 0x10', 'fwmark 4294967296']),
  ...cases('group', group, [
    '192.0.2.1 80', '192.0.2.1', '192.0.2.1 0', '192.0.2.1 80 90', '192.0.2.1 foo', '192.0.2.1-5 80', '192.0.2.1-300 80', '192.0.2.9-5 80', '192.0.2.5-5 80', '192.0.2.1-192.0.2.9 80', '192.0.2.9-192.0.2.1 80',
    '192.0.2.0/24 80', '192.0.2.1/24 80', '192.0.2.0/33 80', '192.0.2.0/x 80', '10.0.0.0/8 80', '2001:db8::1-5 80', '2001:db8::1-fffff 80', '2001:db8::/112 80', '2001:db8::1/112 80', '2001:db8::-ffff 80',
    '192.0.2.1-2001:db8::1 80', 'fwmark', 'fwmark 5 foo', 'fwmark x', 'fwmark 0x10', '192.0.2.1 80\n 192.0.2.1 80', '192.0.2.1 80\n fwmark 5', '192.0.2.1 80\n 2001:db8::1 80', '192.0.2.1-5 80\n 192.0.2.3 80',
    'fwmark 5\n 2001:db8::1 80\n 192.0.2.1 80', '',
  ]),
  'group of marks with ha_suspend': group('fwmark 5', 'ha_suspend', { protocol: '' }),
  'group of marks of both families': group('fwmark 5 inet\n fwmark 6 inet6', '', { protocol: '' }),
  'group of both families with ip_family': group('2001:db8::1 80\n 192.0.2.1 80', 'ip_family inet'),
  'group without port, persistent': group('192.0.2.1', 'persistence_timeout 60'),
  'group nobody uses': 'virtual_server_group g {\n 192.0.2.1 80\n}\n',
  'group twice': `virtual_server_group g {\n 192.0.2.1 80\n}\n${group('192.0.2.2 80')}`,
  'group used twice': group('192.0.2.1 80') + pool('', { protocol: 'protocol UDP' }),
  'group behind its use': `${pool('')}virtual_server_group g {\n 192.0.2.1 80\n}\n`,
  'group with DR and another port': group('192.0.2.1 81', '', { kind: 'DR' }),
  ...cases('mark', (body) => pool(body, { header: 'fwmark 5', kind: 'DR', protocol: '', servers: 'real_server 192.0.2.10 {\n }' }), [
    'ha_suspend', 'ops', 'persistence_granularity 64', 'persistence_granularity 255.255.255.0', 'sorry_server 192.0.2.9 80', 'sorry_server 192.0.2.9', 'ip_family inet6', 'persistence_timeout',
  ]),
  ...cases('global_defs', (body) => `global_defs {\n ${body}\n}\nvrrp_instance VI {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n`, [
    'lvs_timeouts', 'lvs_timeouts tcp 10', 'lvs_timeouts tcp 10 tcpfin 20 udp 30', 'lvs_timeouts tcp', 'lvs_timeouts foo 3', 'lvs_timeouts tcp 3000000', 'lvs_timeouts tcp 0', 'lvs_timeouts tcp x',
    'lvs_timeouts udp -1', 'lvs_timeouts tcp 10 foo', 'lvs_sync_daemon', 'lvs_sync_daemon eth0', 'lvs_sync_daemon nope0', 'lvs_sync_daemon eth0 VI', 'lvs_sync_daemon eth0 inst VI', 'lvs_sync_daemon eth0 VI id 3',
    'lvs_sync_daemon eth0 VI 3', 'lvs_sync_daemon eth0 VI id 256', 'lvs_sync_daemon eth0 VI maxlen 70000', 'lvs_sync_daemon eth0 VI port 0', 'lvs_sync_daemon eth0 VI ttl 256', 'lvs_sync_daemon eth0 VI group 224.0.0.9',
    'lvs_sync_daemon eth0 VI group 10.0.0.1', 'lvs_sync_daemon eth0 VI group', 'lvs_sync_daemon eth0 VI foo 4', 'lvs_sync_daemon eth0 id 3', 'lvs_sync_daemon eth0 VI\n lvs_sync_daemon eth1 VI', 'lvs_sync_daemon eth0 VI id',
    'lvs_sync_daemon eth0 inst', 'lvs_sync_daemon abcdefghijklmnopqrst VI', 'lvs_sync_daemon eth0 VX', 'nftables_ipvs', 'nftables_ipvs foo', `nftables_ipvs ${'a'.repeat(300)}`, 'nftables_ipvs_priority 5', 'nftables_ipvs_priority x',
    'nftables_ipvs_start_fwmark 0', 'nftables_ipvs a\n nftables_ipvs b', 'rs_init_notifies', 'rs_init_notifies foo', 'no_checker_emails', 'no_checker_emails x', 'lvs_flush_on_stop foo',
  ]),
};
