/** One kind of finding in words, as `holdfast explain HF-nnn` prints it. */

import { CATALOG } from '../conf/catalog.js';
import type { FindingKind, Stops, Verdict } from '../conf/catalog.js';
import { EXPLANATIONS } from '../conf/explanations.js';
import type { Explanation } from '../conf/explanations/explanation.js';

const STATUS: Readonly<Record<Verdict, string>> = {
  silent: 'keepalived -t says nothing',
  fatal: 'keepalived -t ends with status 4',
  general: 'keepalived -t ends with status 5',
  security: 'keepalived -t ends with status 6',
  parameter: 'keepalived -t ends with status 2',
};

const CONSEQUENCES: Readonly<Record<Stops, string>> = {
  nothing: 'the daemon goes on',
  reload: 'a running daemon refuses to reload',
  start: 'the daemon does not start',
};

export function explainCode(kind: FindingKind): string {
  const { meaning, keepalived, remedy, title } = EXPLANATIONS[kind];
  const { code, severity } = CATALOG[kind];
  const example = shownExample(EXPLANATIONS[kind]);
  const lines = [
    `${code}  ${title}  (${kind})`,
    `  ${severity}; ${consequences(kind)}`,
    '',
    `  ${meaning}`,
    `  keepalived: ${keepalived}`,
    `  Mend it: ${remedy}`,
    '',
    '  example:',
    ...example.trimEnd().split('\n').map((line) => `      ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What the finding stops here, and what keepalived's own test makes of it. */
export function consequences(kind: FindingKind): string {
  const { stops, verdict } = CATALOG[kind];
  return `${CONSEQUENCES[stops]}; ${STATUS[verdict]}`;
}

/** The example as people are shown it: every file under its name where there is more than one. */
export function shownExample({ example }: Explanation): string {
  if (typeof example === 'string') return example;
  const { text, shown = text ?? '', files = {}, peer } = example;
  const others = Object.entries(files).filter(([name]) => !name.endsWith('/'));
  if (peer !== undefined) return `# on one director\n${shown}# on the other\n${peer}`;
  return [shown, ...others.map(([name, content]) => `# ${name}\n${content}`)].join('');
}
