/** The names that have a value without a definition: `$_PWD`, `$_INSTANCE`, `$_HASH`, `$_BANG`, `${_RANDOM ...}`, `${_ENV NAME}`. */

import { nextRandom } from '../base/random.js';
import type { SourcePosition } from '../base/source.js';
import type { Findings } from './findings.js';
import { directoryOf } from './include.js';

export interface BuiltInOptions {
  /** What `@id` lines are compared with (`-i`, else the host name up to the first dot); undefined = no id is known. */
  readonly configurationId?: string;
  /** What `${_ENV NAME}` finds; undefined = an empty environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** First seed of `${_RANDOM}`, any integer; default 0. `random_seed` in the text replaces it for what follows. */
  readonly randomSeed?: number;
}

/** A reference as it stands in the text. */
export interface Reference {
  readonly name: string;
  /** Between the name and the closing brace, without surrounding blanks; undefined when there is nothing. */
  readonly words: string | undefined;
  readonly at: SourcePosition;
  /** The file being read. */
  readonly file: string;
}

export interface BuiltIns {
  /** Undefined: not a built-in name, or used wrongly, which has been reported then. */
  readonly valueOf: (reference: Reference, findings: Findings) => string | undefined;
  readonly reseed: (seed: number) => void;
}

/** keepalived's range of `${_RANDOM}` without arguments. */
const MOST_RANDOM = 32_767;

/** True for the names that take words inside their braces. */
export function takesWords(name: string): boolean {
  return name === '_RANDOM' || name === '_ENV';
}

export function createBuiltIns(options: BuiltInOptions): BuiltIns {
  let seed = options.randomSeed ?? 0;

  function random({ words, at }: Reference, findings: Findings): string | undefined {
    const numbers = (words ?? '').split(/\s+/).filter((word) => word !== '');
    if (numbers.some((number) => !/^\d{1,10}$/.test(number))) {
      const message = `\${_RANDOM ${words ?? ''}} stays as it is: its limits are whole numbers`;
      findings.report('undefinedParameter', at, message, 'write ${_RANDOM MIN MAX}');
      return undefined;
    }
    if (numbers.length > 2) findings.report('extraWords', at, `_RANDOM takes MIN and MAX, '${numbers[2] ?? ''}' has no effect`);
    const least = Number(numbers[0] ?? 0);
    const most = Number(numbers[1] ?? MOST_RANDOM);
    if (least > most) {
      findings.report('badValue', at, `_RANDOM: ${least} is more than ${most}; ${most} is used`, 'write the smaller number first');
      return String(most);
    }
    const draw = nextRandom(seed);
    ({ seed } = draw);
    return String(least + Math.floor(draw.value * (most - least + 1)));
  }

  function variable({ words, at }: Reference, findings: Findings): string | undefined {
    if (words === undefined || /\s/.test(words)) {
      findings.report('undefinedParameter', at, '_ENV stays as it is: it needs one variable', 'write ${_ENV NAME}');
      return undefined;
    }
    return options.environment?.[words] ?? '';
  }

  return {
    reseed(next) {
      seed = next;
    },
    valueOf(reference, findings) {
      switch (reference.name) {
        case '_PWD':
          return directoryOf(reference.file) === '' ? '.' : directoryOf(reference.file);
        case '_INSTANCE':
          return options.configurationId ?? '';
        case '_HASH':
          return '#';
        case '_BANG':
          return '!';
        case '_RANDOM':
          return random(reference, findings);
        case '_ENV':
          return variable(reference, findings);
        default:
          return undefined;
      }
    },
  };
}
