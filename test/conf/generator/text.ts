/** Items to text, with the habits people have: indentation, comments, braces anywhere, definitions, sequences, includes. */

import type { Item } from './blocks.js';
import type { Choices } from './choices.js';

/** Texts by name; the first is the main file. */
export type Files = Readonly<Record<string, string>>;

export const MAIN = 'main.conf';

export function write(choices: Choices, items: readonly Item[]): Files {
  const lines: string[] = [];
  // Most files have one habit, so that a difference can be told from others.
  const habits = new Set<Habit>(choices.chance(0.5) ? [] : [choices.pick(HABITS), ...(choices.chance(0.3) ? [choices.pick(HABITS)] : [])]);
  writeItems(choices, items, '', habits, lines);
  return bend(choices, lines, habits);
}

type Habit = 'bracesBelow' | 'oneLine' | 'comments' | 'definitions' | 'conditions' | 'sequences' | 'include' | 'quotes' | 'crlf' | 'tabs' | 'multiLine' | 'oddText';

const HABITS: readonly Habit[] = ['bracesBelow', 'oneLine', 'comments', 'definitions', 'conditions', 'sequences', 'include', 'quotes', 'crlf', 'tabs', 'multiLine', 'oddText'];

function writeItems(choices: Choices, items: readonly Item[], indent: string, habits: ReadonlySet<Habit>, lines: string[]): void {
  for (const { text, items: inside } of items) {
    if (inside === undefined) {
      lines.push(indent + text);
    } else if (habits.has('oneLine') && inside.length < 3 && inside.every((item) => item.items === undefined) && choices.chance(0.5)) {
      // Only braces and line ends separate statements.
      const [only] = inside;
      if (inside.length < 2) lines.push(`${indent}${text} { ${only?.text ?? ''} }`);
      else lines.push(`${indent}${text} { ${inside[0]?.text ?? ''}`, `${inside[1]?.text ?? ''} }`);
    } else {
      if (habits.has('bracesBelow') && choices.chance(0.6)) lines.push(indent + text, ...(choices.chance(0.2) ? [''] : []), `${indent}{`);
      else lines.push(`${indent}${text} {`);
      writeItems(choices, inside, `${indent}    `, habits, lines);
      lines.push(`${indent}}`);
    }
  }
}

function bend(choices: Choices, lines: readonly string[], habits: ReadonlySet<Habit>): Files {
  let bent = [...lines];
  const files: Record<string, string> = {};
  for (const habit of habits) bent = BENDS[habit]?.(choices, bent, files) ?? bent;
  const end = habits.has('crlf') ? '\r\n' : '\n';
  return { [MAIN]: bent.join(end) + end, ...files };
}

type Bend = (choices: Choices, lines: string[], files: Record<string, string>) => string[];

/** Where a line can be taken out and put back by other means: no braces in it. */
function plainLines(lines: readonly string[]): readonly number[] {
  return lines.map((line, i) => (/^\s+[^{}\s]/.test(line) && !/[{}$~@"]/.test(line) ? i : -1)).filter((i) => i >= 0);
}

function replaceLine(choices: Choices, lines: string[], by: (line: string, indent: string) => readonly string[]): string[] {
  const plain = plainLines(lines);
  if (plain.length === 0) return lines;
  const at = choices.pick(plain);
  const line = lines[at] ?? '';
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  lines.splice(at, 1, ...by(line.trim(), indent));
  return lines;
}

const COMMENTS = ['# note', '! note', '#', '# { } " $X', '! ${NOPE} ~SEQ(A,1,2)'];

const BENDS: Readonly<Partial<Record<Habit, Bend>>> = {
  comments: (choices, lines) => lines.flatMap((line) => (choices.chance(0.15) ? [`  ${choices.pick(COMMENTS)}`, line] : choices.chance(0.15) ? [`${line} ${choices.pick(COMMENTS)}`] : [line])),
  tabs: (_choices, lines) => lines.map((line) => line.replace(/^( {4})+/, (blanks) => '\t'.repeat(blanks.length / 4)).replace(/ /g, '\t')),
  conditions: (choices, lines) =>
    lines.flatMap((line) => (choices.chance(0.1) ? [`@zz ${line.trim()}`, choices.pick(['@^zz ', '  @^zz\t']) + line] : [line])),
  definitions(choices, lines) {
    const head: string[] = [];
    const bent = replaceLine(choices, lines, (line, indent) => {
      const words = line.split(' ');
      const at = choices.integer(0, words.length - 1);
      head.push(`$D=${words[at] ?? ''}`);
      words[at] = at === words.length - 1 ? choices.pick(['$D', '${D}']) : choices.pick(['${D}', '$D']);
      return [indent + words.join(' ')];
    });
    return [...head, ...bent];
  },
  multiLine(choices, lines) {
    const head: string[] = [];
    const bent = replaceLine(choices, lines, (line, indent) => {
      head.push('$M= \\', `  ${line} \\`, `  ${choices.pick(['# note', '@zz foo', '@^zz debug 0', '$N=1', line])}`, '');
      return [`${indent}$M`];
    });
    return [...head, ...bent];
  },
  sequences: (choices, lines) =>
    replaceLine(choices, lines, (line, indent) => [
      indent +
        choices.weighted([
          [3, `~SEQ(I,1) ${line}`],
          [1, `~LST(I,${line.split(' ').at(-1) ?? ''}) ${line.split(' ').slice(0, -1).join(' ')} \${I}`],
          [1, `~LST(I,a,b) @zz ${line}`],
        ]),
    ]),
  include(choices, lines, files) {
    const from = choices.integer(0, lines.length);
    const to = choices.integer(from, Math.min(lines.length, from + 12));
    files['part.conf'] = `${lines.slice(from, to).join('\n')}\n`;
    return [...lines.slice(0, from), `  ${choices.pick(['include', 'include', 'includea', 'includer'])} ${choices.pick(['part.conf', 'p*t.conf', 'part.{conf,nope}', 'part.conf'])}`, ...lines.slice(to)];
  },
  quotes: (choices, lines) =>
    replaceLine(choices, lines, (line, indent) => {
      const words = line.split(' ');
      const at = choices.integer(0, words.length - 1);
      words[at] = choices.pick([`"${words[at] ?? ''}"`, `"${words[at] ?? ''}`, `'${words[at] ?? ''}'`]);
      return [indent + words.join(' ')];
    }),
  oddText: (choices, lines) =>
    replaceLine(choices, lines, (line, indent) =>
      choices.pick([
        [`${indent}${line} \\`],
        [`${indent}$NOPE ${line}`],
        [`${indent}${line} $NOPE`],
        [`${indent}${line} ${'x'.repeat(1100)}`],
        [`${indent}${line}\u00a0`],
        [`${indent}${line} \\# x`],
        [`${indent}\v${line}\f`],
        [`${indent}${line} #${'c'.repeat(1100)}`],
        ['   ', `${indent}${line}`, ''],
      ]),
    ),
};
