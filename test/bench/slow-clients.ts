/**
 * A thousand clients of the control API that connect, ask and never read: what they do to the adverts of a master, as a neighbour's
 * network card sees them, and to the memory of the control process. `npm run bench -- slow-clients`.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture } from '../interop/capture.js';
import { startDaemon, until } from '../interop/daemon.js';
import { MAC, openPair } from '../interop/pair.js';
import { memoryOf } from './process-figures.js';
import { formatTable, percentile } from './statistics.js';

const CLIENTS = 1_000;
const ADVERT_INTERVAL = 0.1;
const SECONDS = 20;

export async function benchSlowClients(): Promise<string> {
  const pair = openPair('slow');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-slow-'));
  const socket = join(folder, 'control.sock');
  const capture = await openCapture(pair.namespace('client'), join(folder, 'pcap'));
  const configuration = `global_defs {
    control_socket ${socket}
  }
  vrrp_instance VI_1 {
    version 3
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int ${ADVERT_INTERVAL}
    virtual_ipaddress {
      10.77.0.100
    }
  }\n`;
  const daemon = startDaemon('holdfast', { namespace: pair.namespace('a'), folder, configuration, options: ['-P'] });
  const measure = async (name: string): Promise<readonly string[]> => {
    const from = Date.now() / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
    const times = capture.packets().filter((packet) => packet.kind === 'advert' && packet.sourceMac === MAC.a && packet.at >= from);
    const gaps = times.slice(1).map((packet, i) => (packet.at - (times[i]?.at ?? packet.at)) * 1_000);
    const control = daemon.pids().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0control\0'));
    const memory = control === undefined ? 'none' : `${memoryOf(control).resident.toFixed(1)} MiB`;
    return [name, ...[percentile(gaps, 50), percentile(gaps, 99), Math.max(...gaps)].map((gap) => `${gap.toFixed(2)} ms`), String(gaps.length), memory];
  };
  try {
    await until('it holds the address', () => pair.addresses('a').includes('10.77.0.100/32'), 30);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const rows = [await measure('nobody asks')];
    const clients = spawn(process.execPath, [join(process.cwd(), 'dist/test/bench/slow-clients-inside.js'), socket, String(CLIENTS)], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(clients.stdout, 'data');
    rows.push(await measure(`${CLIENTS} slow clients`));
    clients.stdin.end();
    await once(clients, 'exit');
    rows.push(await measure('they have gone'));
    return `Adverts every ${ADVERT_INTERVAL * 1_000} ms beside the control API\n${formatTable([['clients', 'gap p50', 'gap p99', 'longest', 'adverts', 'control process'], ...rows])}`;
  } finally {
    await daemon.stop();
    await capture.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
