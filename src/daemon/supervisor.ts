/**
 * Root of the supervisor process: has the configuration loaded, holds the pid file and drives the children machine with
 * forks and signals. It decides nothing itself: runtime/children.ts does.
 */

import type { LogEntry } from '../base/log.js';
import { present } from '../base/invariant.js';
import { seconds } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Model } from '../conf/model.js';
import { tableFinder } from '../io/processes/accounts.js';
import { openAlarm } from '../io/alarm.js';
import { openClock } from '../io/clock.js';
import { kernelText } from '../io/netlink/kernel-text.js';
import { beginStart, endStart } from '../io/processes/memory.js';
import type { OpenLogger } from '../io/logs/logger.js';
import { openLogger } from '../io/logs/logger.js';
import type { Child, ChildrenEffect, ChildrenEvent, ChildrenNote } from '../runtime/children-events.js';
import { childrenDeadline, stepChildren } from '../runtime/children.js';
import { initialChildren } from '../runtime/children-state.js';
import type { ChildrenState } from '../runtime/children-state.js';
import { type Driver, createDriver } from '../runtime/driver.js';
import { narrateChildren } from '../runtime/narrate/children.js';
import { narrateDriver } from '../runtime/narrate/driver.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../runtime/narrate/lifecycle.js';
import { createAlertMails } from './mail/alert-mails.js';
import { busServer } from './operator/bus-requests.js';
import { createChildProcesses } from './children/child-processes.js';
import type { ChildProcesses } from './children/child-processes.js';
import { type ControlLink, createControlLink } from './feed/control-link.js';
import { daemonFacts } from './feed/facts.js';
import { needsSpare } from './configuration/configuration.js';
import { ALIVE_TIMEOUT, createConfigurationLoader } from './configuration/configuration-loader.js';
import type { ConfigurationLoader, Loaded } from './configuration/configuration-loader.js';
import { dumpSupervisor } from './dumps/supervisor-dump.js';
import { createInitialFiles } from './configuration/initial-files.js';
import { type DumpKind, partFor } from './children/ipc.js';
import { createOnceScripts } from './notify/once-scripts.js';
import type { Launch } from './start/launch.js';
import { logSettings } from './start/log-settings.js';
import { type GuardianSettings, awaitFormerGuardian, startGuardian } from './children/guardian.js';
import { createRelays } from './relays/relays.js';
import { estatePath, reloadMarkerPath, reloadOutcomePath, statePath } from './start/process-names.js';
import { informManager } from './start/notices.js';
import { type Publication, createPublication } from './start/publication.js';
import { type Inheritance, findInheritance } from './restart/inheritance.js';
import { createRestart, keepOutcome } from './restart/restart.js';
import type { Restart } from './restart/restart.js';
import { type Spare, createSpare } from './children/spare.js';
import { childSettings, controlService, controlSettings, guardianSettings, mailerSettings, snmpConfigurationText, wantedWebhooks } from './children/process-settings.js';
import { type Operator, createOperator } from './operator/operator.js';
import { createReloadReport } from './configuration/reload-report.js';
import { createReloadTimer } from './configuration/reload-timer.js';
import { listenSignals } from './children/signals.js';
import { createConfigurationShow } from './configuration/shown-configuration.js';
import { createSuccession } from './children/succession.js';

/** keepalived's child_wait_time until a configuration says otherwise. */
const CHILD_WAIT_TIME = seconds(5);

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
  readonly #relays = createRelays({
    send: (child, message) => this.#children.send(child, message),
    model: () => this.#configuration.inForce()?.model,
    tell: (note) => this.#tell(note),
  });
  readonly #succession = createSuccession(
    () => startGuardian(this.#guardianSettings(), (note) => this.#tell(note)),
    () => this.#configuration.inForce()?.model.director,
    (note) => this.#tell(note),
  );
  readonly #operator: Operator = createOperator({
    model: () => this.#configuration.inForce()?.model,
    changed: (child, setting) => {
      this.#children.send(child, setting === undefined ? { type: 'overlaid', ...this.#counting() } : { type: 'instanceSet', setting });
      if (this.#inForce().model.global.snmp !== undefined) this.#control.show({ type: 'configuration', text: this.#snmpText() });
    },
    resume: (target) => this.#children.send('checkers', { type: 'resume', ...target }),
    tell: (note) => this.#tell(note),
    show: (words) => this.#control.show({ type: 'byHand', words }),
  });
  readonly #showConfiguration = createConfigurationShow(() => this.#launch.options, () => this.#configuration.inForce(), () => this.#relays.pools.known().marks);
  readonly #control: ControlLink;
  readonly #configuration: ConfigurationLoader;
  readonly #reload = createReloadReport((note) => this.#tell(note));
  readonly #reloadTimer = createReloadTimer(() => this.#driver.deliver({ type: 'reloadRequested' }), (note) => this.#tell(note));
  readonly #scripts = createOnceScripts(() => this.#inForce(), (note) => this.#tell(note));
  readonly #publication: Publication;
  readonly #restart: Restart;
  readonly #spare: Spare;
  #inheritance: Inheritance | undefined;
  #hasBegun = false;

  constructor(launch: Launch) {
    this.#launch = launch;
    this.#log = openLogger(logSettings('supervisor', launch.options, {}));
    const servants = {
      obey: (command: unknown) => this.#showConfiguration(command) ?? this.#operator.run(command),
      looked: () => this.#children.send('checkers', { type: 'looked' }),
      serve: busServer({
        dump: (kind) => this.#dump(kind),
        reload: () => this.#driver.deliver({ type: 'reloadRequested' }),
        announce: (name) => this.#children.send('vrrp', { type: 'announce', instance: name }),
      }),
    };
    this.#control = createControlLink((note) => this.#tell(note), servants, controlService(launch.options));
    this.#publication = createPublication(launch, (note) => this.#tell(note));
    this.#spare = createSpare(launch.prepared, () => needsSpare(this.#inForce().model.director));
    this.#restart = this.#prepareRestart(launch);
    this.#configuration = createConfigurationLoader(
      launch.options,
      (note) => this.#tell(note),
      (model, umask) => this.#publication.publish(model, umask),
    );
    this.#children = createChildProcesses(launch.prepared, (event) => this.#hear(event), {
      onLegacy: (legacy, will) => this.#succession.reported(legacy, will),
      onStates: (states) => this.#succession.foretold(states),
      onAlert: (alert) => this.#mails.send(alert),
      onSession: (change) => this.#relays.sessions.reported(change),
      onMasters: (masters) => this.#relays.masters.reported(masters),
      ...{ onPools: this.#relays.pools.reported, onMarks: this.#relays.pools.marked, onServices: this.#relays.pools.owned },
      onPicture: (of, text) => this.#control.show({ type: 'picture', of, text }),
      onEvents: (child, events, lost) => this.#control.events(child, events, lost),
      onGone: (child) => this.#control.gone(child),
    });
    const config = { respawn: launch.options.respawn, childWaitTime: CHILD_WAIT_TIME, aliveTimeout: ALIVE_TIMEOUT };
    this.#driver = createDriver<ChildrenState, ChildrenEvent, ChildrenEffect, ChildrenNote>({
      machine: { initial: () => initialChildren(config), step: stepChildren, deadline: childrenDeadline },
      seed: 0,
      clock: openClock(),
      // What children said while this process was not run is heard first: their messages come in the same turn.
      alarm: openAlarm(() => setImmediate(() => this.#driver.expire({ type: 'timeout' }))),
      perform: (effect) => this.#perform(effect),
      tell: (note) => {
        if (note.type === 'childSilent' && note.child === 'vrrp') this.#succession.silenced(note.silence);
        if (note.type === 'reloadFailed') this.#reload.end(reloadOutcomePath(this.#pidFile()), undefined);
        if (note.type === 'configurationComplete') {
          this.#reload.end(reloadOutcomePath(this.#pidFile()), note.generation);
          setImmediate(() => this.#begin());
        }
        if (note.type === 'replacementRefused') this.#restart.refused('a start, a reload or a stop is under way');
        informManager(launch.manager, note);
        const fromLoop = note.type === 'alarmLate' || note.type === 'mailboxOverflow';
        this.#say(fromLoop ? narrateDriver(note) : narrateChildren(note));
      },
      record: undefined,
    });
  }

  #prepareRestart(launch: Launch): Restart {
    return createRestart(launch, {
      inForce: () => {
        const global = this.#configuration.inForce()?.model.global;
        return global && { global, pidFile: this.#pidFile() };
      },
      tell: (note) => this.#tell(note),
      deliver: (event) => this.#driver.deliver(event),
      heritage: () => ({
        supervisor: process.pid,
        vrrp: this.#driver.state().children.get('vrrp')?.pid,
        ...this.#relays.heritage(),
        byHand: this.#operator.said(),
        words: launch.words,
        environment: { ...process.env },
      }),
      isStopping: () => this.#driver.state().stopStatus !== undefined,
      awaitHeir: (milliseconds) => this.#succession.awaitHeir(milliseconds),
      close: (done) => {
        this.#spare.drop();
        this.#mails.finish(() => this.#control.finish(() => this.#log.flush(done)));
      },
      reopen: () => this.#control.reopen(),
      leave: () => this.#scripts.end(() => this.#leave(0)),
    });
  }

  start(): void {
    const { options, version, words, remarks } = this.#launch;
    const stop = (): void => this.#hear({ type: 'stopRequested' });
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
      onReplace: () => this.#restart.request('inPlace'),
      onLeave: () => this.#restart.request('asStop'),
      onUnsupported: (signal) => this.#tell({ type: 'signalIgnored', signal }),
    });
    beginStart();
    this.#tell({ type: 'starting', version });
    this.#tell({ type: 'runningOn', system: kernelText() });
    this.#tell({ type: 'commandLine', words });
    for (const text of remarks) this.#tell({ type: 'remark', text });
    this.#driver.deliver({ type: 'started' });
  }

  #hear(event: ChildrenEvent): void {
    this.#succession.hear(event);
    this.#stepped(event);
    if (event.type !== 'childAlive') this.#showDaemon();
    if (event.type === 'childConfigured') this.#spare.provide();
  }

  #stepped(event: ChildrenEvent): void {
    this.#driver.deliver(event);
    if (this.#driver.state().stopStatus !== undefined) this.#succession.heirless();
  }

  #perform(effect: ChildrenEffect): void {
    switch (effect.type) {
      case 'load': {
        const before = this.#configuration.inForce();
        if (before !== undefined) this.#reload.begin(reloadMarkerPath(this.#launch.options, before.model.global));
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
        const configure = (): void => this.#configure(child, pid, generation);
        if (child !== 'vrrp' || this.#inheritance === undefined) configure();
        else this.#succeed(this.#inheritance, configure);
        return;
      }
      case 'terminate':
        this.#children.signal(effect.child, 'SIGTERM');
        return;
      case 'kill':
        this.#children.signal(effect.child, 'SIGKILL');
        return;
      case 'relieve':
        this.#children.send(effect.child, { type: 'relieve', path: estatePath(this.#pidFile()), ...this.#restart.relief() });
        return;
      case 'retain':
        this.#children.send(effect.child, { type: 'retain' });
        return;
      case 'replace':
        this.#restart.replace();
        return;
      case 'exit':
        this.#exit(effect.status);
        return;
      default:
        return unreachable(effect);
    }
  }

  #follow({ model, accounts, generation }: Loaded): void {
    this.#operator.loaded(generation, statePath('overrides', this.#launch.options, model.global));
    if (generation === 1) this.#relays.pools.remember(statePath('pools', this.#launch.options, model.global));
    this.#control.configure(controlSettings(this.#launch.options, model.global, tableFinder(accounts)), () => this.#snmpText(), wantedWebhooks(model.global, generation));
    this.#reloadTimer.follow(model.global.reload);
  }

  #snmpText(): string {
    return snmpConfigurationText(this.#counting(), this.#launch.version);
  }

  /** Children start when the startup script has ended, whatever came of it. */
  #startFirst(answer: ChildrenEvent): void {
    if (answer.type !== 'loaded' || answer.generation > 1) {
      this.#driver.deliver(answer);
      return;
    }
    const { model } = this.#inForce();
    const { prepared } = this.#launch;
    // Those were born before this process entered it.
    if (model.global.networkNamespace !== undefined) prepared.drop();
    const begin = (): void => {
      if (this.#inheritance === undefined) createInitialFiles(model, (note) => this.#tell(note));
      this.#driver.deliver({ ...answer, inheritsServices: this.#relays.heritage().services.length > 0 });
      prepared.drop();
    };
    this.#inherit();
    awaitFormerGuardian(this.#pidFile(), () => {
      this.#scripts.run('startup', this.#inheritance === undefined ? model.global.scripts?.startup : undefined, begin);
    });
  }

  /** A program that was restarted in place has not ended: nothing is begun that goes on. */
  #inherit(): void {
    const { inherited } = this.#launch;
    this.#inheritance = findInheritance(this.#pidFile(), inherited);
    if (this.#inheritance === undefined) return;
    this.#tell({ type: 'tookOver' });
    this.#relays.inherit(this.#inheritance.heritage);
    if (this.#inheritance.isInPlace) this.#operator.inherit(this.#inheritance.heritage.byHand ?? []);
  }

  /** The VRRP process before this program's first leaves when that is ready for its configuration, and not before. */
  #succeed(inheritance: Inheritance, configure: () => void): void {
    inheritance.relieve(this.#inForce().model.director, (legacy) => {
      if (legacy !== undefined) this.#succession.inherit(legacy);
      configure();
    });
  }

  #configure(child: Child, pid: number, generation: number): void {
    const legacy = child === 'vrrp' ? this.#succession.legacyFor(pid) : undefined;
    const sources = { ...this.#inForce(), model: this.#counting(), legacy, ...this.#relays.knownTo(child), shown: this.#control.hasSettings() };
    this.#children.send(child, { type: 'configure', generation, part: partFor(child, sources) });
  }

  #pidFile(): string {
    return this.#guardianSettings().pidFile;
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
    if (kind === 'data' && global !== undefined) dumpSupervisor(this.#driver.state(), global, (note) => this.#tell(note));
  }

  /** Nothing runs any more, except perhaps the startup script. */
  #exit(status: number): void {
    const shutdown = this.#configuration.inForce()?.model.global.scripts?.shutdown;
    this.#scripts.end(() => this.#scripts.run('shutdown', shutdown, () => this.#leave(status)));
  }

  #leave(status: number): void {
    this.#spare.drop();
    this.#reload.withdraw();
    this.#publication.withdraw();
    this.#mails.finish(() => {
      this.#tell({ type: 'stopped', version: this.#launch.version });
      this.#control.finish(() => this.#log.finish(() => process.exit(status)));
    });
  }

  /** All are at work. */
  #begin(): void {
    if (!this.#hasBegun) endStart();
    this.#hasBegun = true;
    this.#control.begin();
    this.#inheritance?.dismiss();
    if (this.#inheritance !== undefined) keepOutcome(this.#pidFile(), { at: Date.now(), version: this.#launch.version });
    this.#inheritance = undefined;
    this.#showDaemon();
  }

  #showDaemon(): void {
    this.#control.show({ type: 'daemon', facts: daemonFacts(this.#driver.state(), this.#launch.options, this.#configuration.inForce()) });
  }

  #tell(note: LifecycleNote): void {
    this.#say(narrateLifecycle(note));
  }

  #say(entry: LogEntry): void {
    this.#reload.told(entry);
    this.#log.log(entry);
    this.#control.told(entry);
  }
}
