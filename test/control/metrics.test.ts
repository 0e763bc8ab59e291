/** /metrics as a scraper reads it: names, labels and values of one status. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { createMetrics, metricFamilies } from '../../src/control/metrics/metrics.js';
import type { InstanceStatus, Status } from '../../src/control/status.js';
import { emptyStatistics } from '../../src/vrrp/instance/statistics.js';

const SINCE = '2026-03-01T00:00:10.500Z';

const INSTANCE: InstanceStatus = {
  name: 'VI_1',
  interface: 'eth0',
  family: 'ipv4',
  virtualRouterId: 51,
  protocolVersion: 2,
  state: 'MASTER',
  reason: 'no other master is heard',
  since: SINCE,
  priority: { configured: 150, effective: 130, reasons: ['-20 script check_nginx'] },
  source: '192.0.2.1',
  faults: [],
  preempt: true,
  advertIntervalSeconds: 1,
  masterDownSeconds: 3.414,
  gratuitousArpDelaySeconds: 5,
  addresses: [
    { address: '192.0.2.100', prefixLength: 24, interface: 'eth1', held: true, excluded: false },
    { address: '192.0.2.101', prefixLength: 32, interface: 'eth0', held: false, excluded: true },
  ],
  addressesStatus: 'applied',
  statistics: { ...emptyStatistics, advertsSent: 7, hopLimitErrors: 2, advertIntervalErrors: 9 },
};

const FLOW = { connections: 5, packetsIn: 40, packetsOut: 30, bytesIn: 4_000, bytesOut: 3_000 };
const TRAFFIC = { ...FLOW, perSecond: { ...FLOW, connections: 1 } };
const CONNECTIONS = { active: 2, inactive: 7, persistent: 0 };

const STATUS: Status = {
  version: 1,
  daemon: {
    version: '1.2.3',
    pid: 1,
    startedAt: SINCE,
    stopping: false,
    configuration: { file: '/etc/keepalived/keepalived.conf', generation: 1, loadedAt: SINCE, digests: { vrrp: '0a1b', lvs: '2c3d' } },
    processes: [{ name: 'vrrp', pid: 2 }, { name: 'checkers' }],
    eventLoop: { lagP99Milliseconds: 2, lagMaxMilliseconds: 3 },
  },
  control: { eventLoop: { lagP99Milliseconds: 4, lagMaxMilliseconds: 5 } },
  vrrp: {
    asOf: SINCE,
    eventLoop: { lagP99Milliseconds: 1.5, lagMaxMilliseconds: 250 },
    instances: [INSTANCE, { ...INSTANCE, name: 'VI_2', state: 'FAULT', addresses: [] }],
    groups: [],
    scripts: [{ name: 'check_nginx', up: false, running: true }, { name: 'new', running: false }],
  },
  lvs: {
    asOf: SINCE,
    kernel: { known: true, ownServices: 1, refusedCommands: 0, repairs: 4 },
    virtualServers: [
      {
        name: '[192.0.2.100]:tcp:80',
        services: [{ protocol: 'tcp', address: '192.0.2.100', port: 80, family: 'ipv4', scheduler: 'wlc', traffic: TRAFFIC }],
        traffic: TRAFFIC,
        connections: CONNECTIONS,
        state: 'up',
        since: SINCE,
        quorum: 2,
        aliveWeight: 3,
        realServers: [
          {
            name: '[192.0.2.10]:tcp:80',
            address: '192.0.2.10',
            port: 80,
            method: 'nat',
            connections: CONNECTIONS,
            traffic: TRAFFIC,
            state: 'down',
            since: SINCE,
            weight: { configured: 3, effective: 0 },
            checks: [
              { check: 'HTTP_GET', up: false, hasRun: true, retriesUsed: 0, answeredAt: SINCE, latencyMilliseconds: 12.5, certificateDays: -2 },
              { check: 'HTTP_GET', up: true, hasRun: false, retriesUsed: 1 },
            ],
          },
        ],
      },
    ],
  },
};

async function samplesOf(...names: Parameters<typeof createMetrics>[0]): Promise<readonly string[]> {
  const text = await createMetrics(names, () => STATUS)();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('the samples of our own names', async () => {
  const samples = await samplesOf();
  for (const sample of [
    'holdfast_build_info{version="1.2.3"} 1',
    'holdfast_process_up{process="checkers"} 0',
    'holdfast_configuration_digest_info{part="lvs",digest="2c3d"} 1',
    'holdfast_event_loop_lag_p99_seconds{process="supervisor"} 0.002',
    'holdfast_event_loop_lag_p99_seconds{process="vrrp"} 0.0015',
    'holdfast_event_loop_lag_max_seconds{process="control"} 0.005',
    'holdfast_event_loop_lag_max_seconds{process="vrrp"} 0.25',
    'holdfast_check_certificate_days{virtual_server="[192.0.2.100]:tcp:80",real_server="[192.0.2.10]:tcp:80",check="HTTP_GET"} -2',
    'holdfast_vrrp_state{vrrp_instance="VI_1",interface="eth0",virtual_router_id="51"} 2',
    'holdfast_vrrp_state{vrrp_instance="VI_2",interface="eth0",virtual_router_id="51"} 3',
    'holdfast_vrrp_priority_effective{vrrp_instance="VI_1",interface="eth0",virtual_router_id="51"} 130',
    'holdfast_vrrp_last_transition_timestamp_seconds{vrrp_instance="VI_1",interface="eth0",virtual_router_id="51"} 1772323210.5',
    'holdfast_vrrp_address_held{vrrp_instance="VI_1",interface="eth0",virtual_router_id="51",address="192.0.2.101"} 0',
    'holdfast_vrrp_adverts_sent_total{vrrp_instance="VI_1",interface="eth0",virtual_router_id="51"} 7',
    'holdfast_ipvs_repairs_total 4',
    'holdfast_virtual_server_alive_weight{virtual_server="[192.0.2.100]:tcp:80"} 3',
    'holdfast_real_server_up{virtual_server="[192.0.2.100]:tcp:80",real_server="[192.0.2.10]:tcp:80"} 0',
    'holdfast_virtual_server_connections_active{virtual_server="[192.0.2.100]:tcp:80"} 2',
    'holdfast_real_server_incoming_bytes_total{virtual_server="[192.0.2.100]:tcp:80",real_server="[192.0.2.10]:tcp:80"} 4000',
    'holdfast_check_latency_seconds{virtual_server="[192.0.2.100]:tcp:80",real_server="[192.0.2.10]:tcp:80",check="HTTP_GET"} 0.0125',
    'holdfast_check_retries_used{virtual_server="[192.0.2.100]:tcp:80",real_server="[192.0.2.10]:tcp:80",check="HTTP_GET 2"} 1',
  ]) {
    assert.ok(samples.includes(sample), `${sample} is missing in\n${samples.join('\n')}`);
  }
  assert.ok(!samples.some((sample) => sample.startsWith('holdfast_real_server_weight_kernel')), 'it is in no table of the kernel');
  assert.ok(!samples.some((sample) => sample.startsWith('keepalived_')), 'nobody asked for names of exporters');
});

test('every counter of the statistics is a metric', async () => {
  const samples = await samplesOf();
  for (const counter of Object.keys(emptyStatistics)) {
    const name = `holdfast_vrrp_${counter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total{`;
    assert.ok(samples.some((sample) => sample.startsWith(name)), name);
  }
});

test('the names that dashboards for keepalived-exporter are drawn with', async () => {
  const samples = await samplesOf('keepalived_exporter');
  for (const sample of [
    'keepalived_up 1',
    'keepalived_vrrp_state{iname="VI_1",intf="eth1",vrid="51",ip_address="192.0.2.100/24"} 2',
    'keepalived_vrrp_excluded_state{iname="VI_1",intf="eth0",vrid="51",ip_address="192.0.2.101"} 2',
    'keepalived_vrrp_state{iname="VI_2",intf="eth0",vrid="51",ip_address=""} 3',
    'keepalived_script_status{name="check_nginx"} 0',
    'keepalived_script_state{name="check_nginx"} 1',
    'keepalived_gratuitous_arp_delay_total{iname="VI_1",intf="eth0",vrid="51"} 5',
    'keepalived_advertisements_sent_total{iname="VI_1",intf="eth0",vrid="51"} 7',
    'keepalived_ip_ttl_errors_total{iname="VI_1",intf="eth0",vrid="51"} 2',
    'keepalived_advertisements_interval_errors_total{iname="VI_1",intf="eth0",vrid="51"} 9',
  ]) {
    assert.ok(samples.includes(sample), `${sample} is missing in\n${samples.join('\n')}`);
  }
});

test('the names of the other exporter, with the counter that it mixes up', async () => {
  const samples = await samplesOf('gen2brain_exporter', 'keepalived_exporter', 'gen2brain_exporter');
  assert.ok(samples.includes('keepalived_vrrp_advert_sent{name="VI_1",intf="eth0",vrid="51",state="MASTER"} 7'));
  assert.ok(samples.includes('keepalived_vrrp_ip_ttl_err{name="VI_1",intf="eth0",vrid="51",state="MASTER"} 2'));
  assert.ok(samples.includes('keepalived_lvs_vip_in_packets{addr="192.0.2.100:80",proto="6"} 40'));
  assert.ok(samples.includes('keepalived_lvs_rs_conn{vip="192.0.2.100:80",addr="192.0.2.10:80",proto="6"} 5'));
  assert.equal(samples.filter((sample) => sample === 'keepalived_up 1').length, 1);
});

test('a process that shows nothing has no samples, and no metric has two heads', async () => {
  const text = await createMetrics(['keepalived_exporter'], () => ({ version: 1 }))();
  assert.deepEqual(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')), ['keepalived_up 0']);
  const names = metricFamilies(['keepalived_exporter', 'gen2brain_exporter']).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('however many scrape within a second, one text is written', async () => {
  let looks = 0;
  const metrics = createMetrics([], () => {
    looks += 1;
    return STATUS;
  });
  await Promise.all(Array.from({ length: 50 }, () => metrics()));
  assert.equal(looks, 1);
});

test('what stands in labels is escaped, and things of the same name are one sample', async () => {
  const quoted = { ...INSTANCE, name: String.raw`say "a\b"` };
  const text = await createMetrics([], () => ({ version: 1, vrrp: { asOf: SINCE, instances: [INSTANCE, INSTANCE, quoted], groups: [], scripts: [] } }))();
  const samples = text.split('\n').filter((line) => line.startsWith('holdfast_vrrp_adverts_sent_total{') || line.startsWith('holdfast_vrrp_state{'));
  const labels = (name: string): string => `{vrrp_instance="${name}",interface="eth0",virtual_router_id="51"}`;
  assert.deepEqual(samples.sort(), [
    `holdfast_vrrp_adverts_sent_total${labels('VI_1')} 14`,
    `holdfast_vrrp_adverts_sent_total${labels(String.raw`say \"a\\b\"`)} 7`,
    `holdfast_vrrp_state${labels('VI_1')} 2`,
    `holdfast_vrrp_state${labels(String.raw`say \"a\\b\"`)} 2`,
  ]);
});
