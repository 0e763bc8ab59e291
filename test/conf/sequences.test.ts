/** `~SEQ` and `~LST`: lines that are read once per value. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { findings, load } from './support.js';

/** What the lines say when their words are keywords nobody knows. */
function words(text: string): readonly string[] {
  return load(text).diagnostics.map(({ message }) => /^unknown keyword '(.*?)'/.exec(message)?.[1] ?? message);
}

test('one number counts from 1, or from -1 down when it is negative', () => {
  assert.deepEqual(words('~SEQ(A, 3) x${A}\n'), ['x1', 'x2', 'x3']);
  assert.deepEqual(words('~SEQ(A, -3) x${A}\n'), ['x-1', 'x-2', 'x-3']);
  assert.deepEqual(words('~SEQ(A, 0) x${A}\n'), ['x1', 'x0']);
});

test('two numbers count from the first to the second, up or down', () => {
  assert.deepEqual(words('~SEQ(A, 4, 6) x${A}\n'), ['x4', 'x5', 'x6']);
  assert.deepEqual(words('~SEQ(A, 1, -1) x${A}\n'), ['x1', 'x0', 'x-1']);
  assert.deepEqual(words('~SEQ(A, 3, 3) x${A}\n'), ['x3']);
});

test('the middle one of three numbers is the step, and the last value may be left out by it', () => {
  assert.deepEqual(words('~SEQ(A, 1, 2, 6) x${A}\n'), ['x1', 'x3', 'x5']);
  assert.deepEqual(words('~SEQ(A, 5, -4, 1) x${A}\n'), ['x5', 'x1']);
});

test('numbers are read as C reads them, and ~SEQx writes them in lower-case hexadecimal', () => {
  assert.deepEqual(words('~SEQ(A, 010, 0xA) x${A}\n'), ['x8', 'x9', 'x10']);
  assert.deepEqual(words('~SEQ(A, +1, 2) x${A}\n'), ['x1', 'x2']);
  assert.deepEqual(words('~SEQx(A, 0x9f, 0x10, 0xc0) x${A}\n'), ['x9f', 'xaf', 'xbf']);
});

test('numbers may come from definitions, and a later sequence may use the name of one before it', () => {
  assert.deepEqual(words('$N=2\n~SEQ(A, $N) x${A}\n'), ['x1', 'x2']);
  assert.deepEqual(words('~SEQ(A, 1, 2) ~SEQ(B, 1, ${A}) x${A}${B}\n'), ['x11', 'x21', 'x22']);
});

test('the leftmost of several sequences is the outer loop, whatever their kind', () => {
  assert.deepEqual(words('~SEQ(A, 1, 2) ~SEQ(B, 3, 4) x${A}${B}\n'), ['x13', 'x14', 'x23', 'x24']);
  assert.deepEqual(words('~LST(A, u, v) ~SEQ(B, 2) x${A}${B}\n'), ['xu1', 'xu2', 'xv1', 'xv2']);
  assert.deepEqual(words('~SEQ(B, 2) ~LST({A, C}, {u, v}) x${A}${B}${C}\n'), ['xu1v', 'xu2v']);
});

test('a list takes its words in order, and groups set several names at once', () => {
  assert.deepEqual(words('~LST(A, one, two) x${A}\n'), ['xone', 'xtwo']);
  assert.deepEqual(words('~LST( { A , B } , { a1 , b1 } , {a2,b2} ) x${A}-${B}\n'), ['xa1-b1', 'xa2-b2']);
});

test('values that a list leaves out are empty', () => {
  assert.deepEqual(words('~LST({A, B}, {a1}, {, b2}) x${A}-${B}\n'), ['xa1-', 'x-b2']);
  assert.deepEqual(words('~LST(A, a,, b) x${A}y\n'), ['xay', 'xy', 'xby']);
});

test('the name is hidden during the loop and has its old meaning behind it', () => {
  assert.deepEqual(words('$A=z\n~SEQ(A, 1, 2) x${A}\ny${A}\n'), ['x1', 'x2', 'yz']);
  assert.match(findings('~SEQ(A, 1) x${A}\n@^q y$A\n').join('\n'), /2:6: warning: \$A is not defined/);
});

test('what is repeated may be a condition, a definition, braces or a definition of several lines', () => {
  assert.deepEqual(words('~SEQ(A, 1, 2) @^q x${A}\n'), ['x1', 'x2']);
  assert.deepEqual(words('@^q ~SEQ(A, 1, 2) x${A}\n'), ['x1', 'x2']);
  assert.deepEqual(words('~SEQ(A, 1, 2) $B=5\nx${B}\n'), ['x5']);
  assert.deepEqual(words('$M=\\\nx${A}\\\ny${A}\n~SEQ(A, 1, 2) $M\n').toSorted(), ['x1', 'x2', 'y1', 'y2']);
  assert.deepEqual(words('$M=\\\n~SEQ(B, 1, 2) x${A}${B}\n~SEQ(A, 1, 2) $M\n'), ['x11', 'x12', 'x21', 'x22']);
  assert.deepEqual(words('~SEQ(A, 1, 2)\n~LST(A, a) # nothing\n'), []);
});

test('sequences write servers, blocks and addresses', () => {
  const text = `$SERVICE= \\
  virtual_server 198.51.100.\${VS} 80 { \\
    protocol TCP \\
    ~SEQ(RS, 10, 12) $SERVER \\
  }
$SERVER= \\
  real_server 192.0.2.\${RS} 80 { \\
    weight \${VS}\${RS} \\
  }
~SEQ(VS, 1, 2) $SERVICE
vrrp_instance a {
  interface eth0
  virtual_router_id 1
  virtual_ipaddress {
    ~SEQx(H, 0x1e, 0x21) fe80::\${H}
  }
}
`;
  const { model } = load(text);
  const services = model?.pool.virtualServers.map(({ realServers }) => realServers.map(({ weight }) => weight));
  assert.deepEqual(services, [[110, 111, 112], [210, 211, 212]]);
  assert.equal(model?.director.instances[0]?.virtualAddresses.length, 4);
});

test('a malformed sequence is reported where it is wrong, and its line is ignored', () => {
  for (const [line, column, message] of [
    ['~SEQ(A, 1, 0, 3) x', 6, /step of 0/],
    ['~SEQ(A, 1, -1, 3) x', 6, /never comes to 3/],
    ['~SEQx(A, -3) x', 7, /negative/],
    ['  ~SEQ(A, 1, 2 x', 3, /parentheses/],
    ['~SEQ(A) x', 6, /one, two or three numbers/],
    ['~SEQ(A, 1, 2, 3, 4) x', 6, /one, two or three numbers/],
    ['~SEQ(A, 1x) x', 6, /'1x' is not a number/],
    ['~SEQ(, 1) x', 6, /'' is not a name/],
    ['~SEQX(A, 1) x', 1, /~SEQX is not known/],
    ['~LSTx(A, 1) x', 1, /~LSTx is not known/],
    ['~LST(A) x', 6, /at least one value/],
    ['~LST(A, a b) x', 6, /commas between/],
    ['~LST({A, B}, {1, 2, 3}) x', 6, /more values/],
    ['~LST({A, B}, {1, 2) x', 6, /commas between/],
  ] as const) {
    const { diagnostics } = load(`${line}\n`);
    assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.column]), [['HF-116', column]], line);
    assert.match(diagnostics[0]?.message ?? '', message);
  }
});

test('another word behind ~ is an ordinary keyword', () => {
  assert.deepEqual(words('~FOO(A) x\n'), ['~FOO(A)']);
});

test('findings in repeated text point at the text as written', () => {
  assert.deepEqual(
    findings('global_defs {\n  ~SEQ(A, 1, 2) router_id x ${A}\n}\n'),
    [1, 2].map((n) => `2:29: warning: '${n}' after router_id has no effect [HF-315]`),
  );
});

test('an include behind a sequence is read in every round, and the difference is reported', () => {
  const files = { 'one.conf': 'a\n', 'two.conf': 'b\n' };
  assert.deepEqual(
    load('~LST(F, one, two) include ${F}.conf\n', {}, files).diagnostics.map(({ code, at }) => [code, at.file]),
    [['HF-117', 'k.conf'], ['HF-301', 'one.conf'], ['HF-301', 'two.conf']],
  );
});

test('a sequence from a definition is obeyed and reported', () => {
  assert.deepEqual(load('$S=~SEQ(A, 1, 2)\n$S x${A}\n').diagnostics.map(({ code }) => code), ['HF-118', 'HF-301', 'HF-301']);
});

test('sequences without measure end in one error where they stand', () => {
  for (const text of [
    '~SEQ(A, 1, 4000000000) x\n',
    '~SEQ(A, 1, 100000) ~SEQ(B, 1, 100000) x\n',
    '~SEQ(A, 1, 1000) ~SEQ(B, 1, 1000) @nobody x\n',
    `~SEQ(A, 1, 150000) ${'x'.repeat(900)}\n`,
    `$L=${'x'.repeat(900)}\n~SEQ(A, 1, 150000) $L\n`,
    '$M=\\\n~SEQ(A, 1, 9) $M\n$M\n',
  ]) {
    const { model, diagnostics } = load(text);
    assert.equal(model, undefined);
    assert.deepEqual(diagnostics.map(({ code }) => code), ['HF-106'], text.slice(0, 60));
  }
});
