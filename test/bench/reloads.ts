/** What reload after reload leaves behind: resident memory and descriptors of each process, along a thousand of them. */

import { readFileSync, readdirSync } from 'node:fs';

import { VIP, instance, openNetwork } from '../daemon/network.js';
import { formatTable } from './statistics.js';

const SERVICE = 'virtual_server 10.9.9.200 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.9.9.2 8080 {\nTCP_CHECK {\nconnect_timeout 5\n}\n}\n}\n';
const PROCESSES = ['keepalived', 'vrrp', 'checkers'] as const;
/** So often it is looked. */
const LOOKS = 10;

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Every other configuration has other addresses and another server. */
export async function benchReloads(reloads: number): Promise<string> {
  const network = openNetwork();
  const { left } = network;
  try {
    const texts = [instance() + SERVICE, instance().replace(VIP, '10.9.9.101') + SERVICE.replace('8080', '8081')];
    const daemon = left.daemon(texts[0] ?? '');
    await daemon.line(/\(V1\) Entering MASTER STATE/, 10);
    await daemon.line(/Startup complete/, 10);
    const pids = PROCESSES.map((name) => left.pidOf(name));
    const rows: string[][] = [];
    for (let i = 1; i <= reloads; i += 1) {
      const before = daemon.lines.length;
      left.write('keepalived.conf', texts[i % 2] ?? '');
      daemon.signal('SIGHUP');
      await daemon.line(/Reload complete/, 10, before);
      if (i % Math.ceil(reloads / LOOKS) === 0) rows.push([String(i), ...pids.map((pid) => `${(residentKilobytes(pid) / 1_024).toFixed(1)} MiB, ${readdirSync(`/proc/${pid}/fd`).length}`)]);
    }
    return `Resident memory and descriptors along ${reloads} reloads\n\n${formatTable([['reloads', ...PROCESSES], ...rows])}`;
  } finally {
    await network.close();
  }
}
