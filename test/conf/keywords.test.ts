/** Every word is answered: read, not supported yet, obsolete with its replacement, or unknown with the nearest known one. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { KNOWN } from '../../src/conf/keywords/known.js';
import { nearest } from '../../src/conf/keywords/nearest.js';
import { keywordTables } from '../support/keyword-tables.js';
import { findings, load } from './support.js';

const TABLES = keywordTables();

/** A line inside the block of that name, and the number it has there. */
function inBlock(name: string, line: string): string {
  const around: Readonly<Record<string, readonly [string, string]>> = {
    'top-level': ['', ''],
    global_defs: ['global_defs {', '}'],
    vrrp_instance: ['vrrp_instance a {', 'interface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n}'],
    vrrp_sync_group: ['vrrp_sync_group a {', '}'],
    virtual_server: ['virtual_server 192.0.2.1 80 {', 'lb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 {\n}\n}'],
    real_server: ['virtual_server 192.0.2.1 80 { lb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 {', '}\n}'],
  };
  const checker = ['virtual_server 192.0.2.1 80 { real_server 192.0.2.2 80 { CHECK {', '}\n}\n}'] as const;
  const [before, after] = around[name] ?? [checker[0].replace('CHECK', name), checker[1]];
  return `${before}\n${line}\n${after}\n`;
}

test('every keyword keepalived knows is either read by its table or answered as not supported yet', () => {
  let supported = 0;
  let pending = 0;
  for (const table of TABLES) {
    for (const word of (KNOWN[table.name] ?? '').split(' ')) {
      const name = word.replace(/\{$/, '');
      if (name.startsWith('include')) continue;
      if (table.index.has(name)) {
        supported += 1;
        continue;
      }
      pending += 1;
      const text = inBlock(table.name, word.endsWith('{') ? `  ${name} x {\n  y 1\n}` : `  ${name} 1`);
      const line = text.split('\n').findIndex((candidate) => candidate.startsWith(`  ${name} `)) + 1;
      const answers = load(text).diagnostics.filter(({ code }) => code === 'HF-303');
      assert.deepEqual(answers.map(({ at }) => [at.line, at.column]), [[line, 3]], `${table.name}: ${name}`);
      assert.deepEqual(load(text).diagnostics.filter(({ code }) => code === 'HF-301'), [], `${table.name}: ${name}`);
    }
  }
  assert.ok(supported > 300, `${supported} read, ${pending} not supported yet`);
});

test('every keyword of a table is a keyword of keepalived in that block', () => {
  for (const table of TABLES) {
    const known = new Set((KNOWN[table.name] ?? '').split(' ').map((word) => word.replace(/\{$/, '')));
    for (const name of table.index.keys()) assert.ok(known.has(name), `${table.name}: ${name}`);
  }
});

test('a mistyped keyword is answered with the nearest one of its block', () => {
  for (const [block, typed, meant] of [
    ['top-level', 'virtual_sever 192.0.2.1 80 {\n}', 'virtual_server'],
    ['global_defs', 'route_id a', 'router_id'],
    ['global_defs', 'Router-ID a', 'router_id'],
    ['vrrp_instance', 'prioritty 5', 'priority'],
    ['vrrp_instance', 'advret_int 1', 'advert_int'],
    ['virtual_server', 'lb_alog rr', 'lb_algo'],
    ['real_server', 'wieght 3', 'weight'],
    ['TCP_CHECK', 'conect_timeout 3', 'connect_timeout'],
  ] as const) {
    const [finding] = load(inBlock(block, typed)).diagnostics.filter(({ code }) => code === 'HF-301');
    assert.equal(finding?.hint, `did you mean ${meant}?`, typed);
  }
});

test('a keyword that slipped out of its block is answered with where it belongs', () => {
  const [finding] = load('delay_before_retry 3\n').diagnostics;
  assert.equal(finding?.hint, 'delay_before_retry belongs in virtual_server or real_server or HTTP_GET');
});

test('a word like nothing known gets no guess, and a long one does no harm', () => {
  assert.equal(nearest('zzz', ['router_id', 'instance']), undefined);
  assert.equal(nearest('r'.repeat(5_000), ['router_id']), undefined);
  assert.deepEqual(load('zzzzzzzz 1\n').diagnostics[0]?.hint, undefined);
});

test('an unknown keyword with a block is skipped as a whole, with one finding and a word on what keepalived would do', () => {
  const { model, diagnostics } = load('frobnicate x {\n  priority 300\n  deeper {\n    foo\n  }\n}\nuse_pid_dir\n');
  assert.deepEqual(diagnostics.map(({ code, at, message }) => [code, at.line, at.column, message]), [
    [
      'HF-301',
      1,
      1,
      "unknown keyword 'frobnicate': the line is ignored; its block is skipped here, while keepalived would take its } for the end of the block around it",
    ],
  ]);
  assert.equal(model?.global.usePidDirectory, true);
});

test('words of older releases are answered with what to write today', () => {
  for (const [block, line, instead] of [
    ['virtual_server', 'nat_mask 255.255.255.255', 'remove the line: nothing replaces it, the kernel needs no mask'],
    ['TCP_CHECK', 'nb_get_retry 3', 'write: retry N'],
    ['global_defs', 'lvs_id LVS_1', 'write: router_id NAME'],
    ['global_defs', 'plugin_dir /usr/lib', 'remove the line'],
    ['vrrp_instance', 'sync_instance b', 'put the instances into a vrrp_sync_group'],
    ['top-level', 'real_server_group g {\n}', 'write the real_server blocks into the virtual_server'],
  ] as const) {
    const [finding] = load(inBlock(block, `  ${line}`)).diagnostics.filter(({ code }) => code === 'HF-302');
    assert.deepEqual([finding?.hint, finding?.at.column], [instead, 3], line);
  }
});

test('nb_get_retry in HTTP_GET still sets the retries, as a deprecated word', () => {
  const { model, diagnostics } = load(inBlock('HTTP_GET', 'retry 1\nnb_get_retry 4\nurl {\npath /\n}'));
  assert.deepEqual(diagnostics.filter(({ at }) => at.line === 3).map(({ code, hint }) => [code, hint]), [['HF-304', 'write: retry N']]);
  assert.equal(model?.pool.virtualServers[0]?.realServers[0]?.checkers[0]?.retry, 4);
});

test('a keyword without its value is fatal, because keepalived stops there', () => {
  const { model, diagnostics } = load(inBlock('vrrp_instance', 'priority'));
  assert.equal(model, undefined);
  assert.deepEqual(diagnostics.map(({ code, severity, at }) => [code, severity, at.line, at.column]), [['HF-310', 'error', 2, 1]]);
});

test('values out of range, not numbers and not yes or no are reported at the value, and the default counts', () => {
  assert.deepEqual(
    findings(inBlock('vrrp_instance', 'priority 300\nadvert_int x\nlower_prio_no_advert maybe\nstate SLAVE')),
    [
      '2:10: warning: priority: 300 is not within 1 to 255; it is ignored [HF-312]',
      "3:12: warning: advert_int: 'x' is not a number of seconds; it is ignored [HF-311]",
      "4:22: warning: lower_prio_no_advert: 'maybe' is neither yes nor no; it is ignored [HF-311]",
      "5:7: warning: state: 'SLAVE' is not known; it is ignored [HF-311]",
    ],
  );
});

test('the documentation of every keyword in the tables is one sentence', () => {
  for (const table of TABLES) {
    for (const [name, keyword] of Object.entries(table.keywords)) assert.match(keyword.doc, /^\S.*\.$/s, `${table.name}: ${name}`);
  }
});
