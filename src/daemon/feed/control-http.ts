/** The control API over HTTP on the loopback interface: opened while this process may still read the token's file. */

import type { Server } from 'node:http';

import type { ControlServer, Door } from '../../control/server.js';
import type { HttpSettings } from '../../control/feed.js';
import { createGuard } from '../../control/http-guard.js';
import { readToken } from '../../control/http-token.js';
import { errorCodeOf } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** Clients at the same time: dashboards and scrapers of this machine. */
const MOST_CONNECTIONS = 64;

/** `open` makes a server for a door. The server, or undefined where it cannot be; `tell` hears either. `settled` is called once, when nothing needs root any more. */
export function openHttp(
  settings: HttpSettings,
  open: (door: Door) => ControlServer,
  tell: (note: LifecycleNote) => void,
  settled: () => void,
): ControlServer | undefined {
  const { address, port, tokenFile, groupId, adminTokenFile, adminGroupId } = settings;
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const reading = readToken(tokenFile, groupId);
  const commanding = adminTokenFile === undefined ? undefined : readToken(adminTokenFile, adminGroupId);
  const trouble = [reading, commanding].flatMap((each) => (each !== undefined && 'trouble' in each ? [each.trouble] : []))[0];
  if (trouble !== undefined || 'trouble' in reading) {
    tell({ type: 'httpDoor', address: where, reason: trouble ?? '' });
    settled();
    return undefined;
  }
  const adminToken = commanding !== undefined && 'token' in commanding ? commanding.token : undefined;
  const opened = open({
    guard: createGuard({ reading: reading.token, ...(adminToken === undefined ? {} : { commands: adminToken }) }),
    mostConnections: MOST_CONNECTIONS,
  });
  listen(opened.server, settings, where, tell, settled);
  return opened;
}

function listen(server: Server, { address, port }: HttpSettings, where: string, tell: (note: LifecycleNote) => void, settled: () => void): void {
  server.once('error', (error) => {
    tell({ type: 'httpDoor', address: where, reason: errorCodeOf(error) });
    settled();
  });
  server.listen({ host: address, port }, () => {
    tell({ type: 'httpDoor', address: where });
    settled();
  });
}
