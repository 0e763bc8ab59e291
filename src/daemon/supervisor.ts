/**
 * Root of the supervisor process: has the configuration loaded, holds the pid file and drives the children machine with
 * forks and signals. It decides nothing itself: runtime/children.ts does.
 */

import type { LogEntry } from '../base/log.js';
import { present } from '../base/invariant.js';
import { seconds } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Model, TimedCommand } from '../conf/model.js';
import { createAccounts, tableFinder } from '../io/processes/accounts.js';
import { openAlarm } from '../io/alarm.js';
import { openClock } from '../io/clock.js';
import { kernelText } from '../io/netlink/kernel-text.js';
import { giveMemoryBack } from '../io/processes/memory.js';
import type { OpenLogger } from '../io/logs/logger.js';
import { openLogger } from '../io/logs/logger.js';
import type { PidFile } from '../io/files/pid-file.js';
import { openPidFile } from '../io/files/pid-file.js';
import type { ChildrenEffect, ChildrenEvent, ChildrenNote } from '../runtime/children-events.js';
import { childrenDeadline, stepChildren } from '../runtime/children.js';
import { initialChildren } from '../runtime/children-state.js';
import type { ChildrenState } from '../runtime/children-state.js';
import { createDriver } from '../runtime/driver.js';
import type { Driver, DriverNote } from '../runtime/driver.js';
import { narrateChildren } from '../runtime/narrate/children.js';
import { narrateDriver } from '../runtime/narrate/driver.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../runtime/narrate/lifecycle.js';
import { section } from '../runtime/dump-lines.js';
import { globalLines } from '../runtime/global-text.js';
import type { OnceScriptName } from '../runtime/narrate/process.js';
import { createAlertMails } from './alert-mails.js';
import { busServer } from './bus-requests.js';
import { createChildProcesses } from './child-processes.js';
import type { ChildProcesses } from './child-processes.js';
import { createControlLink } from './control-link.js';
import { daemonFacts } from './facts.js';
import { needsSpare } from './configuration.js';
import { ALIVE_TIMEOUT, createConfigurationLoader } from './configuration-loader.js';
import type { ConfigurationLoader, Loaded } from './configuration-loader.js';
import { renderDump, writeDump } from './dump.js';
import type { DumpKind } from './ipc.js';
import { createInitialFiles } from './initial-files.js';
import { partFor } from './ipc.js';
import type { OnceScript } from './once-script.js';
import { runOnceScript } from './once-script.js';
import type { Launch } from './launch.js';
import { logSettings } from './log-settings.js';
import { awaitFormerGuardian, startGuardian } from './guardian.js';
import type { GuardianSettings } from './guardian.js';
import { createMasterRelay } from './master-relay.js';
import { createPoolRelay } from './pool-relay.js';
import { dumpFilePath, pidFilePath, processTitle, reloadMarkerPath, statePath } from './process-names.js';
import { childSettings, controlSettings, guardianSettings, mailerSettings, snmpConfigurationText, wantedWebhooks } from './process-settings.js';
import { createOperator } from './operator.js';
import type { Operator } from './operator.js';
import { createReloadMarker } from './reload-marker.js';
import { createReloadTimer } from './reload-timer.js';
import { listenSignals } from './signals.js';
import { createConfigurationShow } from './shown-configuration.js';
import { createSessionRelay } from './session-relay.js';
import { createSuccession } from './succession.js';

/** keepalived's child_wait_time until a configuration says otherwise. */
const CHILD_WAIT_TIME = seconds(5);

/** Milliseconds from a VRRP process that serves to the next spare one. */
const SPARE_DELAY = 1_000;

/** sysexits.h EX_SOFTWARE, keepalived's status for an internal error. */
const BUG = 70;

/** Runs until a signal or a permanent error ends the process. */
export function runSupervisor(launch: Launch): void {
  if (launch.options.umask !== undefined) process.umask(launch.options.umask);
  new Supervisor(launch).start();
}

class Supervisor {
  readonly #launch: Launch;
  readonly #log: OpenLogger;
  readonly #driver: Driver<ChildrenState, ChildrenEvent>;
  readonly #children: ChildProcesses;
  readonly #mails = createAlertMails(
    () => mailerSettings(this.#launch.options, this.#inForce().model.global),
    (note) => this.#tell(note),
  );
  readonly #sessions = createSessionRelay((child, message) => this.#children.send(child, message), () => this.#configuration.inForce()?.model.bfd);
  readonly #pools = createPoolRelay({
    send: (child, message) => this.#children.send(child, message),
    director: () => this.#configuration.inForce()?.model.director,
    tell: (note) => this.#tell(note),
  });
  readonly #masters = createMasterRelay((child, message) => this.#children.send(child, message), () => this.#configuration.inForce()?.model.pool);
  readonly #succession = createSuccession(
    () => startGuardian(this.#guardianSettings(), (note) => this.#tell(note)),
    () => this.#configuration.inForce()?.model.director,
    (note) => this.#tell(note),
  );
  readonly #operator: Operator = createOperator({
    model: () => this.#configuration.inForce()?.model,
    changed: (child) => {
      this.#children.send(child, { type: 'overlaid', ...this.#counting() });
      if (this.#inForce().model.global.snmp !== undefined) this.#control.show({ type: 'configuration', text: this.#snmpText() });
    },
    resume: (target) => this.#children.send('checkers', { type: 'resume', ...target }),
    tell: (note) => this.#tell(note),
    show: (words) => this.#control.show({ type: 'byHand', words }),
  });
  readonly #showConfiguration = createConfigurationShow(() => this.#launch.options.configurationFile, () => this.#configuration.inForce());
  readonly #control = createControlLink((note) => this.#tell(note), {
    obey: (command) => this.#showConfiguration(command) ?? this.#operator.run(command),
    looked: () => this.#children.send('checkers', { type: 'looked' }),
    serve: busServer({
      dump: (kind) => this.#dump(kind),
      reload: () => this.#driver.deliver({ type: 'reloadRequested' }),
      announce: (name) => this.#children.send('vrrp', { type: 'announce', instance: name }),
    }),
  });
  readonly #configuration: ConfigurationLoader;
  readonly #marker = createReloadMarker((note) => this.#tell(note));
  readonly #reloadTimer = createReloadTimer(() => this.#driver.deliver({ type: 'reloadRequested' }), (note) => this.#tell(note));
  /** startup_script or shutdown_script, while it runs. */
  #script: OnceScript | undefined;
  /** What its end leads to, when that is no longer what it was started for. */
  #onScriptEnd: (() => void) | undefined;
  #pidFile: PidFile | undefined;
  #spareTimer: NodeJS.Timeout | undefined;

  constructor(launch: Launch) {
    this.#launch = launch;
    this.#log = openLogger(logSettings('supervisor', launch.options, {}));
    this.#configuration = createConfigurationLoader(
      launch.options,
      (note) => this.#tell(note),
      (model, umask) => this.#publish(model, umask),
    );
    this.#children = createChildProcesses(launch.prepared, (event) => this.#hear(event), {
      onLegacy: (legacy, will) => this.#succession.reported(legacy, will),
      onAlert: (alert) => this.#mails.send(alert),
      onSession: (change) => this.#sessions.reported(change),
      onMasters: (masters) => this.#masters.reported(masters),
      onPools: (report) => this.#pools.reported(report),
      onMarks: (marks) => this.#pools.marked(marks),
      onPicture: (of, text) => this.#control.show({ type: 'picture', of, text }),
      onEvents: (child, events, lost) => this.#control.events(child, events, lost),
      onGone: (child) => this.#control.gone(child),
    });
    const { respawn } = launch.options;
    const config = { respawn, childWaitTime: CHILD_WAIT_TIME, aliveTimeout: ALIVE_TIMEOUT };
    this.#driver = createDriver<ChildrenState, ChildrenEvent, ChildrenEffect, ChildrenNote>({
      machine: { initial: () => initialChildren(config), step: stepChildren, deadline: childrenDeadline },
      seed: 0,
      clock: openClock(),
      // What children said while this process was not run is heard first: their messages come in the same turn.
      alarm: openAlarm(() => setImmediate(() => this.#driver.expire({ type: 'timeout' }))),
      perform: (effect) => this.#perform(effect),
      tell: (note) => {
        if (note.type === 'childSilent' && note.child === 'vrrp') this.#succession.silenced(note.silence);
        if (note.type === 'configurationComplete' || note.type === 'reloadFailed') this.#marker.lower();
        if (note.type === 'configurationComplete') setImmediate(() => this.#begin());
        this.#inform(note);
        const fromLoop = note.type === 'alarmLate' || note.type === 'mailboxOverflow';
        this.#say(fromLoop ? narrateDriver(note) : narrateChildren(note));
      },
      record: undefined,
    });
  }

  start(): void {
    const { options, version, words, remarks } = this.#launch;
    const stop = (): void => this.#stepped({ type: 'stopRequested' });
    process.on('uncaughtException', (error) => {
      // A bug. The children see the channel close, release everything and end.
      this.#tell({ type: 'crashed', reason: error.stack ?? error.message });
      this.#log.finish(() => process.exit(BUG));
    });
    listenSignals({
      onReload: () => this.#driver.deliver({ type: 'reloadRequested' }),
      onStop: stop,
      onInterrupt: options.ignoreInterrupt ? () => undefined : stop,
      onDump: (kind) => this.#dump(kind),
      onResume: () => this.#children.send('checkers', { type: 'resume' }),
      onUnsupported: (signal) => this.#tell({ type: 'signalIgnored', signal }),
    });
    giveMemoryBack();
    this.#tell({ type: 'starting', version });
    this.#tell({ type: 'runningOn', system: kernelText() });
    this.#tell({ type: 'commandLine', words });
    for (const text of remarks) this.#tell({ type: 'remark', text });
    this.#driver.deliver({ type: 'started' });
  }

  /** What a service manager wants to know. */
  #inform(note: ChildrenNote | DriverNote): void {
    const { manager } = this.#launch;
    if (note.type === 'reloading') manager.reloading();
    else if (note.type === 'stopping') manager.stopping();
    else if (note.type === 'configurationComplete') manager.ready(`configuration ${note.generation} in force`);
    else if (note.type === 'reloadFailed') manager.ready('new configuration refused, the one before it stays in force');
  }

  #hear(event: ChildrenEvent): void {
    this.#succession.hear(event);
    this.#stepped(event);
    if (event.type !== 'childAlive') this.#showDaemon();
    if (event.type === 'childConfigured') this.#provideSpare();
  }

  #stepped(event: ChildrenEvent): void {
    this.#driver.deliver(event);
    if (this.#driver.state().stopStatus !== undefined) this.#succession.heirless();
  }

  /** Later: a process that has just taken the place of another one needs the processor more. */
  #provideSpare(): void {
    const { prepared } = this.#launch;
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => {
      if (needsSpare(this.#inForce().model.director)) prepared.prepare('vrrp', 'background');
      else prepared.drop();
    }, SPARE_DELAY);
    this.#spareTimer.unref();
  }

  #perform(effect: ChildrenEffect): void {
    switch (effect.type) {
      case 'load': {
        const before = this.#configuration.inForce();
        if (before !== undefined) this.#marker.raise(reloadMarkerPath(this.#launch.options, before.model.global));
        const answer = this.#configuration.load();
        if (answer.type === 'loaded') this.#follow(this.#inForce());
        this.#startFirst(answer);
        return;
      }
      case 'spawn':
        this.#children.spawn(effect.child, childSettings(effect.child, this.#launch.options, this.#inForce()));
        return;
      case 'configure': {
        const { child, pid, generation } = effect;
        const legacy = child === 'vrrp' ? this.#succession.legacyFor(pid) : undefined;
        const relayed = { sessions: this.#sessions.knownTo(child), masters: this.#masters.known(), pools: this.#pools.known(), shown: this.#control.hasSettings() };
        this.#children.send(child, { type: 'configure', generation, part: partFor(child, { ...this.#inForce(), model: this.#counting(), legacy, ...relayed }) });
        return;
      }
      case 'terminate':
        this.#children.signal(effect.child, 'SIGTERM');
        return;
      case 'kill':
        this.#children.signal(effect.child, 'SIGKILL');
        return;
      case 'exit':
        this.#exit(effect.status);
        return;
      default:
        return unreachable(effect);
    }
  }

  #follow({ model, accounts, generation }: Loaded): void {
    if (generation === 1) {
      this.#operator.remember(statePath('overrides', this.#launch.options, model.global));
      this.#pools.remember(statePath('pools', this.#launch.options, model.global));
    }
    this.#control.configure(controlSettings(this.#launch.options, model.global, tableFinder(accounts)), () => this.#snmpText(), wantedWebhooks(model.global, generation));
    this.#reloadTimer.follow(model.global.reload);
  }

  #snmpText(): string {
    return snmpConfigurationText(this.#counting(), this.#launch.version);
  }

  /** Children start when the startup script has ended, whatever came of it. */
  #startFirst(answer: ChildrenEvent): void {
    const deliver = (): void => this.#driver.deliver(answer);
    if (answer.type !== 'loaded' || answer.generation > 1) {
      deliver();
      return;
    }
    const { model } = this.#inForce();
    const { prepared } = this.#launch;
    // Those were born before this process entered it.
    if (model.global.networkNamespace !== undefined) prepared.drop();
    const startup = model.global.scripts?.startup;
    const begin = (): void => {
      createInitialFiles(model, (note) => this.#tell(note));
      deliver();
      prepared.drop();
    };
    awaitFormerGuardian(this.#guardianSettings().pidFile, () => {
      if (startup === undefined) begin();
      else this.#runOnce('startup', startup, begin);
    });
  }

  /** What follows is a shutdown's business when one has begun meanwhile. */
  #runOnce(name: OnceScriptName, script: TimedCommand, then: () => void): void {
    const { model, accounts } = this.#inForce();
    const account = createAccounts(model.global.scriptUser, tableFinder(accounts))(script.command);
    const ended = (): void => {
      this.#script = undefined;
      (this.#onScriptEnd ?? then)();
    };
    this.#script = runOnceScript(name, script, account, (note) => this.#tell(note), ended);
  }

  /** Takes the pid file when that is not done yet. A number is the status to leave with. */
  #publish(model: Model, umask: number): number | undefined {
    process.umask(umask);
    process.title = processTitle('supervisor', model.global);
    if (this.#pidFile !== undefined) return undefined;
    const path = pidFilePath('supervisor', this.#launch.options, model.global);
    const opened = openPidFile(path);
    switch (opened.type) {
      case 'opened':
        this.#pidFile = opened.file;
        this.#launch.onPublished();
        return undefined;
      case 'locked':
        this.#tell({ type: 'alreadyRunning' });
        return 0;
      case 'failed':
        this.#tell({ type: 'unwritable', path, reason: opened.reason });
        return 1;
      default:
        return unreachable(opened);
    }
  }

  #guardianSettings(): GuardianSettings {
    return guardianSettings(this.#launch.options, this.#inForce().model.global);
  }

  #inForce(): Loaded {
    return present(this.#configuration.inForce(), 'children exist only after a configuration was loaded');
  }

  /** The configuration in force with what operators have said since. */
  #counting(): Model {
    return this.#operator.applied(this.#inForce().model);
  }

  /** Every process writes its own part. */
  #dump(kind: DumpKind): void {
    this.#children.sendAll({ type: 'dump', kind });
    const global = this.#configuration.inForce()?.model.global;
    if (kind !== 'data' || global === undefined) return;
    this.#tell({ type: 'dumping', subject: 'parent', pid: process.pid });
    const { config, ...children } = this.#driver.state();
    const sections = [
      { title: 'Settings', content: config },
      { title: 'Child processes', content: children },
    ];
    writeDump(dumpFilePath('supervisor', global), `${section('Global definitions', globalLines(global)).join('\n')}\n${renderDump(sections)}`, (note) => this.#tell(note));
  }

  /** Nothing runs any more, except perhaps the startup script. */
  #exit(status: number): void {
    const shutdown = this.#configuration.inForce()?.model.global.scripts?.shutdown;
    const leave = (): void => {
      this.#onScriptEnd = undefined;
      if (shutdown === undefined) this.#leave(status);
      else this.#runOnce('shutdown', shutdown, () => this.#leave(status));
    };
    this.#onScriptEnd = leave;
    if (this.#script === undefined) leave();
    else this.#script.cancel();
  }

  #leave(status: number): void {
    clearTimeout(this.#spareTimer);
    this.#launch.prepared.drop();
    this.#marker.lower();
    this.#pidFile?.remove();
    this.#mails.finish(() => {
      this.#tell({ type: 'stopped', version: this.#launch.version });
      this.#control.finish(() => this.#log.finish(() => process.exit(status)));
    });
  }

  /** All are at work. */
  #begin(): void {
    this.#control.begin();
    this.#showDaemon();
  }

  #showDaemon(): void {
    this.#control.show({ type: 'daemon', facts: daemonFacts(this.#driver.state(), this.#launch.options, this.#configuration.inForce()) });
  }

  #tell(note: LifecycleNote): void {
    this.#say(narrateLifecycle(note));
  }

  #say(entry: LogEntry): void {
    this.#log.log(entry);
    this.#control.told(entry);
  }
}
