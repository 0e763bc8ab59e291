/** Root of the checkers process: opens its adapters, wires them to the LVS driver and serves the supervisor. */

import { given } from '../base/given.js';
import { milliseconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { GlobalConfig } from '../conf/model.js';
import type { PoolConfig } from '../health/config.js';
import { markGroups } from '../health/marks.js';
import type { GroupMarks, MarkLedger } from '../health/marks.js';
import { tableFinder } from '../io/processes/accounts.js';
import { holdLittleMemory } from '../io/processes/memory.js';
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
import { createAlertReporter } from './alert-port.js';
import type { ChildContext } from './child.js';
import { enterChild } from './child.js';
import type { ChildSettings } from './ipc.js';
import { createCounting } from './counting.js';
import type { Counting } from './counting.js';
import { writeDump } from './dump.js';
import { openFollowedAddresses } from './followed-addresses.js';
import type { FollowedAddresses } from './followed-addresses.js';
import { openFollowedFiles } from './followed-files.js';
import { createFifoReaders } from './fifo-readers.js';
import { openIpvsSurroundings } from './ipvs-surroundings.js';
import { loadIpvsModule } from './ipvs-module.js';
import { createNotifyCommands } from './notify-commands.js';
import { createNotifyFifos } from './notify-fifos.js';
import { dumpFilePath } from './process-names.js';
import { createScheduling } from './scheduling.js';
import type { Scheduling } from './scheduling.js';

/** Checks due within this time start together: a wake-up costs more than a check. Delays count in seconds here. */
const CHECK_GRANULARITY = milliseconds(5);

/** Runs until the supervisor asks for the end or is gone. */
export function runCheckers(settings: ChildSettings): void {
  holdLittleMemory();
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
  const followers = openFollowers(tell, deliver, marks);
  const onStopped = (): void => {
    for (const open of [followers, ports.probes, fifos]) open.close();
    if (!settings.keepAtExit) marks.remove();
    surroundings.release(settings.keepAtExit, () => commands.finish(() => readers.finish(child.leave)));
  };
  let driver: LvsDriver | undefined;
  let global: GlobalConfig | undefined;
  child.serve({
    followMasters: surroundings.followMasters,
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
      surroundings.configure(part.pool);
      const findAccount = tableFinder(part.accounts);
      const { notifyFifo, lvsNotifyFifo, scriptUser } = global;
      commands.configure({ ...given({ scriptUser }), findAccount });
      alerts.configure(global.mail);
      fifos.configure([notifyFifo, lvsNotifyFifo], findAccount);
      readers.configure([part.readsCommonFifo ? notifyFifo : undefined, lvsNotifyFifo], scriptUser, findAccount);
      ports.ipvs.setReceiveBuffer(global.sockets?.checkerCommands);
      followers.setReceiveBuffer(global.sockets?.checkerMonitor);
      ports.probes.configurePrograms(scriptUser, findAccount);
      ports.probes.configureTls(part.pool.tls, ({ code }) => tell({ type: 'tlsMaterialUnusable', reason: code }));
      const isFirst = driver === undefined;
      driver ??= createLvsDriver(ports, { seed: process.pid, lvsFlush: global.lvsFlush, counted: ports.ipvs.counted, onStopped });
      if (isFirst) {
        deliver({ type: 'holdsInherited', holds: part.holds });
        marks.inherit(part.marks);
      }
      // A server whose file or session says that it is down must not serve for a moment.
      for (const { session, up } of part.sessions) deliver({ type: 'sessionChanged', session, up });
      followers.follow(part.pool, done);
    },
    overlay: ({ pool: said }) => driver && followers.follow(said, () => undefined),
    show: () => driver?.snapshot(),
    dataText: () => driver && global && dataText(driver, global),
    dump: (kind) => {
      if (kind === 'data' && driver !== undefined && global !== undefined) dump(driver, global, child);
    },
    stopsConfigured: true,
    stop: () => {
      if (driver === undefined) child.leave();
      else deliver({ type: 'stopRequested', release: releaseAtStop(settings.keepAtExit, global) });
    },
  });
}

interface Followers extends Pick<FollowedAddresses, 'setReceiveBuffer' | 'close'> {
  readonly follow: (config: PoolConfig, done: () => void) => void;
}

/** What a pool depends on is followed before the pool counts. */
function openFollowers(
  tell: ChildContext<'checkers'>['tell'],
  deliver: (event: LvsEvent) => void,
  marks: Pick<Marks, 'prepare'>,
): Followers {
  const files = openFollowedFiles(tell, deliver);
  const addresses = openFollowedAddresses(tell, deliver);
  return {
    follow: (config, done) => {
      addresses.follow(config);
      files.follow(config, () => {
        deliver({ type: 'reconfigured', config: marks.prepare(config) });
        done();
      });
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

function openPorts(
  { log, report, refresh, settings: { ipvsNamespace } }: ChildContext<'checkers'>,
  scheduling: Scheduling,
  { commands, fifo, alerts, counting }: Pick<LvsPorts, 'commands' | 'fifo' | 'alerts'> & { readonly counting: Counting },
  deliver: (event: LvsEvent) => void,
  onAlarm: () => void,
): LvsPorts & { readonly probes: OpenProbes; readonly ipvs: OpenIpvsPort } {
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
    probes: openProbes(clock, (id, verdict) => deliver({ type: 'probeAnswered', id, verdict })),
    commands,
    fifo,
    alerts,
    reports: { send: (pools) => report({ type: 'pools', report: pools }) },
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
  const table = createIpvsMarks(within, ({ message }) => tell({ type: 'filterRefused', reason: message }));
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
