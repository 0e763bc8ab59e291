/**
 * How a keyword looks in use. Rows of the tables that have an `example` say it themselves; for the rest it follows from
 * the syntax and the range. A test reads every one of them inside its block.
 */

import { BLOCK_EXAMPLES, LINE_EXAMPLES } from './block-examples.js';
import type { LanguageWord } from './language.js';

/** One word for each sign that stands for an argument by itself. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  '[BOOL]': 'on',
  BOOL: 'on',
  ADDR: '192.0.2.1',
  IF: 'eth0',
  NAME: 'name1',
  '[NAME]': 'name1',
  '[N]': '1',
  '[SECS]': '30',
  '[PATH]': '/var/lib/holdfast/file',
  MS: '1000',
  ADDRESS: 'director@example.com',
  DIRECTORY: '/var/lib/holdfast',
  MASK: '255.255.255.0',
  'IP [PORT]': '192.0.2.12 80',
  'NAT / DR / FULLNAT / TUN [type T [port N]] [csum]': 'NAT',
  STRING: 'director1',
  PORT: '80',
  PATH: '/var/lib/holdfast/file',
  'CMD [USER [[:]GROUP]]': '/usr/local/bin/notify',
};

/** Lines as they stand in the block; undefined when the syntax does not tell and the row has no example. */
export function exampleOf(word: LanguageWord): string | undefined {
  const { keyword, name, syntax } = word;
  const example = LINE_EXAMPLES[name] ?? word.example;
  if (example !== undefined) return example;
  if (keyword?.opensBlock === true) return BLOCK_EXAMPLES[name] ?? emptyBlock(word);
  if (syntax === '') return name;
  const value = ARGUMENTS[syntax] ?? (syntax === 'N' || syntax === 'SECS' ? numberOf(word) : choiceOf(word));
  return value === undefined ? undefined : `${name} ${value}`;
}

/** A block whose example nobody has written: as much of it as the syntax tells. */
function emptyBlock({ name, syntax }: LanguageWord): string {
  return `${name}${syntax.startsWith('NAME ') ? ' name1' : ''} {\n}`;
}

/** The default where it is a number that says something, else the least that does. */
function numberOf({ default: standard = '', min = 0, max = Number.MAX_SAFE_INTEGER }: LanguageWord): string {
  const usual = Number(/^\d+(?:\.\d+)?(?![\w.])/.exec(standard)?.[0] ?? Number.NaN);
  const value = usual > 0 && usual >= min && usual <= max ? usual : Math.min(max, Math.max(min, 1));
  return String(value);
}

/** `A / B / C` with fixed words. */
function choiceOf({ default: standard, syntax }: LanguageWord): string | undefined {
  const choices = syntax.split(' / ');
  if (choices.length < 2 || choices.some((choice) => !/^[\w.+-]+$/.test(choice))) return undefined;
  return choices.find((choice) => choice === standard) ?? choices[0];
}
