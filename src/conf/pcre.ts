/**
 * PCRE2 patterns as JavaScript regular expressions over text of one character a byte (or of code points with `utf`). What has
 * no counterpart is refused with its place: a pattern that means something else must not decide over a server.
 *
 * A match begins where PCRE2's begins; a line feed at the very end of the text may be part of it. Known difference: a back
 * reference to a group that took no part matches nothing here, as match_unset_backref has it.
 */

import type { RegexOption } from './keywords/web-checks.js';

export type Translated =
  | { readonly ok: true; readonly source: string; readonly flags: string }
  /** `index` is where in the pattern it is; `mappable`: false when PCRE2 knows it and JavaScript does not. */
  | { readonly ok: false; readonly index: number; readonly reason: string; readonly mappable: boolean };

/** PCRE2's own meaning of classes: ASCII, and a space is not what Unicode calls one. Inside brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Z_a-z',
  s: '\\t-\\r ',
  h: '\\t \\xa0',
  v: '\\n-\\r\\x85\\u2028\\u2029',
};
const COMPLEMENTS: Readonly<Record<string, string>> = {
  D: '\\0-/:-\\uffff',
  W: '\\0-/:-@[-^`{-\\uffff',
  S: '\\0-\\x08\\x0e-\\x1f!-\\uffff',
  H: '\\0-\\x08\\n-\\x1f!-\\x9f\\xa1-\\uffff',
  V: '\\0-\\t\\x0e-\\x84\\x86-\\u2027\\u202a-\\uffff',
};

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  lower: 'a-z',
  upper: 'A-Z',
  alnum: '0-9A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  print: ' -~',
  punct: '!-/:-@[-`{-~',
  space: '\\t-\\r ',
  word: '0-9A-Z_a-z',
  xdigit: '0-9A-Fa-f',
};

const CONTROLS: Readonly<Record<string, string>> = { a: '\\x07', e: '\\x1b', f: '\\f', n: '\\n', r: '\\r', t: '\\t' };

/** Never of a line. Without a look around, which keeps V8 from searching in linear time; in a group, because PCRE2 repeats them. */
const END = '(?:$)';
const START = '(?:^)';

class Refused extends Error {
  readonly index: number;
  readonly mappable: boolean;

  constructor(index: number, reason: string, mappable: boolean) {
    super(reason);
    this.index = index;
    this.mappable = mappable;
  }
}

/** Never throws; the expression returned has been compiled once. */
export function translatePattern(pattern: string, options: ReadonlySet<RegexOption>): Translated {
  if (options.has('ucp')) return refusal(0, 'regex_options ucp: classes by Unicode properties');
  const flags = `${options.has('caseless') ? 'i' : ''}${options.has('utf') ? 'u' : ''}`;
  try {
    const source = new Translator(pattern, options).run();
    new RegExp(source, flags);
    return { ok: true, source, flags };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, index: error.index, reason: error.message, mappable: error.mappable };
    if (!(error instanceof SyntaxError)) throw error;
    const reason = error.message.replace(/^.*\/: /s, '').replace(/^Invalid regular expression: /, '');
    return { ok: false, index: 0, reason, mappable: true };
  }
}

function refusal(index: number, reason: string): Translated {
  return { ok: false, index, reason, mappable: false };
}

/** Walks over a pattern once. Its lifetime is one translation. */
class Translator {
  private index = 0;
  private out = '';
  /** Where the groups that are open began. */
  private readonly open: number[] = [];
  private groups = 0;
  private readonly names = new Map<string, number>();

  private readonly text: string;
  private readonly options: ReadonlySet<RegexOption>;

  constructor(text: string, options: ReadonlySet<RegexOption>) {
    this.text = text;
    this.options = options;
  }

  run(): string {
    while (this.index < this.text.length) this.step();
    const [unclosed] = this.open;
    if (unclosed !== undefined) throw new Refused(unclosed, 'the group is not closed', true);
    return this.out;
  }

  private step(): void {
    const character = this.text[this.index] ?? '';
    const start = this.index;
    this.index += 1;
    switch (character) {
      case '\\':
        this.escape(start);
        return;
      case '[':
        this.characterClass(start);
        return;
      case '(':
        this.group(start);
        return;
      case ')':
        if (this.open.pop() === undefined) throw new Refused(start, 'there is no group to close', true);
        this.out += ')';
        return;
      case '.':
        this.out += this.options.has('dotall') ? '[^]' : '[^\\n]';
        return;
      case '^':
        this.out += this.circumflex();
        return;
      case '$':
        this.out += this.dollar();
        return;
      case '*':
      case '+':
      case '?':
        this.quantifier(start, character);
        return;
      case '{':
        this.brace(start);
        return;
      case '#':
        if (this.options.has('extended')) this.skipComment();
        else this.out += '#';
        return;
      case '|':
        this.out += '|';
        return;
      default:
        if (this.options.has('extended') && /[\t-\r ]/.test(character)) return;
        this.out += literal(character);
    }
  }

  private skipComment(): void {
    const end = this.text.indexOf('\n', this.index);
    this.index = end < 0 ? this.text.length : end + 1;
  }

  private circumflex(): string {
    if (!this.options.has('multiline')) return START;
    return this.options.has('alt_circumflex') ? '(?<![^\\n])' : `(?:${START}|(?<=\\n)(?=[^]))`;
  }

  private dollar(): string {
    if (this.options.has('multiline')) return '(?![^\\n])';
    return this.options.has('dollar_endonly') ? END : this.endOrLastLine();
  }

  /** Where nothing of the pattern follows nobody sees that the last line feed becomes part of the match. */
  private endOrLastLine(): string {
    return this.index === this.text.length && this.open.length === 0 ? `\\n?${END}` : `(?=\\n?${END})`;
  }

  private quantifier(start: number, sign: string): void {
    const next = this.text[this.index];
    if (next === '+') throw new Refused(start, `the possessive quantifier ${sign}+`, false);
    if (next === '?') this.index += 1;
    // ungreedy turns the meaning of the question mark round.
    this.out += sign + ((next === '?') === this.options.has('ungreedy') ? '' : '?');
  }

  /** `{2}`, `{2,}`, `{2,3}`; any other brace is a character. */
  private brace(start: number): void {
    const counted = /^\{\d+(?:,\d*)?\}/.exec(this.text.slice(start))?.[0];
    if (counted === undefined) {
      this.out += '\\{';
      return;
    }
    this.index = start + counted.length;
    this.quantifier(start, counted);
  }

  private group(start: number): void {
    const rest = this.text.slice(this.index);
    if (rest.startsWith('*')) throw new Refused(start, 'a control verb', false);
    if (rest.startsWith('?#')) {
      const end = this.text.indexOf(')', this.index);
      if (end < 0) throw new Refused(start, 'the comment is not closed', true);
      this.index = end + 1;
      return;
    }
    this.open.push(start);
    const plain = /^\?(?::|=|!|<=|<!)/.exec(rest)?.[0];
    const named = /^\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (plain !== undefined) {
      this.out += `(${plain}`;
      this.index += plain.length;
    } else if (named !== null) {
      this.groups += 1;
      this.names.set(named[1] ?? named[2] ?? '', this.groups);
      this.out += '(';
      this.index += named[0].length;
    } else if (rest.startsWith('?')) {
      throw new Refused(start, `a group that begins with (${rest.slice(0, 2)}`, false);
    } else {
      if (!this.options.has('no_auto_capture')) this.groups += 1;
      this.out += this.options.has('no_auto_capture') ? '(?:' : '(';
    }
  }

  private escape(start: number): void {
    const character = this.text[this.index];
    if (character === undefined) throw new Refused(start, 'a backslash stands at the end', true);
    this.index += 1;
    const anchors: Readonly<Record<string, string>> = { A: START, z: END, Z: this.endOrLastLine(), b: '\\b', B: '\\B', N: '[^\\n]', R: '(?:\\r\\n|[\\n-\\r\\x85\\u2028\\u2029])' };
    const anchor = anchors[character];
    if (anchor !== undefined) this.out += anchor;
    else if (CLASSES[character] !== undefined) this.out += `[${CLASSES[character]}]`;
    else if (COMPLEMENTS[character] !== undefined) this.out += `[^${CLASSES[character.toLowerCase()] ?? ''}]`;
    else if (character === 'Q') this.quoted();
    else if (character === 'E') return;
    else if (!this.backReference(character, start)) this.out += this.character(character, start);
  }

  private quoted(): void {
    const end = this.text.indexOf('\\E', this.index);
    const text = this.text.slice(this.index, end < 0 ? undefined : end);
    for (const character of text) this.out += literal(character);
    this.index = end < 0 ? this.text.length : end + 2;
  }

  private backReference(character: string, start: number): boolean {
    const rest = this.text.slice(start);
    const numbered = /^\\(?:([1-9]\d*)|g\{?(-?[1-9]\d*)\}?)/.exec(rest);
    const named = /^\\[kg](?:\{(\w+)\}|<(\w+)>|'(\w+)')/.exec(rest);
    if (numbered !== null) {
      const asked = Number(numbered[1] ?? numbered[2]);
      const group = asked < 0 ? this.groups + 1 + asked : asked;
      if (group > 9 && group > this.groups && numbered[1] !== undefined) return false;
      if (group < 1 || group > this.groups) throw new Refused(start, `there is no group ${asked} before it`, true);
      this.out += `(?:\\${group})`;
      this.index = start + numbered[0].length;
      return true;
    }
    if (named === null) {
      if (character === 'k' || character === 'g') throw new Refused(start, `\\${character} in this form`, false);
      return false;
    }
    const name = named[1] ?? named[2] ?? named[3] ?? '';
    const group = this.names.get(name);
    if (group === undefined) throw new Refused(start, `there is no group ${name} before it`, true);
    this.out += `(?:\\${group})`;
    this.index = start + named[0].length;
    return true;
  }

  /** One character written with a backslash, inside brackets or not; `this.index` stands behind `character`. */
  private character(character: string, start: number): string {
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    const rest = this.text.slice(start);
    const octal = /^\\(?:o\{([0-7]+)\}|([0-7]{1,3}))/.exec(rest);
    const hex = /^\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{0,2}))/.exec(rest);
    const letter = /^\\c([!-~])/.exec(rest)?.[1];
    const written = octal ?? hex;
    if (written !== null) {
      this.index = start + written[0].length;
      return codePoint(Number.parseInt(written[1] ?? (written[2] === '' ? '0' : (written[2] ?? '0')), octal === null ? 16 : 8), start);
    }
    if (letter !== undefined) {
      this.index = start + 3;
      return codePoint(letter.toUpperCase().charCodeAt(0) ^ 64, start);
    }
    if (character === 'u' && this.options.has('alt_bsux')) {
      const digits = /^\\u([0-9a-fA-F]{4})/.exec(rest)?.[1];
      if (digits === undefined) return 'u';
      this.index = start + 6;
      return codePoint(Number.parseInt(digits, 16), start);
    }
    if (/[a-zA-Z0-9]/.test(character)) throw new Refused(start, `\\${character}`, false);
    return literal(character);
  }

  private characterClass(start: number): void {
    const negated = this.text[this.index] === '^';
    if (negated) this.index += 1;
    let inside = '';
    if (this.text[this.index] === ']' && !this.options.has('allow_empty_class')) {
      inside = '\\]';
      this.index += 1;
    }
    for (;;) {
      const character = this.text[this.index];
      if (character === undefined) throw new Refused(start, 'the class is not closed', true);
      const at = this.index;
      this.index += 1;
      if (character === ']') break;
      if (character === '\\') inside += this.classEscape(at);
      else if (character === '[' && /^\[[:.=]/.test(this.text.slice(at))) inside += this.posixClass(at);
      else inside += character === '-' ? '-' : literal(character);
    }
    this.out += `[${negated ? '^' : ''}${inside}]`;
  }

  private classEscape(start: number): string {
    const character = this.text[this.index] ?? '';
    this.index += 1;
    if (character === 'b') return '\\x08';
    if (character === '-') return '\\-';
    return CLASSES[character] ?? COMPLEMENTS[character] ?? this.character(character, start);
  }

  private posixClass(start: number): string {
    const [whole, negated, name] = /^\[:(\^?)(\w+):\]/.exec(this.text.slice(start)) ?? [];
    const members = POSIX[name ?? ''];
    if (whole === undefined) return '\\[';
    if (members === undefined) throw new Refused(start, `there is no class ${whole}`, true);
    if (negated === '^') throw new Refused(start, `the negated class ${whole}`, false);
    this.index = start + whole.length;
    return members;
  }
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character === '\n' ? '\\n' : character;
}

function codePoint(value: number, at: number): string {
  if (value > 0xffff) throw new Refused(at, 'a character beyond 0xffff', false);
  return `\\u${value.toString(16).padStart(4, '0')}`;
}
