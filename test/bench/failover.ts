/**
 * Everything that moves an address or should not: for how long nobody speaks for it, answers for it, holds it, or two do.
 * Many pairs meet the same event at nearly the same time, half of them of either daemon: so no start-up disturbs what
 * another pair measures, and both daemons have the same machine.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DaemonKind } from '../interop/daemon.js';
import { openPair, type Pair } from '../interop/pair.js';
import { boundOf, EVENTS, masterDown, skew, type Event } from './failover-events.js';
import { pause, Scene, type Measured } from './failover-scene.js';
import { formatTable, median, ratio } from './statistics.js';
import { buildClient } from './witnesses.js';

const KINDS = ['keepalived', 'holdfast'] as const satisfies readonly DaemonKind[];
const INTERVALS: readonly number[] = [1, 0.1, 0.01];
/** Milliseconds from one pair's event to the next one's; a start keeps a processor busy for longer. */
const SPACING = 150;
const START_SPACING = { event: 700, preparation: 300 };

export interface FailoverOptions {
  /** Of each event and interval with each daemon. */
  readonly runs: number;
  /** Pairs of each daemon at a time. */
  readonly parallel: number;
  /** Only events that contain the word. */
  readonly event: string;
  /** Only this interval, seconds. */
  readonly interval: number | undefined;
}

type Results = Map<string, Measured[]>;

export async function benchFailover({ runs, parallel, event, interval }: FailoverOptions): Promise<string> {
  const events = EVENTS.filter((name) => name.includes(event));
  const intervals = INTERVALS.filter((each) => interval === undefined || each === interval);
  const results: Results = new Map();
  const started = performance.now();
  for (const each of intervals) await measureInterval(each, { runs, parallel, events }, results);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  return [
    `Failover, ${runs} runs each, ${parallel} pairs of each daemon at a time, ${minutes} minutes; min / median / max in ms. "allowed"`,
    'is what theory lets a client wait and adverts be silent; "broken" counts the runs beyond that + 50 ms (an orderly stop:',
    'beyond 10 ms for the client). By the protocol a takeover takes',
    `${intervals.map((each) => `${masterDown(each).toFixed(1)} at ${each} s (${skew(each).toFixed(1)} after a goodbye)`).join(', ')}.`,
    formatTable([HEAD, ...rowsOf(results, events, intervals)]),
  ].join('\n');
}

interface Plan {
  readonly runs: number;
  readonly parallel: number;
  readonly events: readonly Event[];
}

async function measureInterval(interval: number, { runs, parallel, events }: Plan, results: Results): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const pairs: Pair[] = [];
  const scenes: Scene[] = [];
  try {
    const client = buildClient(folder);
    for (let i = 0; i < parallel; i += 1) {
      for (const kind of KINDS) {
        const pair = openPair(`fo-${kind.slice(0, 1)}${i}`);
        pairs.push(pair);
        scenes.push(new Scene(kind, pair, join(folder, `${kind}-${i}`), interval, client));
        await pause(START_SPACING.preparation);
      }
    }
    for (let done = 0; done < runs; done += parallel) {
      // Fewer pairs when fewer runs are left; both daemons alternate.
      const cast = scenes.slice(0, KINDS.length * Math.min(parallel, runs - done));
      for (const event of events) await meet(cast, event, interval, results);
    }
  } finally {
    await Promise.all(scenes.map((scene) => scene.close()));
    for (const pair of pairs) pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All of `cast` meet one event. */
async function meet(cast: readonly Scene[], event: Event, interval: number, results: Results): Promise<void> {
  for (const scene of cast) {
    if (!scene.needsStart(event)) continue;
    await scene.prepare(event);
    await pause(START_SPACING.preparation);
  }
  const settled = await Promise.all(cast.map((scene) => scene.settle(event)));
  const ready = cast.filter((_, i) => settled[i]);
  await pause(1_500);
  for (const scene of ready) await scene.watch();
  await pause(500);
  const spacing = event === 'failback' ? START_SPACING.event : SPACING;
  await Promise.all(
    ready.map(async (scene, i) => {
      // Any phase of the advert interval is as likely as any other.
      await pause(i * spacing + Math.random() * Math.min(spacing, interval * 1_000));
      const measured = await scene.measure(event);
      const key = keyOf(scene.kind, event, interval);
      results.set(key, [...(results.get(key) ?? []), measured]);
    }),
  );
  for (const kind of KINDS) process.stderr.write(`${[`${cast.length / KINDS.length} runs`, ...rowOf(results, kind, event, interval)].join(' | ')}\n`);
}

function keyOf(kind: DaemonKind, event: Event, interval: number): string {
  return `${kind} ${event} ${interval}`;
}

const HEAD = ['event', 'advert_int', 'daemon', 'runs', 'client unanswered', 'ratio', 'allowed', 'adverts silent', 'allowed', 'takeover', 'held by nobody', 'held by both', 'broken'];

function rowsOf(results: Results, events: readonly Event[], intervals: readonly number[]): string[][] {
  return events.flatMap((event) => intervals.flatMap((interval) => KINDS.map((kind) => rowOf(results, kind, event, interval))));
}

function rowOf(results: Results, kind: DaemonKind, event: Event, interval: number): string[] {
  const measured = results.get(keyOf(kind, event, interval)) ?? [];
  const others = results.get(keyOf('keepalived', event, interval)) ?? [];
  const { client, silence, tolerance } = boundOf(event, interval);
  const broken = measured.flatMap((each, i) => (each.client > client + tolerance || each.silence > silence + 50 ? [i + 1] : []));
  const clients = (all: readonly Measured[]): number => median(all.map((each) => each.client));
  return [
    event,
    `${interval} s`,
    kind,
    String(measured.length),
    summary(measured.map((each) => each.client)),
    kind === 'holdfast' ? ratio(clients(measured), clients(others)) : '',
    (client + tolerance).toFixed(0),
    summary(measured.map((each) => each.silence)),
    (silence + 50).toFixed(0),
    summary(measured.map((each) => each.takeover)),
    summary(measured.map((each) => each.nobody)),
    summary(measured.map((each) => each.both)),
    broken.length === 0 ? 'none' : `${broken.length}: runs ${broken.join(' ')}`,
  ];
}

function summary(samples: readonly number[]): string {
  const known = samples.filter((sample) => !Number.isNaN(sample));
  if (known.length === 0) return '-';
  const values = [Math.min(...known), median(known), Math.max(...known)].map((value) => value.toFixed(1));
  return `${values.join(' / ')}${known.length < samples.length ? ` (${known.length} of ${samples.length})` : ''}`;
}
