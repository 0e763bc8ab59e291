/** vrrp_sync_group: instances that change state together. */

import { trackBfd } from './bfd.js';
import { flag, words } from './kinds.js';
import { notifyKeywords } from './notify.js';
import { blockTable, first } from './schema.js';
import { trackVirtualServer } from './track-virtual-server.js';
import { trackFile, trackInterface, trackProcess, trackScript } from './tracks.js';

export const vrrpSyncGroup = blockTable('vrrp_sync_group', {
  group: first({
    ...words({ doc: 'The instances that change state together.', line: 'VRRP_INSTANCE...' }),
    example: 'group {\n  VI_1\n  VI_2\n}',
  }),
  sync_group_tracking_weight: flag({ doc: 'Weighted trackers of the members count.', default: 'off' }),
  global_tracking: flag({
    doc: 'Once shared the trackers of the members; without effect today.',
    default: 'off',
    deprecated: 'write the track_ blocks into the group',
  }),
  track_interface: trackInterface,
  track_script: trackScript,
  track_file: trackFile,
  track_process: trackProcess,
  track_bfd: trackBfd,
  track_virtual_server: trackVirtualServer,
  ...notifyKeywords,
});
