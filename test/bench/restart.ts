/**
 * What a restart costs the clients of an address: keepalived's stop and start beside holdfast's, and beside its restart in place.
 * Two hosts on one wire; the client is on the second, which in half of the rounds is a backup with the same daemon.
 */

import type { Host } from '../daemon/network.js';
import { HOLDFAST, VIP, instance, openNetwork } from '../daemon/network.js';
import { LEAVE_SIGNAL, REPLACE_SIGNAL } from '../../src/daemon/children/signals.js';
import type { Program } from '../lab/process.js';
import { pause } from '../lab/process.js';
import { formatTable, median, ratio } from './statistics.js';

const WAYS = ['keepalived, stop and start', 'holdfast, as systemctl restart does', 'holdfast restart'] as const;
type Way = (typeof WAYS)[number];
const INTERVALS = [1, 0.1];
/** Seconds between two questions of the client: no shorter outage is seen. */
const ASKING = 0.01;

/** Milliseconds. */
interface Round {
  readonly outage: number;
  readonly silence: number;
}

export async function benchRestart(runs: number): Promise<string> {
  const rows: string[][] = [];
  for (const interval of INTERVALS) {
    for (const hasNeighbour of [false, true]) {
      let first: { readonly outage: number; readonly silence: number } | undefined;
      for (const way of WAYS) {
        const rounds: Round[] = [];
        for (let run = 0; run < runs; run += 1) rounds.push(await measure(way, interval, hasNeighbour));
        const outage = median(rounds.map((round) => round.outage));
        const silence = median(rounds.map((round) => round.silence));
        first ??= { outage, silence };
        const worst = Math.max(...rounds.map((round) => round.outage));
        rows.push([
          `${interval} s, ${hasNeighbour ? 'a backup' : 'alone'}`,
          way,
          `${outage.toFixed(0)} / ${worst.toFixed(0)}`,
          ratio(outage, first.outage),
          silence.toFixed(0),
          ratio(silence, first.silence),
        ]);
      }
    }
  }
  const head = ['interval', 'restart', 'no answer, ms (median / max)', 'to keepalived', 'no advert, ms (median)', 'to keepalived'];
  return `A restart of the master, ${runs} each; the longest time between two answers to a client that asks every ${ASKING * 1_000} ms, and between two adverts\n${formatTable([head, ...rows])}`;
}

async function measure(way: Way, interval: number, hasNeighbour: boolean): Promise<Round> {
  const network = openNetwork();
  const { left, right } = network;
  const command = way === WAYS[0] ? ['keepalived'] : HOLDFAST;
  const settings = { advertInterval: interval, lines: ['version 3'] };
  const start = (): Program => left.daemon(instance(settings), { command });
  try {
    let daemon = start();
    await daemon.line(/\(V1\) Entering MASTER STATE/, 20);
    if (hasNeighbour) await right.daemon(instance({ ...settings, priority: 100 }), { command }).line(/Entering BACKUP STATE/, 20);
    const wire = right.start(['tcpdump', '-l', '-n', '-tt', '-i', 'eth0', 'ip proto 112']);
    await wire.line(/listening on/, 20);
    const client = right.start(['ping', '-D', '-i', String(ASKING), VIP]);
    await client.line(/icmp_seq=100 /, 20);
    // With a shorter interval `holdfast leave` has nothing to do with it.
    daemon = await restarted(way, { daemon, start, host: left, ending: way === WAYS[0] || interval < 0.5 ? 'SIGTERM' : LEAVE_SIGNAL });
    await pause(1 + 5 * interval);
    client.signal('SIGINT');
    await client.exited;
    const adverts = wire.lines.flatMap(({ text }) => /^(\d+\.\d+) IP 10\.9\.9\.\d > 224/.exec(text)?.[1] ?? []).map(Number);
    const answers = client.lines.flatMap(({ text }) => /^\[(\d+\.\d+)\] \d+ bytes from/.exec(text)?.[1] ?? []).map(Number);
    return { outage: longestGap(answers), silence: longestGap(adverts) };
  } finally {
    await network.close();
  }
}

/** The daemon that runs after it, as master. */
async function restarted(
  way: Way,
  { daemon, start, host, ending }: { readonly daemon: Program; readonly start: () => Program; readonly host: Host; readonly ending: NodeJS.Signals | number },
): Promise<Program> {
  if (way === 'holdfast restart') {
    const from = daemon.lines.length;
    process.kill(Number(host.read('keepalived.pid')), REPLACE_SIGNAL);
    await daemon.line(/\(V1\) (adopted in|Entering) MASTER STATE/, 20, from);
    return daemon;
  }
  process.kill(Number(host.read('keepalived.pid')), ending);
  await daemon.exited;
  const next = start();
  await next.line(/\(V1\) (adopted in|Entering) MASTER STATE/, 20);
  return next;
}

/** Of instants in seconds; milliseconds. */
function longestGap(instants: readonly number[]): number {
  if (instants.length < 2) throw new Error('nothing was heard');
  return Math.max(...instants.slice(1).map((at, index) => (at - (instants[index] ?? at)) * 1_000));
}
