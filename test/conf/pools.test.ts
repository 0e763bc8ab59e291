import assert from 'node:assert/strict';
import test from 'node:test';
import type { RealServerConfig } from '../../src/health/config.js';
import { findings, load } from './support.js';

function pool(lines: string, server = ''): string {
  return `virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n${lines}\nreal_server 192.0.2.2 80 {\n${server}\n}\n}\n`;
}

function server(text: string): RealServerConfig | undefined {
  return load(text).model?.pool.virtualServers[0]?.realServers[0];
}

test('slow_start, manual_resume and flap_damping of the service hold for its servers unless they say otherwise', () => {
  const all = 'slow_start 30\nmanual_resume\nflap_damping';
  const { slowStart, manualResume, flapDamping } = server(pool(all)) ?? {};
  assert.deepEqual([slowStart, manualResume], [30_000_000, true]);
  assert.deepEqual(flapDamping, { halfLife: 60_000_000, suppress: 2_000, reuse: 750, longest: 240_000_000 });
  const none = server(pool(all, 'slow_start 0\nmanual_resume off\nflap_damping off'));
  assert.deepEqual([none?.slowStart, none?.manualResume, none?.flapDamping], [undefined, undefined, undefined]);
  assert.deepEqual(server(pool('', 'flap_damping half_life 10 suppress 5000 reuse 1000 longest 60'))?.flapDamping, {
    halfLife: 10_000_000,
    suppress: 5_000,
    reuse: 1_000,
    longest: 60_000_000,
  });
});

test('flap_damping that could never suppress or never release is refused', () => {
  for (const line of ['flap_damping reuse 3000', 'flap_damping longest 60 half_life 60', 'flap_damping often', 'flap_damping reuse']) {
    assert.equal(server(pool(line))?.flapDamping, undefined, line);
    assert.ok(findings(pool(line)).some((finding) => /HF-(311|410)/.test(finding)), line);
  }
});

test('backup servers are a tier each, in file order, unless they say which', () => {
  const backup = (last: number, lines = ''): string => `backup_server 192.0.2.${last} 80 {\n${lines}\nTCP_CHECK {\n}\n}`;
  const { model } = load(pool([backup(11), backup(12, 'tier 1'), backup(13, 'weight 5'), backup(14, 'tier 9'), backup(2)].join('\n')));
  const config = model?.pool.virtualServers[0];
  assert.deepEqual(config?.backupServers?.map(({ address, tier, weight }) => [address, tier, weight]), [
    ['192.0.2.11', 1, 1],
    ['192.0.2.12', 1, 1],
    ['192.0.2.13', 2, 5],
    ['192.0.2.14', 9, 1],
  ]);
  assert.deepEqual(config.backupServers.map(({ checkers }) => checkers.length), [1, 1, 1, 1]);
  assert.ok(findings(pool(backup(2))).some((finding) => finding.includes('HF-503')), 'the address of a real server is taken');
});

test('track_virtual_server names virtual servers as their blocks do', () => {
  const instance = (lines: string): string =>
    `vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\npriority 100\nvirtual_ipaddress {\n192.0.2.1\n}\ntrack_virtual_server {\n${lines}\n}\n}\n`;
  const pools = pool('') + 'virtual_server fwmark 7 {\nlb_algo rr\nlb_kind NAT\nreal_server 192.0.2.2 80 {\n}\n}\n';
  const { model } = load(pools + instance('192.0.2.1 80 TCP\nfwmark 7 weight -20\n192.0.2.9 80\n192.0.2.1 80'));
  assert.deepEqual(model?.director.instances.map(({ tracks }) => tracks?.virtualServers), [[{ name: '[192.0.2.1]:tcp:80' }, { name: 'FWM 7', weight: -20 }]]);
  assert.deepEqual(model.pool.tracked, ['[192.0.2.1]:tcp:80', 'FWM 7']);
  const told = findings(pools + instance('192.0.2.9 80\n192.0.2.1 81\n192.0.2.1 80 UDP'));
  assert.equal(told.filter((finding) => finding.includes('HF-417')).length, 3, told.join('\n'));
  const owner = findings(pools + instance('192.0.2.1 80').replace('priority 100', 'priority 255'));
  assert.ok(owner.some((finding) => finding.includes('HF-410')), owner.join('\n'));
});
