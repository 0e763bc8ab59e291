/** Servers that nobody looks at: they get their share of the connections for ever, dead or alive. */

import type { RealServerConfig } from '../../health/config.js';
import type { LintSubject } from './subject.js';
import { placeOfBlock } from '../origins.js';

/** Real servers without any check, and sorry servers, which keepalived cannot check at all. */
export function lintUnchecked({ model, origins, findings }: LintSubject): void {
  for (const { name, realServers, sorryServer } of model.pool.virtualServers) {
    for (const server of realServers) {
      const block = origins.realServers.get(server);
      if (isChecked(server) || block === undefined) continue;
      findings.report(
        'realServerUnchecked',
        placeOfBlock(block),
        `${name}: nothing checks ${server.address}: it stays in the pool when it is dead`,
        'write a check into it, such as TCP_CHECK { }',
      );
    }
    const sorry = sorryServer === undefined ? undefined : origins.sorryServers.get(sorryServer);
    if (sorryServer === undefined || sorry === undefined) continue;
    findings.report(
      'sorryServerUnchecked',
      sorry.at,
      `${name}: nothing checks the sorry server ${sorryServer.address}: when it is down too, nobody is told`,
      'watch it from elsewhere',
    );
  }
}

function isChecked({ checkers, followers = [] }: RealServerConfig): boolean {
  return checkers.length + followers.length > 0;
}
