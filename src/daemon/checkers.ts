/** Root of the checkers process: opens its adapters, wires them to the LVS driver and serves the supervisor. */

import { given } from '../base/given.js';
import { milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { GlobalConfig } from '../conf/model.js';
import type { PoolConfig } from '../health/config.js';
import type { InheritedVerdicts } from '../health/events.js';
import { markGroups } from '../health/marks.js';
import { verdictsOf } from '../health/standing.js';
import type { GroupMarks, MarkLedger } from '../health/marks.js';
import { tableFinder } from '../io/processes/accounts.js';
import { beginStart, endStart, letYoungGenerationGrow } from '../io/processes/memory.js';
import { openClock } from '../io/clock.js';
import { openIpvs } from '../io/netlink/ipvs-kernel.js';
import type { OpenIpvsPort } from '../io/netlink/ipvs-kernel.js';
import { createIpvsMarks } from '../io/netlink/ipvs-marks.js';
import { inNetworkNamespace } from '../io/network-namespace.js';
import { openProbes } from '../io/probes/probes.js';
import type { OpenProbes } from '../io/probes/probes.js';
import { lvsDataText } from '../runtime/lvs-data-text.js';
import type { LvsDriver } from '../runtime/lvs-driver.js';
import { createLvsDriver } from '../runtime/lvs-driver.js';
import type { LvsEvent } from '../runtime/lvs-machine.js';
import type { LvsPorts } from '../runtime/ports.js';
import { createAlertReporter } from './mail/alert-port.js';
import type { ChildContext } from './children/child.js';
import { enterChild } from './children/child.js';
import type { CheckersPart, ChildSettings } from './children/ipc.js';
import { createCounting } from './ipvs/counting.js';
import type { Counting } from './ipvs/counting.js';
import { writeDump } from './dumps/dump.js';
import { openFollowedAddresses } from './tracked/followed-addresses.js';
import type { FollowedAddresses } from './tracked/followed-addresses.js';
import { openFollowedFiles } from './tracked/followed-files.js';
import type { Drawing } from './feed/publisher.js';
import { createFifoReaders } from './notify/fifo-readers.js';
import type { FifoReaders } from './notify/fifo-readers.js';
import { openIpvsSurroundings, type IpvsSurroundings } from './ipvs/ipvs-surroundings.js';
import { loadIpvsModule } from './ipvs/ipvs-module.js';
import { createNotifyCommands } from './notify/notify-commands.js';
import type { NotifyCommands } from './notify/notify-commands.js';
import { createNotifyFifos } from './notify/notify-fifos.js';
import type { NotifyFifos } from './notify/notify-fifos.js';
import { keepBequest, takeBequest } from './restart/bequest.js';
import { dumpFilePath, estatePath } from './start/process-names.js';
import { createScheduling } from './children/scheduling.js';
import type { Scheduling } from './children/scheduling.js';

/** Checks due within this time start together: a wake-up costs more than a check. Delays count in seconds here. */
const CHECK_GRANULARITY = milliseconds(5);

/** Series of questions that are expected to pass are handed over together, those of so long a time at once. */
const FORESIGHT = milliseconds(200);

/** Other questions are asked so much before their time, together with one that is due. */
const SLACK = milliseconds(50);

/** Older ones say nothing of today's servers. */
const VERDICTS_AGE = seconds(60);

/** Runs until the supervisor asks for the end or is gone. */
export function runCheckers(settings: ChildSettings): void {
  beginStart();
  const child = enterChild('checkers', settings);
  loadIpvsModule(child.tell, () => serve(child));
}

function serve(child: ChildContext<'checkers'>): void {
  const { tell, settings } = child;
  const deliver = (event: LvsEvent): void => driver?.deliver(event);
  const commands = createNotifyCommands(tell);
  const fifos = createNotifyFifos(tell);
  const alerts = createAlertReporter(child.report);
  const readers = createFifoReaders(tell);
  const scheduling = createScheduling('checkers', tell);
  const counting = createCounting(openClock());
  const ports = openPorts(child, scheduling, { commands, fifo: fifos, alerts, counting }, deliver, () => driver?.onAlarm());
  const surroundings = openIpvsSurroundings(child);
  const marks = openMarks(child);
  const followers = openFollowers(child, deliver, marks, surroundings);
  let keeps = false;
  const onStopped = (): void => {
    for (const open of [followers, ports.probes, fifos]) open.close();
    if (!keeps) marks.remove();
    surroundings.release(keeps, () => commands.finish(() => readers.finish(child.leave)));
  };
  const stop = (keep: boolean): void => {
    keeps = keep;
    if (driver === undefined) child.leave();
    else deliver({ type: 'stopRequested', release: releaseAtStop(keeps, global) });
  };
  let driver: LvsDriver | undefined;
  let global: GlobalConfig | undefined;
  child.serve({
    followMasters: surroundings.followMasters,
    beat: ports.probes.beat,
    looked: counting.wanted,
    resume: (wanted) => deliver({ ...wanted, type: 'resumeRequested' }),
    follow: ({ session, up }) => deliver({ type: 'sessionChanged', session, up }),
    configure: (part, done) => {
      process.title = part.global.checkerProcessName;
      process.umask(part.umask);
      scheduling.configure(part.global);
      counting.configure(part.global.statisticsInterval ?? snmpAge(part.pool), part.shown);
      if (driver !== undefined) tell({ type: 'childReloading' });
      ({ global } = part);
      surroundings.followMasters(part.masters);
      configurePrograms(part, { commands, fifos, readers, probes: ports.probes });
      alerts.configure(global.mail);
      setReceiveBuffers(global, ports.ipvs, followers);
      ports.probes.configureTls(part.pool.tls, ({ code }) => tell({ type: 'tlsMaterialUnusable', reason: code }));
      const isFirst = driver === undefined;
      driver ??= createLvsDriver(ports, { seed: process.pid, lvsFlush: global.lvsFlush, foresight: FORESIGHT, slack: SLACK, counted: ports.ipvs.counted, onStopped });
      if (isFirst) inherit(part, settings.pidFile, deliver, marks);
      // A server whose file or session says that it is down must not serve for a moment.
      for (const { session, up } of part.sessions) deliver({ type: 'sessionChanged', session, up });
      const written = (): void => {
        done();
        if (isFirst) startIsOver();
      };
      followers.follow(part.pool, () => driver?.whenWritten(written));
    },
    overlay: ({ pool: said }) => driver && followers.overlay(said),
    draw: () => draw(driver),
    dataText: () => driver && global && dataText(driver, global),
    dump: (kind) => {
      if (kind === 'data' && driver !== undefined && global !== undefined) dump(driver, global, child);
    },
    stopsConfigured: true,
    relieve: () => {
      leaveVerdicts(settings.pidFile, driver);
      stop(true);
    },
    stop: () => stop(settings.keepAtExit),
  });
}

function setReceiveBuffers({ sockets }: GlobalConfig, ipvs: Pick<OpenIpvsPort, 'setReceiveBuffer'>, followers: Pick<Followers, 'setReceiveBuffer'>): void {
  ipvs.setReceiveBuffer(sockets?.checkerCommands);
  followers.setReceiveBuffer(sockets?.checkerMonitor);
}

interface Programs {
  readonly commands: NotifyCommands;
  readonly fifos: NotifyFifos;
  readonly readers: FifoReaders;
  readonly probes: OpenProbes;
}

/** Whoever runs programs, or writes to them. */
function configurePrograms({ global, accounts, readsCommonFifo }: CheckersPart, { commands, fifos, readers, probes }: Programs): void {
  const findAccount = tableFinder(accounts);
  const { notifyFifo, lvsNotifyFifo, scriptUser } = global;
  commands.configure({ ...given({ scriptUser }), findAccount });
  fifos.configure([notifyFifo, lvsNotifyFifo], findAccount);
  readers.configure([readsCommonFifo ? notifyFifo : undefined, lvsNotifyFifo], scriptUser, findAccount);
  probes.configurePrograms(scriptUser, findAccount);
}

/** What a checkers process before this one has left, of this daemon or of the program before it. */
function inherit({ holds, services, marks: left }: CheckersPart, pidFile: string, deliver: (event: LvsEvent) => void, marks: Pick<Marks, 'inherit'>): void {
  deliver({ type: 'holdsInherited', holds, ...given({ verdicts: takeVerdicts(pidFile) }) });
  deliver({ type: 'servicesInherited', services });
  marks.inherit(left);
}

function leaveVerdicts(pidFile: string, driver: LvsDriver | undefined): void {
  if (driver !== undefined) keepBequest(estatePath(pidFile), verdictsOf(driver.state().pool));
}

/** The tables stand: garbage of the start may go, and that of checks may be made. */
function startIsOver(): void {
  letYoungGenerationGrow();
  endStart();
}

/** Those of the program before, at a restart in place: servers that failed stay out, and those that passed stay in. */
function takeVerdicts(pidFile: string): InheritedVerdicts | undefined {
  const found = takeBequest(estatePath(pidFile));
  return found === undefined || found.age > VERDICTS_AGE ? undefined : (found.content as InheritedVerdicts);
}

interface Followers extends Pick<FollowedAddresses, 'setReceiveBuffer' | 'close'> {
  /** Once what it needs beside the tables is there. */
  readonly follow: (config: PoolConfig, done: () => void) => void;
  /** The same configuration with what operators have said since. */
  readonly overlay: (config: PoolConfig) => void;
}

/** What a pool depends on is followed before the pool counts. */
function openFollowers(
  { tell, settings }: ChildContext<'checkers'>,
  deliver: (event: LvsEvent) => void,
  marks: Pick<Marks, 'prepare'>,
  surroundings: Pick<IpvsSurroundings, 'configure'>,
): Followers {
  const files = openFollowedFiles(tell, deliver);
  const addresses = openFollowedAddresses(tell, deliver, settings.logAddresses);
  /** Waits for its surroundings. */
  let awaited: PoolConfig | undefined;
  const begin = (config: PoolConfig, done: () => void): void => {
    addresses.follow(config);
    files.follow(config, () => {
      deliver({ type: 'reconfigured', config: marks.prepare(config) });
      done();
    });
  };
  return {
    follow: (config, done) => {
      awaited = config;
      surroundings.configure(config, () => {
        const latest = awaited ?? config;
        awaited = undefined;
        begin(latest, done);
      });
    },
    overlay: (config) => {
      if (awaited === undefined) begin(config, () => undefined);
      else awaited = config;
    },
    setReceiveBuffer: addresses.setReceiveBuffer,
    close: () => {
      files.close();
      addresses.close();
    },
  };
}

/** --dont-release-ipvs wins over lvs_flush_on_stop. */
function releaseAtStop(keep: boolean, global: GlobalConfig | undefined): 'own' | 'all' | 'nothing' {
  if (keep) return 'nothing';
  return global?.lvsFlushOnStop === 'all' ? 'all' : 'own';
}

type OpenPorts = LvsPorts & { readonly probes: OpenProbes; readonly ipvs: OpenIpvsPort };

function openPorts(
  { log, report, refresh, settings: { ipvsNamespace } }: ChildContext<'checkers'>,
  scheduling: Scheduling,
  { commands, fifo, alerts, counting }: Pick<LvsPorts, 'commands' | 'fifo' | 'alerts'> & { readonly counting: Counting },
  deliver: (event: LvsEvent) => void,
  onAlarm: () => void,
): OpenPorts {
  const clock = openClock();
  const heard = (event: LvsEvent): void => {
    deliver(event);
    if (event.type === 'snapshotTaken' && counting.hasCounted()) refresh();
  };
  const openTables = (): OpenIpvsPort => openIpvs(heard, counting.now);
  return {
    clock,
    alarm: scheduling.openAlarm(clock, onAlarm, CHECK_GRANULARITY),
    ipvs: ipvsNamespace === undefined ? openTables() : inNetworkNamespace(ipvsNamespace, openTables),
    probes: openProbes(clock, (id, verdict, at) => deliver(at === undefined ? { type: 'probeAnswered', id, verdict } : { type: 'probeAnswered', id, verdict, at })),
    commands,
    fifo,
    alerts,
    reports: {
      send: (pools) => report({ type: 'pools', report: pools }),
      sendServices: (services) => report({ type: 'services', services }),
    },
    logger: log,
  };
}

interface Marks {
  /** Has the packet filter mark what groups ask for; the pool with the marks as its services. Marks come before the services. */
  readonly prepare: (pool: PoolConfig) => PoolConfig;
  /** Those of a process before this one. */
  readonly inherit: (marks: GroupMarks) => void;
  readonly remove: () => void;
}

function openMarks({ tell, report, settings: { ipvsNamespace } }: ChildContext<'checkers'>): Marks {
  const within = <T>(open: () => T): T => (ipvsNamespace === undefined ? open() : inNetworkNamespace(ipvsNamespace, open));
  const table = createIpvsMarks(within, tell);
  let ledger: MarkLedger = new Map();
  const enter = (next: MarkLedger): void => {
    const isNews = next.size > 0 || ledger.size > 0;
    ledger = next;
    if (isNews) report({ type: 'marks', marks: [...ledger] });
  };
  return {
    inherit: (marks) => {
      ledger = new Map(marks);
    },
    prepare: (pool) => {
      const marking = markGroups(pool, ledger);
      enter(marking.ledger);
      const { nftables } = pool;
      const { marked } = marking;
      table.configure(nftables === undefined || marked.length === 0 ? undefined : { table: nftables.table, priority: nftables.priority, marked });
      return marking.pool;
    },
    remove: () => {
      table.configure(undefined);
      enter(new Map());
    },
  };
}

function* draw(driver: LvsDriver | undefined): Drawing {
  return driver === undefined ? undefined : yield* driver.draw();
}

function dataText(driver: LvsDriver, global: GlobalConfig): string {
  return lvsDataText(driver.state().pool, driver.snapshot().reconciler, global);
}

function dump(driver: LvsDriver, global: GlobalConfig, { tell }: ChildContext<'checkers'>): void {
  tell({ type: 'dumping', subject: 'checker', pid: process.pid });
  writeDump(dumpFilePath('checkers', global), dataText(driver, global), tell);
}

/** snmp_vs_stats_update_interval and snmp_rs_stats_update_interval: one look reads services and servers alike. */
function snmpAge({ statisticsAge }: PoolConfig): Micros | undefined {
  if (statisticsAge === undefined) return undefined;
  return statisticsAge.virtualServers < statisticsAge.realServers ? statisticsAge.virtualServers : statisticsAge.realServers;
}
