/** The VRRP process's log sentences, in keepalived's words where it has them. Rejected adverts are in advert.ts. */

import type { LogEntry } from '../../base/log.js';
import { seconds } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import type { VrrpNote } from '../../vrrp/notes.js';
import { narrateAdvert } from './advert.js';
import { detail, entry, secondsText } from './entry.js';
import { narrateFault } from './fault.js';
import { narrateNetwork, narrateStatic } from './network.js';
import { narrateTracker } from './tracker.js';

type Note<Type extends VrrpNote['type']> = Extract<VrrpNote, { readonly type: Type }>;

/** One note is one sentence, except where keepalived writes a line per address or packet. */
export function narrateVrrp(note: VrrpNote): readonly LogEntry[] {
  switch (note.type) {
    case 'announcementQueued':
      return note.addresses.map((address) => queueing(note.instance, address));
    case 'announcementSent':
      return narrateAnnouncement(note);
    case 'filterRequested': {
      const { instance, present } = note;
      return [detail(note.type, `(${instance}) ${present ? 'setting' : 'removing'} firewall drop rule`, { instance, present })];
    }
    case 'addressesRequested':
    case 'addressesFailed':
    case 'addressLost':
    case 'addressDropped':
    case 'sourceChanged':
      return [narrateAddresses(note)];
    case 'staticObjectRestoring':
    case 'staticObjectDropped':
      return [narrateStatic(note)];
    case 'networkDropped':
    case 'networkRequested':
    case 'routeLost':
    case 'ruleLost':
    case 'repairsGivenUp':
      return [narrateNetwork(note)];
    case 'linkStateChanged':
    case 'linkAppeared':
    case 'linkDisappeared':
    case 'linkOfOtherKind':
      return [narrateLink(note)];
    case 'groupSyncing':
    case 'groupMemberFaulted':
      return [narrateGroup(note)];
    case 'scriptStatusChanged':
    case 'scriptChanged':
    case 'scriptStillRunning':
    case 'scriptKept':
    case 'quorumChanged':
    case 'sessionChanged':
    case 'trackedSessionChanged':
    case 'trackedPoolChanged':
      return [narrateTracker(note)];
    case 'basePrioritySet':
    case 'preemptSet':
      return [narrateManager(note)];
    case 'startupDelayed':
      return [entry('startupDelayed', `Delaying startup for ${note.delay / seconds(1)} seconds`)];
    case 'startupDelayEnded':
      return [entry('startupDelayEnded', 'Delayed start completed')];
    case 'unknownVirtualRouter':
      return [narrateStranger(note)];
    case 'faultFound':
    case 'faultCleared':
      return [narrateFault(note)];
    case 'instanceStarted':
    case 'stateChanged':
    case 'instanceRemoved':
    case 'handedOver':
    case 'masterAdopted':
    case 'stallNoticed':
    case 'advertTimeout':
    case 'effectivePriorityChanged':
    case 'preemptDelayStarted':
    case 'preemptDelayStopped':
    case 'announcementRequested':
      return [narrateInstance(note)];
    default:
      return [narrateAdvert(note)];
  }
}

function narrateStranger({ type, interface: name, virtualRouterId, source }: Note<'unknownVirtualRouter'>): LogEntry {
  const text = `Unknown VRID(${virtualRouterId}) received on interface(${name}) from ${source}. ignoring...`;
  return entry(type, text, { interface: name, source });
}

function narrateManager(note: Note<'basePrioritySet' | 'preemptSet'>): LogEntry {
  const { instance } = note;
  if (note.type === 'basePrioritySet') {
    const { from, to } = note;
    return entry(note.type, `(${instance}) base priority changed from ${from} to ${to} via SNMP.`, { instance, from, to });
  }
  return entry(note.type, `(${instance}) preemption ${note.preempt ? 'enabled' : 'disabled'} with SNMP`, { instance, preempt: note.preempt });
}

function narrateInstance(
  note: Note<
    | 'instanceStarted'
    | 'stateChanged'
    | 'instanceRemoved'
    | 'handedOver'
    | 'masterAdopted'
    | 'stallNoticed'
    | 'advertTimeout'
    | 'effectivePriorityChanged'
    | 'preemptDelayStarted'
    | 'preemptDelayStopped'
    | 'announcementRequested'
  >,
): LogEntry {
  const { instance } = note;
  switch (note.type) {
    case 'instanceStarted':
      return entry(note.type, `(${instance}) Entering ${note.state} STATE (init)`, { instance, state: note.state });
    case 'stateChanged': {
      const { from, to } = note;
      return entry(note.type, `(${instance}) Entering ${to} STATE`, { instance, from, state: to });
    }
    case 'instanceRemoved':
      return entry(note.type, `(${instance}) no longer configured, releasing its addresses`, { instance });
    case 'masterAdopted':
      return entry(note.type, `(${instance}) adopted in MASTER STATE from the process before`, { instance, state: 'MASTER' });
    case 'stallNoticed':
      return entry(note.type, `VRRP thread timer expired ${secondsText(note.lateness)} seconds ago`, { instance });
    case 'handedOver':
      return entry(note.type, `(${instance}) handed over to ${note.to}`, { instance, to: note.to });
    case 'announcementRequested':
      return entry(note.type, `Sending garps on ${instance} on DBus request`, { instance });
    case 'advertTimeout':
      return detail(note.type, `(${instance}) Receive advertisement timeout`, { instance });
    case 'effectivePriorityChanged': {
      const { from, to } = note;
      return entry(note.type, `(${instance}) Changing effective priority from ${from} to ${to}`, { instance, from, to });
    }
    case 'preemptDelayStarted':
      return detail(note.type, `(${instance}) start preempt delay (${secondsText(note.delay)})`, { instance });
    case 'preemptDelayStopped':
      return detail(note.type, `(${instance}) stop preempt delay`, { instance });
    default:
      return unreachable(note);
  }
}

function narrateAddresses(
  note: Note<'addressesRequested' | 'addressesFailed' | 'addressLost' | 'addressDropped' | 'sourceChanged'>,
): LogEntry {
  const { instance } = note;
  switch (note.type) {
    case 'addressesRequested': {
      const action = note.present ? 'setting' : 'removing';
      const text = `(${instance}) ${action} ${note.excluded ? 'E-VIPs' : 'VIPs'}.`;
      return detail(note.type, text, { instance, present: note.present, count: note.addresses.length });
    }
    case 'addressesFailed': {
      const retry = note.retryIn === undefined ? '' : '; trying again until it works';
      const what = instance === '' ? 'static addresses, routes or rules' : `(${instance}) addresses`;
      const text = `${what} could not be changed: ${note.reason}${retry}`;
      return entry(note.type, text, { instance, reason: note.reason }, 'error');
    }
    case 'addressLost': {
      const { address, interface: name } = note;
      const text = `Netlink reflector reports IP ${address} removed from ${name}`;
      return entry(note.type, text, { instance, address, interface: name }, 'warn');
    }
    case 'addressDropped': {
      const { address, prefixLength, interface: name } = note.address;
      const text = `(${instance}) ip address ${address}/${prefixLength} dev ${name}, no longer exist`;
      return entry(note.type, text, { instance, address, interface: name });
    }
    case 'sourceChanged': {
      const { from = 'none', to = 'none', interface: name } = note;
      const text = `(${instance}) source address on ${name} changed from ${from} to ${to}`;
      return entry(note.type, text, { instance, interface: name, from, to });
    }
    default:
      return unreachable(note);
  }
}

/** keepalived writes a line per address for the set, and a line per packet. */
function narrateAnnouncement(note: Note<'announcementSent'>): readonly LogEntry[] {
  const { instance, addresses, repeat } = note;
  const lines: LogEntry[] = [];
  for (let round = 0; round < repeat; round += 1) {
    for (const virtualAddress of addresses) {
      const { address, interface: name } = virtualAddress;
      const fields = { instance, address, interface: name };
      if (round === 0 && note.wasQueued !== true) lines.push(queueing(instance, virtualAddress));
      lines.push(detail(note.type, `Sending ${announcementKind(virtualAddress, '')} on ${name} for ${address}`, fields));
    }
  }
  return lines;
}

function queueing(instance: string, virtualAddress: VirtualAddress): LogEntry {
  const { address, interface: name } = virtualAddress;
  const text = `(${instance}) Sending/queueing ${announcementKind(virtualAddress, 's')} on ${name} for ${address}`;
  return detail('announcementQueued', text, { instance, address, interface: name });
}

function announcementKind({ address }: VirtualAddress, plural: '' | 's'): string {
  if (!address.includes(':')) return `gratuitous ARP${plural}`;
  return plural === 's' ? 'Unsolicited Neighbour Adverts' : 'unsolicited Neighbour Advert';
}

function narrateLink(note: Note<'linkStateChanged' | 'linkAppeared' | 'linkDisappeared' | 'linkOfOtherKind'>): LogEntry {
  const name = note.interface;
  switch (note.type) {
    case 'linkStateChanged': {
      const text = `${note.polled === true ? 'Linkbeat' : 'Netlink'} reports ${name} ${note.up ? 'up' : 'down'}`;
      return entry(note.type, text, { interface: name, up: note.up }, note.up ? 'info' : 'warn');
    }
    case 'linkAppeared':
      return entry(note.type, `Interface ${name} added`, { interface: name });
    case 'linkDisappeared':
      return entry(note.type, `Interface ${name} deleted`, { interface: name }, 'warn');
    case 'linkOfOtherKind': {
      const text = `Interface ${name} is another kind of device than before: it counts as missing without allow_if_changes`;
      return entry(note.type, text, { interface: name }, 'warn');
    }
    default:
      return unreachable(note);
  }
}

function narrateGroup(note: Note<'groupSyncing' | 'groupMemberFaulted'>): LogEntry {
  const { group } = note;
  if (note.type === 'groupMemberFaulted') {
    const { instance } = note;
    return entry(note.type, `VRRP_Group(${group}): Syncing ${instance} to FAULT state`, { group, instance });
  }
  const { state } = note;
  return entry(note.type, `VRRP_Group(${group}) Syncing instances to ${state} state`, { group, state });
}
