/** Metric families as Prometheus reads them: text format 0.0.4, written by prom-client from the newest status. */

import { setImmediate as nextTurn } from 'node:timers/promises';

import { Counter, Gauge, Registry } from 'prom-client';

import type { Status } from '../status.js';
import type { MetricFamily } from './family.js';

/** Every family, those without samples with their head only. Each has a turn of its own: a large farm must not keep other clients waiting. */
export async function exposition(families: readonly MetricFamily[], status: Status): Promise<string> {
  const texts: string[] = [];
  for (const family of families) {
    const registry = new Registry();
    fill(registry, family, status);
    texts.push(await registry.metrics());
    await nextTurn();
  }
  return texts.join('\n');
}

function fill(registry: Registry, family: MetricFamily, status: Status): void {
  const write = writer(registry, family);
  for (const { labels, value } of family.samples(status)) write(labelled(family.labels, labels), value);
}

/** prom-client shows a metric without labels as 0 until it is written, and we have nothing to say then. */
function writer(registry: Registry, { name, help, type, labels }: MetricFamily): (labels: Readonly<Record<string, string>>, value: number) => void {
  const options = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'gauge') {
    const gauge = new Gauge(options);
    gauge.remove({});
    return (each, value) => gauge.set(each, value);
  }
  const counter = new Counter(options);
  counter.remove({});
  return (each, value) => counter.inc(each, value);
}

function labelled(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
