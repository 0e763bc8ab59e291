/** Loads one configuration in a fresh process, text to validated model, and prints one JSON line of what it took. */

import { readFileSync } from 'node:fs';

import { loadConfiguration } from '../../src/conf/load.js';

export interface Cost {
  /** By the clock. */
  readonly seconds: number;
  /** On a CPU, user and system, of all threads. */
  readonly cpuSeconds: number;
  /** Largest resident set of the process, MiB. */
  readonly peak: number;
}

const [, , path = ''] = process.argv;
const text = readFileSync(path, 'utf8');
const before = process.cpuUsage();
const began = performance.now();
const { model } = loadConfiguration((name) => [{ path: name, text }], path, { interfaces: [] });
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
if (model === undefined) throw new Error(`${path} is refused`);
const figures: Cost = { seconds, cpuSeconds: (user + system) / 1e6, peak: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(`${JSON.stringify(figures)}\n`);
