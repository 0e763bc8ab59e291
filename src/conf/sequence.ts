/** The heads of `~SEQ(...)` and `~LST(...)` lines: which names take which values in each round. Repeats nothing itself. */

/** One head, understood. */
export interface Sequence {
  readonly names: readonly string[];
  readonly rounds: number;
  /** The values of a round (from 0), one for each name. */
  readonly valuesOf: (round: number) => readonly string[];
}

/** Where the parts of a `~SEQ(...) rest` line stand in its text. */
export interface SequenceHead {
  readonly word: 'SEQ' | 'SEQx' | 'LST';
  /** Between the parentheses. */
  readonly from: number;
  readonly to: number;
  readonly rest: number;
}

/** True for a line (without leading blanks) that keepalived takes for a sequence, well-formed or not. */
export function beginsSequence(text: string): boolean {
  return text.startsWith('~SEQ') || text.startsWith('~LST');
}

/** The parts of such a line; a string says what is wrong with it. Blanks may stand before the parenthesis. */
export function sequenceHead(text: string): SequenceHead | string {
  const match = /^~(\w*)[ \t]*(\()?/.exec(text);
  const [all = '', word = '', parenthesis] = match ?? [];
  if (word !== 'SEQ' && word !== 'SEQx' && word !== 'LST') return `~${word} is not known`;
  const to = text.indexOf(')', all.length);
  if (parenthesis === undefined || to < 0) return `~${word} needs its names and values in parentheses`;
  const rest = to + 1 + (/^[ \t]*/.exec(text.slice(to + 1))?.[0].length ?? 0);
  return { word, from: all.length, to, rest };
}

/** Reads what stands between the parentheses, parameters replaced; a string says what is wrong with it. */
export function readSequence(word: SequenceHead['word'], text: string): Sequence | string {
  return word === 'LST' ? readList(text) : readNumbers(text, word === 'SEQx');
}

const NAME = /^[A-Za-z_]\w*$/;

/** `VAR, END`, `VAR, START, END` or `VAR, START, STEP, END`. */
function readNumbers(text: string, hexadecimal: boolean): Sequence | string {
  const [name = '', ...words] = text.split(',').map((word) => word.trim());
  if (!NAME.test(name)) return `'${name}' is not a name`;
  if (words.length < 1 || words.length > 3) return 'a sequence has one, two or three numbers';
  const numbers = words.map(readNumber);
  const bad = numbers.findIndex(Number.isNaN);
  if (bad >= 0) return `'${words[bad] ?? ''}' is not a number`;
  const end = numbers.at(-1) ?? 0;
  const start = words.length > 1 ? (numbers[0] ?? 0) : end < 0 ? -1 : 1;
  const step = words.length > 2 ? (numbers[1] ?? 0) : end < start ? -1 : 1;
  if (step === 0) return 'with a step of 0 it never ends';
  if ((end - start) / step < 0) return `from ${start} in steps of ${step} it never comes to ${end}`;
  if (hexadecimal && Math.min(start, end) < 0) return '~SEQx takes no negative numbers';
  return {
    names: [name],
    rounds: Math.floor((end - start) / step) + 1,
    valuesOf: (round) => [(start + round * step).toString(hexadecimal ? 16 : 10)],
  };
}

/** As C reads it: decimal, 0x for hexadecimal, 0 for octal; NaN for anything else. */
function readNumber(text: string): number {
  const match = /^([+-]?)(?:0[xX]([0-9a-fA-F]{1,8})|0([0-7]{1,10})|(0|[1-9]\d{0,9}))$/.exec(text);
  if (match === null) return Number.NaN;
  const [, sign = '', hexadecimal, octal, decimal = '0'] = match;
  const size = hexadecimal !== undefined ? parseInt(hexadecimal, 16) : octal !== undefined ? parseInt(octal, 8) : Number(decimal);
  return sign === '-' && size !== 0 ? -size : size;
}

/** `VAR, v1, v2 ...` or `{A, B}, {a1, b1}, {a2, b2} ...`. */
function readList(text: string): Sequence | string {
  const tuples: (readonly string[])[] = [];
  const part = /[ \t]*(?:\{([^{}]*)\}|([^,{}\s]*))[ \t]*(,|$)/y;
  for (let more = true; more; ) {
    const match = part.exec(text);
    if (match === null) return 'its values are words or {...} groups of words, with commas between them';
    const [, group, single = '', separator] = match;
    tuples.push(group === undefined ? [single] : group.split(',').map((word) => word.trim()));
    more = separator === ',';
  }
  const [names = [], ...values] = tuples;
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return `'${wrong}' is not a name`;
  if (values.length === 0) return 'a list needs at least one value';
  for (const tuple of values) {
    if (tuple.length > names.length) return `{${tuple.join(', ')}} has more values than there are names`;
    const blank = tuple.find((word) => /\s/.test(word));
    if (blank !== undefined) return `'${blank}' is more than one word`;
  }
  return {
    names,
    rounds: values.length,
    valuesOf: (round) => names.map((_, i) => values[round]?.[i] ?? ''),
  };
}
