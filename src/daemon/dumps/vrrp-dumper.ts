/** Signals to the VRRP process for files: what the director knows as keepalived's data, statistics and JSON files. */

import type { Micros } from '../../base/time.js';
import type { GlobalConfig } from '../../conf/model.js';
import { openClock } from '../../io/clock.js';
import { statisticsSince, statisticsText } from '../../runtime/statistics-text.js';
import { vrrpDataText } from '../../runtime/vrrp-data-text.js';
import { vrrpJson } from '../../runtime/vrrp-json.js';
import type { DirectorState } from '../../vrrp/director.js';
import type { Statistics } from '../../vrrp/instance/statistics.js';
import type { ChildContext, ChildDuties } from '../children/child.js';
import { writeDump } from './dump.js';
import type { DumpKind } from '../children/ipc.js';
import { dumpFilePath, jsonFilePath, statisticsFilePath } from '../start/process-names.js';

/** `dump` writes one file per call. Clearing statistics remembers where they stood: the machine's counters only grow. */
export function createVrrpDumper(
  { tell }: ChildContext<'vrrp'>,
  state: () => DirectorState,
  configuration: () => GlobalConfig | undefined,
): Pick<ChildDuties<'vrrp'>, 'dump' | 'dataText'> {
  const clock = openClock();
  let cleared: ReadonlyMap<string, Statistics> = new Map();
  const dataText = (): string | undefined => {
    const global = configuration();
    return global === undefined ? undefined : vrrpData(state(), global, clock.now());
  };
  const dump = (kind: DumpKind): void => {
    const global = configuration();
    if (global === undefined) return;
    const director = state();
    const instances = director.instances.map((instance) => ({
      ...instance,
      statistics: statisticsSince(instance.statistics, cleared.get(instance.config.name)),
    }));
    const wallClock = wallClockAt(clock.now());
    if (kind === 'data') {
      tell({ type: 'dumping', subject: 'VRRP', pid: process.pid });
      writeDump(dumpFilePath('vrrp', global), vrrpData(director, global, clock.now()), tell);
      return;
    }
    if (kind === 'json') {
      tell({ type: 'dumpingJson', pid: process.pid });
      const text = vrrpJson({ ...director, instances }, global.files?.jsonVersion ?? 1, wallClock);
      if (text !== undefined) writeDump(jsonFilePath(global), text, tell);
      return;
    }
    tell({ type: 'dumpingStatistics', clearing: kind === 'statisticsAndClear', pid: process.pid });
    const text = statisticsText(instances.map(({ config: { name }, statistics }) => ({ name, statistics })));
    writeDump(statisticsFilePath(global), text, tell);
    if (kind === 'statisticsAndClear') cleared = new Map(director.instances.map(({ config: { name }, statistics }) => [name, statistics]));
  };
  return { dump, dataText };
}

/** keepalived.data at `now` of the machine's clock. */
function vrrpData(director: DirectorState, global: GlobalConfig, now: Micros): string {
  const wallClock = wallClockAt(now);
  return vrrpDataText(director, global, (instant) => instantText(wallClock(instant)));
}

/** From the machine's clock to seconds since 1970, as the two stand to each other now. */
function wallClockAt(now: number): (instant: Micros) => number {
  const origin = Date.now() / 1_000 - now / 1_000_000;
  return (instant) => origin + instant / 1_000_000;
}

/** `1795252003.414062 (Sat Nov 21 18:27:37.414062 2026)`, the date in local time as C's %c has it. */
function instantText(instant: number): string {
  const date = new Date(instant * 1_000);
  const [weekday = '', month = '', day = '', year = '', time = ''] = date.toString().split(' ');
  const [whole = '', fraction = ''] = instant.toFixed(6).split('.');
  return `${whole}.${fraction} (${weekday} ${month} ${day.replace(/^0/, ' ')} ${time}.${fraction} ${year})`;
}
