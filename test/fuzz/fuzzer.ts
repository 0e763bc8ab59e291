/** Runs the fuzzer's threads over the corpus, and ends them when one execution does not. */

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { buildInstrumented } from './instrument.js';
import type { Orders, Outcome } from './worker.js';

export const CORPUS = 'test/corpus';

/** Longer than any execution takes on a busy machine. */
const HANG = 20_000;

export interface Run {
  readonly seed: number;
  readonly executions: number;
  readonly milliseconds?: number;
  readonly threads: number;
}

/** The texts to begin with: those kept from earlier runs, and the examples. */
export function readCorpus(): readonly string[] {
  return [CORPUS, 'examples'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
  );
}

/** One outcome for each thread. A thread that hangs ends with a failure that holds the text. */
export async function runFuzzer({ seed, executions, milliseconds, threads }: Run): Promise<readonly Outcome[]> {
  const target = await buildInstrumented();
  const corpus = readCorpus();
  const share = Math.ceil(executions / threads);
  const numbers = Array.from({ length: threads }, (_, i) => i);
  const orders = { target, corpus, executions: share, milliseconds };
  try {
    return await Promise.all(numbers.map((number) => runThread({ ...orders, seed: seed + number * 7_919 })));
  } finally {
    rmSync(target);
  }
}

function runThread(orders: Omit<Orders, 'progress' | 'current'>): Promise<Outcome> {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const current = new Uint8Array(new SharedArrayBuffer(65_536));
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { ...orders, progress, current } satisfies Orders });
  return new Promise((resolve, reject) => {
    let before = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (now === before && now > 0) {
        const text = textIn(current);
        finish(() => resolve({ executions: now, branches: 0, cells: 0, found: [], failures: [{ text, error: `no end within ${HANG} ms` }] }));
      }
      before = now;
    }, HANG);
    function finish(settle: () => void): void {
      clearInterval(watch);
      void worker.terminate();
      settle();
    }
    worker.once('message', (outcome: Outcome) => finish(() => resolve(outcome)));
    worker.once('error', (error) => finish(() => reject(error)));
  });
}

function textIn(current: Uint8Array): string {
  const length = new DataView(current.buffer).getUint32(0);
  return new TextDecoder().decode(current.slice(4, 4 + length));
}
