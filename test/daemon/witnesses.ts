/** Programs that see what becomes of a host; each sees everything from the moment that it is handed out. */

import type { OutputLine, Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import type { Host } from './network.js';

/** Prints what changes of addresses, each line with its time. For `instantOf`. */
export async function watchAddresses(host: Host): Promise<Program> {
  const watcher = host.start(['ip', '-o', '-ts', 'monitor', 'address']);
  await until('the changes of addresses are listened to', 20, () => hasRouteGroups(host, watcher.pid) || undefined);
  return watcher;
}

/** Whether this process has an rtnetlink socket that kernel events come to. */
function hasRouteGroups(host: Host, pid: number): boolean {
  const sockets = host.run('cat', '/proc/net/netlink').split('\n').map((line) => line.trim().split(/\s+/));
  return sockets.some(([, family, port, groups = '']) => family === '0' && Number(port) === pid && /[^0]/.test(groups));
}

/** Asks an address twenty times a second; a line for each answer. For `unanswered`. */
export const PING: readonly string[] = ['ping', '-i', '0.05'];

/**
 * Ends such a client and answers the numbers of what it has asked in vain up to now: once it has had one more answer, whatever
 * came before that one has been answered or never will be. What is under way at its end is not in vain.
 */
export async function unanswered(client: Program): Promise<readonly number[]> {
  const { text } = await client.line(ANSWER, 10, client.lines.length);
  client.signal('SIGINT');
  await client.line(/packets transmitted/, 10);
  const answered = new Set(client.lines.map((line) => numberOf(line.text)));
  return Array.from({ length: numberOf(text) }, (_, i) => i + 1).filter((number) => !answered.has(number));
}

const ANSWER = /icmp_seq=(\d+) .*time=/;

function numberOf(text: string): number {
  return Number(ANSWER.exec(text)?.[1]);
}

/**
 * When something was on the wire or in the kernel, in ms: the stamp of tcpdump -tt or of `ip -ts monitor`, not when this
 * process read it. It stands on the line itself or, with tcpdump -v, on the one before.
 */
export function instantOf({ lines }: Program, line: OutputLine): number {
  const told = lines.slice(0, lines.indexOf(line) + 1).reverse();
  for (const { text } of told) {
    const [, seconds, instant] = /^(\d+\.\d+) |^\[([-\dT:.]+)\]/.exec(text) ?? [];
    if (seconds !== undefined) return Number(seconds) * 1000;
    if (instant !== undefined) return Date.parse(instant);
  }
  throw new Error(`no time at: ${line.text}`);
}
