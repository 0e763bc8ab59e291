/** What the kernel counts, as KEEPALIVED-MIB has it twice over: in 32 bits, and in 64 or in two halves. */

import type { Flow, Traffic } from '../../../ipvs/counts.js';
import { counter, counter64, gauge } from '../values.js';
import type { SnmpValue } from '../values.js';
import type { Cells } from '../view.js';

const NO_FLOW: Flow = { connections: 0, packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
/** As keepalived: what was not counted yet is 0. */
const NO_TRAFFIC: Traffic = { ...NO_FLOW, perSecond: NO_FLOW };

const RATES = ['connections', 'packetsIn', 'packetsOut', 'bytesIn', 'bytesOut'] as const;

const TWO_TO_32 = 0x1_0000_0000;

export interface TrafficColumns {
  readonly connections: number;
  /** Packets in and out, bytes in and out. */
  readonly amounts: number;
  /** Five of them. */
  readonly rates: number;
  /** Connections, packets in and out. */
  readonly wideAmounts: number;
  /** Lower and upper half of five of them. */
  readonly wideRates: number;
}

export function trafficCells<R>(columns: TrafficColumns, trafficOf: (row: R) => Traffic | undefined): Cells<R> {
  const cell = (make: (traffic: Traffic) => SnmpValue) => (row: R) => make(trafficOf(row) ?? NO_TRAFFIC);
  const { connections, amounts, rates, wideAmounts, wideRates } = columns;
  return {
    [connections]: cell((traffic) => gauge(traffic.connections)),
    [amounts]: cell(({ packetsIn }) => counter(packetsIn)),
    [amounts + 1]: cell(({ packetsOut }) => counter(packetsOut)),
    [amounts + 2]: cell(({ bytesIn }) => counter64(bytesIn)),
    [amounts + 3]: cell(({ bytesOut }) => counter64(bytesOut)),
    [wideAmounts]: cell((traffic) => counter64(traffic.connections)),
    [wideAmounts + 1]: cell(({ packetsIn }) => counter64(packetsIn)),
    [wideAmounts + 2]: cell(({ packetsOut }) => counter64(packetsOut)),
    ...Object.fromEntries(
      RATES.flatMap((name, i) => [
        [rates + i, cell(({ perSecond }) => gauge(perSecond[name]))],
        [wideRates + 2 * i, cell(({ perSecond }) => gauge(perSecond[name] % TWO_TO_32))],
        [wideRates + 2 * i + 1, cell(({ perSecond }) => gauge(perSecond[name] / TWO_TO_32))],
      ]),
    ),
  };
}
