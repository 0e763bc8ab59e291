/**
 * Two directors and a client on one switch, in network namespaces of the host's own kernel: enough for everything VRRP.
 * A director's cable is its port on the switch, so pulling it leaves the director's own interface up, as a dead switch would.
 */

import { execFileSync } from 'node:child_process';
import { awaitCarrier } from '../support/carrier.js';

export type Station = 'a' | 'b' | 'client';

export interface Pair {
  /** Name of a station's namespace; its one interface is eth0. */
  readonly namespace: (station: Station) => string;
  /** Runs a command in a station and returns what it printed. Throws when it fails. */
  readonly run: (station: Station, ...command: readonly string[]) => string;
  /** Pulls or plugs the station's cable at the switch. */
  readonly cable: (station: Station, state: 'pulled' | 'plugged') => void;
  /** The addresses on the station's eth0, with prefix. */
  readonly addresses: (station: Station) => readonly string[];
  readonly close: () => void;
}

const STATIONS: readonly Station[] = ['a', 'b', 'client'];
const IPV4 = { a: '10.77.0.1', b: '10.77.0.2', client: '10.77.0.3' } as const;
const LINK_LOCAL = { a: 'fe80::77:1', b: 'fe80::77:2', client: 'fe80::77:3' } as const;

/** MAC addresses say in a capture who spoke. */
export const MAC = { a: '02:00:00:00:77:0a', b: '02:00:00:00:77:0b', client: '02:00:00:00:77:0c' } as const;

/** The switch's end of a station's cable. */
const port = (station: Station): string => `port-${station}`;

/** Makes the namespaces `NAME-PID-...`; `close` removes them. */
export function openPair(name: string): Pair {
  const namespace = (station: Station | 'switch'): string => `hf-${name}-${process.pid}-${station}`;
  const ip = (...words: readonly string[]): string => execFileSync('ip', words, { encoding: 'utf8' });
  const close = (): void => {
    for (const station of [...STATIONS, 'switch'] as const) {
      try {
        execFileSync('ip', ['netns', 'del', namespace(station)], { stdio: 'ignore' });
      } catch {
        // Already gone: closing twice is fine.
      }
    }
  };
  close();
  for (const station of [...STATIONS, 'switch'] as const) {
    ip('netns', 'add', namespace(station));
    ip('-n', namespace(station), 'link', 'set', 'lo', 'up');
  }
  const core = namespace('switch');
  ip('-n', core, 'link', 'add', 'br0', 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0');
  ip('-n', core, 'link', 'set', 'br0', 'up');
  for (const station of STATIONS) {
    const own = namespace(station);
    execFileSync('ip', ['netns', 'exec', own, 'sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0']);
    ip('-n', core, 'link', 'add', port(station), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own, 'address', MAC[station]);
    ip('-n', core, 'link', 'set', port(station), 'master', 'br0', 'up');
    ip('-n', own, 'link', 'set', 'eth0', 'addrgenmode', 'none');
    ip('-n', own, 'link', 'set', 'eth0', 'up');
    ip('-n', own, 'addr', 'add', `${IPV4[station]}/24`, 'dev', 'eth0');
    ip('-n', own, 'addr', 'add', `${LINK_LOCAL[station]}/64`, 'dev', 'eth0', 'nodad');
  }
  for (const station of STATIONS) {
    awaitCarrier(namespace(station), 'eth0');
    awaitCarrier(core, port(station));
  }
  return {
    namespace,
    run: (station, ...command) =>
      execFileSync('ip', ['netns', 'exec', namespace(station), ...command], { encoding: 'utf8' }),
    cable: (station, state) => void ip('-n', core, 'link', 'set', port(station), state === 'pulled' ? 'down' : 'up'),
    addresses: (station) =>
      [...ip('-n', namespace(station), '-o', 'addr', 'show', 'dev', 'eth0').matchAll(/inet6? (\S+)/g)].map(
        (match) => match[1] ?? '',
      ),
    close,
  };
}
