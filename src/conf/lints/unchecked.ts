/** Real servers that nobody looks at: they get their share of the connections for ever, dead or alive. */

import type { LintSubject } from '../lint.js';
import { placeOfBlock } from '../origins.js';

export function lintUnchecked({ model, origins, findings }: LintSubject): void {
  for (const { name, realServers } of model.pool.virtualServers) {
    for (const server of realServers) {
      const block = origins.realServers.get(server);
      if (server.checkers.length > 0 || block === undefined) continue;
      findings.report(
        'realServerUnchecked',
        placeOfBlock(block),
        `${name}: nothing checks ${server.address}: it stays in the pool when it is dead`,
        'write a check into it, such as TCP_CHECK { }',
      );
    }
  }
}
