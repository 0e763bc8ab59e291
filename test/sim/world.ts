/**
 * The simulated world's clock, dice and memory: one heap of things to come, one seed from which every choice follows, one
 * hash over everything that was observed. It knows nothing of routers.
 */

import { invariant } from '../../src/base/invariant.js';
import { nextRandom } from '../../src/base/random.js';
import type { Micros } from '../../src/base/time.js';

/** A property that did not hold. Ends the run of its seed. */
export class Violation extends Error {
  override readonly name = 'Violation';

  readonly property: string;

  constructor(property: string, message: string) {
    super(`${property}: ${message}`);
    this.property = property;
  }
}

interface Planned {
  readonly at: Micros;
  readonly order: number;
  readonly run: () => void;
}

export interface World {
  readonly now: () => Micros;
  /** In [0, 1). */
  readonly random: () => number;
  readonly chance: (probability: number) => boolean;
  /** An integer in [low, high]. */
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly after: (span: number, run: () => void) => void;
  readonly at: (instant: number, run: () => void) => void;
  /** Lets `span` pass. */
  readonly pass: (span: number) => void;
  /** Adds to the trace: equal seeds must give equal traces. */
  readonly trace: (line: string) => void;
  /** For the reader of a trace only; not part of the hash. */
  readonly explain: (line: string) => void;
  readonly traceHash: () => string;
  /** Counts that this happened, for proving that the generator reaches it. */
  readonly cover: (cell: string) => void;
  readonly coverage: () => ReadonlyMap<string, number>;
  readonly fail: (property: string, message: string) => never;
  /** Things that have happened. */
  readonly steps: () => number;
}

export interface WorldOptions {
  /** Called with every trace line and its instant. */
  readonly onTrace?: (line: string, now: Micros) => void;
}

/** A world with more than this many steps has run away. */
const STEP_LIMIT = 3_000_000;

export function createWorld(seed: number, options: WorldOptions = {}): World {
  const heap: Planned[] = [];
  const coverage = new Map<string, number>();
  let now = 0;
  let order = 0;
  let randomSeed = seed;
  let hash = 0x811c9dc5;
  let steps = 0;

  const random = (): number => {
    const draw = nextRandom(randomSeed);
    randomSeed = draw.seed;
    return draw.value;
  };
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const at = (instant: number, run: () => void): void => {
    order += 1;
    push(heap, { at: Math.max(now, Math.round(instant)) as Micros, order, run });
  };
  const mix = (text: string): void => {
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  };
  return {
    now: () => now as Micros,
    random,
    between,
    at,
    chance: (probability) => random() < probability,
    pick: <T>(choices: readonly T[]): T => {
      const index = between(0, choices.length - 1);
      invariant(index < choices.length, 'there is something to pick from');
      return choices[index] as T;
    },
    after: (span, run) => at(now + span, run),
    pass: (span) => {
      const end = now + span;
      for (let next = heap[0]; next !== undefined && next.at <= end; next = heap[0]) {
        pop(heap);
        now = next.at;
        steps += 1;
        invariant(steps < STEP_LIMIT, `seed ${seed} runs away`);
        next.run();
      }
      now = end;
    },
    trace: (line) => {
      mix(`${now} ${line}\n`);
      options.onTrace?.(line, now as Micros);
    },
    explain: (line) => options.onTrace?.(line, now as Micros),
    traceHash: () => (hash >>> 0).toString(16).padStart(8, '0'),
    cover: (cell) => void coverage.set(cell, (coverage.get(cell) ?? 0) + 1),
    coverage: () => coverage,
    fail: (property, message) => {
      throw new Violation(property, `at ${(now / 1e6).toFixed(6)} s, ${message}`);
    },
    steps: () => steps,
  };
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A binary heap: the earliest first, equal instants in order of planning. */
function push(heap: Planned[], item: Planned): void {
  let index = heap.length;
  heap.push(item);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(item, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = item;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const first = heap[left];
    if (first === undefined) break;
    const second = heap[left + 1];
    const [child, item] = second !== undefined && before(second, first) ? [left + 1, second] : [left, first];
    if (!before(item, last)) break;
    heap[index] = item;
    index = child;
  }
  heap[index] = last;
}
