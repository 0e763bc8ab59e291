/** What a packet filter does to an advert, told from its rules alone. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { readLegacyRules } from '../../src/cli/doctor/legacy-rules.js';
import { readRuleset } from '../../src/cli/doctor/nft-rules.js';
import { judge } from '../../src/cli/doctor/ruleset.js';
import type { Packet } from '../../src/cli/doctor/ruleset.js';

const ADVERT: Packet = { family: 'ipv4', interface: 'eth0', protocol: 112, destination: '224.0.0.18' };

const legacy = (text: string): string => judge(readLegacyRules(text), 'INPUT', ADVERT).verdict;

test('old iptables: order, negation, chains of their own and what cannot be known', () => {
  assert.equal(legacy('-P INPUT ACCEPT'), 'accept');
  assert.equal(legacy('-P INPUT DROP'), 'drop');
  assert.equal(legacy('-P INPUT DROP\n-A INPUT -p vrrp -j ACCEPT'), 'accept');
  assert.equal(legacy('-P INPUT DROP\n-A INPUT ! -i eth0 -p 112 -j ACCEPT'), 'drop');
  assert.equal(legacy('-P INPUT DROP\n-A INPUT -d 224.0.0.18/32 -j ACCEPT'), 'accept');
  assert.equal(legacy('-P INPUT DROP\n-A INPUT -s 192.0.2.2/32 -p 112 -j ACCEPT'), 'perhaps');
  assert.equal(legacy('-P INPUT DROP\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'), 'drop');
  assert.equal(legacy('-P INPUT ACCEPT\n-N wall\n-A INPUT -j wall\n-A wall -p tcp -j ACCEPT\n-A wall -j REJECT --reject-with icmp-port-unreachable'), 'drop');
  assert.equal(legacy('-P INPUT ACCEPT\n-A INPUT -p 112 -m comment --comment "no second master" -j DROP'), 'drop');
});

function nft(...expressions: readonly (readonly unknown[])[]): string {
  const chain = { family: 'inet', table: 'filter', name: 'input', hook: 'input', policy: 'drop' };
  const rules = expressions.map((expr, handle) => ({ rule: { family: 'inet', table: 'filter', chain: 'input', handle, expr } }));
  const { chains, entries } = readRuleset(JSON.stringify({ nftables: [{ chain }, { chain: { family: 'inet', table: 'filter', name: 'trusted' } }, ...rules] }));
  return judge(chains, entries[0]?.name ?? '', ADVERT).verdict;
}

test('nftables: sets, verdict maps, headers of other protocols and modules that nobody sees into', () => {
  const protocol = (right: unknown, op = '=='): unknown => ({ match: { op, left: { meta: { key: 'l4proto' } }, right } });
  assert.equal(nft(), 'drop');
  assert.equal(nft([protocol({ set: ['tcp', 112] }), { accept: null }]), 'accept');
  assert.equal(nft([protocol('vrrp', '!='), { accept: null }]), 'drop');
  assert.equal(nft([{ match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right: 112 } }, { accept: null }]), 'drop');
  assert.equal(nft([{ vmap: { key: { ct: { key: 'state' } }, data: { set: [['established', { accept: null }], ['new', { accept: null }]] } } }]), 'accept');
  assert.equal(nft([{ xt: { type: 'match', name: 'u32' } }, { accept: null }]), 'perhaps');
  assert.equal(nft([{ match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@friends' } }, { accept: null }]), 'perhaps');
  assert.equal(nft([{ jump: { target: 'trusted' } }]), 'drop');
  assert.equal(nft([{ counter: { packets: 1, bytes: 1 } }, { reject: null }], [{ accept: null }]), 'drop');
});
