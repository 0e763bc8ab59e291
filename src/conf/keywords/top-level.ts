/** The outermost level of the file: which blocks there are. */

import { bfdInstance } from './bfd.js';
import { garpGroup } from './announcement.js';
import { custom, section } from './kinds.js';
import { globalDefinitions, topLevelWords } from './global.js';
import { staticAddresses, staticRoutes, staticRules } from './network.js';
import { all, blockTable } from './schema.js';
import { ssl } from './ssl.js';
import { virtualServer } from './virtual-server.js';
import { linkKeywords } from './links.js';
import { trackFileBlock, trackGroup, vrrpScript, vrrpTrackProcess } from './trackers.js';
import { vrrpInstance } from './vrrp-instance.js';
import { vrrpSyncGroup } from './vrrp-sync-group.js';

export const topLevel = blockTable('top-level', {
  ...topLevelWords,
  global_defs: all(section({ doc: 'Settings of the whole daemon; several blocks merge.' }, globalDefinitions)),
  bfd_instance: all(
    section({ doc: 'One BFD session with a peer, for trackers and checkers.', syntax: 'NAME ' }, bfdInstance),
  ),
  vrrp_script: all(section({ doc: 'A program run again and again, for trackers.', syntax: 'NAME ' }, vrrpScript)),
  track_file: all(section({ doc: 'A file that holds a number, for trackers.', syntax: 'NAME ' }, trackFileBlock)),
  vrrp_track_file: all(
    section({ doc: 'Old name of track_file.', syntax: 'NAME ', deprecated: 'write: track_file' }, trackFileBlock),
  ),
  vrrp_track_process: all(section({ doc: 'How many processes of a kind live, for trackers.', syntax: 'NAME ' }, vrrpTrackProcess)),
  track_group: all(section({ doc: 'Instances that depend on the interfaces of static entries.', syntax: 'NAME ' }, trackGroup)),
  garp_group: all(section({ doc: 'How densely interfaces announce addresses, together.' }, garpGroup)),
  ...linkKeywords,
  static_ipaddress: all(staticAddresses),
  static_routes: all(staticRoutes),
  static_rules: all(staticRules),
  vrrp_instance: all(section({ doc: 'One virtual router.', syntax: 'NAME ' }, vrrpInstance)),
  vrrp_sync_group: all(section({ doc: 'Instances that change state together.', syntax: 'NAME ' }, vrrpSyncGroup)),
  SSL: all(section({ doc: 'What SSL_GET shows to servers, and whom it believes.', example: 'SSL {\n ca /etc/ssl/certs/ca.pem\n}' }, ssl)),
  virtual_server_group: all({
    ...custom({
      doc: 'Addresses and firewall marks that share one pool.',
      syntax: 'NAME {ENTRY...}',
      read: (statement) => statement,
    }),
    line: 'ADDR[-LAST] [PORT[-LAST]] / fwmark N',
    opensBlock: true,
  }),
  virtual_server: all(section({ doc: 'One IPVS service.', syntax: 'IP [PORT] / fwmark N / group NAME ' }, virtualServer)),
});
