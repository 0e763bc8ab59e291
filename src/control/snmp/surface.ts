/** keepalived's face to SNMP: which MIBs are served to the AgentX master, from what the supervisor passes on. */

import type { Feed } from '../feed.js';
import { createAnswerer } from './answers.js';
import { parseMasterAddress } from './master-address.js';
import { instanceColumns } from './mibs/vrrp-instances.js';
import { KEEPALIVED_GLOBAL, KEEPALIVED_VRRP } from './mibs/identifiers.js';
import type { SnmpSettings } from './settings.js';
import { openSession } from './session.js';
import type { SessionOutcome } from './session.js';
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
  const keeper = createWorldKeeper();
  const address = parseMasterAddress(settings.master);
  if (address === undefined) {
    onOutcome({ state: 'lost', reason: 'it is no address' });
    return { hear: () => undefined, close: () => undefined };
  }
  const mibs = servedMibs(settings);
  const session = openSession({
    description: 'Keepalived',
    subtrees: mibs.map(({ subtree }) => subtree),
    open: (events) => openWire(address, borrow, events),
    answer: createAnswerer({ view: createView(mibs.flatMap(({ columns }) => columns)), world: keeper.world, writables: [] }),
    onOutcome,
  });
  return { hear: keeper.hear, close: session.close };
}

function servedMibs({ vrrp }: SnmpSettings): readonly ServedMib[] {
  return [
    { subtree: KEEPALIVED_GLOBAL, columns: [] },
    ...(vrrp ? [{ subtree: KEEPALIVED_VRRP, columns: instanceColumns() }] : []),
  ];
}
