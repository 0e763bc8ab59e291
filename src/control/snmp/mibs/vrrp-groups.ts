/** vrrpSyncGroupTable and vrrpSyncGroupMemberTable of KEEPALIVED-MIB. */

import type { SyncGroupConfig } from '../../../vrrp/config.js';
import type { GroupDescription } from '../../../vrrp/describe.js';
import { integer, text, yesNo } from '../values.js';
import { table } from '../view.js';
import type { Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';
import { hasScripts, script, STATES } from './vrrp-instances.js';

interface GroupRow {
  readonly config: SyncGroupConfig;
  readonly live?: GroupDescription;
}

/** Numbered from 1 as the file has them. */
function groupRows({ configuration, vrrp }: SnmpWorld): readonly Row<GroupRow>[] {
  const live = byName(vrrp?.shown.groups);
  return (configuration?.director.groups ?? []).map((config, i) => {
    const shown = live.get(config.name);
    return { index: [i + 1], of: { config, ...(shown === undefined ? {} : { live: shown }) } };
  });
}

function memberRows({ configuration }: SnmpWorld): readonly Row<string>[] {
  return (configuration?.director.groups ?? []).flatMap(({ members }, i) => members.map((member, j) => ({ index: [i + 1, j + 1], of: member })));
}

export function groupColumns(): readonly Column<SnmpWorld>[] {
  return [
    ...table([...KEEPALIVED_VRRP, 1, 1], groupRows, {
      2: ({ config }) => text(config.name),
      3: ({ live }) => integer(STATES[live?.state ?? 'INIT']),
      4: ({ config }) => yesNo(config.notifyOptions?.mail === true),
      5: ({ config }) => yesNo(hasScripts(config.notify)),
      6: ({ config }) => script(config.notify.master),
      7: ({ config }) => script(config.notify.backup),
      8: ({ config }) => script(config.notify.fault),
      9: ({ config }) => script(config.notify.any),
      10: ({ config }) => yesNo(config.trackingWeight === true),
      11: ({ config }) => script(config.notify.stop),
    }),
    ...table([...KEEPALIVED_VRRP, 2, 1], memberRows, { 2: text }),
  ];
}
