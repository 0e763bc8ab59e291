/**
 * AdvertPort: one VRRP socket per (interface, family), kept open across reloads and opened again when an interface appears,
 * returns with another index or is renamed. Adverts come out as the director's events.
 */

import type { Family } from '../base/address.js';
import type { AdvertEndpoint, AdvertPort } from '../runtime/ports.js';
import type { DirectorEvent } from '../vrrp/events.js';
import { readAdvertHeader } from '../vrrp/packet.js';
import { KernelError } from './kernel-error.js';
import type { LinkEvent, LinkMonitor } from './links.js';
import { type AdvertInfo, type VrrpSocket, createVrrpSocket } from './vrrp-socket.js';

export type AdvertEvent = Extract<DirectorEvent, { readonly type: 'advertReceived' | 'advertMalformed' }>;

/** An endpoint that could not be opened, or an advert that could not be sent. It is tried again when the link changes. */
export interface AdvertFault {
  readonly interface: string;
  readonly family: Family;
  readonly error: KernelError;
}

export interface OpenAdvertPort extends AdvertPort {
  readonly close: () => void;
}

interface Entry {
  readonly endpoint: AdvertEndpoint;
  readonly socket: VrrpSocket | undefined;
  readonly interfaceIndex: number | undefined;
}

/**
 * Nothing is open before configure(). `links` tells when interfaces come and go; sockets open in the network namespace of
 * that moment. `onFault` hears of what the kernel refused, once per kind of refusal until something works again.
 */
export function openAdvertEndpoints(
  links: Pick<LinkMonitor, 'find' | 'on' | 'off'>,
  onEvent: (event: AdvertEvent) => void,
  onFault: (fault: AdvertFault) => void,
): OpenAdvertPort {
  const entries = new Map<string, Entry>();
  const faults = createFaultReports(onFault);

  function open(endpoint: AdvertEndpoint): Entry {
    const interfaceIndex = links.find(endpoint.interface)?.index;
    if (interfaceIndex === undefined) return { endpoint, socket: undefined, interfaceIndex };
    try {
      const socket = createVrrpSocket(endpoint);
      listen(socket, endpoint, onEvent);
      socket.on('error', (error) => faults.report(endpoint, error));
      faults.forget(endpoint);
      return { endpoint, socket, interfaceIndex };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      faults.report(endpoint, error);
      return { endpoint, socket: undefined, interfaceIndex };
    }
  }

  function followLink(event: LinkEvent): void {
    if (event.type !== 'linkChanged') return;
    for (const [key, entry] of entries) {
      if (entry.endpoint.interface !== event.interface) continue;
      if (entry.socket !== undefined && entry.interfaceIndex === event.link?.index) continue;
      entry.socket?.close();
      entries.set(key, open(entry.endpoint));
    }
  }
  links.on('event', followLink);

  return {
    configure: (endpoints) => {
      const wanted = new Map(endpoints.map((endpoint) => [keyOf(endpoint), endpoint]));
      for (const [key, { socket }] of entries) {
        if (wanted.has(key)) continue;
        socket?.close();
        entries.delete(key);
      }
      for (const [key, endpoint] of wanted) entries.set(key, adapt(entries.get(key), endpoint, open));
    },
    send: (endpoint, source, destination, payload) => {
      const result = entries.get(keyOf(endpoint))?.socket?.sendMessage(payload, source, destination) ?? 0;
      if (result >= 0) faults.forget(endpoint);
      // That nothing leaves through a link known to be down is no news.
      else if (links.find(endpoint.interface)?.up === true) {
        faults.report(endpoint, new KernelError(`send advert from ${source} to ${destination}`, result));
      }
    },
    drain: () => {
      for (const { socket } of entries.values()) socket?.drain();
    },
    close: () => {
      links.off('event', followLink);
      for (const { socket } of entries.values()) socket?.close();
      entries.clear();
    },
  };
}

type EndpointKey = Pick<AdvertEndpoint, 'interface' | 'family'>;

/** Passes on a fault of an endpoint unless it is the one told last. */
function createFaultReports(onFault: (fault: AdvertFault) => void): {
  readonly report: (endpoint: EndpointKey, error: KernelError) => void;
  readonly forget: (endpoint: EndpointKey) => void;
} {
  const told = new Map<string, string>();
  return {
    report: (endpoint, error) => {
      const key = keyOf(endpoint);
      if (told.get(key) === error.message) return;
      told.set(key, error.message);
      onFault({ interface: endpoint.interface, family: endpoint.family, error });
    },
    forget: (endpoint) => void told.delete(keyOf(endpoint)),
  };
}

/** Keeps an open socket when only its filter changes. */
function adapt(entry: Entry | undefined, endpoint: AdvertEndpoint, open: (endpoint: AdvertEndpoint) => Entry): Entry {
  if (entry?.socket === undefined || entry.endpoint.multicastGroup !== endpoint.multicastGroup) {
    entry?.socket?.close();
    return open(endpoint);
  }
  entry.socket.setVirtualRouterIds(endpoint.virtualRouterIds);
  return { ...entry, endpoint };
}

function listen(socket: VrrpSocket, endpoint: AdvertEndpoint, onEvent: (event: AdvertEvent) => void): void {
  const origin = { interface: endpoint.interface, family: endpoint.family };
  const path = ({ source, hopLimit }: AdvertInfo): Pick<AdvertInfo, 'source' | 'hopLimit'> => ({ source, hopLimit });
  socket.on('advert', (advert, info) => onEvent({ type: 'advertReceived', ...origin, ...path(info), advert }));
  socket.on('malformed', (error, info) => {
    const header = readAdvertHeader(info.message);
    onEvent({
      type: 'advertMalformed',
      ...origin,
      ...path(info),
      error,
      length: info.message.length,
      ...(header === undefined ? {} : { header }),
    });
  });
}

function keyOf({ interface: name, family }: EndpointKey): string {
  return `${family} ${name}`;
}
