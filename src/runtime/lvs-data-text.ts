/** The checkers process's data file (SIGUSR1) as text: keepalived's sections and keys, and what the reconciler did. */

import type { GlobalConfig } from '../conf/model.js';
import type { PoolState } from '../health/pool-state.js';
import type { describeReconciler } from '../ipvs/reconciler.js';
import { section, yesNo } from './dump-lines.js';
import { globalLines } from './global-text.js';
import { groupedLines, runningCheckersOf, serviceLines } from './service-text.js';

export function lvsDataText(pool: PoolState, reconciler: ReturnType<typeof describeReconciler>, global: GlobalConfig): string {
  const { trouble = 'none' } = reconciler;
  const services = pool.virtualServers;
  return [
    ...section('Global definitions', globalLines(global)),
    ...section('LVS Topology', [
      ` Kernel tables known = ${yesNo(reconciler.trusted)}`,
      ` Own services = ${reconciler.ownedServices}`,
      ` Refused commands = ${reconciler.refusedCommands}`,
      ` Entries put right = ${reconciler.driftRepaired}`,
      ` Trouble = ${trouble}`,
      ...groupedLines(services.map(({ config }) => config)),
      ...services.flatMap((service) => serviceLines(service.config, service)),
    ]),
    ...section('Health checkers', services.flatMap(({ servers }) => [...servers.values()].flatMap(runningCheckersOf))),
    '',
  ].join('\n');
}
