/**
 * What the kernel counts for services and destinations (linux/ip_vs.h, IPVS_*_ATTR_STATS64), read out of the messages of
 * its dumps. They are read where there are tens of thousands of them, so nothing is made on the way but the result.
 */

import { littleEndian } from '../base/host-order.js';
import type { Micros } from '../base/time.js';
import type { Connections, DestinationKey, ServiceKey } from './tables.js';

/** Amounts since the entry was made, or rates a second. */
export interface Flow {
  /** Begun. */
  readonly connections: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Amounts since the kernel has the entry, and its own estimate of the last seconds. */
export interface Traffic extends Flow {
  readonly perSecond: Flow;
}

/** What one destination of one service has. */
export interface DestinationCounts {
  readonly connections: Connections;
  readonly traffic: Traffic;
}

export interface ServiceCounts {
  readonly traffic: Traffic;
  /** Those the kernel counts for. */
  readonly destinations: ReadonlyMap<DestinationKey, DestinationCounts>;
}

export type TableCounts = ReadonlyMap<ServiceKey, ServiceCounts>;

/** What looks at the kernel's tables have counted. */
export interface Counted {
  /** Instant of `tables`; absent while nothing was counted. */
  readonly at?: Micros;
  readonly tables: TableCounts;
  /** Entries of weight 0 (entryKey of tables.ts) at the last look; undefined where the kernel does not say. */
  readonly weightless: ReadonlyMap<string, Connections | undefined>;
}

export const NOTHING_COUNTED: Counted = { tables: new Map(), weightless: new Map() };

/** IPVS_SVC_ATTR_STATS and _STATS64; those of destinations have the same numbers. The first is all that old kernels tell. */
const STATS = 10;
const STATS64 = 12;
/** IPVS_DEST_ATTR_ACTIVE_CONNS, _INACT_CONNS and _PERSIST_CONNS. */
const ACTIVE = 7;
const INACTIVE = 8;
const PERSISTENT = 9;

const HEADER = 4;
/** Where the halves of a 64-bit number are. */
const [LOW, HIGH] = littleEndian ? [0, 4] : [4, 0];
const TYPE_MASK = 0x3fff;

/** Of a service, from the bytes that decodeService reads; undefined when the kernel does not say. */
export function serviceTraffic(bytes: Uint8Array): Traffic | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = insideEnvelope(view);
  return trafficAt(view, attributes[STATS64] ?? attributes[STATS] ?? 0);
}

/** Of a destination, from the bytes that decodeDestination reads; undefined when the kernel does not say. */
export function destinationCounts(bytes: Uint8Array): DestinationCounts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = insideEnvelope(view);
  const traffic = trafficAt(view, attributes[STATS64] ?? attributes[STATS] ?? 0);
  const [active, inactive, persistent] = [ACTIVE, INACTIVE, PERSISTENT].map((type) => numberAt(view, attributes[type] ?? 0));
  if (traffic === undefined || active === undefined || inactive === undefined || persistent === undefined) return undefined;
  return { connections: { active, inactive, persistent }, traffic };
}

/** Where each attribute inside the outermost one begins, by type. */
function insideEnvelope(view: DataView): readonly (number | undefined)[] {
  return view.byteLength < HEADER ? [] : attributesAt(view, 0);
}

/** Those nested in the attribute that begins at `start`. */
function attributesAt(view: DataView, start: number): readonly (number | undefined)[] {
  const found: (number | undefined)[] = [];
  const end = Math.min(start + view.getUint16(start, littleEndian), view.byteLength);
  for (let at = start + HEADER; at + HEADER <= end; ) {
    const length = view.getUint16(at, littleEndian);
    if (length < HEADER || at + length > end) return found;
    found[view.getUint16(at + 2, littleEndian) & TYPE_MASK] = at;
    at += (length + 3) & ~3;
  }
  return found;
}

/** IPVS_STATS_ATTR_*: five amounts, then five rates. */
function trafficAt(view: DataView, start: number): Traffic | undefined {
  if (start === 0) return undefined;
  const found = attributesAt(view, start);
  const flow = (first: number): Flow => ({
    connections: numberAt(view, found[first] ?? 0) ?? 0,
    packetsIn: numberAt(view, found[first + 1] ?? 0) ?? 0,
    packetsOut: numberAt(view, found[first + 2] ?? 0) ?? 0,
    bytesIn: numberAt(view, found[first + 3] ?? 0) ?? 0,
    bytesOut: numberAt(view, found[first + 4] ?? 0) ?? 0,
  });
  return { ...flow(1), perSecond: flow(6) };
}

/** Four or eight bytes; 0 is no place. Beyond 2^53 the last digits are lost, which no graph shows. */
function numberAt(view: DataView, at: number): number | undefined {
  if (at === 0) return undefined;
  const length = view.getUint16(at, littleEndian) - HEADER;
  if (length === 8) return view.getUint32(at + HEADER + LOW, littleEndian) + view.getUint32(at + HEADER + HIGH, littleEndian) * 0x1_0000_0000;
  return length === 4 ? view.getUint32(at + HEADER, littleEndian) : undefined;
}

const NOTHING: Flow = { connections: 0, packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };

/** Undefined where there is nothing to add. */
export function sumOfTraffic(parts: readonly Traffic[]): Traffic | undefined {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) return first;
  return { ...sumOfFlows(parts), perSecond: sumOfFlows(parts.map(({ perSecond }) => perSecond)) };
}

function sumOfFlows(flows: readonly Flow[]): Flow {
  return flows.reduce(
    (sum, { connections, packetsIn, packetsOut, bytesIn, bytesOut }) => ({
      connections: sum.connections + connections,
      packetsIn: sum.packetsIn + packetsIn,
      packetsOut: sum.packetsOut + packetsOut,
      bytesIn: sum.bytesIn + bytesIn,
      bytesOut: sum.bytesOut + bytesOut,
    }),
    NOTHING,
  );
}

/** Undefined where there is nothing to add. */
export function sumOfConnections(parts: readonly Connections[]): Connections | undefined {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) return first;
  return parts.reduce((sum, { active, inactive, persistent }) => ({
    active: sum.active + active,
    inactive: sum.inactive + inactive,
    persistent: sum.persistent + persistent,
  }));
}
