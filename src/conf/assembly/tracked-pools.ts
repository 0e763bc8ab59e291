/** Lines of track_virtual_server to the virtual servers that they mean. */

import { parseAddress } from '../../base/address.js';
import type { VirtualServerConfig } from '../../health/config.js';
import type { DirectorConfig } from '../../vrrp/config.js';
import type { TrackedVirtualServer } from '../../vrrp/config/track.js';
import type { Word } from '../cst.js';
import type { Located } from '../keywords/schema.js';
import type { TrackedPoolEntry } from '../keywords/track-virtual-server.js';
import type { Build } from './context.js';

/** With its place for later objections. */
export interface PoolReference extends TrackedVirtualServer {
  readonly at: Word;
}

/** An address without protocol means the services of all protocols there. */
export function buildTrackedPools(
  build: Build,
  owner: Word,
  located: Located<readonly TrackedPoolEntry[]> | undefined,
): readonly PoolReference[] {
  const found = new Map<string, PoolReference>();
  for (const { at, words, weight } of located?.value ?? []) {
    const meant = build.virtualServers.filter((virtualServer) => isMeant(virtualServer, words));
    if (meant.length === 0) {
      const message = `(${owner.text}) there is no virtual_server ${words.join(' ')}; the line is ignored`;
      build.findings.report('trackerUnknown', at, message, 'write what stands after virtual_server');
    }
    for (const { name } of meant.filter(({ haSuspend }) => haSuspend === true)) {
      const message = `(${owner.text}) ${name} is checked by its master alone (ha_suspend): a backup does not know how it is`;
      build.findings.report('contradiction', at, message, 'remove ha_suspend or the line');
    }
    // A firewall mark has a service for each family, under one name.
    for (const name of new Set(meant.map((virtualServer) => virtualServer.name))) {
      if (!found.has(name)) found.set(name, { at, name, ...(weight === undefined ? {} : { weight }) });
      else build.findings.report('repeatedKeyword', at, `(${owner.text}) ${name} is tracked already; the line is ignored`, 'remove the line');
    }
  }
  return [...found.values()];
}

function isMeant({ services, group }: VirtualServerConfig, [first = '', second = '', protocol = '']: readonly string[]): boolean {
  if (first === 'group') return group?.name === second;
  const [service] = services;
  if (group !== undefined || service === undefined) return false;
  const { identity } = service;
  if (first === 'fwmark') return identity.kind === 'fwmark' && identity.fwmark === Number(second);
  if (identity.kind === 'fwmark' || identity.address !== parseAddress(first)) return false;
  const port = second === '' ? 0 : Number(second);
  return identity.port === port && (protocol === '' || protocol.toLowerCase() === identity.protocol);
}

/** Names of all that instances and groups track, each once. */
export function trackedPools({ instances, groups }: DirectorConfig): readonly string[] {
  return [...new Set([...instances, ...groups].flatMap(({ tracks }) => tracks?.virtualServers ?? []).map(({ name }) => name))];
}
