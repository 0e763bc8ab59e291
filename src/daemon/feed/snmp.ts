/** The control process's way to SNMP: its code is loaded where the configuration wants it, and only there. */

import type { Feed } from '../../control/feed.js';
import type { SnmpOptions, SnmpSurface } from '../../control/snmp/surface.js';

export interface SnmpLink {
  readonly hear: (feed: Feed) => void;
  readonly close: () => void;
}

export function joinSnmp(options: SnmpOptions): SnmpLink {
  /** What came while the code was being loaded. */
  let early: Feed[] | undefined = [];
  let surface: SnmpSurface | undefined;
  let closed = false;
  const open = async (): Promise<void> => {
    const { openSnmp } = await import('../../control/snmp/surface.js');
    if (closed) return;
    surface = openSnmp(options);
    for (const feed of early ?? []) surface.hear(feed);
    early = undefined;
  };
  void open();
  return {
    hear: (feed) => {
      if (surface === undefined) early?.push(feed);
      else surface.hear(feed);
    },
    close: () => {
      closed = true;
      surface?.close();
    },
  };
}
