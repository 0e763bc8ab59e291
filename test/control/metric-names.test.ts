/** Every name and label that dashboards of keepalived's exporters and our own are drawn with is served. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { metricFamilies } from '../../src/control/metrics/metrics.js';

const OF_INSTANCE = 'iname intf vrid';
const OF_ADDRESS = `${OF_INSTANCE} ip_address`;
const counters = (names: string, labels: string, type = 'counter'): readonly string[] => names.split(' ').map((name) => `${name} ${type} ${labels}`.trim());

/** NAME TYPE LABELS... of mehdy/keepalived-exporter. */
const KEEPALIVED_EXPORTER: readonly string[] = [
  'keepalived_up gauge',
  `keepalived_vrrp_state gauge ${OF_ADDRESS}`,
  `keepalived_vrrp_excluded_state gauge ${OF_ADDRESS}`,
  `keepalived_exporter_check_script_status gauge ${OF_ADDRESS}`,
  'keepalived_script_status gauge name',
  'keepalived_script_state gauge name',
  'keepalived_exporter_build_info gauge branch goarch goos goversion revision tags version',
  ...counters('keepalived_gratuitous_arp_delay_total keepalived_advertisements_received_total keepalived_advertisements_sent_total', OF_INSTANCE),
  ...counters('keepalived_become_master_total keepalived_release_master_total keepalived_packet_length_errors_total', OF_INSTANCE),
  ...counters('keepalived_advertisements_interval_errors_total keepalived_ip_ttl_errors_total keepalived_invalid_type_received_total', OF_INSTANCE),
  ...counters('keepalived_address_list_errors_total keepalived_authentication_invalid_total keepalived_authentication_mismatch_total', OF_INSTANCE),
  ...counters('keepalived_authentication_failure_total keepalived_priority_zero_received_total keepalived_priority_zero_sent_total', OF_INSTANCE),
];

/** The same of gen2brain/keepalived_exporter. */
const GEN2BRAIN_EXPORTER: readonly string[] = [
  'keepalived_up gauge',
  ...'advert_rcvd advert_sent become_master release_master packet_len_err advert_interval_err ip_ttl_err invalid_type_rcvd addr_list_err invalid_authtype authtype_mismatch auth_failure pri_zero_rcvd pri_zero_sent'
    .split(' ')
    .map((name) => `keepalived_vrrp_${name} counter name intf vrid state`),
  ...'in_packets out_packets in_bytes out_bytes conn'
    .split(' ')
    .flatMap((name) => [`keepalived_lvs_vip_${name} counter addr proto`, `keepalived_lvs_rs_${name} counter vip addr proto`]),
];

const served = (...names: Parameters<typeof metricFamilies>[0]): ReadonlySet<string> =>
  new Set(metricFamilies(names).map(({ name, type, labels }) => [name, type, ...labels].join(' ')));

test('the whole list of both exporters is served, with types and labels', () => {
  for (const [exporter, list] of [['keepalived_exporter', KEEPALIVED_EXPORTER], ['gen2brain_exporter', GEN2BRAIN_EXPORTER]] as const) {
    const all = served(exporter);
    assert.deepEqual(list.filter((each) => !all.has(each)), [], exporter);
    const surplus = [...all].filter((each) => each.startsWith('keepalived_') && !list.includes(each));
    assert.deepEqual(surplus, [], `${exporter} has no such metric`);
  }
});

test('what no exporter for keepalived has is served under our own names', () => {
  const all = new Set(metricFamilies([]).map(({ name }) => name));
  for (const name of [
    'real_server_up real_server_by_hand real_server_weight_configured real_server_weight_effective real_server_weight_kernel real_server_connections_active',
    'check_latency_seconds check_answered_timestamp_seconds check_retries_used virtual_server_quorum virtual_server_alive_weight',
    'vrrp_priority_effective vrrp_last_transition_timestamp_seconds vrrp_second_master_adverts_total ipvs_repairs_total process_shown_timestamp_seconds',
    'event_loop_lag_p99_seconds event_loop_lag_max_seconds configuration_digest_info check_certificate_days',
  ].flatMap((names) => names.split(' '))) {
    assert.ok(all.has(`holdfast_${name}`), name);
  }
});

test('the Grafana dashboard of the examples asks for nothing that is not served', () => {
  const dashboard = readFileSync('examples/grafana/holdfast.json', 'utf8');
  const all = new Map(metricFamilies([]).map(({ name, labels }) => [name, labels]));
  const { panels, uid } = JSON.parse(dashboard) as { readonly uid: string; readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[] }[] };
  assert.equal(uid, 'holdfast');
  const targets = panels.flatMap(({ title, targets: asked = [] }) => asked.map((target) => ({ title, ...target })));
  assert.ok(targets.length > 15, String(targets.length));
  for (const { title, expr, legendFormat = '' } of targets) {
    const names = expr.match(/\bholdfast_\w+/g) ?? [];
    assert.ok(names.length > 0, `${title} asks for a metric`);
    const labels = new Set(['instance', 'job', ...names.flatMap((name) => all.get(name) ?? assert.fail(`${title}: ${name} is not served`))]);
    const used = [...expr.matchAll(/(?:by|without) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
    for (const label of [...used, ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)]) {
      assert.ok(labels.has(label), `${title}: no label ${label}`);
    }
  }
});
