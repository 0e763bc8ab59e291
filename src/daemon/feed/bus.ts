/** The control process's way to D-Bus: the library is loaded where the configuration wants it, and only there. */

import type { DbusSettings } from '../../control/dbus/paths.js';
import type { Request } from '../../control/dbus/request.js';
import type { DbusOutcome, DbusSurface } from '../../control/dbus/surface.js';
import type { ControlEvent, Status } from '../../control/status.js';

/** Until a bus that says nothing is taken for none, milliseconds. */
const PATIENCE = 5_000;
/** Pictures that come together are shown together, milliseconds. */
const GATHER = 100;

export interface BusLink {
  /** There is something new in the status. */
  readonly changed: () => void;
  readonly hear: (events: readonly ControlEvent[]) => void;
  readonly close: () => void;
}

export interface BusOptions {
  readonly settings: DbusSettings;
  readonly status: () => Status;
  readonly request: Request;
  readonly onOutcome: (outcome: DbusOutcome) => void;
  /** Once: the bus has answered, or will not. The process may give up its rights. */
  readonly onSettled: () => void;
}

export function joinBus({ settings, status, request, onOutcome, onSettled }: BusOptions): BusLink {
  let surface: DbusSurface | undefined;
  let timer: NodeJS.Timeout | undefined;
  let settled = false;
  const settle = (): void => {
    if (settled) return;
    settled = true;
    clearTimeout(patience);
    onSettled();
  };
  const patience = setTimeout(settle, PATIENCE);
  const show = (): void => {
    timer = undefined;
    surface?.show(status());
  };
  const open = async (): Promise<void> => {
    const { openDbus } = await import('../../control/dbus/surface.js');
    surface = openDbus(settings, request, (outcome) => {
      onOutcome(outcome);
      settle();
    });
    show();
  };
  void open();
  return {
    changed: () => {
      timer ??= setTimeout(show, GATHER).unref();
    },
    hear: (events) => {
      for (const event of events) surface?.hear(event);
    },
    close: () => surface?.close(),
  };
}
