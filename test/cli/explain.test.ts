/** `holdfast explain`: keywords in every block that has them, codes, and what is close to a word that nobody knows. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { explain } from '../../src/cli/explain.js';
import { CATALOG } from '../../src/conf/catalog.js';
import { WORDS_OF_KEEPALIVED } from '../support/words-of-keepalived.js';
import { holdfast } from './command.js';

function explained(word: string): string {
  const answer = explain(word);
  assert.ok(typeof answer === 'string', word);
  return answer;
}

test('a keyword is explained with range, default and example', () => {
  const { status, output, errors } = holdfast(['explain', 'virtual_router_id']);
  assert.deepEqual([status, errors], [0, '']);
  assert.match(output, /^virtual_router_id N {2}\(in vrrp_instance\)\n {2}\S/);
  assert.match(output, /\n {2}range: +1 to 255\n/);
  assert.match(output, /\n {2}example:\n {6}virtual_router_id \d+\n/);
});

test('a keyword is explained in every block that has it', () => {
  const text = explained('connect_timeout');
  for (const place of ['in virtual_server', 'in real_server in virtual_server', 'in TCP_CHECK in real_server in virtual_server']) {
    assert.match(text, new RegExp(`^(connect_timeout SECS)? +\\(${place}\\)$`, 'm'));
  }
});

test('an alias leads to its keyword', () => {
  assert.match(explained('lvs_sched'), /^lb_algo /);
});

test('a block says what it holds', () => {
  assert.match(explained('vrrp_sync_group'), /\n {2}holds: .*\bgroup\b/);
});

test('a word of an old release says what to write today', () => {
  assert.match(explained('lvs_id'), /write: router_id NAME/);
});

test('every word that keepalived knows is explained', () => {
  for (const words of Object.values(WORDS_OF_KEEPALIVED)) {
    for (const word of words.split(' ')) assert.ok(explained(word).length > 0);
  }
});

test('a block of other lines says how a line looks, and its options are explained', () => {
  assert.match(explained('unicast_peer'), /\n {2}lines: +ADDR \[min_ttl N\] \[max_ttl N\]\n/);
  assert.match(explained('min_ttl'), /^min_ttl N {2}\(an option of a line of unicast_peer in vrrp_instance\)\n/);
  assert.match(explained('noreverse'), /\(an option of a line of track_script in vrrp_instance\)\n +\(an option of a line of track_file in vrrp_instance\)\n/);
  assert.match(explained('includew'), /^includew PATTERN {2}\(in any block\)\n/);
});

test('every code is explained, however it is written', () => {
  for (const { code } of Object.values(CATALOG)) assert.match(explained(code), new RegExp(`^${code} {2}\\S`));
  assert.equal(explained('hf312'), explained('HF-312'));
  assert.equal(explained('312'), explained('HF-312'));
});

test('a word that nobody knows is answered with the nearest one, and status 1', () => {
  const { status, output, errors } = holdfast(['explain', 'virtual_routre_id']);
  assert.deepEqual([status, output], [1, '']);
  assert.equal(errors, 'No keyword is called virtual_routre_id. Did you mean virtual_router_id?\n');
  assert.match(holdfast(['explain', 'HF-299']).errors, /^There is no finding HF-299\. Known: HF-201, /);
  assert.equal(holdfast(['explain']).status, 2);
});
