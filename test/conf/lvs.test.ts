/** virtual_server, real_server, groups and checkers: defaults, inheritance, corrections. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { VirtualServerConfig } from '../../src/health/config.js';
import { findings, load } from './support.js';
import { connectionOf } from '../support/connection.js';

const REAL_SERVER = 'real_server 192.0.2.10 80 {\n}';

/** `body` begins on line 5. */
function service(body = '', { header = '192.0.2.1 80', servers = REAL_SERVER } = {}): string {
  return `virtual_server ${header} {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n${body}\n${servers}\n}\n`;
}

function built(text: string): VirtualServerConfig {
  const server = load(text).model?.pool.virtualServers[0];
  assert.ok(server !== undefined, text);
  return server;
}

function checkerOf(checker: string, server = '', body = ''): CheckerConfig {
  const [found] = built(service(body, { servers: `real_server 192.0.2.10 80 {\n${server}\n${checker}\n}` })).realServers[0]?.checkers ?? [];
  assert.ok(found !== undefined);
  return found;
}

function codes(text: string): readonly string[] {
  return load(text).diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}

test('a service without protocol, scheduler and forwarding method gets the defaults, each with a finding', () => {
  const text = `virtual_server 192.0.2.1 80 {\n${REAL_SERVER}\n}\n`;
  assert.deepEqual(findings(text), [
    '1:16: warning: no protocol is set: UDP is used [HF-509]',
    '1:16: warning: [192.0.2.1]:udp:80: no forwarding method is set: NAT is used [HF-509]',
    '1:16: warning: [192.0.2.1]:udp:80: no scheduler is set: wlc is used [HF-509]',
  ]);
  const { services, realServers } = built(text);
  assert.deepEqual(services.map(({ identity, scheduler }) => [identity, scheduler]), [
    [{ kind: 'address', protocol: 'udp', address: '192.0.2.1', port: 80 }, 'wlc'],
  ]);
  assert.equal(realServers[0]?.method, 'nat');
});

test('every scheduler of the kernel is known', () => {
  for (const scheduler of 'rr wrr lc wlc lblc lblcr sh dh mh fo ovf sed nq twos'.split(' ')) {
    assert.deepEqual(codes(service(`lvs_sched ${scheduler}`)), []);
    assert.equal(built(service(`lb_algo ${scheduler}`)).services[0]?.scheduler, scheduler);
  }
  assert.deepEqual(codes(service('lb_algo best')), ['HF-311 5:9']);
});

test('an address that is none and a port out of range skip the block they belong to', () => {
  assert.deepEqual(findings(service('', { header: '192.0.2.300 80' })), [
    "1:16: warning: virtual_server: '192.0.2.300' is not an IP address; the block is skipped [HF-313]",
  ]);
  assert.deepEqual(findings(service('', { header: '192.0.2.1 65536' })), ["1:26: warning: virtual_server: '65536' is not a port [HF-314]"]);
  const servers = `real_server 192.0.2.300 80 {\n}\nreal_server 192.0.2.11 0x50 {\n}\n${REAL_SERVER}`;
  assert.deepEqual(codes(service('', { servers })), ['HF-313 6:13', 'HF-314 8:24']);
  assert.deepEqual(built(service('', { servers })).realServers.map(({ address }) => address), ['192.0.2.10']);
});

test('a service without real servers is skipped', () => {
  assert.deepEqual(findings(service('', { servers: '' })), [
    '1:16: warning: [192.0.2.1]:tcp:80 has no usable real servers; the block is skipped [HF-501]',
  ]);
});

test('a service on all ports is persistent', () => {
  assert.deepEqual(codes(service('', { header: '192.0.2.1' })), ['HF-509 1:16']);
  assert.equal(built(service('', { header: '192.0.2.1' })).services[0]?.persistenceTimeout, 360);
  assert.deepEqual(codes(service('persistence_timeout 60', { header: '192.0.2.1 0' })), []);
});

test('persistence: timeout, granularity and engine', () => {
  assert.equal(built(service('persistence_timeout')).services[0]?.persistenceTimeout, 360);
  assert.equal(built(service('persistence_timeout 50')).services[0]?.persistenceTimeout, 50);
  const masked = built(service('persistence_granularity 255.255.255.0')).services[0];
  assert.deepEqual([masked?.persistenceTimeout, masked?.persistenceGranularity], [360, '255.255.255.0']);
  const engine = built(service('persistence_engine sip')).services[0];
  assert.deepEqual([engine?.persistenceTimeout, engine?.persistenceEngine], [360, 'sip']);
  assert.deepEqual(codes(service('persistence_granularity foo')), ['HF-311 5:25']);
  assert.equal(built(service('persistence_granularity foo')).services[0]?.persistenceTimeout, 0);
  const six = service('persistence_granularity 64', { header: '2001:db8::1 80', servers: 'real_server 2001:db8::2 80 {\n}' });
  assert.equal(built(six).services[0]?.persistenceGranularity, '64');
});

test('scheduler flags need their scheduler before them, and ops needs UDP', () => {
  assert.equal(built(service('lb_algo sh\nsh-port\nsh-fallback')).services[0]?.flags, 0x18);
  assert.equal(built(service('lb_algo mh\nmh-port')).services[0]?.flags, 0x10);
  assert.equal(built(service('flag-1\nflag-3')).services[0]?.flags, 0x28);
  assert.deepEqual(codes(service('sh-port\nlb_algo sh')), ['HF-510 5:1']);
  assert.deepEqual(codes(service('sh-port\nlb_algo sh\nsh-port')), ['HF-510 5:1']);
  assert.equal(built(service('lb_algo sh\nsh-port\nlb_algo wrr\nsh-port')).services[0]?.flags, 0x10);
  assert.deepEqual(codes(service('hashed\nops')), ['HF-510 5:1', 'HF-510 6:1']);
  assert.equal(built(service('ops').replace('protocol TCP', 'protocol udp')).services[0]?.flags, 0x4);
});

test('ops is refused where a server is reached by FULLNAT: no answer would find its way back', () => {
  const text = service('ops').replace('protocol TCP', 'protocol udp').replace('lb_kind NAT', 'lb_kind FULLNAT');
  assert.deepEqual(codes(text).filter((code) => !code.startsWith('HF-624')), ['HF-523 5:1']);
  assert.equal(built(text).services[0]?.flags, 0);
});

test('NAT translates ports; DR and TUN are held to the port of the service', () => {
  const servers = 'real_server 192.0.2.10 8080 {\n}\nreal_server 192.0.2.11 {\n}';
  const ports = (kind: string): unknown => built(service(`lb_kind ${kind}`, { servers })).realServers.map(({ port, method }) => [port, method]);
  assert.deepEqual(ports('NAT'), [[8080, 'nat'], [80, 'nat']]);
  assert.deepEqual(ports('DR'), [[80, 'direct'], [80, 'direct']]);
  assert.deepEqual(ports('TUN'), [[80, 'tunnel'], [80, 'tunnel']]);
  assert.deepEqual(codes(service('lb_kind DR', { servers })), ['HF-506 6:13']);
});

test('a check goes to the port that stands in the file, even where the service forces another', () => {
  const servers = 'real_server 192.0.2.10 8080 {\nTCP_CHECK {\n}\n}';
  const check = built(service('lb_kind DR', { servers })).realServers[0]?.checkers[0]?.check;
  assert.equal(check === undefined ? undefined : connectionOf(check).port, 8080);
});

test('tunnels have types, ports and checksums that fit together', () => {
  const tunnel = (kind: string): unknown => built(service(`lb_kind TUN ${kind}`)).realServers[0]?.tunnel;
  assert.deepEqual(tunnel(''), { type: 'ipip', port: 0, checksum: 'none' });
  assert.deepEqual(tunnel('type gue port 6080 remcsum'), { type: 'gue', port: 6080, checksum: 'remote' });
  assert.deepEqual(tunnel('type gre csum'), { type: 'gre', port: 0, checksum: 'checksum' });
  for (const wrong of ['type gue', 'type ipip csum', 'type gre remcsum', 'type vxlan', 'type gre port 5']) {
    assert.equal(codes(service(`lb_kind TUN ${wrong}`)).length, 1, wrong);
    assert.deepEqual(tunnel(wrong), { type: 'ipip', port: 0, checksum: 'none' }, wrong);
  }
});

test('servers of the other family are reached by tunnels only', () => {
  const servers = `real_server 2001:db8::5 80 {\n}\n${REAL_SERVER}`;
  assert.deepEqual(codes(service('', { servers })), ['HF-507 6:13']);
  assert.equal(built(service('lb_kind TUN', { servers })).realServers.length, 2);
});

test('a second real server of one address and port is left out', () => {
  assert.deepEqual(codes(service('', { servers: `${REAL_SERVER}\n${REAL_SERVER}` })), ['HF-503 8:13']);
});

test('virtual servers of one identity become one service with the real servers of both', () => {
  assert.deepEqual(codes(service() + service()), ['HF-502 9:16']);
  const other = service('lb_algo wrr', { servers: `${REAL_SERVER}\nreal_server 192.0.2.11 80 {\nweight 3\n}` });
  const { model } = load(service() + other);
  assert.equal(model?.pool.virtualServers.length, 1);
  assert.equal(model.pool.virtualServers[0]?.services[0]?.scheduler, 'rr');
  assert.deepEqual(model.pool.virtualServers[0].realServers.map(({ address, weight }) => [address, weight]), [['192.0.2.10', 1], ['192.0.2.11', 3]]);
  const group = 'virtual_server_group g {\n192.0.2.1 80\n192.0.2.2 80\n}\n';
  const [, rest] = load(group + service() + service('', { header: 'group g' })).model?.pool.virtualServers ?? [];
  assert.deepEqual(rest?.services.map(({ identity }) => identity), [{ kind: 'address', protocol: 'tcp', address: '192.0.2.2', port: 80 }]);
  assert.deepEqual(codes(service() + service().replace('TCP', 'UDP')), []);
});

test('the quorum never exceeds the weights, the hysteresis never reaches the quorum', () => {
  const servers = 'real_server 192.0.2.10 80 {\nweight 3\n}\nreal_server 192.0.2.11 80 {\n}';
  const sizes = (body: string, list = servers): unknown => {
    const { quorum, hysteresis } = built(service(body, { servers: list }));
    return [quorum, hysteresis];
  };
  assert.deepEqual(sizes('weight 2\nquorum 5\nhysteresis 4'), [5, 4]);
  assert.deepEqual(sizes('quorum 9\nhysteresis 1'), [4, 1]);
  assert.deepEqual(codes(service('quorum 9\nhysteresis 1', { servers })), ['HF-504 5:8']);
  assert.deepEqual(sizes('quorum 3\nhysteresis 3'), [3, 2]);
  assert.deepEqual(codes(service('hysteresis 3', { servers })), ['HF-505 5:12']);
  assert.deepEqual(sizes('', 'real_server 192.0.2.10 80 {\nweight 0\n}'), [0, 0]);
});

test('sorry server: family, port and the words that must follow it', () => {
  const sorry = (body: string): unknown => built(service(body)).sorryServer;
  assert.deepEqual(sorry('sorry_server 192.0.2.9'), { address: '192.0.2.9', port: 80, method: 'nat', inhibit: false });
  assert.deepEqual(sorry('sorry_server 192.0.2.9 8080\nsorry_server_inhibit\nsorry_server_lvs_method NAT'), {
    address: '192.0.2.9',
    port: 8080,
    method: 'nat',
    inhibit: true,
  });
  assert.deepEqual(codes(service('sorry_server_inhibit\nsorry_server 192.0.2.9')), ['HF-317 5:1']);
  assert.deepEqual(codes(service('sorry_server 2001:db8::9')), ['HF-507 5:14']);
  assert.deepEqual(codes(service('sorry_server nowhere')), ['HF-313 5:14']);
});

test('firewall marks: family from the servers, no protocol, no port with DR', () => {
  const text = (servers: string, extra = ''): string => `virtual_server fwmark 7 {\nlb_algo rr\nlb_kind DR\n${extra}\n${servers}\n}\n`;
  const plain = text('real_server 2001:db8::2 {\n}');
  assert.deepEqual(codes(plain), []);
  assert.deepEqual(built(plain).services[0]?.identity, { kind: 'fwmark', fwmark: 7, family: 'ipv6' });
  assert.deepEqual([built(plain).name, built(plain).realServers[0]?.port], ['FWM 7', 0]);
  assert.deepEqual(codes(text(REAL_SERVER, 'protocol TCP')), ['HF-410 4:10', 'HF-506 5:13']);
  assert.deepEqual(codes(text(`real_server 2001:db8::2 {\n}\n${REAL_SERVER.replace(' 80', '')}`, 'ip_family inet6')), ['HF-507 7:13']);
});

test('a group is as many services as it has addresses and marks', () => {
  const group = 'virtual_server_group g {\n192.0.2.1 80\n192.0.2.254-255 81\nfwmark 3 inet\n2001:db8::fffe-ffff 82\n192.0.2.64/31 83\n}\n';
  const { name, services } = built(group + service('ip_family inet', { header: 'group g' }));
  assert.equal(name, '[g]:0');
  assert.deepEqual(
    services.map(({ identity }) => (identity.kind === 'fwmark' ? `mark ${identity.fwmark} ${identity.family}` : `${identity.address} ${identity.port}`)),
    ['192.0.2.1 80', '192.0.2.254 81', '192.0.2.255 81', 'mark 3 ipv4', '2001:db8::fffe 82', '2001:db8::ffff 82', '192.0.2.64 83', '192.0.2.65 83'],
  );
  assert.deepEqual(codes(service('', { header: 'group nope' })), ['HF-511 1:22']);
  assert.deepEqual(codes(`virtual_server_group g {\n192.0.2.9-1 80\n192.0.2.1/30\n10.0.0.0-10.255.255.255\n192.0.2.1 80\n}\n${service('', { header: 'group g' })}`), ['HF-313 2:1', 'HF-313 3:1', 'HF-516 4:1']);
});

test('groups end where they would make more services than a kernel should hold', () => {
  const group = `virtual_server_group g {\n${'10.0.0.0/16 80\n'.repeat(3)}}\n`;
  const { model, diagnostics } = load(group + service('', { header: 'group g' }).repeat(2));
  assert.equal(model?.pool.virtualServers.length, 1);
  assert.deepEqual(diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`), ['HF-516 14:22']);
});

test('real servers of all blocks for one service are served together, each once', () => {
  const block = (address: string): string => service('', { servers: `real_server ${address} 80 {\n}` });
  const { model } = load(['192.0.2.11', '192.0.2.12', '192.0.2.11', '192.0.2.13'].map(block).join(''));
  assert.equal(model?.pool.virtualServers.length, 1);
  assert.deepEqual(
    model.pool.virtualServers[0]?.realServers.map(({ address }) => address),
    ['192.0.2.11', '192.0.2.12', '192.0.2.13'],
  );
});

test('checker options come from the checker, else the real server, else the virtual server, else keepalived', () => {
  const pick = ({ delayLoop, retry, delayBeforeRetry, warmup, alpha, check }: CheckerConfig): unknown => [
    delayLoop / 1e6,
    retry,
    delayBeforeRetry / 1e6,
    warmup / 1e6,
    alpha,
    connectionOf(check).connectTimeout / 1e6,
  ];
  const all = (n: number): string => `delay_loop ${n}\nretry ${n}\ndelay_before_retry ${n}\nwarmup ${n}\nconnect_timeout ${n}\nalpha`;
  assert.deepEqual(pick(checkerOf('TCP_CHECK {\n}')), [60, 1, 1, 60, false, 5]);
  assert.deepEqual(pick(checkerOf('TCP_CHECK {\n}', '', all(7))), [7, 7, 7, 7, true, 7]);
  assert.deepEqual(pick(checkerOf('TCP_CHECK {\n}', `${all(8)} no`, all(7))), [8, 8, 8, 8, false, 8]);
  assert.deepEqual(pick(checkerOf(`TCP_CHECK {\n${all(9)}\nretry 0\n}`, `${all(8)} no`, all(7))), [9, 0, 9, 9, true, 9]);
  assert.deepEqual(pick(checkerOf('HTTP_GET {\nurl {\npath /\n}\n}', '', 'delay_loop 6')), [6, 1, 3, 6, false, 5]);
});

test('a probe goes where the connection options say', () => {
  const { check } = checkerOf('TCP_CHECK {\nconnect_ip 192.0.2.77\nconnect_port 81\nbindto 192.0.2.5\nbind_port 99\nbind_if eth1\nfwmark 4\n}');
  assert.deepEqual(connectionOf(check), {
    address: '192.0.2.77',
    port: 81,
    bindAddress: '192.0.2.5',
    bindPort: 99,
    bindInterface: 'eth1',
    fwmark: 4,
    connectTimeout: 5_000_000,
  });
  const other = service('', { servers: 'real_server 192.0.2.10 80 {\nTCP_CHECK {\nbindto 2001:db8::5\nconnect_port 0\n}\n}' });
  assert.deepEqual(codes(other), ['HF-409 8:8', 'HF-314 9:14']);
});

test('virtual hosts come from the url, the checker, the real server, the virtual server; SNI passes over the real server', () => {
  const hosts = (url: string, checker: string, server: string, body: string): unknown => {
    const text = `SSL_GET {\nenable_sni\n${checker}\nurl {\npath /\n${url}\n}\n}`;
    const { check } = checkerOf(text, server, body);
    return check.type === 'SSL_GET' ? [check.urls[0]?.virtualHost, check.serverNames[0]] : undefined;
  };
  assert.deepEqual(hosts('virtualhost u', 'virtualhost c', 'virtualhost r', 'virtualhost v'), ['u', 'u']);
  assert.deepEqual(hosts('', 'virtualhost c', 'virtualhost r', 'virtualhost v'), ['c', 'c']);
  assert.deepEqual(hosts('', '', 'virtualhost r', 'virtualhost v'), ['r', 'v']);
  assert.deepEqual(hosts('', '', '', ''), [undefined, undefined]);
});

test('HTTP checks: codes, digests, and urls that cannot be used', () => {
  const http = (inner: string): string => service('', { servers: `real_server 192.0.2.10 80 {\nHTTP_GET {\n${inner}\n}\n}` });
  const [checker] = built(http('url {\npath /a\nstatus_code 200 300-399 99 x\ndigest 9B3A0C85A887A256D6939DA88AABD8CD\n}')).realServers[0]?.checkers ?? [];
  assert.deepEqual(checker?.check.type === 'HTTP_GET' ? checker.check.urls : undefined, [
    {
      path: '/a',
      statusCodes: [
        { from: 200, to: 200 },
        { from: 300, to: 399 },
      ],
      digest: '9b3a0c85a887a256d6939da88aabd8cd',
    },
  ]);
  assert.deepEqual(codes(http('url {\npath /\nstatus_code 99 x\ndigest 12\n}')), ['HF-311 10:13', 'HF-311 10:16', 'HF-311 11:8']);
  assert.deepEqual(codes(http('url {\nstatus_code 200\n}')), ['HF-508 7:1', 'HF-508 8:1']);
});

test('several checkers of a server keep the order of the file', () => {
  const servers = 'real_server 192.0.2.10 80 {\nHTTP_GET {\nurl {\npath /\n}\n}\nTCP_CHECK {\n}\nSSL_GET {\nurl {\npath /\n}\n}\n}';
  assert.deepEqual(built(service('', { servers })).realServers[0]?.checkers.map(({ check }) => check.type), ['HTTP_GET', 'TCP_CHECK', 'SSL_GET']);
});

test('ten thousand servers in one virtual server are read in one go', () => {
  const servers = Array.from({ length: 10_000 }, (_, i) => `real_server 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} 80 {\nTCP_CHECK {\nconnect_timeout 3\n}\n}`);
  const { model, diagnostics } = load(service('', { servers: servers.join('\n') }));
  assert.deepEqual(diagnostics, []);
  assert.equal(model?.pool.virtualServers[0]?.realServers.length, 10_000);
});
