/** Which virtual servers a command leaves without a real server for new connections. */

import type { ServerCommand } from '../control/commands.js';
import { isCalled, shortName } from '../control/server-names.js';
import type { ByHandStatus, RealServerStatus, Status, VirtualServerStatus } from '../control/status.js';

/** One sentence for each virtual server that `asked` takes the last server of, told before it was obeyed. */
export function lastServerWarnings({ server, virtualServer, ...asked }: ServerCommand, { lvs, byHand = [] }: Status): readonly string[] {
  if (!takesAway(asked)) return [];
  // What has just been said shows here before it shows in the pool.
  const taken = byHand.filter(takesAway);
  return (lvs?.virtualServers ?? []).flatMap((pool) => {
    if (virtualServer !== undefined && !isCalled(pool.name, virtualServer)) return [];
    const serving = pool.realServers.filter((each) => isServing(each) && !taken.some((word) => word.server === each.name && word.virtualServer === pool.name));
    const left = serving.filter(({ name }) => !isCalled(name, server));
    return serving.length === 0 || left.length > 0 ? [] : [`${shortName(pool.name)} has no other server for new connections${standIn(pool)}`];
  });
}

/** Whether it may leave a server without new connections at all. */
export function takesAway({ action, weight }: Pick<ByHandStatus, 'weight'> & { readonly action: string }): boolean {
  return action === 'drain' || action === 'disable' || action === 'remove' || (action === 'weight' && weight === 0);
}

function isServing({ tier, state, weight }: RealServerStatus): boolean {
  return tier === undefined && state !== 'down' && state !== 'disabled' && weight.effective > 0;
}

/** Who takes them then. */
function standIn({ sorryServer, realServers }: VirtualServerStatus): string {
  const hasBackup = realServers.some(({ tier, state }) => tier !== undefined && state !== 'down' && state !== 'disabled');
  if (hasBackup) return ': its backup servers take them';
  return sorryServer === undefined ? ', and nobody stands behind' : `: sorry server ${shortName(sorryServer.name)} takes them`;
}
