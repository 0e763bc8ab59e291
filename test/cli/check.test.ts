/** `holdfast check` as operators and pipelines call it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { CLEAN, holdfast, openFolder } from './command.js';

const folder = openFolder();

function check(text: string, ...words: readonly string[]): ReturnType<typeof holdfast> & { readonly file: string } {
  const file = folder.write('keepalived.conf', text);
  return { file, ...holdfast(['check', ...words, file]) };
}

test('a clean file is told so, and ends with status 0', () => {
  const { status, output, errors, file } = check(CLEAN, '--ignore', 'HF-603');
  assert.deepEqual([status, output, errors], [0, `${file}: nothing to report\n`, '']);
});

test('findings are printed as compilers do, with the line, a mark under the word and the hint', () => {
  const { status, output, file } = check('global_defs {\n\trooter_id lvs1\n}\n');
  assert.equal(status, 1);
  assert.equal(
    output,
    `${file}:2:2: warning: unknown keyword 'rooter_id' in global_defs: the line is ignored [HF-301]\n` +
      '    \trooter_id lvs1\n' +
      '    \t^~~~~~~~~\n' +
      '    hint: did you mean router_id?\n' +
      `${file}: 1 warning\n`,
  );
});

test('passwords and keys are not printed, whatever the finding on their line', () => {
  const secret = ['hunter2hunter2', 'tooshort', 'hex:zz45'];
  const { output } = check(
    `vrrp_instance A {\n authentication {\n  auth_type PASS\n  auth_pass ${secret[0]}\n  auth_pass "${secret[0]} x\n }\n auth_hmac {\n  key 1 ${secret[1]}\n  key 300 ${secret[1]}\n  key 2 ${secret[2]} }\n}\nSSL {\n password ${secret[0]} more\n}\n`,
    '--offline',
  );
  assert.match(output, /\n {6}auth_pass \*{14}\n {16}\^~{13}\n/);
  for (const word of secret) assert.ok(!output.includes(word), output);
});

test('the mark is under its word behind characters of double width', () => {
  const { output } = check('global_defs {\n router_id "日本" x\n}\n');
  assert.match(output, /\n {5}router_id "日本" x\n {22}\^\n/);
});

test('a long line is shown around the place', () => {
  const { output } = check(`global_defs {\n${' '.repeat(400)}rooter_id lvs1\n}\n`);
  const [, line = '', mark = ''] = output.split('\n');
  assert.ok(line.length <= 170, line);
  assert.equal(mark.indexOf('^'), line.indexOf('rooter_id'));
});

test('control characters of a file do not reach the terminal', () => {
  const { output } = check('global_defs {\n rooter\u001b[2Jx lvs1\n}\n');
  assert.ok(!output.includes('\u001b'), JSON.stringify(output));
  assert.match(output, /rooter\ufffd\[2Jx/);
});

test('a missing file and a directory are errors', () => {
  const missing = holdfast(['check', join(folder.path, 'nowhere.conf')]);
  assert.equal(missing.status, 1);
  assert.match(missing.output, /nowhere\.conf:1:1: error: .*\[HF-101\]/);
  mkdirSync(join(folder.path, 'folder'));
  const directory = holdfast(['check', join(folder.path, 'folder')]);
  assert.equal(directory.status, 1);
  assert.match(directory.output, /error: .* is a directory: it is not read \[HF-102\]/);
});

test('a finding in an included file is shown with the line of that file', () => {
  folder.write('conf.d/pool.conf', '! pool\nfrobnicate\n');
  const { output } = check('include conf.d/*.conf\n');
  assert.match(output, /conf\.d\/pool\.conf:2:1: warning: .*\n {4}frobnicate\n {4}\^~~~~~~~~~\n/);
});

test('warnings fail by default; the threshold and single codes are a matter of choice', () => {
  const text = `${CLEAN}frobnicate\n`;
  for (const [words, status] of [
    [[], 1],
    [['--fail-on', 'error'], 0],
    [['--fail-on', 'info'], 1],
    [['--fail-on', 'never'], 0],
    [['--allow', 'HF-301'], 0],
    [['--allow', 'HF-302,hf-301'], 0],
    [['--ignore', 'HF-301'], 0],
    [['--allow', 'HF-302'], 1],
  ] as const) {
    assert.equal(check(text, ...words).status, status, words.join(' '));
  }
  assert.match(check(text, '--allow', 'HF-301').output, /HF-301/);
  assert.doesNotMatch(check(text, '--ignore', 'HF-301').output, /HF-301/);
  assert.equal(check(CLEAN, '--fail-on', 'info').status, 1);
});

test('a command line that is not understood ends with status 2', () => {
  for (const words of [['--frobnicate'], ['--format', 'xml'], ['--fail-on', 'maybe'], ['--allow', 'HF-1'], ['a', 'b']]) {
    const { status, errors, output } = holdfast(['check', ...words]);
    assert.deepEqual([status, output], [2, ''], words.join(' '));
    assert.match(errors, /^error: /);
  }
});

test("--compat gives keepalived's findings and its exit status only", () => {
  const clean = check(CLEAN, '--compat');
  assert.deepEqual([clean.status, clean.output], [0, `${clean.file}: nothing to report\nkeepalived -t would end with status 0\n`]);
  for (const [text, status] of [
    ['global_defs {\n router_id a b\n}\n', 0],
    ['frobnicate\n', 5],
    ['vrrp_instance V {\n interface\n}\n', 2],
    ['includem nowhere.conf\n', 6],
  ] as const) {
    const { status: found, output } = check(text, '--compat');
    assert.equal(found, status, output);
    assert.match(output, new RegExp(`keepalived -t would end with status ${status}\n$`));
  }
});

test('--offline judges the text alone, without the interfaces of this machine', () => {
  const text = 'vrrp_instance V {\n interface nowhere0\n virtual_router_id 1\n virtual_ipaddress {\n  192.0.2.1\n }\n}\n';
  const here = check(text);
  assert.equal(here.status, 1);
  assert.match(here.output, /2:12: error: there is no interface nowhere0 \[HF-404\]/);
  const offline = check(text, '--offline');
  assert.equal(offline.status, 0, offline.output);
});

test('lines for one configuration id are judged for that id', () => {
  const text = `${CLEAN}@left frobnicate\n`;
  assert.equal(check(text, '--config-id', 'left').status, 1);
  assert.equal(check(text, '--config-id', 'right').status, 0);
});

test('colour is for terminals, and for who asks for it', () => {
  const text = 'frobnicate\n';
  assert.doesNotMatch(check(text).output, /\u001b/);
  assert.match(check(text, '--color', 'always').output, /\u001b\[1;35mwarning:\u001b\[0m/);
});

test('the options of the daemon stay what they are', () => {
  const file = folder.write('keepalived.conf', 'frobnicate\n');
  const { status, errors, output } = holdfast(['-t', '-f', file]);
  assert.deepEqual([status, output], [5, '']);
  assert.match(errors, /^\S+:1:1: warning: unknown keyword/);
});

test('the commands are listed by --help and by help', () => {
  for (const words of [['--help'], ['help']]) {
    const { status, output } = holdfast(words);
    assert.equal(status, 0);
    assert.match(output, /--use-file <FILE>/);
    for (const name of ['check', 'explain', 'help']) assert.match(output, new RegExp(`^  ${name} +\\S`, 'm'));
  }
  const one = holdfast(['help', 'check']);
  assert.deepEqual(one, holdfast(['check', '--help']));
  assert.match(one.output, /^Usage: holdfast check \[options\] \[files\.\.\.\]/);
  const none = holdfast(['help', 'frobnicate']);
  assert.equal(none.status, 2);
  assert.match(none.errors, /There is no command frobnicate/);
});

test('a reader that leaves early is no error', () => {
  const file = folder.write('many.conf', 'frobnicate\n'.repeat(5_000));
  const piped = spawnSync('sh', ['-c', `"$0" dist/main.js check "$1" | head -n 1`, process.execPath, file], { encoding: 'utf8' });
  assert.equal(piped.stderr, '');
  assert.equal(piped.stdout.split('\n').length, 2);
});
