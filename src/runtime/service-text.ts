/**
 * Virtual servers, their real servers and checkers as ` Key = value` lines with keepalived's keys: as they are configured (-d)
 * and, with what is known of them while they run, as SIGUSR1 shows them.
 */

import { seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { familyOf } from '../base/address.js';
import type { CheckerConfig, ConnectionOptions, FollowerConfig } from '../health/config-check.js';
import { serversOf } from '../health/config.js';
import type { GroupEntry, RealServerConfig, VirtualServerConfig } from '../health/config.js';
import type { CheckerState } from '../health/checker.js';
import type { CheckerSlot, RealServerState, VirtualServerState } from '../health/pool-state.js';
import { weightInTables } from '../health/desired.js';
import { isKeptOut } from '../health/standing.js';
import { SERVICE_FLAGS } from '../ipvs/tables.js';
import type { Service } from '../ipvs/tables.js';
import { commandText, commandWords } from './command-text.js';
import { enabled, listed, optional, yesNo } from './dump-lines.js';

const METHODS = { nat: 'NAT', direct: 'DR', tunnel: 'TUN' } as const;

/** What a running virtual server is besides its configuration. */
export type RunningService = Pick<VirtualServerState, 'quorumUp' | 'aliveWeight' | 'sorryActive'> & {
  /** By name, of the configured ones. */
  readonly servers: ReadonlyMap<string, RealServerState>;
};

/** The groups behind virtual servers, each once. */
export function groupedLines(services: readonly VirtualServerConfig[]): readonly string[] {
  const groups = new Map(services.flatMap(({ group }) => (group === undefined ? [] : [[group.name, group.entries] as const])));
  if (groups.size === 0) return [];
  return [' ------< Virtual server group >------', ...[...groups].flatMap(([name, entries]) => [` Virtual Server Group = ${name}`, ...entries.map(entryLine)])];
}

function entryLine(entry: GroupEntry): string {
  if (entry.kind === 'fwmark') return `   FWMARK = ${entry.fwmark}`;
  const { from, to, port } = entry;
  return from === to ? `   VIP = ${from}, VPORT = ${port}` : `   VIP Range = ${from}-${to}, VPORT = ${port}`;
}

/** `running` undefined: as it is configured. */
export function serviceLines(service: VirtualServerConfig, running: RunningService | undefined): readonly string[] {
  const [kernel] = service.services;
  const { sorryServer: sorry } = service;
  return [
    ' ------< Virtual server >------',
    ` ${titleOf(service, kernel)}`,
    ...(kernel === undefined ? [] : kernelLines(kernel)),
    `   omega is ${onOff(service.omega)}`,
    `   quorum = ${service.quorum}, hysteresis = ${service.hysteresis}`,
    ...optional('   Quorum up notify script', commandText(service.quorumUp)),
    ...optional('   Quorum down notify script', commandText(service.quorumDown)),
    `   Using smtp notification = ${yesNo(service.smtpAlert === true)}`,
    ...(sorry === undefined
      ? []
      : [
          `   sorry server = [${sorry.address}]:${kernel?.identity.kind === 'address' ? kernel.identity.protocol : 'none'}:${sorry.port}`,
          `     forwarding method = ${METHODS[sorry.method]}`,
          `     Inhibit on failure is ${onOff(sorry.inhibit)}`,
        ]),
    ...(running === undefined
      ? []
      : [
          `   alive = ${Number([...running.servers.values()].some(({ alive }) => alive))}`,
          `   quorum_state_up = ${Number(running.quorumUp)}`,
          `   alive weight = ${running.aliveWeight}`,
          ...(sorry === undefined ? [] : [`   sorry in use = ${yesNo(running.sorryActive)}`]),
        ]),
    ...(running === undefined
      ? serversOf(service).flatMap((server) => serverLines(server, undefined))
      : [...running.servers.values()].flatMap((server) => serverLines(server.config, server))),
  ];
}

function titleOf({ name, group }: VirtualServerConfig, kernel: Service | undefined): string {
  if (group !== undefined) return `VS GROUP = [${group.name}]:0`;
  if (kernel === undefined) return `VS = ${name}`;
  const { identity } = kernel;
  return identity.kind === 'fwmark' ? `VS FWMARK = ${identity.fwmark}` : `VS VIP = ${identity.address}, VPORT = ${identity.port}`;
}

function kernelLines({ identity, scheduler, flags, persistenceTimeout, persistenceEngine }: Service): readonly string[] {
  const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
  return [
    `   Address family = ${family === 'ipv4' ? 'inet' : 'inet6'}`,
    `   lvs_sched = ${scheduler}`,
    `   flag-1 = ${enabled((flags & SERVICE_FLAGS.scheduler1) !== 0)}`,
    `   flag-2 = ${enabled((flags & SERVICE_FLAGS.scheduler2) !== 0)}`,
    `   flag-3 = ${enabled((flags & SERVICE_FLAGS.scheduler3) !== 0)}`,
    `   One packet scheduling = ${enabled((flags & SERVICE_FLAGS.onePacket) !== 0)}`,
    ...optional('   persistence timeout', persistenceTimeout === 0 ? undefined : persistenceTimeout),
    ...optional('   persistence engine', persistenceEngine),
    `   protocol = ${identity.kind === 'fwmark' ? 'none' : identity.protocol.toUpperCase()}`,
  ];
}

function serverLines(server: RealServerConfig, running: RealServerState | undefined): readonly string[] {
  return [
    `   ------< ${server.tier === undefined ? 'Real' : `Backup (tier ${server.tier})`} server >------`,
    `   RIP = ${server.address}, RPORT = ${server.port}, WEIGHT = ${server.weight} EFF WEIGHT = ${running?.weight ?? server.weight}`,
    `   forwarding method = ${METHODS[server.method]}${server.tunnel === undefined ? '' : `, type = ${server.tunnel.type.toUpperCase()}`}`,
    `   connection limit range = ${server.lowerThreshold} -> ${server.upperThreshold}`,
    `   Inhibit on failure is ${onOff(server.inhibitOnFailure)}`,
    ...returnLines(server),
    ...optional('     RS up notify script', commandText(server.notifyUp)),
    ...optional('     RS down notify script', commandText(server.notifyDown)),
    `   Using smtp notification = ${yesNo(server.smtpAlert !== false)}`,
    `   initial weight = ${server.weight}`,
    ...(running === undefined
      ? []
      : [
          `   effective weight = ${running.weight}`,
          `   alive = ${Number(running.alive)}`,
          `   num failed checkers = ${running.failedCheckers}`,
          ...(isKeptOut(running) ? [`   kept out = ${running.held ? 'until it is resumed' : 'it flaps'}`] : []),
          `   RS set = ${Number(weightInTables(running) !== undefined)}`,
        ]),
  ];
}

/** Words of our own. */
function returnLines({ slowStart, manualResume, flapDamping: damping }: RealServerConfig): readonly string[] {
  const span = (time: Micros): string => `${time / seconds(1)} s`;
  return [
    ...optional('   slow start', slowStart === undefined ? undefined : span(slowStart)),
    ...(manualResume === true ? ['   manual resume = yes'] : []),
    ...(damping === undefined
      ? []
      : [`   flap damping = half-life ${span(damping.halfLife)}, suppress ${damping.suppress}, reuse ${damping.reuse}, longest ${span(damping.longest)}`]),
  ];
}

/** The checkers of a configuration. */
export function checkersOf(service: VirtualServerConfig): readonly string[] {
  const { name } = service;
  return serversOf(service).flatMap((server) => {
    const title = ` ${name} -> ${serverTitle(name, server)}`;
    return [
      ...server.checkers.flatMap((checker) => checkerLines(title, checker, undefined)),
      ...(server.followers ?? []).flatMap((follower) => followerLines(title, follower, undefined)),
    ];
  });
}

/** The checkers of a server that runs. */
export function runningCheckersOf({ name, virtualServer, checkers, followers }: RealServerState): readonly string[] {
  const title = ` ${virtualServer.config.name} -> ${name}`;
  return [
    ...checkers.flatMap(({ config, state }: CheckerSlot) => checkerLines(title, config, state)),
    ...followers.flatMap(({ config, state }) => followerLines(title, config, state.up)),
  ];
}

/** As keepalived names it in logs. */
function serverTitle(service: string, { address, port }: RealServerConfig): string {
  const protocol = /\]:(tcp|udp|sctp):/.exec(service)?.[1] ?? 'none';
  return `[${address}]:${protocol}:${port}`;
}

function checkerLines(title: string, checker: CheckerConfig, running: CheckerState | undefined): readonly string[] {
  const { check } = checker;
  return [
    title,
    ...(running === undefined ? [] : [`   Up = ${yesNo(running.up)}`, `   Has run = ${yesNo(running.hasRun)}`]),
    ...optional('   Current weight', running?.weight),
    `   Alpha = ${yesNo(checker.alpha)}`,
    `   Delay loop = ${checker.delayLoop} us`,
    `   Warmup = ${checker.warmup} us`,
    `   Retries = ${checker.retry}`,
    ...(checker.retry === 0 ? [] : [`   Delay before retry = ${checker.delayBeforeRetry} us`]),
    ...optional('   Retries iterations', running?.retries),
    `   Log all failures = ${yesNo(checker.logAllFailures)}`,
    ...('connection' in check ? connectionLines(check.connection) : []),
    `   Keepalive method = ${check.type}${'protocol' in check ? `, http protocol ${check.protocol}` : ''}`,
    ...('command' in check ? [`   script = ${commandWords(check.command)}`, `   dynamic = ${check.dynamic ? 'YES' : 'NO'}`] : []),
    ...('urls' in check ? check.urls.flatMap(urlLines) : []),
    ...('queryType' in check ? [`   Type = ${check.queryType}`, `   Name = ${check.name === '' ? '.' : check.name}`] : []),
  ];
}

function urlLines({ path, digest, statusCodes }: { path: string; digest?: string; statusCodes: readonly { from: number; to: number }[] }): readonly string[] {
  const codes = statusCodes.map(({ from, to }) => `       ${from === to ? from : `${from}-${to}`}`);
  return [`   Checked url = ${path}`, ...optional('     digest', digest), ...listed('     HTTP Status Code(s)', codes)];
}

function followerLines(title: string, { check, alpha }: FollowerConfig, up: boolean | undefined): readonly string[] {
  return [
    title,
    ...(up === undefined ? [] : [`   Up = ${yesNo(up)}`]),
    `   Alpha = ${yesNo(alpha)}`,
    `   Keepalive method = ${check.type}`,
    check.type === 'BFD_CHECK' ? `   BFD instance = ${check.session}` : `   Track file = ${check.file}, weight ${check.weight}${check.reverse ? ' reverse' : ''}`,
  ];
}

function connectionLines({ address, port, connectTimeout, bindAddress, bindInterface }: ConnectionOptions): readonly string[] {
  return [
    '   Connection',
    `     Dest = [${address}]:${port}`,
    ...optional('     Bind to', bindAddress),
    ...optional('     Bind i/f', bindInterface),
    `     Timeout = ${(connectTimeout / seconds(1)).toFixed(6)}`,
  ];
}

function onOff(value: boolean): string {
  return value ? 'ON' : 'OFF';
}
