/** What programs on D-Bus ask for, as what the supervisor can do. */

import { unreachable } from '../../base/unreachable.js';
import { readDbusRequest, type DbusRequest } from '../../control/dbus/request.js';
import type { DumpKind } from '../children/ipc.js';

export interface BusServices {
  readonly dump: (kind: DumpKind) => void;
  readonly reload: () => void;
  readonly announce: (instance: string) => void;
}

/** A request of unknown shape is no request. */
export function busServer(services: BusServices): (request: unknown) => void {
  return (value) => {
    const request = readDbusRequest(value);
    if (request !== undefined) serve(request, services);
  };
}

function serve(request: DbusRequest, { dump, reload, announce }: BusServices): void {
  switch (request.action) {
    case 'printData':
      dump('data');
      return;
    case 'printStats':
      dump('statistics');
      return;
    case 'printStatsClear':
      dump('statisticsAndClear');
      return;
    case 'reload':
      reload();
      return;
    case 'sendGarp':
      announce(request.instance);
      return;
    default:
      unreachable(request);
  }
}
