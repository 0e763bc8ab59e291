/** Changes that a fuzzer makes to a text: of characters, words, lines and blocks, and pieces of other texts. */

import type { Choices } from '../conf/generator/choices.js';

const FRAGMENTS = [
  '{', '}', '{\n', '\n}', '"', "'", '\\', '\\\n', '#', '!', '$', '${', '$A', '${A}', '$A=', '$A=1\n', '$A=$A\n', '$B=\\\n$B\n', '@', '@^x ', '@q ', '~SEQ(A,1,3) ', '~SEQx(A,0x1,0xf) ', '~SEQ(A,3,-1,1) ', '~LST(A,a,b) ', '~LST({A,B},{1,2},{3,4}) ', '~LST(',
  '$_RANDOM', '${_RANDOM 1 9}', '${_ENV HOME}', '$_PWD', '${_INSTANCE}', '${_HASH}', 'include part.conf\n', 'include k.conf\n', 'include p*\n', 'includea nope{a,b}\n', 'include_check ', '\0', '\r', '\t', '\v', '\u00a0', '\u3000', '\ufeff', '\uff5b', '\ud800', '\ud83d\ude00', 'ä',
  '0', '-1', '1', '255', '256', '65536', '4294967296', '99999999999999999999', '1.5', '1e9', '0x10', '.', '255.255.255.255', '10.0.0.1', '10.0.0.0/8', '10.0.0.1-9', '::', '::1', 'fe80::1', '2001:db8::/32', 'ff02::12', '/33', '-', ':', '+', 'eth0', 'lo', 'nope0', 'on', 'off', ' ', '\n', 'x'.repeat(1_030),
];

/** The text with one to four changes, at most `limit` characters. */
export function mutate(choices: Choices, text: string, other: string, words: readonly string[], limit: number): string {
  let changed = text;
  for (let i = choices.pick([1, 1, 2, 4]); i > 0; i -= 1) changed = change(choices, changed, other, words);
  return changed.slice(0, limit);
}

function change(choices: Choices, text: string, other: string, words: readonly string[]): string {
  const at = choices.integer(0, text.length);
  const length = choices.pick([1, 1, 2, 5, 20, 60]);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  return choices.weighted<() => string>([
    [3, () => before + choices.pick(FRAGMENTS) + after],
    [3, () => before + text.slice(at + length)],
    [3, () => before + choices.pick(FRAGMENTS) + text.slice(at + length)],
    [2, () => `${before} ${choices.pick(words)} ${after}`],
    [1, () => before + text.slice(at, at + length).repeat(3) + after],
    [4, () => byLines(choices, text, other, words)],
    [2, () => replaceWord(choices, text, choices.pick(words))],
    [2, () => replaceWord(choices, text, choices.pick(FRAGMENTS))],
    [1, () => before + other.slice(choices.integer(0, other.length))],
  ])();
}

function byLines(choices: Choices, text: string, other: string, words: readonly string[]): string {
  const lines = text.split('\n');
  const at = choices.integer(0, lines.length - 1);
  const line = lines[at] ?? '';
  const foreign = other.split('\n');
  const from = choices.integer(0, foreign.length - 1);
  choices.pick<() => unknown>([
    () => lines.splice(at, choices.pick([1, 1, 3])),
    () => lines.splice(at, 0, line),
    () => lines.splice(choices.integer(0, lines.length), 0, ...lines.splice(at, 1)),
    () => lines.splice(at, 0, ...foreign.slice(from, from + choices.pick([1, 3, 8]))),
    () => lines.splice(at, 0, `${choices.pick(words)} ${choices.pick(FRAGMENTS)}`),
    () => lines.splice(at, 0, `${choices.pick(words)} {`, '}'),
  ])();
  return lines.join('\n');
}

function replaceWord(choices: Choices, text: string, by: string): string {
  const found = [...text.matchAll(/[^\s{}"]+/g)];
  if (found.length === 0) return by;
  const { index, 0: word } = choices.pick(found);
  return text.slice(0, index) + by + text.slice(index + word.length);
}
