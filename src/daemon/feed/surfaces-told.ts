/** D-Bus and SNMP of a control process, with the sentences of the log about them. */

import type { DbusSettings } from '../../control/dbus/paths.js';
import type { Request } from '../../control/dbus/request.js';
import type { SnmpSettings } from '../../control/snmp/settings.js';
import type { SnmpOptions } from '../../control/snmp/surface.js';
import type { Status } from '../../control/status.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { joinBus } from './bus.js';
import type { BusLink } from './bus.js';
import { joinSnmp } from './snmp.js';
import type { SnmpLink } from './snmp.js';

type Tell = (note: LifecycleNote) => void;

/** `onSettled`: once, when the bus has answered, or will not. */
export function openBus(settings: DbusSettings, tell: Tell, { status, request, onSettled }: { readonly status: () => Status; readonly request: Request; readonly onSettled: () => void }): BusLink {
  const { serviceName: name } = settings;
  return joinBus({
    settings,
    status,
    request,
    onOutcome: (outcome) => tell(outcome.type === 'acquired' ? { type: 'busJoined', name } : { type: 'busLost', name, reason: outcome.reason }),
    onSettled,
  });
}

export function openSnmp(settings: SnmpSettings, tell: Tell, servants: Pick<SnmpOptions, 'borrow' | 'obey' | 'onLook'>): SnmpLink {
  const onOutcome = (note: { readonly state: 'starting' | 'joined' } | { readonly state: 'lost'; readonly reason: string }): void =>
    tell({ type: 'snmpLink', address: settings.master, ...note });
  onOutcome({ state: 'starting' });
  return joinSnmp({ settings, ...servants, onOutcome });
}
