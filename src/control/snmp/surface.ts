/** keepalived's face to SNMP: which MIBs are served to the AgentX master, from what the supervisor passes on. */

import type { Feed } from '../feed.js';
import { createAnswerer } from './answers.js';
import { parseMasterAddress } from './master-address.js';
import { checkColumns } from './mibs/check.js';
import { globalColumns } from './mibs/global.js';
import { KEEPALIVED_CHECK, KEEPALIVED_GLOBAL, KEEPALIVED_VRRP, VRRP_MIB, VRRPV3_MIB } from './mibs/identifiers.js';
import { rfc2787Columns } from './mibs/rfc2787.js';
import { rfc6527Columns } from './mibs/rfc6527.js';
import { vrrpColumns } from './mibs/vrrp.js';
import type { SnmpSettings } from './settings.js';
import { openSession } from './session.js';
import type { AgentxSession, SessionOutcome } from './session.js';
import { createTraps } from './traps.js';
import type { Oid } from './values.js';
import { createView } from './view.js';
import type { Column } from './view.js';
import { openWire } from './wire.js';
import type { Borrow } from './wire.js';
import { createWorldKeeper } from './world.js';
import type { SnmpWorld } from './world.js';
import { writables } from './writables.js';
import type { Obey } from './writables.js';

export interface SnmpSurface {
  readonly hear: (feed: Feed) => void;
  readonly close: () => void;
}

export interface SnmpOptions {
  readonly settings: SnmpSettings;
  readonly borrow: Borrow;
  readonly obey: Obey;
  /** Somebody looks at virtual servers: what the kernel counts shall be new. */
  readonly onLook: () => void;
  readonly onOutcome: (outcome: SessionOutcome) => void;
}

interface ServedMib {
  readonly subtree: Oid;
  readonly columns: readonly Column<SnmpWorld>[];
}

export function openSnmp({ settings, borrow, obey, onLook, onOutcome }: SnmpOptions): SnmpSurface {
  const keeper = createWorldKeeper(() => session.upTime());
  const address = parseMasterAddress(settings.master);
  if (address === undefined) {
    onOutcome({ state: 'lost', reason: 'it is no address' });
    return { hear: () => undefined, close: () => undefined };
  }
  const mibs = servedMibs(settings);
  const view = createView(mibs.flatMap(({ columns }) => columns));
  const answer = createAnswerer({ view, world: keeper.world, writables: writables(settings, obey) });
  const session: AgentxSession = openSession({
    description: 'Keepalived',
    subtrees: mibs.map(({ subtree }) => subtree),
    open: (events) => openWire(address, borrow, events),
    answer: (question, reply) => {
      if (settings.checkers) onLook();
      answer(question, reply);
    },
    onOutcome,
  });
  const traps = settings.traps ? createTraps({ settings, world: keeper.world, send: session.notify }) : undefined;
  return {
    hear: (feed) => {
      keeper.hear(feed);
      traps?.hear(feed);
    },
    close: () => {
      traps?.close();
      session.close();
    },
  };
}

function servedMibs({ vrrp, checkers, rfc2787, rfc6527 }: SnmpSettings): readonly ServedMib[] {
  return [
    ...(vrrp || checkers ? [{ subtree: KEEPALIVED_GLOBAL, columns: globalColumns() }] : []),
    ...(vrrp ? [{ subtree: KEEPALIVED_VRRP, columns: vrrpColumns() }] : []),
    ...(checkers ? [{ subtree: KEEPALIVED_CHECK, columns: checkColumns() }] : []),
    ...(rfc2787 ? [{ subtree: VRRP_MIB, columns: rfc2787Columns() }] : []),
    ...(rfc6527 ? [{ subtree: VRRPV3_MIB, columns: rfc6527Columns() }] : []),
  ];
}
