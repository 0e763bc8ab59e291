import assert from 'node:assert/strict';
import test from 'node:test';
import type { PoolConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import { markElements } from '../../src/io/netlink/ipvs-mark-table.js';
import { markGroups } from '../../src/health/marks.js';
import { initialPool } from '../../src/health/pool-state.js';
import { stepPool } from '../../src/health/pool.js';
import { micros } from '../../src/base/time.js';
import { loadConfiguration } from '../../src/conf/load.js';

const NFTABLES = 'global_defs {\n nftables_ipvs\n}\n';

function groupServer(name: string, entries: readonly string[], protocol = 'TCP'): string {
  return `virtual_server_group ${name} {\n${entries.join('\n')}\n}\n${useOf(name, protocol)}`;
}

function useOf(name: string, protocol: string): string {
  return `virtual_server group ${name} {\n lb_algo rr\n lb_kind NAT\n protocol ${protocol}\n real_server 10.1.0.1 80 {\n }\n}\n`;
}

function poolOf(text: string): PoolConfig {
  const { model } = loadConfiguration((path) => [{ path, text }], 'keepalived.conf', { interfaces: [] });
  assert.ok(model !== undefined);
  return model.pool;
}

function kernelOf({ kernelServices, services }: VirtualServerConfig): readonly string[] {
  return (kernelServices ?? services).map(({ identity }) => (identity.kind === 'fwmark' ? `fwmark ${identity.fwmark} ${identity.family}` : identity.address));
}

function marksOf(text: string, before: ReadonlyMap<string, number> = new Map()): { readonly kernel: readonly (readonly string[])[]; readonly ledger: ReadonlyMap<string, number> } {
  const { pool, ledger } = markGroups(poolOf(text), before);
  return { kernel: pool.virtualServers.map(kernelOf), ledger };
}

test('a group of addresses is one mark for each protocol, from 1000 on, and one service for each family', () => {
  const text = NFTABLES + groupServer('A', ['10.4.0.1-4 80', '10.4.1.9 8080']) + useOf('A', 'UDP') + groupServer('B', ['fd00:4::1-3 80']) + groupServer('C', ['10.5.0.1 80', 'fd00:5::1 80']);
  assert.deepEqual(marksOf(text).kernel, [['fwmark 1000 ipv4'], ['fwmark 1001 ipv4'], ['fwmark 1002 ipv6'], ['fwmark 1003 ipv4', 'fwmark 1003 ipv6']]);
});

test('a group with a mark of its own and what is no group stay as they are; a mark that somebody has is not given out', () => {
  const text = `global_defs {\n nftables_ipvs\n nftables_ipvs_start_fwmark 77\n}\n${groupServer('A', ['10.4.0.1 80', 'fwmark 77'])}${groupServer('B', ['10.4.1.1 80'])}`;
  assert.deepEqual(marksOf(text).kernel, [['10.4.0.1', 'fwmark 77 ipv4'], ['fwmark 78 ipv4']]);
});

test('a group keeps its mark through a reload that puts another before it, and one that is gone gives its mark back', () => {
  const a = groupServer('A', ['10.4.0.1 80']);
  const b = groupServer('B', ['10.4.1.1 80']);
  const c = groupServer('C', ['10.4.2.1 80']);
  const first = marksOf(NFTABLES + a + b);
  const second = marksOf(NFTABLES + c + b, first.ledger);
  assert.deepEqual(second.kernel, [['fwmark 1000 ipv4'], ['fwmark 1001 ipv4']]);
  const third = marksOf(NFTABLES + a + c + b, second.ledger);
  assert.deepEqual(third.kernel, [['fwmark 1002 ipv4'], ['fwmark 1000 ipv4'], ['fwmark 1001 ipv4']]);
});

test('a mark that a reload writes down for a service of its own is taken from the group that had it', () => {
  const own = 'virtual_server fwmark 1000 {\n lb_algo rr\n lb_kind NAT\n real_server 10.1.0.2 80 {\n }\n}\n';
  const first = marksOf(NFTABLES + groupServer('A', ['10.4.0.1 80']));
  assert.deepEqual(marksOf(NFTABLES + groupServer('A', ['10.4.0.1 80']) + own, first.ledger).kernel, [['fwmark 1001 ipv4'], ['fwmark 1000 ipv4']]);
});

test('without nftables_ipvs every address is a service', () => {
  assert.deepEqual(marksOf(groupServer('A', ['10.4.0.1-2 80'])).kernel, [['10.4.0.1', '10.4.0.2']]);
});

test('the kernel has the mark with its servers, and names stay those of the addresses', () => {
  const { pool } = markGroups(poolOf(NFTABLES + groupServer('A', ['10.4.0.1-4 80'])), new Map());
  const { state, notes } = stepPool(initialPool(1), { type: 'reconfigured', config: pool }, micros(0));
  const tables = desiredTables(state);
  assert.deepEqual([...tables.keys()], ['fwmark 1000 ipv4']);
  assert.deepEqual([...(tables.get('fwmark 1000 ipv4')?.destinations.keys() ?? [])], ['10.1.0.1:80']);
  assert.match(JSON.stringify(notes), /\[A\]:0/);
});

test('every address of a range is an element, in the order of a packet; of two for the same packets the first counts', () => {
  const { marked } = markGroups(poolOf(NFTABLES + groupServer('A', ['10.4.0.254-255 80', '10.4.1.0 0']) + groupServer('B', ['10.4.0.255 80'])), new Map());
  const elements = markElements(marked).map(({ family, set, key, value }) => `${family} ${set} ${key.join('.')} ${value?.join('.') ?? ''}`);
  assert.deepEqual(elements, [
    'ipv4 services 6.0.0.0.10.4.0.254.0.80.0.0 232.3.0.0',
    'ipv4 services 6.0.0.0.10.4.0.255.0.80.0.0 232.3.0.0',
    'ipv4 addresses 6.0.0.0.10.4.1.0 232.3.0.0',
  ]);
});
