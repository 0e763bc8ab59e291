/** Two hosts on one wire, each a network namespace of this test's own; sockets of both can live in one process. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { enterNetworkNamespace } from '../../src/io/sockets/native-socket.js';
import { awaitCarrier } from '../support/carrier.js';

export interface Host {
  readonly namespace: string;
  /** Runs `ip` inside. */
  readonly ip: (command: string) => string;
  /** Runs many `ip` commands in one go, within a moment. */
  readonly ipBatch: (commands: readonly string[]) => void;
  /** Runs any program inside and gives what it printed. */
  readonly run: (program: string, ...args: readonly string[]) => string;
  /** Calls `action` with this thread inside the namespace: sockets it opens stay there. */
  readonly inside: <T>(action: () => T) => T;
  /** Moves this thread into the namespace for good: what runs from the event loop is there too. */
  readonly enter: () => void;
}

export interface Wire {
  readonly left: Host;
  readonly right: Host;
  readonly remove: () => void;
}

/** `left` and `right` both see the wire as eth0, which carries, without addresses and with IPv6 duplicate detection off. */
export function createWire(): Wire {
  const left = createHost(`hf-netio-${process.pid}-l`);
  const right = createHost(`hf-netio-${process.pid}-r`);
  left.ip(`link add eth0 type veth peer name eth0 netns ${right.namespace}`);
  for (const host of [left, right]) {
    host.run('sysctl', '-qw', 'net.ipv6.conf.eth0.accept_dad=0', 'net.ipv6.conf.eth0.router_solicitations=0');
    host.ip('link set lo up');
    host.ip('link set eth0 up');
  }
  for (const { namespace } of [left, right]) awaitCarrier(namespace, 'eth0');
  return {
    left,
    right,
    remove: () => {
      for (const host of [left, right]) execFileSync('ip', ['netns', 'del', host.namespace]);
    },
  };
}

function createHost(namespace: string): Host {
  execFileSync('ip', ['netns', 'add', namespace]);
  const path = `/run/netns/${namespace}`;
  return {
    namespace,
    ip: (command) => execFileSync('ip', ['-n', namespace, ...command.split(' ')], { encoding: 'utf8' }),
    ipBatch: (commands) => void execFileSync('ip', ['-n', namespace, '-batch', '-'], { input: commands.join('\n') }),
    run: (program, ...args) => execFileSync('ip', ['netns', 'exec', namespace, program, ...args], { encoding: 'utf8' }),
    inside: (action) => {
      // The main thread has the process's id. A descriptor is the only way back.
      const home = openSync(`/proc/self/task/${process.pid}/ns/net`, 'r');
      enterNetworkNamespace(path);
      try {
        return action();
      } finally {
        enterNetworkNamespace(`/proc/self/fd/${home}`);
        closeSync(home);
      }
    },
    enter: () => enterNetworkNamespace(path),
  };
}
