/** Seeded draws for generated tests: the same seed gives the same choices, on every machine. */

import { nextRandom } from '../../../src/base/random.js';
import { present } from '../../../src/base/invariant.js';

export interface Choices {
  /** A whole number, both ends included. */
  readonly integer: (min: number, max: number) => number;
  /** True with this probability. */
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** One of the values, each as likely as its weight. */
  readonly weighted: <T>(list: readonly (readonly [weight: number, value: T])[]) => T;
}

export function createChoices(start: number): Choices {
  let seed = start;
  function draw(): number {
    const next = nextRandom(seed);
    ({ seed } = next);
    return next.value;
  }
  function integer(min: number, max: number): number {
    return min + Math.floor(draw() * (max - min + 1));
  }
  return {
    integer,
    chance: (probability) => draw() < probability,
    pick: (list) => present(list[integer(0, list.length - 1)], 'a list to pick from is not empty'),
    weighted(list) {
      let rest = draw() * list.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of list) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return present(list.at(-1), 'a list to pick from is not empty')[1];
    },
  };
}
