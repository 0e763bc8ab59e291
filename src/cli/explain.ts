/** `holdfast explain KEYWORD|CODE`: what a keyword means in every block that has it, or what a finding means. */

import { Command } from 'commander';

import { CATALOG, findingKind } from '../conf/catalog.js';
import { nearest } from '../conf/keywords/nearest.js';
import { OBSOLETE } from '../conf/keywords/obsolete.js';
import { explainCode } from './explain-code.js';
import { exampleOf } from './example-line.js';
import { languageBlocks, placeOfWords } from './language.js';
import type { LanguageBlock, LanguageWord } from './language.js';
import { FINDINGS } from './status.js';

export function createExplainCommand(): Command {
  return new Command()
    .description('Explains a keyword in every block that has it, or the code of a finding, with examples.')
    .argument('<keyword-or-code>', 'such as virtual_router_id or HF-312')
    .addHelpText('after', '\nExit status: 0 explained, 1 nobody knows the word, 2 a command line that is not understood.\n')
    .action((asked: string) => {
      const answer = explain(asked);
      if (typeof answer === 'string') {
        process.stdout.write(answer);
      } else {
        process.stderr.write(`${answer.unknown}\n`);
        process.exitCode = FINDINGS;
      }
    });
}

/** The explanation, or what to say when there is none. */
export function explain(asked: string): string | { readonly unknown: string } {
  const code = /^(?:hf-?)?(\d{3})$/i.exec(asked)?.[1];
  if (code !== undefined) return explainCodeOr(`HF-${code}`);
  const blocks = languageBlocks();
  const parts = explainPlaces(blocks, asked);
  const obsolete = OBSOLETE.get(asked);
  if (obsolete !== undefined) {
    parts.push(`${asked}  (in ${obsolete.blocks.join(', ')})\n  No keyword any more: ${obsolete.until}.\n  ${obsolete.instead}\n`);
  }
  return parts.length > 0 ? parts.join('\n') : { unknown: unknownWord(asked, blocks) };
}

function explainCodeOr(code: string): string | { readonly unknown: string } {
  const kind = findingKind(code);
  if (kind !== undefined) return explainCode(kind);
  const codes = Object.values(CATALOG).map((entry) => entry.code as string).sort();
  const near = codes.filter((other) => other.slice(0, 4) === code.slice(0, 4));
  const known = near.length > 0 ? near : [`${codes[0] ?? ''} to ${codes.at(-1) ?? ''}`];
  return { unknown: `There is no finding ${code}. Known: ${known.join(', ')}.` };
}

function unknownWord(asked: string, blocks: readonly LanguageBlock[]): string {
  const words = blocks.flatMap((block) => block.words.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const guess = nearest(asked, [...new Set(words)]);
  const hint = guess === undefined ? '' : ` Did you mean ${guess}?`;
  return `No keyword is called ${asked}.${hint}`;
}

/** One part for each meaning, with every place that has it. */
function explainPlaces(blocks: readonly LanguageBlock[], asked: string): string[] {
  const places = new Map<string, string[]>();
  for (const block of blocks) {
    for (const word of block.words) {
      if (word.name !== asked && word.aliases?.includes(asked) !== true) continue;
      const meaning = explainWord(word);
      places.set(meaning, [...(places.get(meaning) ?? []), placeOf(block)]);
    }
  }
  return [...places].map(([meaning, [first = '', ...others]]) => {
    const [usage = '', ...lines] = meaning.split('\n');
    const also = others.map((place) => `${' '.repeat(usage.length)}  (${place})`);
    return [`${usage}  (${first})`, ...also, ...lines].join('\n');
  });
}

function placeOf(block: LanguageBlock): string {
  const at = block.holds === 'options' ? 'an option of a line of' : block.holds === 'keywords' && block.path.length === 0 ? 'at' : 'in';
  return `${at} ${placeOfWords(block)}`;
}

/** Usage first, then what it means. */
function explainWord(word: LanguageWord): string {
  const { name, syntax, doc, aliases = [], deprecated, keyword } = word;
  const example = exampleOf(word);
  const facts = factsOf(word);
  const inside = keyword?.block === undefined ? [] : Object.keys(keyword.block.keywords);
  const lines = [
    `${name}${syntax === '' ? '' : ` ${syntax.replace(/\{[\w.]+\}/, '{...}')}`}`,
    `  ${doc}`,
    ...facts.map(([label, text]) => `  ${`${label}:`.padEnd(9)} ${text}`),
    ...(keyword?.line === undefined ? [] : [`  lines:    ${keyword.line}`]),
    ...(aliases.length === 0 ? [] : [`  also:     ${aliases.join(', ')}`]),
    ...(deprecated === undefined ? [] : [`  An old word: ${deprecated}.`]),
    ...(inside.length === 0 ? [] : [wrapped('  holds:    ', inside)]),
    ...(example === undefined ? [] : ['  example:', ...example.split('\n').map((line) => `      ${line}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Nobody writes numbers that large: whether they fit 64 bits is of no interest. */
const BOUNDLESS = 1e12;

/** What is known of a word's value, in the order it is printed. */
export function factsOf({ min, max, unit, default: standard }: LanguageWord): readonly (readonly [label: string, text: string])[] {
  const limited = max !== undefined && max < BOUNDLESS;
  const range = min === undefined && !limited ? undefined : limited ? `${min ?? ''} to ${max}` : `${min ?? 0} or more`;
  const facts: [string, string][] = [];
  if (range !== undefined) facts.push(['range', unit === undefined ? range : `${range} ${unit}`]);
  else if (unit !== undefined) facts.push(['unit', unit]);
  if (standard !== undefined) facts.push(['default', standard]);
  return facts;
}

const WIDTH = 100;

/** Words behind a heading, continued under the first one. */
function wrapped(heading: string, words: readonly string[]): string {
  const lines = [heading];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 <= WIDTH || last === heading) lines[lines.length - 1] = `${last}${last.endsWith(' ') ? '' : ' '}${word}`;
    else lines.push(`${' '.repeat(heading.length)}${word}`);
  }
  return lines.join('\n');
}
