/**
 * BFD with others: sessions with Debian's bird and with keepalived 2.2.7 come up over IPv4 and IPv6, a cut is noticed by both
 * ends, an end that stops or is started again is too, and two hops away port 4784 serves.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { startDaemon, until, type Daemon, type DaemonKind } from './daemon.js';
import { openPair, type Pair, type Station } from './pair.js';

const ADDRESSES = { a: ['10.77.0.1', 'fd77::1'], b: ['10.77.0.2', 'fd77::2'] } as const;
const NAMES = ['four', 'six'] as const;

interface Setting {
  readonly pair: Pair;
  readonly folder: string;
}

async function onPair(name: string, body: (setting: Setting) => Promise<void>): Promise<void> {
  const pair = openPair(name);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bfd-'));
  for (const station of ['a', 'b'] as const) pair.run(station, 'ip', 'addr', 'add', `${ADDRESSES[station][1]}/64`, 'dev', 'eth0', 'nodad');
  try {
    await body({ pair, folder });
  } finally {
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two sessions, one a family, every 100 ms, down after a second: a busy machine is no cut. */
function configuration(own: 'a' | 'b', lines = ''): string {
  const peer = own === 'a' ? 'b' : 'a';
  return NAMES.map(
    (name, family) =>
      `bfd_instance ${name} {\n neighbor_ip ${ADDRESSES[peer][family] ?? ''}\n source_ip ${ADDRESSES[own][family] ?? ''}\n min_rx 100\n min_tx 100\n multiplier 10\n ${lines}\n}\n`,
  ).join('');
}

function start(kind: DaemonKind, { pair, folder }: Setting, station: 'a' | 'b', lines?: string): Daemon {
  return startDaemon(kind, { namespace: pair.namespace(station), folder: join(folder, station), configuration: configuration(station, lines) });
}

function count(log: string, sentence: RegExp): number {
  return [...log.matchAll(new RegExp(sentence, 'g'))].length;
}

/** Both sessions have entered the state for the nth time. */
async function entered(daemon: Daemon, state: 'Up' | 'Down', times: number): Promise<void> {
  const isEntered = (name: string): boolean => count(daemon.log(), new RegExp(`\\(${name}\\) Entering ${state} state`)) >= times;
  await until(`${daemon.kind} says ${state} ${times} times\n${daemon.log()}`, () => NAMES.every(isEntered));
}

for (const peer of ['keepalived', 'holdfast'] as const) {
  test(`with ${peer}: up, a cut, up again, an orderly stop, a new process`, () =>
    onPair(`bfd-${peer.slice(0, 1)}`, async (setting) => {
      const ours = start('holdfast', setting, 'a');
      let theirs = start(peer, setting, 'b');
      try {
        await Promise.all([entered(ours, 'Up', 1), entered(theirs, 'Up', 1)]);
        setting.pair.cable('b', 'pulled');
        await Promise.all([entered(ours, 'Down', 1), entered(theirs, 'Down', 1)]);
        await until('both have expired', () => count(ours.log(), /Expired after 1000 ms/) >= 2);
        setting.pair.cable('b', 'plugged');
        await Promise.all([entered(ours, 'Up', 2), entered(theirs, 'Up', 2)]);
        await theirs.stop();
        await entered(ours, 'Down', 2);
        if (peer === 'holdfast') await until('both were told', () => count(ours.log(), /Neighbor Signaled Session Down, Remote diagnostic - Administratively Down/) >= 2);
        theirs = start(peer, setting, 'b');
        await entered(ours, 'Up', 3);
        await ours.stop();
        // keepalived hears of our end from us; it would have to wait for silence the other way round.
        await until('the peer hears it', () => count(theirs.log(), /Neighbor Signaled Session Down/) >= 2);
      } finally {
        await Promise.all([ours.crash().catch(() => undefined), theirs.crash().catch(() => undefined)]);
      }
    }));
}

/** One bird for both families; `neighbours` are lines of its bfd protocol. */
function startBird({ pair, folder }: Setting, station: Station, neighbours: string): (...command: readonly string[]) => string {
  const place = join(folder, 'bird');
  mkdirSync(place, { recursive: true });
  const intervals = 'min rx interval 100 ms; min tx interval 100 ms; idle tx interval 1 s; multiplier 10;';
  const lines = [`log "${place}/log" all;`, 'router id 10.77.0.2;', 'protocol device { }', `protocol bfd peers { interface "*" { ${intervals} }; multihop { ${intervals} }; ${neighbours} }`];
  writeFileSync(join(place, 'bird.conf'), `${lines.join('\n')}\n`);
  pair.run(station, 'bird', '-c', join(place, 'bird.conf'), '-s', join(place, 'control'), '-P', join(place, 'pid'));
  return (...command) => pair.run(station, 'birdc', '-s', join(place, 'control'), ...command);
}

function endBird(folder: string): void {
  process.kill(Number(readFileSync(join(folder, 'bird', 'pid'), 'utf8')), 'SIGTERM');
}

function birdSaysUp(birdc: (...command: readonly string[]) => string, sessions: number): boolean {
  return count(birdc('show', 'bfd', 'sessions'), / Up /) === sessions;
}

test('with bird: up over both families, a cut, up again, switched off and on over there, passive here', () =>
  onPair('bfd-b', async (setting) => {
    const ours = start('holdfast', setting, 'a', 'passive');
    const [four, six] = ADDRESSES.a;
    const birdc = startBird(setting, 'b', `neighbor ${four} dev "eth0" local ${ADDRESSES.b[0]}; neighbor ${six} dev "eth0" local ${ADDRESSES.b[1]};`);
    try {
      await entered(ours, 'Up', 1);
      await until('bird agrees', () => birdSaysUp(birdc, 2));
      setting.pair.cable('a', 'pulled');
      await entered(ours, 'Down', 1);
      await until('bird noticed it', () => birdSaysUp(birdc, 0));
      setting.pair.cable('a', 'plugged');
      await entered(ours, 'Up', 2);
      birdc('disable', 'peers');
      await entered(ours, 'Down', 2);
      birdc('enable', 'peers');
      await entered(ours, 'Up', 3);
      await until('bird agrees again, and on the times', () => /10\.77\.0\.1 +eth0 +Up +\S+ +0\.100 +1\.000/.test(birdc('show', 'bfd', 'sessions')));
    } finally {
      endBird(setting.folder);
      await ours.crash().catch(() => undefined);
    }
  }));

test('with bird two hops away: port 4784, and a packet that has travelled further than max_hops is refused', () =>
  onPair('bfd-m', async (setting) => {
    const { pair } = setting;
    // bird sends with a TTL of 64 when the peer is further away. The client station forwards between a and b, which lie in networks of their own.
    pair.run('client', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.eth0.send_redirects=0');
    for (const station of ['a', 'b'] as const) pair.run(station, 'sysctl', '-qw', 'net.ipv4.conf.all.accept_redirects=0', 'net.ipv4.conf.eth0.accept_redirects=0');
    for (const [station, network] of [['a', 1], ['b', 2]] as const) {
      pair.run('client', 'ip', 'addr', 'add', `10.77.${network}.254/24`, 'dev', 'eth0');
      pair.run(station, 'ip', 'addr', 'add', `10.77.${network}.1/24`, 'dev', 'eth0');
      pair.run(station, 'ip', 'route', 'add', `10.77.${3 - network}.0/24`, 'via', `10.77.${network}.254`);
    }
    const session = (hops: number): string =>
      `bfd_instance far {\n neighbor_ip 10.77.2.1\n source_ip 10.77.1.1\n multihop on\n ttl 64\n max_hops ${hops}\n min_rx 100\n min_tx 100\n multiplier 10\n}\n`;
    const folder = join(setting.folder, 'a');
    const ours = startDaemon('holdfast', { namespace: pair.namespace('a'), folder, configuration: session(1) });
    const birdc = startBird(setting, 'b', 'neighbor 10.77.1.1 local 10.77.2.1 multihop;');
    try {
      await until('it is up', () => /\(far\) Entering Up state/.test(ours.log()));
      await until('bird agrees', () => birdSaysUp(birdc, 1));
      writeFileSync(join(folder, 'keepalived.conf'), session(0));
      ours.signal('SIGHUP');
      await until('packets from a hop too far are refused', () => /\(far\) Expired/.test(ours.log()) && /ttl\(63\) < 64 - discarding/.test(ours.log()));
    } finally {
      endBird(setting.folder);
      await ours.crash().catch(() => undefined);
    }
  }));
