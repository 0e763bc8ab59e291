/** Every kind of table that we make in the packet filter reads back as what was wanted, and a change to it as what it is. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

import type { TranslatedService } from '../../src/health/full-nat.js';
import type { MarkedAddresses } from '../../src/health/marks.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { differenceText, tableDifferences } from '../../src/io/netlink/filter-tables.js';
import type { WantedTable } from '../../src/io/netlink/filter-tables.js';
import { translationTables } from '../../src/io/netlink/full-nat-messages.js';
import { wantedMarkTables } from '../../src/io/netlink/ipvs-marks.js';
import { openNetfilter } from '../../src/io/netlink/netfilter.js';
import { wantedElements, wantedTables } from '../../src/io/netlink/nftables.js';
import { inNetworkNamespace } from '../../src/io/network-namespace.js';
import { firewallOf } from '../../src/vrrp/host/firewall.js';
import { address } from '../support/address.js';
import { director, instance, virtual } from '../support/vrrp-configuration.js';

const SERVICES: readonly TranslatedService[] = [
  { identity: { kind: 'address', protocol: 'tcp', address: address('192.0.2.1'), port: 80 }, family: 'ipv4', servers: [address('10.8.2.2'), address('10.8.2.3')] },
  { identity: { kind: 'fwmark', fwmark: 7, family: 'ipv4' }, family: 'ipv4', servers: [address('10.8.2.2')] },
  { identity: { kind: 'address', protocol: 'udp', address: address('2001:db8::1'), port: 0 }, family: 'ipv6', servers: [address('2001:db8:2::2')] },
];

const MARKED: readonly MarkedAddresses[] = [
  { protocol: 'tcp', from: address('192.0.2.1'), to: address('192.0.2.9'), port: 80, mark: 1000 },
  { protocol: 'sctp', from: address('192.0.2.1'), to: address('192.0.2.1'), port: 0, mark: 1001 },
  { protocol: 'udp', from: address('2001:db8::1'), to: address('2001:db8::3'), port: 53, mark: 1002 },
];

/** Of both families, on macvlans and not, link-local and not. */
function vrrpTables(matchInterfaceIndex: boolean): readonly WantedTable[] {
  const device = { virtual: { type: 'macvlan', name: 'vrrp.51', mac: '00:00:5e:00:01:33', notifyPeers: false }, transmitOnBase: false, promoteSecondaries: false } as const;
  const six = [virtual('fe80::1/128'), virtual('2001:db8::1/64')];
  const instances = [instance({ accept: false, device }), instance({ family: 'ipv6', accept: false, device, virtualAddresses: six })];
  const firewall = { table: 'keepalived', priority: -1, matchInterfaceIndex, counters: true };
  const wanted = firewallOf({ ...director(instances), firewall }, instances);
  assert.ok(wanted !== undefined);
  const names = ['vrrp.51', 'eth0'];
  const elements = wantedElements(wanted, [virtual('192.0.2.100/32'), ...six], (name) => names.indexOf(name) + 1 || undefined);
  return wantedTables(wanted, elements);
}

const KINDS: readonly (readonly [name: string, tables: readonly WantedTable[]])[] = [
  ['VRRP, interfaces by name', vrrpTables(false)],
  ['VRRP, interfaces by index', vrrpTables(true)],
  ['FULLNAT', translationTables(SERVICES)],
  ['marks', wantedMarkTables({ table: 'marks', priority: -150, marked: MARKED })],
];

for (const [name, tables] of KINDS) {
  test(`tables of ${name} read back as they were wanted; each object that is taken away is named`, (t) => {
    const namespace = `hf-filter-${process.pid}`;
    execFileSync('ip', ['netns', 'add', namespace]);
    t.after(() => execFileSync('ip', ['netns', 'del', namespace]));
    const netfilter = inNetworkNamespace(`/run/netns/${namespace}`, openNetfilter);
    t.after(() => netfilter.close());
    const differences = (): readonly string[] =>
      tables.flatMap((table) => {
        const found = tableDifferences(netfilter, table);
        if (found instanceof KernelError) throw found;
        return found.map(differenceText);
      });
    assert.equal(tables.length, 2);
    assert.equal(netfilter.perform(tables.flatMap(({ requests }) => requests)), undefined);
    assert.deepEqual(differences(), []);
    const nft = (...words: readonly string[]): string => execFileSync('ip', ['netns', 'exec', namespace, 'nft', ...words], { encoding: 'utf8' });
    const rules = [...nft('-a', 'list', 'ruleset').matchAll(/^table (\w+) (\w+)|^\tchain (\w+)|^\t\t(?!type).*# handle (\d+)$/gm)];
    let [family, table, chain] = ['', '', ''];
    let removed = 0;
    for (const [, ofFamily, ofTable, ofChain, handle] of rules) {
      family = ofFamily ?? family;
      table = ofTable ?? table;
      chain = ofChain ?? chain;
      if (handle === undefined) continue;
      nft('delete', 'rule', family, table, chain, 'handle', handle);
      removed += 1;
    }
    const missing = differences();
    assert.equal(missing.length, removed, missing.join('\n'));
    assert.ok(removed > 1 && missing.every((text) => /^rule \d of chain \w+: missing$/.test(text)), missing.join('\n'));
    nft('flush', 'ruleset');
    assert.deepEqual(differences(), tables.map((one) => `table ${one.family === 'ipv4' ? 'ip' : 'ip6'} ${one.name}: missing`));
  });
}
