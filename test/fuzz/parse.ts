/** Bends what a parser reads and watches that it neither throws nor takes long. */

import { inspect } from 'node:util';

import { createChoices } from '../conf/generator/choices.js';
import { mutateBytes, mutateValue } from './mutate-bytes.js';
import type { Parser } from './parsers.js';

const LONGEST = 2_000;
/** Inputs that stand beside the seeds, to be bent further. */
const KEPT = 40;
/** Milliseconds for one input. */
const SLOW = 1_000;

export interface Bent {
  readonly executions: number;
  readonly failures: readonly string[];
}

export interface Effort {
  readonly seed: number;
  readonly executions: number;
  /** Ends whatever is left to do. */
  readonly milliseconds?: number;
}

export function bend(parser: Parser, { seed, executions, milliseconds = Infinity }: Effort): Bent {
  const choices = createChoices(seed);
  const failures: string[] = [];
  const end = performance.now() + milliseconds;
  const attempt = (input: unknown, run: () => void): void => {
    const begun = performance.now();
    try {
      run();
    } catch (error) {
      failures.push(`${parser.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${inspect(input, { depth: 9, maxArrayLength: LONGEST })}`);
    }
    const took = performance.now() - begun;
    if (took > SLOW) failures.push(`${parser.name}: ${took} ms for\n${inspect(input, { depth: 9, maxArrayLength: LONGEST })}`);
  };
  const bentBytes: Uint8Array[] = parser.kind === 'bytes' ? [...parser.seeds] : [];
  const bentValues: unknown[] = parser.kind === 'values' ? [...parser.seeds] : [];
  let done = 0;
  for (; done < executions && failures.length < 5 && performance.now() < end; done += 1) {
    if (parser.kind === 'bytes') {
      const bytes = mutateBytes(choices, choices.pick(bentBytes), choices.pick(parser.seeds), LONGEST);
      attempt(bytes, () => parser.parse(bytes));
      keep(bentBytes, bytes, parser.seeds.length, choices.integer(0, KEPT - 1));
    } else {
      const value = mutateValue(choices, choices.pick(choices.chance(0.7) ? parser.seeds : bentValues));
      attempt(value, () => parser.parse(value));
      keep(bentValues, value, parser.seeds.length, choices.integer(0, KEPT - 1));
    }
  }
  return { executions: done, failures };
}

/** The seeds stay; of the rest the place `at` is taken. */
function keep<T>(list: T[], one: T, seeds: number, at: number): void {
  list[Math.min(list.length, seeds + at)] = one;
}
