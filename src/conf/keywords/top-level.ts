/** The outermost level of the file: which blocks there are. */

import { bfdInstance } from './bfd.js';
import { custom, section } from './kinds.js';
import { globalDefinitions, topLevelWords } from './global.js';
import { all, blockTable } from './schema.js';
import { ssl } from './ssl.js';
import { virtualServer } from './virtual-server.js';
import { vrrpInstance, vrrpSyncGroup } from './vrrp.js';

export const topLevel = blockTable('top-level', {
  ...topLevelWords,
  global_defs: all(section({ doc: 'Settings of the whole daemon; several blocks merge.' }, globalDefinitions)),
  bfd_instance: all(
    section({ doc: 'One BFD session with a peer, for trackers and checkers.', syntax: 'NAME ', notActedOn: true }, bfdInstance),
  ),
  vrrp_instance: all(section({ doc: 'One virtual router.', syntax: 'NAME ' }, vrrpInstance)),
  vrrp_sync_group: all(section({ doc: 'Instances that change state together.', syntax: 'NAME ' }, vrrpSyncGroup)),
  SSL: all(section({ doc: 'What SSL_GET shows to servers, and whom it believes.', example: 'SSL {\n ca /etc/ssl/certs/ca.pem\n}' }, ssl)),
  virtual_server_group: all({
    ...custom({
      doc: 'Addresses and firewall marks that share one pool.',
      syntax: 'NAME {ENTRY...}',
      read: (statement) => statement,
    }),
    opensBlock: true,
  }),
  virtual_server: all(section({ doc: 'One IPVS service.', syntax: 'IP [PORT] / fwmark N / group NAME ' }, virtualServer)),
});
