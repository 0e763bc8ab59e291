/**
 * GET /metrics: our own names, and on demand those of exporters for keepalived. A text is made when it is asked for and
 * serves all who ask within a second: however many scrape, the work is that of one.
 */

import type { MetricsNames } from '../../conf/model.js';
import type { Status } from '../status.js';
import type { MetricFamily } from './family.js';
import { GEN2BRAIN_FAMILIES } from './gen2brain-exporter.js';
import { KEEPALIVED_EXPORTER_FAMILIES, UP_FAMILY } from './keepalived-exporter.js';
import { LVS_FAMILIES } from './lvs.js';
import { TRAFFIC_FAMILIES } from './traffic.js';
import { VRRP_FAMILIES } from './vrrp.js';

/** The text of the moment, or of the last second. */
export type Metrics = () => Promise<string>;

/** Milliseconds. */
const SHARED = 1_000;

const EXPORTERS: Readonly<Record<MetricsNames, readonly MetricFamily[]>> = {
  keepalived_exporter: KEEPALIVED_EXPORTER_FAMILIES,
  gen2brain_exporter: GEN2BRAIN_FAMILIES,
};

export function createMetrics(names: readonly MetricsNames[], status: () => Status): Metrics {
  const families = metricFamilies(names);
  let last: { at: number; readonly text: Promise<string> } | undefined;
  return () => {
    if (last !== undefined && performance.now() - last.at < SHARED) return last.text;
    const text = written(families, status());
    const next = { at: Infinity, text };
    last = next;
    // The second begins when it is written: of a large farm that takes a while.
    const ready = (): void => {
      next.at = performance.now();
    };
    text.then(ready, ready);
    return text;
  };
}

/** Own names first; each exporter once. */
export function metricFamilies(names: readonly MetricsNames[]): readonly MetricFamily[] {
  const exporters = [...new Set(names)].flatMap((name) => EXPORTERS[name]);
  return [...VRRP_FAMILIES, ...LVS_FAMILIES, ...TRAFFIC_FAMILIES, ...(exporters.length === 0 ? [] : [UP_FAMILY, ...exporters])];
}

/** Loaded by those only who are scraped: prom-client takes memory and time. */
async function written(families: readonly MetricFamily[], status: Status): Promise<string> {
  const { exposition } = await import('./exposition.js');
  return exposition(families, status);
}
