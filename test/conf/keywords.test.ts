/** Every word is answered: read, obsolete with its replacement, or unknown with the nearest known one. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { languageBlocks } from '../../src/cli/language.js';
import type { About } from '../../src/conf/keywords/about.js';
import { nearest } from '../../src/conf/keywords/nearest.js';
import type { BlockTable, Keywords } from '../../src/conf/keywords/schema.js';
import { textWords } from '../../src/conf/keywords/text-words.js';
import { topLevel } from '../../src/conf/keywords/top-level.js';
import { keywordTables } from '../support/keyword-tables.js';
import { WORDS_OF_KEEPALIVED } from '../support/words-of-keepalived.js';
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

/** Words by the paths their block may be named by: `vrrp_instance/track_file` and `track_file`. */
function wordsByBlock(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>([['text', Object.keys(textWords)]]);
  const visit = (path: readonly string[], table: BlockTable<Keywords>): void => {
    found.set(path.slice(-2).join('/'), [...table.index].flatMap(([alias, [, { own }]]) => (own === true ? [] : [alias])));
    for (const [alias, [, { block, options, own }]] of table.index) {
      if (own === true) continue;
      if (block !== undefined) visit([...path, alias], block);
      if (options !== undefined) found.set([...path, alias].slice(-2).join('/'), namesOf(options.options));
    }
  };
  visit(['top-level'], topLevel);
  return found;
}

function namesOf(rows: Readonly<Record<string, About>>): readonly string[] {
  return Object.entries(rows).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
}

test('the tables hold every word that keepalived knows, block by block, and beside them only words that say they are our own', () => {
  const tables = wordsByBlock();
  const compared = new Set<string>();
  for (const [block, words] of Object.entries(WORDS_OF_KEEPALIVED)) {
    const keys = [...tables.keys()].filter((name) => name === block || (!block.includes('/') && name.endsWith(`/${block}`)));
    // track_file is a block by itself and one of instances and groups.
    const key = keys.find((name) => name === `top-level/${block}`) ?? keys[0];
    assert.ok(key !== undefined, `no table for ${block}`);
    compared.add(key);
    assert.deepEqual([...(tables.get(key) ?? [])].sort(), words.split(' ').sort(), block);
  }
  for (const name of tables.keys()) assert.ok(compared.has(name), `the words of ${name} are compared with nothing`);
});

test('every row says its default, and its unit or range where it takes a number', () => {
  const wrong: string[] = [];
  for (const block of languageBlocks()) {
    for (const { name, syntax, unit, min, max, default: standard, keyword, deprecated } of block.words) {
      const place = `${block.path.join('/')} ${name} ${syntax}`;
      const action = block.holds === 'options' && syntax === '';
      if (keyword?.opensBlock !== true && !action && standard === undefined && deprecated === undefined) wrong.push(`${place}: no default`);
      if (/^(SECS|MS|USECS|BYTES)$/.test(syntax) && unit === undefined) wrong.push(`${place}: no unit`);
      if (/^(N|SECS|MS|PORT)$/.test(syntax) && min === undefined && max === undefined) wrong.push(`${place}: no range`);
    }
  }
  assert.ok(wrong.length === 0, `${wrong.length}\n${wrong.join('\n')}`);
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
  assert.equal(finding?.hint, 'delay_before_retry belongs in virtual_server or real_server or TCP_CHECK');
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
