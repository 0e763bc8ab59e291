/** Root of the VRRP process: opens its adapters, wires them to the director's driver and serves the supervisor. */

import { given } from '../base/given.js';
import { tableFinder } from '../io/processes/accounts.js';
import { openAddresses } from '../io/netlink/addresses.js';
import type { OpenAddressPort } from '../io/netlink/addresses.js';
import { openAddressClaims } from '../io/sockets/address-claims.js';
import { openAdvertEndpoints } from '../io/sockets/advert-endpoints.js';
import { openAnnouncer } from '../io/sockets/announcer.js';
import { openClock, wallClock } from '../io/clock.js';
import { openDevices } from '../io/netlink/devices.js';
import type { OpenDevicePort } from '../io/netlink/devices.js';
import type { KernelError } from '../io/kernel-error.js';
import { createLinkPoller } from '../io/netlink/link-poller.js';
import { LinkMonitor } from '../io/netlink/links.js';
import { NetworkMonitor } from '../io/netlink/network-monitor.js';
import { createFirewall } from '../io/netlink/nftables.js';
import type { OpenFirewallPort } from '../io/netlink/nftables.js';
import { NO_EQUIPMENT, encodeWill, willLifetime } from '../io/will.js';
import { micros, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { GlobalConfig } from '../conf/model.js';
import type { FifoPort, VrrpPorts } from '../runtime/ports.js';
import type { DirectorDescription } from '../vrrp/describe.js';
import { allStateLines } from '../runtime/fifo-lines.js';
import { createVrrpDriver } from '../runtime/vrrp-driver.js';
import type { VrrpDriver } from '../runtime/vrrp-driver.js';
import type { DirectorConfig } from '../vrrp/config.js';
import type { DirectorEvent } from '../vrrp/events.js';
import { networkOf } from '../vrrp/instance/belongings.js';
import { polledLinks } from '../vrrp/links/link-polling.js';
import { dependencies } from '../vrrp/links/links.js';
import { withGroupTracks } from '../vrrp/tracking/tracking.js';
import { createAlertReporter } from './mail/alert-port.js';
import { allAddresses } from '../vrrp/instance/belongings.js';
import { drawAtOnce } from './feed/publisher.js';
import type { ChildContext } from './children/child.js';
import { enterChild } from './children/child.js';
import type { ChildSettings } from './children/ipc.js';
import { createFifoReaders } from './notify/fifo-readers.js';
import type { VrrpPart } from './children/ipc.js';
import { createNotifyCommands } from './notify/notify-commands.js';
import type { NotifyCommands } from './notify/notify-commands.js';
import { createNotifyFifos } from './notify/notify-fifos.js';
import { createDepartures, isAnybodyLeaving } from './restart/departures.js';
import { createRelieved } from './restart/relief.js';
import { createScheduling } from './children/scheduling.js';
import type { Scheduling } from './children/scheduling.js';
import { startupDelayAfterBoot } from './start/startup-delay.js';
import { createVrrpDumper } from './dumps/vrrp-dumper.js';
import { createAddressDiary } from './tracked/address-diary.js';
import type { AddressDiary } from './tracked/address-diary.js';
import { openTrackers, type OpenTrackers } from './tracked/trackers.js';

/** Runs until the supervisor asks for the end or is gone. */
export function runVrrp(settings: ChildSettings): void {
  const child = enterChild('vrrp', settings);
  const { tell } = child;
  const deliver = (event: DirectorEvent): void => driver.deliver(event);
  const commands = createNotifyCommands(tell);
  const fifos = createNotifyFifos(tell);
  const alerts = createAlertReporter(child.report);
  const readers = createFifoReaders(tell);
  const links = new LinkMonitor();
  const scheduling = createScheduling('vrrp', tell);
  const devices = openDevices(links, tell);
  const trackers = openTrackers(tell, deliver);
  const ports = openPorts(child, links, scheduling, { commands, fifo: fifos, alerts, devices, trackers }, deliver, () => driver.onAlarm());
  const onLoss = ({ message }: KernelError): void => tell({ type: 'linkEventsLost', reason: message });
  const network = new NetworkMonitor(links, { onEvent: deliver, onLoss });
  const claims = openAddressClaims((index) => links.nameOf(index), deliver);
  const onStopped = (): void => {
    for (const each of [trackers, fifos]) each.close();
    commands.finish(() => readers.finish(child.leave));
  };
  const onLegacyChanged = createLegacyReporter(child, links, { devices, firewall: ports.firewall }, () => driver);
  const driver = createVrrpDriver(ports, { seed: process.pid, onStopped, onLegacyChanged, onStatesChanging: (states) => child.report({ type: 'states', states }) });
  const diary = startFollowing(child, { links, devices }, deliver, onLoss);
  const poller = createLinkPoller(links);
  // Before the supervisor's patience ends with KILL, the kernel must have answered too.
  const stop = (): void => deliver({ type: 'stopRequested', keepAddresses: child.settings.keepAtExit, patience: micros(childWaitTime * 0.8) });
  let configuration: GlobalConfig | undefined;
  let childWaitTime = seconds(0);
  const departures = createDepartures((director, legacy) => deliver({ type: 'reconfigured', config: delayedAfterBoot(director, ports.clock.now()), ...given({ legacy }) }));
  child.serve({
    follow: (change) => deliver({ type: 'sessionChanged', ...change }),
    followQuorums: (quorums) => hearRelayed({ sessions: [], quorums }, deliver),
    configure: ({ global, director, accounts, readsCommonFifo, sessions, quorums, umask, legacy: inherited }, done) => {
      process.umask(umask);
      process.title = global.vrrpProcessName;
      scheduling.configure(global);
      childWaitTime = seconds(global.childWaitTime);
      const isReload = configuration !== undefined;
      if (isReload) tell({ type: 'childReloading' });
      else tellStart(child, links, director);
      diary?.follow(director.instances.flatMap(allAddresses).map(({ address }) => address));
      configuration = global;
      if (!isReload && director.firewall?.implied === true) tell({ type: 'filterImplied' });
      const findAccount = tableFinder(accounts);
      const { notifyFifo, vrrpNotifyFifo, scriptUser } = global;
      commands.configure({ ...given({ scriptUser }), findAccount });
      trackers.configure(scriptUser, findAccount);
      alerts.configure(global.mail);
      fifos.configure([notifyFifo, vrrpNotifyFifo], findAccount);
      readers.configure([readsCommonFifo ? notifyFifo : undefined, vrrpNotifyFifo], scriptUser, findAccount);
      devices.inherit(inherited?.settings ?? new Map());
      setReceiveBuffers(global, { followers: [links, network], askers: [ports.addresses, devices], trackers });
      network.watch(networkOf(director));
      claims.watch(director.instances.flatMap(allAddresses));
      hearRelayed({ sessions, quorums }, deliver);
      departures.configure(director, inherited);
      if (isReload) repeatStates(global, driver.snapshot(), fifos);
      poller.configure(polledLinks(withGroupTracks(director)));
      reportMissing(links, devices, director);
      done();
    },
    announce: (instance) => deliver({ type: 'announceRequested', instance }),
    set: (setting) => deliver({ type: 'instanceSet', ...setting }),
    overlay: ({ director }) => configuration && departures.configure(director),
    draw: () => drawAtOnce(driver.snapshot()),
    ...createVrrpDumper(child, driver.state, () => configuration),
    ...createRelieved({ legacy: () => ({ ...driver.bequest(), settings: devices.originals() }), isIdle: isIdle(commands, driver), limitTo: departures.limitTo, stop, quit: child.quit }),
    stop,
  });
}

function startFollowing(
  { settings, tell }: ChildContext<'vrrp'>,
  { links, devices }: { readonly links: LinkMonitor; readonly devices: OpenDevicePort },
  deliver: (event: DirectorEvent) => void,
  onLoss: (error: KernelError) => void,
): AddressDiary | undefined {
  const diary = settings.logAddresses ? createAddressDiary('vrrp', tell) : undefined;
  links.on('resynchronising', onLoss);
  links.on('event', unlessUnderWay(devices, deliver));
  if (diary !== undefined) links.on('event', (event) => event.type === 'linkChanged' && diary.hear(event));
  links.start();
  return diary;
}

/** An interface that does not exist is never reported by itself, and instances wait for word of theirs. */
function reportMissing(links: LinkMonitor, { isUnderWay }: Pick<OpenDevicePort, 'isUnderWay'>, director: DirectorConfig): void {
  links.report(interfacesOf(director).filter((name) => links.find(name) === undefined && !isUnderWay(name)));
}

function isIdle(commands: Pick<NotifyCommands, 'isIdle'>, driver: Pick<VrrpDriver, 'state'>): () => boolean {
  return () => commands.isIdle() && !isAnybodyLeaving(driver.state());
}

function delayedAfterBoot(director: DirectorConfig, now: Micros): DirectorConfig {
  return { ...director, startupDelay: startupDelayAfterBoot(director.startupDelay, director.delayAfterBoot, now) };
}

/** Of sockets that are open already. */
function setReceiveBuffers(
  { sockets }: GlobalConfig,
  { followers, askers, trackers }: {
    readonly followers: readonly Pick<LinkMonitor, 'setReceiveBuffers'>[];
    readonly askers: readonly Pick<OpenDevicePort, 'setReceiveBuffer'>[];
    readonly trackers: Pick<OpenTrackers, 'setReceiveBuffer'>;
  },
): void {
  const buffers = given({ commands: sockets?.vrrpCommands, monitor: sockets?.vrrpMonitor });
  for (const follower of followers) follower.setReceiveBuffers(buffers);
  for (const asker of askers) asker.setReceiveBuffer(buffers.commands);
  trackers.setReceiveBuffer(sockets?.processMonitor);
}

/** To whoever follows an instance. */
function createMasterReporter(report: ChildContext<'vrrp'>['report'], driver: () => Pick<VrrpDriver, 'snapshot'>): () => void {
  let told: string | undefined;
  return () => {
    const masters = driver().snapshot().instances.flatMap(({ name, state }) => (state === 'MASTER' ? [name] : []));
    const text = masters.join(' ');
    if (text === told) return;
    told = text;
    report({ type: 'masters', masters });
  };
}

/** What other processes have said of what is tracked. */
function hearRelayed({ sessions, quorums }: Pick<VrrpPart, 'sessions' | 'quorums'>, deliver: (event: DirectorEvent) => void): void {
  for (const change of sessions) deliver({ type: 'sessionChanged', ...change });
  for (const quorum of quorums) deliver({ type: 'virtualServerChanged', ...quorum });
}

/** Once a turn at most: a director of many instances changes them one by one. */
function createLegacyReporter(
  { report, settings }: ChildContext<'vrrp'>,
  links: LinkMonitor,
  { devices, firewall }: { readonly devices: Pick<OpenDevicePort, 'originals' | 'made'>; readonly firewall: Pick<OpenFirewallPort, 'tableName'> },
  driver: () => Pick<VrrpDriver, 'legacy' | 'estates' | 'snapshot'>,
): () => void {
  const tellMasters = createMasterReporter(report, driver);
  let scheduled = false;
  const clock = openClock();
  let expiry: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    clearTimeout(expiry);
    setImmediate(() => {
      scheduled = false;
      tellMasters();
      // Who wants its addresses to stay wants that all the more when it is killed.
      const estates = settings.keepAtExit ? [] : driver().estates();
      const lifetime = willLifetime(estates);
      if (lifetime !== undefined) expiry = setTimeout(schedule, lifetime / 1_000).unref();
      const originals = devices.originals();
      const filterTable = firewall.tableName();
      const equipment = { devices: devices.made(), settings: originals, ...given({ filterTable }) };
      const clocks = { wall: wallClock(), monotonic: clock.now() };
      const will = encodeWill(estates, settings.keepAtExit ? NO_EQUIPMENT : equipment, links, clocks);
      report({ type: 'legacy', legacy: { ...driver().legacy(), settings: originals }, will });
    });
  };
  return schedule;
}

/** A device in the making is told of when it is ready. */
function unlessUnderWay({ isUnderWay }: OpenDevicePort, deliver: (event: DirectorEvent) => void): (event: DirectorEvent) => void {
  return (event) => {
    if (event.type !== 'linkChanged' || !isUnderWay(event.interface)) deliver(event);
  };
}

function openPorts(
  { log, tell }: ChildContext<'vrrp'>,
  links: LinkMonitor,
  scheduling: Scheduling,
  others: Pick<VrrpPorts, 'commands' | 'fifo' | 'alerts' | 'devices' | 'trackers'>,
  deliver: (event: DirectorEvent) => void,
  onAlarm: () => void,
): VrrpPorts & { readonly addresses: OpenAddressPort; readonly firewall: OpenFirewallPort } {
  const addresses = openAddresses(links, deliver);
  const adverts = openAdvertEndpoints(links, deliver, ({ interface: name, error }) =>
    tell({ type: 'advertsRefused', interface: name, reason: error.message }),
  );
  const announcements = openAnnouncer(links, ({ message }) => tell({ type: 'announcementRefused', reason: message }));
  const clock = openClock();
  return {
    clock,
    wallClock,
    alarm: scheduling.openAlarm(clock, onAlarm),
    firewall: createFirewall(links, tell),
    adverts,
    addresses,
    announcements,
    ...others,
    logger: log,
  };
}

/** What keepalived says before its first instance, in its order. */
function tellStart({ tell }: ChildContext<'vrrp'>, links: LinkMonitor, director: DirectorConfig): void {
  tell({ type: 'netlinkChannel', channel: 'reflector' });
  tell({ type: 'netlinkChannel', channel: 'command channel' });
  for (const name of interfacesOf(director)) {
    for (const { address } of links.find(name)?.addresses ?? []) tell({ type: 'addressFound', interface: name, address });
  }
  tell({ type: 'announcementChannel' });
}

function repeatStates({ fifoContent }: GlobalConfig, director: DirectorDescription, { write }: FifoPort): void {
  if (fifoContent?.statesAfterReload === true) allStateLines(director).forEach(write);
}

/** Every interface an instance looks at, each once. */
function interfacesOf(director: DirectorConfig): readonly string[] {
  return [...new Set(withGroupTracks(director).instances.flatMap(dependencies))];
}
