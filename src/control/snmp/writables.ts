/** What managers may set: the weight of a real server, by the command that `holdfast rs weight` gives. */

import { compareOids } from './values.js';
import { ERRORS } from './answers.js';
import type { Change, Writable } from './answers.js';
import type { OperatorCommand } from '../commands.js';
import { KEEPALIVED_CHECK } from './mibs/identifiers.js';
import { realServerRows } from './mibs/real-servers.js';
import type { SnmpWorld } from './world.js';

export type Obey = (command: OperatorCommand, done: (worked: boolean) => void) => void;

export function writables(obey: Obey): readonly Writable<SnmpWorld>[] {
  return [
    {
      oid: [...KEEPALIVED_CHECK, 4, 1, 7],
      plan: (world, index, value) => {
        if (value.type !== 'integer') return ERRORS.wrongType;
        if (value.value < 0) return ERRORS.wrongValue;
        const row = realServerRows(world).find((each) => compareOids(each.index, index) === 0)?.of;
        const { live, virtualServer } = row ?? {};
        if (live === undefined || virtualServer === undefined) return ERRORS.resourceUnavailable;
        const give =
          (command: Pick<OperatorCommand, 'action'> & { readonly weight?: number }): Change =>
          (done) =>
            obey({ server: live.name, virtualServer, ...command } as OperatorCommand, done);
        const before = live.byHand === 'weight' ? give({ action: 'weight', weight: live.weight }) : give({ action: 'enable' });
        return { commit: give({ action: 'weight', weight: value.value }), undo: before };
      },
    },
  ];
}
