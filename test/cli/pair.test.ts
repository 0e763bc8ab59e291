/** `holdfast check --pair`: two files in, their differences out, in every format. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { CHECK_SCHEMA } from '../../src/cli/report/json.js';
import { CLEAN, holdfast, openFolder } from './command.js';
import { misfits } from './schema.js';

const folder = openFolder();

function instance(priority: number, interval: number): string {
  return `vrrp_instance web {\n  interface nowhere0\n  virtual_router_id 51\n  priority ${priority}\n  advert_int ${interval}\n  virtual_ipaddress {\n    192.0.2.100/24\n  }\n}\n`;
}

function pair(first: string, second: string, ...words: readonly string[]): ReturnType<typeof holdfast> {
  folder.write('a.conf', first);
  folder.write('b.conf', second);
  return holdfast(['check', '--pair', ...words, 'a.conf', 'b.conf'], {}, folder.path);
}

test('two files that agree are told so', () => {
  const { status, output } = pair(instance(100, 1) + CLEAN, instance(90, 1) + CLEAN);
  assert.deepEqual([status, output], [0, 'a.conf and b.conf: nothing to report\n']);
});

test('a difference is shown in both files', () => {
  const { status, output } = pair(instance(100, 1), instance(90, 2));
  assert.equal(status, 1);
  assert.equal(
    output,
    'a.conf:5:14: warning: (web) advert_int is 1 s here and 2 s there: version 2 drops such adverts, both directors become master [HF-706]\n' +
      '      advert_int 1\n                 ^\n' +
      'b.conf:5:14: note: here it is 2 s\n' +
      '      advert_int 2\n                 ^\n' +
      '    hint: write the same interval\n' +
      'a.conf and b.conf: 1 warning\n',
  );
});

test('the other formats name both places', () => {
  const json: unknown = JSON.parse(pair(instance(100, 1), instance(90, 2), '--format', 'json').output);
  assert.deepEqual(misfits(json, CHECK_SCHEMA), []);
  const { files, findings } = json as { files: string[]; findings: { line: number; related: unknown[] }[] };
  assert.deepEqual(files, ['a.conf', 'b.conf']);
  assert.deepEqual(findings[0]?.related, [{ file: 'b.conf', line: 5, column: 14, endColumn: 15, message: 'here it is 2 s' }]);

  const sarif = JSON.parse(pair(instance(100, 1), instance(90, 2), '--format', 'sarif').output) as {
    runs: { results: { relatedLocations: { physicalLocation: object; message: { text: string } }[] }[] }[];
  };
  const [other] = sarif.runs[0]?.results[0]?.relatedLocations ?? [];
  assert.deepEqual(other, {
    id: 0,
    physicalLocation: { artifactLocation: { uri: 'b.conf' }, region: { startLine: 5, startColumn: 14, endColumn: 15 } },
    message: { text: 'here it is 2 s' },
  });

  assert.match(pair(instance(100, 1), instance(90, 2), '--format', 'github').output, /%0Ab\.conf:5:14: here it is 2 s%0Ahint: /);
});

test('one file for both directors is compared by their configuration ids', () => {
  const shared = folder.write(
    'shared.conf',
    'vrrp_instance web {\n  interface eth0\n  virtual_router_id 51\n  @left priority 100\n  @right priority 90\n  virtual_ipaddress {\n    192.0.2.100\n  }\n}\n',
  );
  assert.equal(holdfast(['check', '--pair', '--config-id', 'left,right', shared, shared]).status, 0);
  const { status, output } = holdfast(['check', '--pair', '--config-id', 'left', shared, shared]);
  assert.equal(status, 1);
  assert.match(output, /:4:18: warning: .*both directors have priority 100/);
});

test('a file that cannot run is not compared, and it is said why', () => {
  const { status, output } = pair(instance(100, 1), 'vrrp_instance web {\n  interface eth0\n}\n');
  assert.equal(status, 1);
  assert.match(output, /^b\.conf:1:1: error: .*\[HF-401\]/);
  const missing = holdfast(['check', '--pair', 'a.conf', 'nowhere.conf'], {}, folder.path);
  assert.equal(missing.status, 1);
  assert.match(missing.output, /^nowhere\.conf:1:1: error: .*\[HF-101\]/);
});

test('--pair takes two files, and no --compat', () => {
  for (const words of [['--pair'], ['--pair', 'a'], ['--pair', 'a', 'b', 'c'], ['--pair', '--compat', 'a', 'b']]) {
    assert.equal(holdfast(['check', ...words]).status, 2, words.join(' '));
  }
});
