/** What a slip of the editor does to a text: lines lost, doubled, moved; words, numbers and braces wrong. */

import type { Choices } from './choices.js';

const UNKNOWN = ['frobnicate', 'prioritty 5', 'interfac eth0', 'state', 'foo {', 'virtual_ipadress {', 'nat_mask 255.255.255.0', 'global_def {', '}', '{', 'include nope.conf'];
const NUMBERS = ['0', '-1', '256', '65536', '99999999999', '1.5', '5x', '0x10', '010', ''];
const CHARACTERS = ['{', '}', '"', '#', '!', '$', "'", '\\', '@', '~', ' { ', ' } '];

/** The text with one thing wrong. `words`: keywords to put where they do not belong. */
export function mutate(choices: Choices, text: string, words: readonly string[]): string {
  const lines = text.split('\n');
  const at = choices.integer(0, lines.length - 1);
  const line = lines[at] ?? '';
  choices.weighted<() => unknown>([
    [4, () => lines.splice(at, 1)],
    [3, () => lines.splice(at, 0, line)],
    [2, () => lines.splice(at, 2, lines[at + 1] ?? '', line)],
    [3, () => lines.splice(choices.integer(0, lines.length - 1), 0, ...lines.splice(at, 1))],
    [4, () => (lines[at] = replaceWord(choices, line, choices.pick(NUMBERS), /\d+(\.\d+)?/g))],
    [2, () => (lines[at] = replaceWord(choices, line, choices.pick(['foo', 'eth9', 'fe80::1', '192.0.2.300', '"a b"']), /[^\s{}]+/g))],
    [2, () => lines.splice(at, 0, `  ${choices.pick(UNKNOWN)}`)],
    [2, () => lines.splice(at, 0, `  ${choices.pick(words)} ${choices.pick(['', '1', 'foo', 'eth0', '10.0.0.1'])}`)],
    [3, () => (lines[at] = line.replace(/[{}]/, ''))],
    [1, () => (lines[at] = insert(choices, line, choices.pick(CHARACTERS)))],
    [2, () => (lines[at] = line.replace(/\s+\S+$/, ''))],
    [1, () => (lines[at] = `${line} ${choices.pick(words)}`)],
    [1, () => lines.splice(at, 2, `${line} ${(lines[at + 1] ?? '').trim()}`)],
    [1, () => lines.splice(at, 1, ...line.replace(/(\S)\s+(\S)/, '$1\n$2').split('\n'))],
    [1, () => (lines[at] = line.replace(/[a-z]/, (letter) => letter.toUpperCase()))],
  ])();
  return lines.join('\n');
}

function replaceWord(choices: Choices, line: string, by: string, what: RegExp): string {
  const found = [...line.matchAll(what)];
  if (found.length === 0) return line;
  const { index, 0: word } = choices.pick(found);
  return line.slice(0, index) + by + line.slice(index + word.length);
}

function insert(choices: Choices, line: string, what: string): string {
  const at = choices.integer(0, line.length);
  return line.slice(0, at) + what + line.slice(at);
}
