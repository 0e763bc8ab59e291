/** Whose link is asked for every second: the interfaces named, and with linkbeat_use_polling all that instances look at. */

import type { LinkPollingConfig } from '../config/track.js';
import type { DirectorConfig } from '../config.js';
import { devicesOf } from '../host/devices.js';
import { dependencies } from './links.js';

/** Each interface once. Devices of our own are left out: they do as the interface below. */
export function polledLinks(config: DirectorConfig): LinkPollingConfig['interfaces'] {
  const { linkPolling } = config;
  if (linkPolling === undefined) return [];
  const named = new Map(linkPolling.interfaces.map((each) => [each.interface, each]));
  const own = new Set(devicesOf(config, config.instances).devices.map(({ device }) => device.name));
  for (const name of linkPolling.all ? config.instances.flatMap(dependencies) : []) {
    if (!named.has(name) && !own.has(name)) named.set(name, { interface: name });
  }
  return [...named.values()];
}
