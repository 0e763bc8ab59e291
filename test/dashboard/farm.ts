/** A status with as many virtual and real servers as wanted: the first of each virtual server is down. */

import type { RealServerStatus, Status, VirtualServerStatus } from '../../src/control/status.js';

const SINCE = '2026-03-01T00:00:00.000Z';

export interface Farm {
  readonly services: number;
  readonly serversEach: number;
  /** Moves latencies and the moment of the last answers. */
  readonly round?: number;
}

export function farmStatus({ services, serversEach, round = 0 }: Farm): Status {
  return {
    version: 1,
    daemon: {
      version: '1.2.3',
      pid: 1,
      startedAt: SINCE,
      stopping: false,
      configuration: { file: '/etc/keepalived/keepalived.conf', generation: 1, loadedAt: SINCE },
      processes: [{ name: 'vrrp', pid: 2 }, { name: 'checkers', pid: 3 }],
    },
    vrrp: {
      asOf: SINCE,
      instances: [
        {
          name: 'VI_1',
          interface: 'eth0',
          family: 'ipv4',
          virtualRouterId: 51,
          protocolVersion: 2,
          state: 'MASTER',
          reason: 'no other master is heard',
          since: SINCE,
          priority: { configured: 150, effective: 150, reasons: [] },
          faults: [],
          preempt: true,
          advertIntervalSeconds: 1,
          masterDownSeconds: 3.4,
          gratuitousArpDelaySeconds: 5,
          addresses: [{ address: '192.0.2.100', prefixLength: 24, interface: 'eth0', held: true, excluded: false }],
          addressesStatus: 'applied',
          statistics: {},
        },
      ],
      groups: [],
      scripts: [],
    },
    lvs: {
      asOf: SINCE,
      kernel: { known: true, ownServices: services + 1, refusedCommands: 0, repairs: 0 },
      virtualServers: [
        ...Array.from({ length: services }, (_, index) => virtualServer(`[192.0.2.100]:tcp:${80 + index}`, serversEach, round)),
        { ...virtualServer('FWM 1', 1, round), realServers: [realServer(1, 'up', round)] },
      ],
    },
  };
}

function virtualServer(name: string, servers: number, round: number): VirtualServerStatus {
  const realServers = Array.from({ length: servers }, (_, index) => realServer(index, index === 0 ? 'down' : 'up', round));
  const services = [{ fwmark: 1, family: 'ipv4', scheduler: 'wlc' }] as const;
  return { name, services, state: 'up', since: SINCE, quorum: 1, aliveWeight: servers - 1, realServers };
}

function realServer(index: number, state: RealServerStatus['state'], round: number): RealServerStatus {
  const up = state === 'up';
  return {
    name: `[198.51.100.${index % 250}]:tcp:${8_000 + index}`,
    address: `198.51.100.${index % 250}`,
    port: 8_000 + index,
    method: 'nat',
    state,
    since: SINCE,
    ...(up ? {} : { reason: 'connection refused' }),
    weight: { configured: 1, effective: up ? 1 : 0, ...(up ? { kernel: 1 } : {}) },
    checks: [
      {
        check: 'HTTP_GET',
        up,
        hasRun: true,
        retriesUsed: 0,
        answeredAt: new Date(Date.parse(SINCE) + round * 1_000).toISOString(),
        latencyMilliseconds: 5 + ((index + round) % 7),
        ...(up ? {} : { failure: 'connection refused' }),
      },
    ],
  };
}
