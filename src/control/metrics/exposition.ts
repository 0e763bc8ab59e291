/**
 * Metric families as Prometheus reads them: text format 0.0.4. Written by hand: a farm of ten thousand servers has more than a
 * hundred thousand samples, and whoever scrapes waits.
 */

import type { Status } from '../status.js';
import type { MetricFamily, Sample } from './family.js';

/** Every family, those without samples with their head only. */
export function exposition(families: readonly MetricFamily[], status: Status): string {
  return families.map((family) => familyText(family, family.samples(status))).join('\n');
}

function familyText({ name, help, type, labels }: MetricFamily, samples: readonly Sample[]): string {
  // No scraper takes a series twice: of counters the sum is shown, of gauges the last.
  const series = new Map<string, number>();
  for (const sample of samples) {
    const key = labelText(labels, sample.labels);
    const before = type === 'counter' ? series.get(key) : undefined;
    series.set(key, (before ?? 0) + sample.value);
  }
  let text = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  for (const [key, value] of series) text += `${name}${key} ${value}\n`;
  return text;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  let text = '{';
  for (let i = 0; i < names.length; i += 1) text += `${i === 0 ? '' : ','}${names[i] ?? ''}="${escaped(values[i] ?? '')}"`;
  return `${text}}`;
}

const SPECIAL = /[\\"\n]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function escaped(value: string): string {
  return value.replace(SPECIAL, (character) => ESCAPES[character] ?? character);
}
