/** From exec to the first advert of an address owner, which is master at once: what a start costs, parsing and processes included. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture } from '../interop/capture.js';
import { startDaemon, until, type DaemonKind } from '../interop/daemon.js';
import { openPair, type Pair } from '../interop/pair.js';
import { formatTable, median, ratio } from './statistics.js';

const KINDS = ['keepalived', 'holdfast'] as const satisfies readonly DaemonKind[];

const CONFIGURATION = `vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 255
  version 3
  advert_int 1
  virtual_ipaddress {
    10.77.0.100
  }
}
virtual_server 10.77.0.100 80 {
  delay_loop 60
  protocol TCP
  real_server 10.77.0.3 80 {
    TCP_CHECK {
      connect_timeout 1
    }
  }
}
`;

/** One row: minimum, median and maximum of `runs` starts of each daemon, in turn. */
export async function benchFirstAdvert(runs: number): Promise<string> {
  const pair = openPair('first');
  const times: Record<(typeof KINDS)[number], number[]> = { keepalived: [], holdfast: [] };
  try {
    for (let run = 0; run < runs; run += 1) for (const kind of KINDS) times[kind].push(await measure(pair, kind));
  } finally {
    pair.close();
  }
  const rows = KINDS.map((kind) => [kind, ...[Math.min(...times[kind]), median(times[kind]), Math.max(...times[kind])].map((time) => time.toFixed(0))]);
  rows.push(['ratio', '', ratio(median(times.holdfast), median(times.keepalived)), '']);
  return `From exec to the first advert, VRRP and checkers, ${runs} starts each, ms\n${formatTable([['daemon', 'min', 'median', 'max'], ...rows])}`;
}

async function measure(pair: Pair, kind: DaemonKind): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-first-'));
  const capture = await openCapture(pair.namespace('client'), join(folder, 'pcap'));
  const began = Date.now();
  const daemon = startDaemon(kind, { namespace: pair.namespace('a'), folder: join(folder, 'a'), configuration: CONFIGURATION });
  try {
    const advertAt = (): number | undefined => capture.packets().find((packet) => packet.kind === 'advert')?.at;
    await until('it has advertised', () => advertAt() !== undefined);
    return (advertAt() ?? Number.NaN) * 1_000 - began;
  } finally {
    await daemon.stop();
    await capture.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
