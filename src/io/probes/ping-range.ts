/** Who may open an ICMP socket: the kernel asks net.ipv4.ping_group_range, which lets nobody unless told. */

import { readFileSync, writeFileSync } from 'node:fs';

import { KernelError } from '../kernel-error.js';

const RANGE = '/proc/sys/net/ipv4/ping_group_range';

/** Runs `open`; refused, once more with our group let in, as keepalived does. Throws what `open` throws then. */
export function allowPing<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'EACCES' || !letIn(process.getegid?.() ?? 0)) throw error;
    return open();
  }
}

/** Widens the range of this network namespace until the process ends; false when that is not allowed. */
function letIn(group: number): boolean {
  try {
    const before = readFileSync(RANGE, 'utf8');
    const [low = 1, high = 0] = before.trim().split(/\s+/).map(Number);
    const empty = low > high;
    writeFileSync(RANGE, empty ? `${group} ${group}` : `${Math.min(low, group)} ${Math.max(high, group)}`);
    const widened = readFileSync(RANGE, 'utf8');
    process.once('exit', () => {
      putBack(before, widened);
    });
    return true;
  } catch {
    return false;
  }
}

/** Unless somebody else has changed it since. */
function putBack(before: string, widened: string): void {
  try {
    if (readFileSync(RANGE, 'utf8') === widened) writeFileSync(RANGE, before);
  } catch {
    // The process ends; the range stays as wide as it is.
  }
}
