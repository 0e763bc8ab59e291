/** The manual: every block, keyword, option and finding as one Markdown text, out of the tables and nothing else. */

import { CATALOG } from '../conf/catalog.js';
import type { FindingKind } from '../conf/catalog.js';
import { EXPLANATIONS } from '../conf/explanations.js';
import { OBSOLETE } from '../conf/keywords/obsolete.js';
import { exampleOf } from './example-line.js';
import { factsOf } from './explain.js';
import { consequences, shownExample } from './explain-code.js';
import { languageBlocks } from './language.js';
import type { LanguageBlock, LanguageWord } from './language.js';

const INTRODUCTION = `# Reference

Every block, keyword, option and finding of the configuration language. This file is generated from the tables that the
daemon reads configurations with; \`REWRITE=1 node --test dist/test/tidy/reference.test.js\` writes it anew. \`holdfast
explain WORD\` prints the same about one word, \`holdfast check FILE\` judges a file.

Times are decimal seconds, BOOL is on, true, yes, off, false or no, and a word in brackets may be left out.
`;

/** The whole text. */
export function renderReference(): string {
  const blocks = languageBlocks();
  const kinds = Object.keys(CATALOG) as readonly FindingKind[];
  return [
    INTRODUCTION,
    ...blocks.map(renderBlock),
    renderObsolete(),
    '## Findings\n',
    ...kinds.map(renderFinding),
  ].join('\n');
}

function renderBlock(block: LanguageBlock): string {
  const { holds, path, row, words } = block;
  const outermost = holds === 'anywhere' ? 'Words of the text' : 'The outermost level';
  const heading = path.length === 0 ? outermost : path.join(' › ');
  const about = row === undefined ? [] : [`${row.doc}\n`];
  return [`## ${heading}\n`, ...about, ...words.map(renderWord)].join('\n');
}

function renderWord(word: LanguageWord): string {
  const { name, syntax, doc, aliases = [], deprecated, keyword } = word;
  const usage = syntax === '' ? name : `${name} ${syntax.replace(/\{\w+(\.\.\.)?\}/, '{...}')}`;
  const facts = factsOf(word).map(([label, text]) => `${label} ${text}`);
  const remarks = [
    ...(facts.length === 0 ? [] : [`*${facts.join('; ')}*`]),
    ...(keyword?.line === undefined ? [] : [`Each line: \`${keyword.line}\`.`]),
    ...(aliases.length === 0 ? [] : [`Also ${codes(aliases)}.`]),
    ...(deprecated === undefined ? [] : [`An old word: ${deprecated}.`]),
  ];
  return `### \`${usage}\`\n\n${[doc, ...remarks].join(' ')}\n${fenced(exampleOf(word) ?? '')}`;
}

function renderObsolete(): string {
  const rows = [...OBSOLETE].map(([word, { until, instead }]) => `- \`${word}\`: ${until}; ${instead}`);
  return `## Words of older releases\n\n${rows.join('\n')}\n`;
}

function renderFinding(kind: FindingKind): string {
  const { code, severity } = CATALOG[kind];
  const { title, meaning, keepalived, remedy } = EXPLANATIONS[kind];
  const text = [`*${severity}; ${consequences(kind)}.*`, '', meaning, '', `keepalived: ${keepalived}`, '', `Mend it: ${remedy}`];
  return `### ${code} ${title}\n\n${text.join('\n')}\n${fenced(shownExample(EXPLANATIONS[kind]))}`;
}

function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(' ');
}

function fenced(text: string): string {
  return text === '' ? '' : `\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;
}
