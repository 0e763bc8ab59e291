/** A pool drawn from the dice, and what the kernel should hold for it: a second, simpler reading of the rules. */

import { milliseconds, seconds } from '../../src/base/time.js';
import type { Check, CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { serviceKey } from '../../src/ipvs/tables.js';
import type { Service } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';
import type { Backends } from './backends.js';
import type { World } from './world.js';
import { connectionOf } from '../support/connection.js';

/** Real servers are shared between virtual servers, as they are in life. */
export const BACKENDS = ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14'] as const;
const SORRY = '10.0.0.99';

export function drawPool(world: World): PoolConfig {
  return { virtualServers: Array.from({ length: world.between(1, 3) }, (_, index) => drawVirtualServer(world, index)) };
}

function drawVirtualServer(world: World, index: number): VirtualServerConfig {
  const service = drawService(world, index);
  const method = world.pick(['nat', 'direct', 'tunnel'] as const);
  const inhibitOnFailure = world.chance(0.3);
  const realServers = BACKENDS.filter(() => world.chance(0.7)).map((backend) =>
    drawRealServer(world, backend, method, inhibitOnFailure),
  );
  const total = realServers.reduce((sum, server) => sum + server.weight, 0);
  const quorum = Math.min(total, world.chance(0.6) ? 1 : world.between(1, 4));
  const hysteresis = quorum > 1 && world.chance(0.3) ? world.between(0, quorum - 1) : 0;
  return {
    name: serviceKey(service.identity),
    services: [service],
    realServers,
    ...(world.chance(0.4) ? { sorryServer: { address: address(SORRY), port: 80, method, inhibit: world.chance(0.4) } } : {}),
    quorum,
    hysteresis,
    omega: world.chance(0.3),
  };
}

function drawService(world: World, index: number): Service {
  return {
    identity: world.chance(0.8)
      ? { kind: 'address', protocol: 'tcp', address: address(`192.0.2.${100 + index}`), port: 80 }
      : { kind: 'fwmark', fwmark: index + 1, family: 'ipv4' },
    scheduler: world.pick(['rr', 'wrr', 'wlc']),
    flags: 0,
    persistenceTimeout: world.chance(0.3) ? 300 : 0,
    persistenceGranularity: '255.255.255.255',
  };
}

function drawRealServer(
  world: World,
  backend: string,
  method: RealServerConfig['method'],
  inhibitOnFailure: boolean,
): RealServerConfig {
  return {
    address: address(backend),
    port: 80,
    weight: world.between(0, 3),
    method,
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibitOnFailure,
    checkers: Array.from({ length: world.pick([0, 1, 1, 1, 2]) }, () => drawChecker(world, backend)),
  };
}

function drawChecker(world: World, backend: string): CheckerConfig {
  const connectTimeout = milliseconds(world.between(200, 3_000));
  const connection = { address: address(backend), port: 80, fwmark: 0, connectTimeout };
  const urls = Array.from({ length: world.between(1, 2) }, (_, index) => ({ path: `/${index}`, statusCodes: [] }));
  const check: Check = world.chance(0.7)
    ? { type: 'TCP_CHECK', connection }
    : {
        type: 'HTTP_GET',
        connection,
        urls,
        protocol: '1.0',
        serverNames: urls.map(() => undefined),
        fastRecovery: world.chance(0.5),
      };
  return {
    check,
    delayLoop: milliseconds(world.between(500, 4_000)),
    retry: world.between(0, 2),
    delayBeforeRetry: milliseconds(world.between(200, 2_000)),
    warmup: seconds(world.between(0, 2)),
    alpha: world.chance(0.25),
    logAllFailures: false,
  };
}

/** From the death of a server to the last retry, at most: a run that has just begun, then the retries. */
function detectionBound(checker: CheckerConfig): number {
  const answer = connectionOf(checker.check).connectTimeout;
  return checker.delayLoop + 2 * answer + checker.retry * (checker.delayBeforeRetry + answer) + SLACK;
}

/** From the return of a server to the last of its questions passed, at most. */
function recoveryBound(checker: CheckerConfig): number {
  const questions = 'urls' in checker.check ? checker.check.urls.length + 1 : 1;
  const pause = Math.max(checker.delayLoop, checker.delayBeforeRetry);
  return 1_000_000 + checker.warmup + (questions + 1) * (pause + connectionOf(checker.check).connectTimeout) + SLACK;
}

/** Alarms, prober and a second look. */
const SLACK = 150_000;

export function slowestChange(pool: PoolConfig): number {
  const checkers = pool.virtualServers.flatMap(({ realServers }) => realServers.flatMap((server) => server.checkers));
  return Math.max(1_000_000, ...checkers.map((checker) => Math.max(detectionBound(checker), recoveryBound(checker))));
}

/**
 * The destinations a service should hold as `address weight`, sorted, when nothing has changed for long. With hysteresis
 * the answer may depend on history: then it is one of two.
 */
export function expectedDestinations(config: VirtualServerConfig, backends: Backends): readonly string[] {
  const isAlive = (server: RealServerConfig): boolean => server.checkers.length === 0 || backends.isHealthy(server.address);
  const weight = config.realServers.filter(isAlive).reduce((sum, server) => sum + server.weight, 0);
  const { quorum, hysteresis, sorryServer } = config;
  const list = (sorry: boolean): string => {
    const entries = new Map<string, number>();
    for (const server of config.realServers) {
      if (isAlive(server) && !sorry) entries.set(server.address, server.weight);
      else if (server.inhibitOnFailure) entries.set(server.address, 0);
    }
    if (sorryServer !== undefined && (sorry || sorryServer.inhibit)) entries.set(sorryServer.address, sorry ? 1 : 0);
    return [...entries].map(([server, value]) => `${server} ${value}`).sort().join(', ');
  };
  const mayBeUp = weight > 0 && weight >= quorum - hysteresis;
  const mayBeDown = weight === 0 || weight < quorum + hysteresis;
  return [
    ...(mayBeUp || sorryServer === undefined ? [list(false)] : []),
    ...(mayBeDown && sorryServer !== undefined ? [list(true)] : []),
  ];
}
