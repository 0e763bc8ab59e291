/** What a control service shows beside its sockets, as the daemons want it: D-Bus, SNMP, names of metrics, tokens of HTTP. */

import type { ControlEvent } from '../../control/status.js';
import type { Feed } from '../../control/feed.js';
import { createGuard } from '../../control/http-guard.js';
import type { Guard } from '../../control/http-guard.js';
import type { ServedHttp, ServedSettings } from '../../control/introduction.js';
import { createMetrics } from '../../control/metrics/metrics.js';
import type { Metrics } from '../../control/metrics/metrics.js';
import type { DbusSettings } from '../../control/dbus/paths.js';
import type { SnmpSettings } from '../../control/snmp/settings.js';
import type { ControlState } from '../../control/state.js';
import type { BusLink } from '../feed/bus.js';
import type { SnmpLink } from '../feed/snmp.js';

export interface SurfacePorts {
  readonly state: ControlState;
  readonly openBus: (settings: DbusSettings) => BusLink;
  readonly openSnmp: (settings: SnmpSettings) => SnmpLink;
  /** Why HTTP is not served. */
  readonly onTrouble: (trouble: string) => void;
}

export interface Surfaces {
  /** Of those that are there, in the order in which their word counts. */
  readonly configure: (settings: readonly ServedSettings[]) => void;
  readonly hear: (feed: Feed) => void;
  readonly happened: (events: readonly ControlEvent[]) => void;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly close: () => void;
}

const NOBODY: Guard = () => ({ type: 'refused', code: 401, error: 'a token is needed', delay: 0 });

/** Keeps the one thing that was made of the newest settings; they may be the same again. */
function kept<S, T extends { readonly close: () => void }>(open: (settings: S) => T): { readonly follow: (settings: S | undefined) => void; readonly now: () => T | undefined } {
  let text: string | undefined;
  let made: T | undefined;
  return {
    now: () => made,
    follow: (settings) => {
      const wanted = settings === undefined ? undefined : JSON.stringify(settings);
      if (wanted === text) return;
      text = wanted;
      made?.close();
      made = settings === undefined ? undefined : open(settings);
    },
  };
}

export function createSurfaces({ state, openBus, openSnmp, onTrouble }: SurfacePorts): Surfaces {
  /** For an agent that is started later. */
  const newest = new Map<string, Feed>();
  const bus = kept(openBus);
  const snmp = kept((settings: SnmpSettings) => {
    const link = openSnmp(settings);
    for (const feed of newest.values()) link.hear(feed);
    return link;
  });
  const door = kept((served: ServedHttp) => {
    if ('trouble' in served) onTrouble(served.trouble);
    return { guard: 'trouble' in served ? NOBODY : createGuard(served.tokens), close: () => undefined };
  });
  const metrics = kept((names: ServedSettings['metricsNames']) => ({ text: createMetrics(names, state.shown), close: () => undefined }));
  const plain = createMetrics([], state.shown);
  return {
    configure: (settings) => {
      // While nobody is there everything stays as it was: whoever comes back finds it so.
      if (settings.length === 0) return;
      const first = <T>(of: (each: ServedSettings) => T | undefined): T | undefined => settings.map(of).find((each) => each !== undefined);
      metrics.follow(settings[0]?.metricsNames);
      bus.follow(first(({ dbus }) => dbus));
      snmp.follow(first((each) => each.snmp));
      door.follow(first(({ http }) => http));
    },
    hear: (feed) => {
      if (feed.type === 'picture') newest.set(feed.of, feed);
      else if (feed.type === 'gone') newest.delete(feed.of);
      else if (feed.type === 'daemon' || feed.type === 'configuration') newest.set(feed.type, feed);
      snmp.now()?.hear(feed);
      if (feed.type === 'daemon' || (feed.type === 'picture' && feed.of === 'vrrp')) bus.now()?.changed();
    },
    happened: (events) => bus.now()?.hear(events),
    metrics: () => (metrics.now()?.text ?? plain)(),
    guard: (request, path) => (door.now()?.guard ?? NOBODY)(request, path),
    close: () => {
      bus.now()?.close();
      snmp.now()?.close();
    },
  };
}
