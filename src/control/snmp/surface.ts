/** keepalived's face to SNMP: which MIBs are served to the AgentX master, from what the supervisor passes on. */

import type { Feed } from '../feed.js';
import { createAnswerer } from './answers.js';
import { parseMasterAddress } from './master-address.js';
import { globalColumns } from './mibs/global.js';
import { KEEPALIVED_GLOBAL, KEEPALIVED_VRRP, VRRP_MIB, VRRPV3_MIB } from './mibs/identifiers.js';
import { rfc2787Columns } from './mibs/rfc2787.js';
import { rfc6527Columns } from './mibs/rfc6527.js';
import { vrrpColumns } from './mibs/vrrp.js';
import type { SnmpSettings } from './settings.js';
import { openSession } from './session.js';
import type { AgentxSession, SessionOutcome } from './session.js';
import type { Oid } from './values.js';
import { createView } from './view.js';
import type { Column } from './view.js';
import { openWire } from './wire.js';
import type { Borrow } from './wire.js';
import { createWorldKeeper } from './world.js';
import type { SnmpWorld } from './world.js';

export interface SnmpSurface {
  readonly hear: (feed: Feed) => void;
  readonly close: () => void;
}

export interface SnmpOptions {
  readonly settings: SnmpSettings;
  readonly borrow: Borrow;
  readonly onOutcome: (outcome: SessionOutcome) => void;
}

interface ServedMib {
  readonly subtree: Oid;
  readonly columns: readonly Column<SnmpWorld>[];
}

export function openSnmp({ settings, borrow, onOutcome }: SnmpOptions): SnmpSurface {
  const keeper = createWorldKeeper(() => session.upTime());
  const address = parseMasterAddress(settings.master);
  if (address === undefined) {
    onOutcome({ state: 'lost', reason: 'it is no address' });
    return { hear: () => undefined, close: () => undefined };
  }
  const mibs = servedMibs(settings);
  const session: AgentxSession = openSession({
    description: 'Keepalived',
    subtrees: mibs.map(({ subtree }) => subtree),
    open: (events) => openWire(address, borrow, events),
    answer: createAnswerer({ view: createView(mibs.flatMap(({ columns }) => columns)), world: keeper.world, writables: [] }),
    onOutcome,
  });
  return { hear: keeper.hear, close: session.close };
}

function servedMibs({ vrrp, checkers, rfc2787, rfc6527 }: SnmpSettings): readonly ServedMib[] {
  return [
    ...(vrrp || checkers ? [{ subtree: KEEPALIVED_GLOBAL, columns: globalColumns() }] : []),
    ...(vrrp ? [{ subtree: KEEPALIVED_VRRP, columns: vrrpColumns() }] : []),
    ...(rfc2787 ? [{ subtree: VRRP_MIB, columns: rfc2787Columns() }] : []),
    ...(rfc6527 ? [{ subtree: VRRPV3_MIB, columns: rfc6527Columns() }] : []),
  ];
}
