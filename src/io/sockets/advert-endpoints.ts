/**
 * AdvertPort: one socket for each way of hearing, kept open across reloads and opened again when an interface appears,
 * returns with another index or is renamed. Adverts come out as the director's events.
 */

import type { Family } from '../../base/address.js';
import { given } from '../../base/given.js';
import { wayKey, type AdvertBuffer, type AdvertDatagram, type AdvertEndpoint, type AdvertPort, type AdvertWay } from '../../runtime/ports.js';
import { unpackAdvert, type AdvertEvent } from '../../vrrp/wire/unpack.js';
import { AdvertSocket } from './advert-socket.js';
import { wallClock } from '../clock.js';
import { KernelError } from '../kernel-error.js';
import type { KernelLink, LinkEvent, LinkMonitor } from '../netlink/links.js';

/** An endpoint that could not be opened, or an advert that could not be sent. It is tried again when the link changes. */
export interface AdvertFault {
  readonly interface: string;
  readonly family: Family;
  readonly error: KernelError;
}

export interface OpenAdvertPort extends AdvertPort {
  readonly close: () => void;
}

/** Of an interface that says nothing: what every IPv6 link carries (RFC 8200 5). */
const SMALLEST_MTU = 1280;

interface Entry {
  readonly endpoint: AdvertEndpoint;
  readonly socket: AdvertSocket | undefined;
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
    const interfaceIndex = endpoint.interface === '' ? 0 : links.find(endpoint.interface)?.index;
    if (interfaceIndex === undefined) return { endpoint, socket: undefined, interfaceIndex };
    try {
      const { virtualRouterIds, receiveBuffer, ...way } = endpoint;
      const socket = new AdvertSocket(endpoint.hearsUnknown === true ? way : { ...way, virtualRouterIds });
      setBuffer(socket, receiveBuffer, links.find(endpoint.interface));
      listen(socket, endpoint, { onEvent, onError: (error) => faults.report(endpoint, error) });
      faults.forget(endpoint);
      return { endpoint, socket, interfaceIndex };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      faults.report(endpoint, error);
      return { endpoint, socket: undefined, interfaceIndex };
    }
  }

  /** Keeps an open socket when only its filter or its buffer changes. */
  function adapt(entry: Entry | undefined, endpoint: AdvertEndpoint): Entry {
    if (entry?.socket === undefined) return open(endpoint);
    entry.socket.setVirtualRouterIds(endpoint.hearsUnknown === true ? undefined : endpoint.virtualRouterIds);
    setBuffer(entry.socket, endpoint.receiveBuffer, links.find(endpoint.interface));
    return { ...entry, endpoint };
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
      const wanted = new Map(endpoints.map((endpoint) => [wayKey(endpoint), endpoint]));
      for (const [key, { socket }] of entries) {
        if (wanted.has(key)) continue;
        socket?.close();
        entries.delete(key);
      }
      for (const [key, endpoint] of wanted) entries.set(key, adapt(entries.get(key), endpoint));
    },
    send: (way, datagram) => {
      const result = entries.get(wayKey(way))?.socket?.send(datagram) ?? 0;
      if (result >= 0) faults.forget(way);
      // That nothing leaves through a link known to be down is no news.
      else if (way.interface === '' || links.find(way.interface)?.up === true) faults.report(way, sendError(datagram, result));
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

function sendError({ source, destination }: AdvertDatagram, result: number): KernelError {
  return new KernelError(`send advert from ${source} to ${destination}`, result);
}

/** Nothing said: an open socket keeps what it has. */
function setBuffer(socket: AdvertSocket, size: AdvertBuffer | undefined, link: KernelLink | undefined): void {
  if (size !== undefined) socket.setReceiveBuffer(size.bytes + size.frames * (link?.mtu ?? SMALLEST_MTU));
}

/** Passes on a fault of an endpoint unless it is the one told last. */
function createFaultReports(onFault: (fault: AdvertFault) => void): {
  readonly report: (endpoint: AdvertWay, error: KernelError) => void;
  readonly forget: (endpoint: AdvertWay) => void;
} {
  const told = new Map<string, string>();
  return {
    report: (endpoint, error) => {
      const key = wayKey(endpoint);
      if (told.get(key) === error.message) return;
      told.set(key, error.message);
      onFault({ interface: endpoint.interface, family: endpoint.family, error });
    },
    forget: (endpoint) => void told.delete(wayKey(endpoint)),
  };
}

function listen(
  socket: AdvertSocket,
  { interface: name, family, protocol }: AdvertEndpoint,
  { onEvent, onError }: { readonly onEvent: (event: AdvertEvent) => void; readonly onError: (error: KernelError) => void },
): void {
  socket.on('error', onError);
  socket.on('packet', (payload, { address: source, destination, hopLimit, fragmented }, ipHeader) => {
    const came = { source, destination, hopLimit, wallClock: wallClock(), ipHeader, payload, ...given({ fragmented }) };
    onEvent(unpackAdvert({ interface: name, family, protocol, ...came }));
  });
}
