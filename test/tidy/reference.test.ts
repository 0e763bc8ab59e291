/** The manual is what the tables say, holds every word, and its examples are read without a finding. `REWRITE=1` writes it. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { exampleOf } from '../../src/cli/example-line.js';
import { languageBlocks } from '../../src/cli/language.js';
import { renderReference } from '../../src/cli/reference.js';
import { CATALOG } from '../../src/conf/catalog.js';
import { load } from '../conf/support.js';
import { definitionsFor, inPlace, usesOf } from '../support/manual-places.js';
import { WORDS_OF_KEEPALIVED } from '../support/words-of-keepalived.js';

const MANUAL = 'examples/REFERENCE.md';

test('the manual is what the tables say', () => {
  const text = renderReference();
  if (process.env['REWRITE'] === '1') writeFileSync(MANUAL, text);
  else assert.ok(readFileSync(MANUAL, 'utf8') === text, `${MANUAL} is stale: REWRITE=1 node --test dist/test/tidy/reference.test.js`);
});

test('every word that keepalived knows and every code stands in the manual', () => {
  const text = renderReference();
  const words = new Set(text.match(/[\w-]+/g));
  for (const known of Object.values(WORDS_OF_KEEPALIVED)) {
    for (const word of known.split(' ')) assert.ok(words.has(word), word);
  }
  for (const { code } of Object.values(CATALOG)) assert.ok(text.includes(`### ${code} `), code);
});

/** Words that cannot stand in any example without something being said about them. */
const TOLD: Readonly<Record<string, string>> = {
  // Alone it wants control_token_file.
  control_http: 'HF-311',
  native_ipv6: 'HF-322',
  vrf: 'HF-422',
  vrrp_track_file: 'HF-322',
  vrrp_iptables: 'HF-437',
  vrrp_ipsets: 'HF-437',
};

/** Lines in which an option may stand: EXAMPLE is its example. One of them must be read without a finding. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  unicast_peer: ['192.0.2.2 EXAMPLE'],
  track_interface: ['eth1 EXAMPLE'],
  track_script: ['check_proxy EXAMPLE'],
  track_file: ['maintenance EXAMPLE'],
  track_process: ['haproxy EXAMPLE'],
  track_bfd: ['gateway EXAMPLE'],
  track_virtual_server: ['192.0.2.100 80 EXAMPLE'],
  ipaddress: ['192.0.2.77/24 EXAMPLE', '2001:db8::77/64 EXAMPLE', '192.0.2.77 EXAMPLE'],
  routes: [
    '10.8.0.0/16 via 192.0.2.254 dev eth0 EXAMPLE',
    '2001:db8:8::/48 dev eth0 EXAMPLE',
    '10.8.0.0/16 no_track EXAMPLE',
    'EXAMPLE dev eth0',
  ],
  rules: [
    'iif eth0 from 10.8.0.0/16 table 100 preference 100 EXAMPLE',
    'iif eth0 preference 100 EXAMPLE',
    'iif eth0 EXAMPLE',
  ],
};

/** Options that keepalived itself says something about wherever they stand. */
const TOLD_OF_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  or: ['HF-304', 'HF-322'],
  gw: ['HF-304', 'HF-322'],
  as: ['HF-311'],
  inet: ['HF-322'],
  inet6: ['HF-322'],
};

test('every example of an option is read in a line of its block without a finding', () => {
  const wrong: string[] = [];
  let read = 0;
  const trackGroup = `${definitionsFor('track_group', '')}track_group group1 {\ngroup {\nVI_1\n}\n}\n`;
  for (const block of languageBlocks().filter(({ holds }) => holds === 'options')) {
    for (const word of block.words) {
      const example = exampleOf(word) ?? '';
      const tries = (LINES[block.name.replace(/^(static|virtual)_/, '')] ?? []).map((line) => {
        const around = { ...block, path: block.path.slice(0, -1) };
        const placed = inPlace(around, `${block.path.at(-1) ?? ''} {\n${line.replace('EXAMPLE', example)}\n}`);
        const tracks = block.name.startsWith('track_');
        const before = block.path.length === 1 ? trackGroup : tracks ? definitionsFor(block.path[0] ?? '', placed) : '';
        const { diagnostics } = load(`${before}${placed}\n`, {});
        const expected = ['HF-623', ...(TOLD_OF_OPTIONS[word.name] ?? [])];
        return diagnostics.filter(({ code }) => !expected.includes(code)).map(({ code, message }) => `${code} ${message}`);
      });
      read += 1;
      if (!tries.some((found) => found.length === 0)) wrong.push(`${block.path.join(' ')}: ${example}: ${tries.join(' | ')}`);
    }
  }
  assert.ok(wrong.length === 0, wrong.join('\n\n'));
  assert.ok(read > 150, String(read));
});

test('every example of the manual is read inside its block without a finding', () => {
  const wrong: string[] = [];
  let read = 0;
  for (const block of languageBlocks().filter(({ holds }) => holds === 'keywords')) {
    for (const word of block.words) {
      const example = exampleOf(word);
      const expected = [...(word.deprecated === undefined ? [] : ['HF-304']), ...(TOLD[word.name] === undefined ? [] : [TOLD[word.name]])];
      if (example === undefined) {
        wrong.push(`${block.name}: ${word.name} ${word.syntax}: no example, write one into its row`);
        continue;
      }
      read += 1;
      const placed = inPlace(block, example);
      const outermost = block.path[0] ?? word.name;
      const text = `${definitionsFor(outermost, placed)}${placed}\n${usesOf(outermost)}`;
      const found = load(text, {}).diagnostics.filter(({ code }) => code !== 'HF-623' && !expected.includes(code));
      wrong.push(...found.map(({ code, message }) => `${block.name}: ${word.name}: ${code} ${message}\n${placed}`));
    }
  }
  assert.ok(wrong.length === 0, wrong.join('\n\n'));
  assert.ok(read > 300, String(read));
});
