/** The VRRP driver on a host's real rtnetlink: addresses, routes, rules, links and time are the kernel's, the rest is silent. */

import type { KernelError } from '../../src/io/kernel-error.js';
import { openAlarm } from '../../src/io/alarm.js';
import { openClock, wallClock } from '../../src/io/clock.js';
import { openAddresses } from '../../src/io/netlink/addresses.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { NetworkMonitor } from '../../src/io/netlink/network-monitor.js';
import type { ReceiveBuffers } from '../../src/io/sockets/socket-options.js';
import { createVrrpDriver } from '../../src/runtime/vrrp-driver.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { networkOf } from '../../src/vrrp/instance/belongings.js';
import type { Host } from './namespaces.js';

export interface LiveDirector {
  /** Every log sentence so far. */
  readonly sentences: readonly string[];
  /** Codes of what the followers of the kernel's events have met. */
  readonly losses: readonly string[];
  /** Follows its routes and rules from now on. */
  readonly watch: (config: DirectorConfig) => void;
  readonly configure: (config: DirectorConfig) => void;
  readonly setReceiveBuffers: (buffers: ReceiveBuffers) => void;
  readonly close: () => void;
}

/** `onLoss` hears of each loss before anything is done about it. */
export function openDirector(host: Host, onLoss: (code: string) => void = () => undefined): LiveDirector {
  const sentences: string[] = [];
  const losses: string[] = [];
  const lost = ({ code }: KernelError): void => {
    losses.push(code);
    onLoss(code);
  };
  const deliver = (event: DirectorEvent): void => driver.deliver(event);
  const links = host.inside(() => new LinkMonitor());
  const network = new NetworkMonitor(links, { onEvent: deliver, onLoss: lost });
  const addresses = host.inside(() => openAddresses(links, deliver));
  const alarm = openAlarm(() => driver.onAlarm());
  const nothing = (): void => undefined;
  const driver = createVrrpDriver(
    {
      clock: openClock(),
      wallClock,
      alarm,
      addresses,
      firewall: { configure: nothing, drop: nothing },
      devices: { configure: nothing },
      adverts: { configure: nothing, send: nothing, drain: nothing },
      announcements: { announce: nothing },
      trackers: { runScript: nothing, stopScript: nothing, watch: nothing },
      commands: { run: nothing },
      alerts: { send: nothing },
      fifo: { write: nothing },
      logger: { log: ({ text }) => void sentences.push(text) },
    },
    { seed: 1 },
  );
  links.on('resynchronising', lost);
  links.on('event', deliver);
  links.start();
  return {
    sentences,
    losses,
    watch: (config) => host.inside(() => network.watch(networkOf(config))),
    configure: (config) => deliver({ type: 'reconfigured', config }),
    setReceiveBuffers: (buffers) => {
      for (const each of [links, network]) each.setReceiveBuffers(buffers);
    },
    close: () => {
      for (const each of [alarm, addresses, network, links]) each.close();
    },
  };
}
