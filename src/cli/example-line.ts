/**
 * How a keyword looks in use. Rows of the tables that have an `example` say it themselves; for the rest it follows from
 * the syntax and the range. A test reads every one of them inside its block.
 */

import type { LanguageWord } from './language.js';

/** One word for each sign that stands for an argument by itself. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  '[BOOL]': 'on',
  BOOL: 'on',
  ADDR: '192.0.2.1',
  IF: 'eth0',
  NAME: 'name1',
  STRING: 'director1',
  PORT: '80',
  PATH: '/var/lib/holdfast/file',
  'CMD [USER [[:]GROUP]]': '/usr/local/bin/notify',
};

/** Lines as they stand in the block; undefined when the syntax does not tell and the row has no example. */
export function exampleOf(word: LanguageWord): string | undefined {
  const { example, name, syntax } = word;
  if (example !== undefined) return example;
  if (syntax === '') return name;
  const value = ARGUMENTS[syntax] ?? (syntax === 'N' || syntax === 'SECS' ? numberOf(word) : choiceOf(word));
  return value === undefined ? undefined : `${name} ${value}`;
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
