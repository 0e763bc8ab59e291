/**
 * The supervisor's part in SNMP: snmpd's socket is as a rule for root alone, and the control process is nobody. So the
 * supervisor connects for it and hands the connection over. It neither reads nor writes there.
 */

import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';

import type { Feed } from '../../control/feed.js';
import { parseMasterAddress } from '../../control/snmp/master-address.js';

/** `master` is of our own settings: nobody can have the supervisor connect elsewhere. */
export function lendMaster(forked: ChildProcess, master: string | undefined): void {
  const address = master === undefined ? undefined : parseMasterAddress(master);
  const answer = (feed: Extract<Feed, { type: 'master' }>): void => {
    if (forked.connected) forked.send(feed);
  };
  if (address?.transport !== 'unix') {
    answer({ type: 'master', refusal: 'it is no socket of this host' });
    return;
  }
  const socket = connect({ path: address.path });
  socket.once('error', ({ message }) => answer({ type: 'master', refusal: message }));
  socket.once('connect', () => {
    const feed: Feed = { type: 'master' };
    if (forked.connected) forked.send(feed, socket);
    else socket.destroy();
  });
}
