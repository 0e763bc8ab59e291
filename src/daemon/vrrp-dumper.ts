/** SIGUSR1 and SIGUSR2 in the VRRP process: the director's snapshot as keepalived's data and statistics files. */

import { statisticsSince, statisticsText } from '../runtime/statistics-text.js';
import type { DirectorDescription } from '../vrrp/describe.js';
import type { Statistics } from '../vrrp/statistics.js';
import type { ChildContext } from './child.js';
import { renderDump, writeDump } from './dump.js';
import type { DumpKind } from './ipc.js';

/** Writes one dump per call. Clearing statistics remembers where they stood: the machine's counters only grow. */
export function createVrrpDumper(
  { tell, settings }: ChildContext<'vrrp'>,
  snapshot: () => DirectorDescription,
): (kind: DumpKind) => void {
  let cleared: ReadonlyMap<string, Statistics> = new Map();
  return (kind) => {
    const { instances, groups } = snapshot();
    if (kind === 'data') {
      tell({ type: 'dumping', subject: 'VRRP', pid: process.pid });
      const sections = [
        { title: 'VRRP Topology', content: instances },
        { title: 'VRRP Sync groups', content: groups },
      ];
      writeDump(settings.dumpFile, renderDump(sections), tell);
      return;
    }
    tell({ type: 'dumpingStatistics', clearing: kind === 'statisticsAndClear', pid: process.pid });
    const counted = instances.map(({ name, statistics }) => ({
      name,
      statistics: statisticsSince(statistics, cleared.get(name)),
    }));
    writeDump(settings.statisticsFile, statisticsText(counted), tell);
    if (kind === 'statisticsAndClear') cleared = new Map(instances.map(({ name, statistics }) => [name, statistics]));
  };
}
