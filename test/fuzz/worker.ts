/** One thread of the fuzzer: mutates texts of its corpus, runs them, and keeps those that reach a branch for the first time. */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { topLevel } from '../../src/conf/keywords/top-level.js';
import { createChoices } from '../conf/generator/choices.js';
import { wordsOf } from '../conf/generator/words.js';
import { mutate } from './mutate.js';
import type * as Target from './target.js';

export interface Orders {
  readonly target: string;
  readonly seed: number;
  readonly executions: number;
  /** Milliseconds after which it ends whatever it has done; undefined = no limit. */
  readonly milliseconds: number | undefined;
  readonly corpus: readonly string[];
  /** The number of executions begun, for whoever watches that it goes on. */
  readonly progress: Int32Array;
  /** The text being run: its length in bytes, then the bytes. */
  readonly current: Uint8Array;
}

export interface Outcome {
  readonly executions: number;
  readonly branches: number;
  readonly cells: number;
  /** The texts that reached something new, in the order in which they did. */
  readonly found: readonly string[];
  readonly failures: readonly { readonly text: string; readonly error: string }[];
}

/** Longer texts are cut, and slower ones not kept: both would only make the rest slow. */
const LONGEST = 900;
const SLOWEST = 15;

const orders = workerData as Orders;
const { load, formatTwice } = (await import(pathToFileURL(resolve(orders.target)).href)) as typeof Target;
const branches = (globalThis as unknown as { readonly holdfastBranches: Uint8Array }).holdfastBranches;
const encoder = new TextEncoder();

function writeCurrent(text: string): void {
  const bytes = encoder.encode(text);
  orders.current.set(bytes.subarray(0, orders.current.length - 4), 4);
  new DataView(orders.current.buffer).setUint32(0, bytes.length);
}

/** The cells that the last run reached first; they count as seen from now on. */
function takeNew(seen: Uint8Array): readonly number[] {
  const fresh: number[] = [];
  for (let i = 0; i < branches.length; i += 1) {
    if (branches[i] === 1 && seen[i] === 0) {
      seen[i] = 1;
      fresh.push(i);
    }
  }
  branches.fill(0);
  return fresh;
}

/** The text without the lines that it does not need to reach these cells. */
function minimise(text: string, cells: readonly number[]): string {
  let lines = text.split('\n');
  for (let size = Math.ceil(lines.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < lines.length; ) {
      const fewer = [...lines.slice(0, at), ...lines.slice(at + size)];
      load(fewer.join('\n'));
      if (cells.every((cell) => branches[cell] === 1)) lines = fewer;
      else at += size;
      branches.fill(0);
    }
  }
  return lines.join('\n');
}

function fuzz(): Outcome {
  const choices = createChoices(orders.seed);
  const words = wordsOf(topLevel);
  const seen = new Uint8Array(branches.length);
  const corpus = [...orders.corpus];
  const found: string[] = [];
  const failures: { text: string; error: string }[] = [];
  const end = orders.milliseconds === undefined ? Infinity : performance.now() + orders.milliseconds;
  let executions = 0;
  function execute(text: string, keep: boolean): void {
    executions += 1;
    Atomics.add(orders.progress, 0, 1);
    writeCurrent(text);
    const begun = performance.now();
    try {
      load(text);
      if (executions % 16 === 0) formatTwice(text);
    } catch (error) {
      failures.push({ text, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    const quick = performance.now() - begun < SLOWEST;
    const fresh = takeNew(seen);
    if (fresh.length === 0 || !keep || !quick || failures.length > 0) return;
    corpus.push(text);
    found.push(minimise(text, fresh));
  }
  for (const text of orders.corpus) execute(text, false);
  while (executions < orders.executions && performance.now() < end && failures.length < 10) {
    // The newest texts are nearest to what is not reached yet.
    const oldest = choices.chance(0.3) ? Math.max(0, corpus.length - 50) : 0;
    const text = corpus[choices.integer(oldest, corpus.length - 1)] ?? '';
    execute(mutate(choices, text, choices.pick(corpus), words, LONGEST), true);
  }
  return { executions, branches: seen.reduce((sum, cell) => sum + cell, 0), cells: seen.length, found, failures };
}

parentPort?.postMessage(fuzz());
