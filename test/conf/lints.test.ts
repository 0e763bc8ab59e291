/** The lints: each is shown a configuration that it must speak about, at its place, and one that it must be silent about. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { formatDiagnostic } from '../../src/base/source.js';
import type { LintFacts } from '../../src/conf/lints/subject.js';
import { address } from '../support/address.js';
import { findings, load } from './support.js';

function found(code: string, text: string, facts: LintFacts = {}): ReturnType<typeof load>['diagnostics'] {
  const { diagnostics, model } = load(text, { lints: facts });
  assert.ok(model !== undefined, diagnostics.map(formatDiagnostic).join('\n'));
  return diagnostics.filter((diagnostic) => diagnostic.code === code);
}

/** `line:column` of every finding of one code. */
function places(code: string, text: string, facts: LintFacts = {}): readonly string[] {
  return found(code, text, facts).map(({ at }) => `${at.line}:${at.column}`);
}

function messages(code: string, text: string, facts: LintFacts = {}): readonly string[] {
  return found(code, text, facts).map(({ message }) => message);
}

/** `body` begins on line 4. */
function instance(body: string, { name = 'a', device = 'eth0', id = 1, addresses = '192.0.2.100/24' } = {}): string {
  return `vrrp_instance ${name} {\n interface ${device}\n virtual_router_id ${id}\n${body}\n virtual_ipaddress {\n${addresses}\n }\n}\n`;
}

/** `body` begins on line 5. */
function service(body: string, settings = 'lb_algo rr\nlb_kind NAT\nprotocol TCP', header = '192.0.2.100 80'): string {
  return `virtual_server ${header} {\n${settings}\n${body}\n}\n`;
}

const TCP = 'TCP_CHECK {\n }';

test('lints speak only when they are asked for', () => {
  const text = service(' real_server 198.51.100.1 80 {\n }');
  assert.deepEqual(findings(text), []);
  assert.deepEqual(findings(text, { lints: {} }), [
    '5:2: warning: [192.0.2.100]:tcp:80: nothing checks 198.51.100.1: it stays in the pool when it is dead [HF-602]',
  ]);
});

test('lints say nothing of a configuration that cannot run', () => {
  assert.deepEqual(findings(`vrrp_instance a {\n interface eth0\n}\n${service(' real_server 198.51.100.1 80 {\n }')}`, { lints: {} }), [
    '1:1: error: (a) the virtual router id must be set [HF-401]',
  ]);
});

test('a usual configuration gets figures and advice, no warning', () => {
  const text = instance('version 3\nadvert_int 0.5') + service(` real_server 198.51.100.1 80 {\n delay_loop 6\n ${TCP}\n }`);
  const { diagnostics } = load(text, { lints: {} });
  assert.deepEqual(
    diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ['info HF-621', 'info HF-603', 'info HF-604'],
  );
});

test('nopreempt with a weighted tracker never moves the addresses', () => {
  assert.deepEqual(places('HF-601', instance(' nopreempt\n track_interface {\n  eth1 weight -20\n }')), ['4:2']);
  assert.deepEqual(places('HF-601', instance(' nopreempt\n track_interface {\n  eth1\n }')), []);
  assert.deepEqual(places('HF-601', instance(' track_interface {\n  eth1 weight -20\n }')), []);
});

test('a real server without a check is never taken out', () => {
  assert.deepEqual(places('HF-602', service(` real_server 198.51.100.1 80 {\n ${TCP}\n }`)), []);
  assert.deepEqual(places('HF-602', service(' real_server 198.51.100.1 80 {\n }\n real_server 198.51.100.2 80 {\n }')), ['5:2', '7:2']);
});

test('the worst-case detection time is printed once for all servers that share it', () => {
  const server = (last: number, check: string): string => ` real_server 198.51.100.${last} 80 {\n${check}\n }\n`;
  const tcp = 'TCP_CHECK { connect_timeout 3 \n retry 1 \n delay_before_retry 2 \n delay_loop 6 \n }';
  const web = 'HTTP_GET { url { path / } \n url { path /b } \n connect_timeout 1 \n retry 0 \n delay_loop 5 \n }';
  const text = service(server(1, tcp) + server(2, tcp) + server(3, web) + server(4, tcp + web));
  assert.deepEqual(
    found('HF-603', text).map(({ at, message, hint }) => [at.line, message, hint]),
    [
      [
        5,
        '[192.0.2.100]:tcp:80: when one of 2 servers like 198.51.100.1 dies, it is taken out after at most 14 s',
        'TCP_CHECK: delay_loop 6 s + 2 x connect_timeout 3 s + 1 x delay_before_retry 2 s',
      ],
      [
        19,
        '[192.0.2.100]:tcp:80: when 198.51.100.3 dies, it is taken out after at most 6 s, and 15 s when it answers byte by byte',
        'HTTP_GET: delay_loop 5 s + 1 x connect_timeout 1 s (a url that fails alone is asked every 2 x delay_loop)',
      ],
      [
        27,
        '[192.0.2.100]:tcp:80: when 198.51.100.4 dies, it is taken out after at most 6 s, and 14 s when it answers byte by byte',
        'TCP_CHECK: delay_loop 6 s + 2 x connect_timeout 3 s + 1 x delay_before_retry 2 s; ' +
          'HTTP_GET: delay_loop 5 s + 1 x connect_timeout 1 s (a url that fails alone is asked every 2 x delay_loop)',
      ],
    ],
  );
  assert.deepEqual(messages('HF-603', service(' real_server 198.51.100.1 80 {\n }')), []);
});

test('attempts that take longer than the pause between checks are told once per service', () => {
  const check = (settings: string): string => ` real_server 198.51.100.1 80 {\n TCP_CHECK {\n${settings}\n }\n }`;
  const slow = 'connect_timeout 4\nretry 1\ndelay_loop 6';
  assert.deepEqual(places('HF-604', service(check(slow))), ['7:17']);
  assert.deepEqual(places('HF-604', service(`${check(slow)}\n${check(slow).replace('100.1', '100.2')}`)), ['7:17']);
  assert.deepEqual(places('HF-604', service(check('connect_timeout 3\nretry 1\ndelay_loop 6'))), []);
});

test('mh without mh-fallback refuses the clients of servers with weight 0', () => {
  const mh = 'lb_algo mh\nlb_kind NAT\nprotocol TCP';
  assert.deepEqual(places('HF-605', service(' real_server 198.51.100.1 80 {\nweight 0\n }\n real_server 198.51.100.2 80 {\n }', mh)), ['6:8']);
  assert.deepEqual(places('HF-605', service(' real_server 198.51.100.1 80 {\n inhibit_on_failure\n }', mh)), ['6:2']);
  const fallback = 'lb_algo mh\nmh-fallback\nlb_kind NAT\nprotocol TCP';
  assert.deepEqual(places('HF-605', service(' real_server 198.51.100.1 80 {\n inhibit_on_failure\n }', fallback)), []);
  assert.deepEqual(places('HF-605', service(' real_server 198.51.100.1 80 {\n }', mh)), []);
});

test('DR cannot translate ports, of a group no more than of an address', () => {
  const group = 'virtual_server_group g {\n 192.0.2.100 80\n 192.0.2.100 443\n}\n';
  const settings = (kind: string): string => `lb_algo rr\nlb_kind ${kind}\nprotocol TCP`;
  const server = ` real_server 198.51.100.1 80 {\n }`;
  assert.deepEqual(messages('HF-606', group + service(server, settings('DR'), 'group g')), [
    '[g]:0: by DR connections to port 443 arrive at port 443 of 198.51.100.1, not at 80',
  ]);
  assert.deepEqual(places('HF-606', group + service(server, settings('DR'), 'group g')), ['9:14']);
  assert.deepEqual(places('HF-606', group + service(server, settings('NAT'), 'group g')), []);
});

test('by DR a check must ask the port of the service, unless another one is meant', () => {
  const settings = 'lb_algo rr\nlb_kind DR\nprotocol TCP';
  assert.deepEqual(places('HF-606', service(' real_server 198.51.100.1 8080 {\n  TCP_CHECK {\n }\n }', settings)), ['6:3']);
  assert.deepEqual(places('HF-606', service(' real_server 198.51.100.1 80 {\n  TCP_CHECK {\n }\n }', settings)), []);
  assert.deepEqual(places('HF-606', service(' real_server 198.51.100.1 80 {\n  TCP_CHECK {\n connect_port 81\n }\n }', settings)), []);
});

test('an advert must fit into a packet of its interface', () => {
  const many = Array.from({ length: 80 }, (_, i) => `2001:db8::${(i + 1).toString(16)}/64`).join('\n');
  const text = instance('version 3', { addresses: many });
  assert.deepEqual(messages('HF-607', text, { mtuOf: () => 1280 }), ['(a) with 80 addresses an advert has 1328 bytes; eth0 carries 1280']);
  assert.deepEqual(places('HF-607', text, { mtuOf: () => 1280 }), ['5:2']);
  assert.deepEqual(places('HF-607', text), []);
});

test('a service needs an instance that moves its address', () => {
  const uncovered = instance('', { addresses: '192.0.2.7' }) + service(` real_server 198.51.100.1 80 {\n ${TCP}\n }`);
  assert.deepEqual(places('HF-608', uncovered), ['9:16']);
  assert.deepEqual(places('HF-608', uncovered, { localAddresses: [address('192.0.2.100')] }), []);
  assert.deepEqual(places('HF-608', instance('') + service(` real_server 198.51.100.1 80 {\n ${TCP}\n }`)), []);
  assert.deepEqual(places('HF-608', service(` real_server 198.51.100.1 80 {\n ${TCP}\n }`)), []);
});

test('checks that ask the same question are counted once for the file', () => {
  const server = (last: number): string => ` real_server 198.51.100.${last} 80 {\n ${TCP}\n }\n`;
  const twice = service(server(1) + server(2)) + service(server(1) + server(3), undefined, '192.0.2.101 80');
  assert.deepEqual(
    found('HF-609', twice).map(({ at, message, hint }) => [`${at.line}:${at.column}`, message, hint]),
    [
      [
        '20:2',
        '4 checks ask 3 different questions; what is asked alike is asked once, and its answer shared',
        'most often TCP_CHECK of 198.51.100.1 port 80: 2 times, first at k.conf:6',
      ],
    ],
  );
  assert.deepEqual(places('HF-609', service(server(1) + server(2))), []);
});

test('version 2 makes a second of an interval below it, and the takeover takes as much longer', () => {
  assert.deepEqual(messages('HF-610', instance('advert_int 0.2')), [
    '(a) version 2 cannot say 0.2 s: adverts come every second, and a silent master is replaced after 3.609 s instead of 0.722 s',
  ]);
  assert.deepEqual(places('HF-610', instance('advert_int 0.2')), ['4:12']);
  assert.deepEqual(places('HF-610', instance('version 3\nadvert_int 0.2')), []);
  assert.deepEqual(places('HF-610', instance('advert_int 1')), []);
});

test('a password in every advert protects nothing', () => {
  assert.deepEqual(places('HF-611', instance('authentication {\n auth_type PASS\n auth_pass 1111\n }')), ['4:1']);
  assert.deepEqual(places('HF-611', instance('')), []);
});

test('a sorry server is checked by nobody', () => {
  const server = ` real_server 198.51.100.1 80 {\n ${TCP}\n }`;
  assert.deepEqual(places('HF-613', service(` sorry_server 198.51.100.9 80\n${server}`)), ['5:15']);
  assert.deepEqual(places('HF-613', service(server)), []);
});

test('one router id twice in one network is one router too many', () => {
  const second = { name: 'b', device: 'eth1', addresses: '192.0.2.200/24' };
  assert.deepEqual(places('HF-614', instance('') + instance('', second)), ['11:20']);
  assert.deepEqual(places('HF-614', instance('') + instance('', { ...second, id: 2 })), []);
  assert.deepEqual(places('HF-614', instance('') + instance('', { ...second, addresses: '203.0.113.1/24' })), []);
  assert.deepEqual(places('HF-614', instance('') + instance('', { ...second, addresses: '192.0.2.200' })), []);
});

test('a single announcement may get lost', () => {
  const once = 'garp_master_repeat 1\ngarp_master_delay 0';
  assert.deepEqual(places('HF-615', instance(once)), ['4:20']);
  assert.deepEqual(places('HF-615', instance(`${once}\ngarp_master_refresh 60`)), []);
  assert.deepEqual(places('HF-615', instance('garp_lower_prio_repeat 0')), ['4:24']);
  assert.deepEqual(places('HF-615', instance('')), []);
});

test('a quorum and its hysteresis must be within reach', () => {
  const servers = [1, 2].map((last) => ` real_server 198.51.100.${last} 80 {\n ${TCP}\n }`).join('\n');
  assert.deepEqual(places('HF-616', service(`quorum 2\nhysteresis 1\n${servers}`)), ['6:12']);
  assert.deepEqual(places('HF-616', service(`quorum 2\n${servers}`)), []);
});

test('members of a group agree on when they yield', () => {
  const second = { name: 'b', device: 'eth1', id: 2, addresses: '203.0.113.1/24' };
  const group = 'vrrp_sync_group g {\n group {\n a\n b\n }\n}\n';
  assert.deepEqual(messages('HF-617', group + instance('nopreempt') + instance('advert_int 2', second)), [
    'group g: a has nopreempt on, b has off: members of a group should agree',
    'group g: a has advert_int 1, b has 2: members of a group should agree',
  ]);
  assert.deepEqual(places('HF-617', group + instance('nopreempt') + instance('', second)), ['1:17']);
  assert.deepEqual(places('HF-617', group + instance('') + instance('', second)), []);
});

test('persistence holds clients at a server that inhibit_on_failure keeps', () => {
  const settings = 'lb_algo rr\nlb_kind NAT\nprotocol TCP\npersistence_timeout 300';
  const server = ` real_server 198.51.100.1 80 {\n inhibit_on_failure\n ${TCP}\n }`;
  assert.deepEqual(places('HF-618', service(server, settings)), ['7:2']);
  assert.deepEqual(places('HF-618', service(server)), []);
  assert.deepEqual(places('HF-618', service(` inhibit_on_failure\n real_server 198.51.100.1 80 {\n ${TCP}\n }`, settings)), ['6:2']);
});

test('datagrams are lost where a setting that TCP has a part in is left alone', () => {
  const server = ` real_server 198.51.100.1 80 {\n ${TCP}\n }`;
  const datagrams = service(server, 'lb_algo rr\nlb_kind NAT\nprotocol UDP', '192.0.2.100 53');
  const both = service(server) + datagrams;
  assert.deepEqual(messages('HF-625', both), ['[192.0.2.100]:udp:53: a flow of datagrams whose server fails is lost for up to 300 s']);
  assert.deepEqual(messages('HF-625', `global_defs {\nlvs_timeouts udp 30\n}\n${both}`), ['[192.0.2.100]:udp:53: a flow of datagrams whose server fails is lost for up to 30 s']);
  assert.deepEqual(messages('HF-625', `global_defs {\nlvs_expire_nodest_conn\n}\n${both}`), []);
  assert.deepEqual(messages('HF-625', datagrams), []);
  assert.deepEqual(places('HF-625', `global_defs {\nlvs_expire_nodest_conn no\n}\n${datagrams}`), ['7:10']);
  assert.deepEqual(messages('HF-625', service(server) + service(server, 'lb_algo rr\nops\nlb_kind NAT\nprotocol UDP', '192.0.2.100 53')), messages('HF-625', service(server)));
});

test('the kernel refuses a lower threshold above the upper one', () => {
  const server = (body: string): string => service(` real_server 198.51.100.1 80 {\n${body}\n }`);
  assert.deepEqual(places('HF-619', server('uthreshold 10\nlthreshold 20')), ['7:12']);
  assert.deepEqual(places('HF-619', server('lthreshold 20')), ['6:12']);
  assert.deepEqual(places('HF-619', server('uthreshold 20\nlthreshold 10')), []);
});

test('a check of a virtual address asks the director itself', () => {
  const server = (ip: string): string => ` real_server 198.51.100.1 80 {\n TCP_CHECK {\n connect_ip ${ip}\n }\n }`;
  assert.deepEqual(places('HF-620', service(server('192.0.2.100'))), ['7:13']);
  assert.deepEqual(places('HF-620', service(server('198.51.100.2'))), []);
});

test('the takeover time of every instance is printed', () => {
  assert.deepEqual(messages('HF-621', instance('priority 150')), [
    '(a) as backup it takes over 3.414 s after the last advert of a master with the same interval',
  ]);
  assert.deepEqual(messages('HF-621', instance('version 3\nadvert_int 0.5\npriority 150')), [
    '(a) as backup it takes over 1.707 s after the last advert of a master with the same interval',
  ]);
});

test('weights beyond the highest priority make no difference', () => {
  const tracked = 'track_interface {\n eth1 weight 20\n }';
  assert.deepEqual(places('HF-622', instance(`priority 250\n${tracked}`)), ['4:10']);
  assert.deepEqual(places('HF-622', instance(`priority 234\n${tracked}`)), []);
});
