/** The checkers process's log sentences about servers and quorums; what single checks say is in check.ts. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { HealthNote } from '../../health/notes.js';
import { narrateCheck } from './check.js';
import { detail, entry } from './entry.js';

type Note<Type extends HealthNote['type']> = Extract<HealthNote, { readonly type: Type }>;

type QuorumNote = Note<'quorumGained' | 'quorumLost' | 'quorumDownAtStart' | 'aliveServersAdded' | 'aliveServersRemoved' | 'backupTierAdded' | 'backupTierRemoved'>;
type SorryNote = Note<'sorryServerAdded' | 'sorryServerEnabled' | 'sorryServerRemoved' | 'sorryServerDisabled'>;
type ServerNote = Note<
  | 'serverAdded'
  | 'serverEnabled'
  | 'serverRemoved'
  | 'serverDisabled'
  | 'serverShutDown'
  | 'serverWithdrawn'
  | 'serverGone'
  | 'serverDraining'
  | 'serverDrained'
  | 'serverHeld'
  | 'serverResumed'
  | 'serverSuppressed'
  | 'serverReleased'
  | 'slowStartBegan'
  | 'slowStartEnded'
  | 'weightChanged'
>;

export function narrateHealth(note: HealthNote): LogEntry {
  switch (note.type) {
    case 'serverAdded':
    case 'serverEnabled':
    case 'serverRemoved':
    case 'serverDisabled':
    case 'serverShutDown':
    case 'serverWithdrawn':
    case 'serverGone':
    case 'serverDraining':
    case 'serverDrained':
    case 'serverHeld':
    case 'serverResumed':
    case 'serverSuppressed':
    case 'serverReleased':
    case 'slowStartBegan':
    case 'slowStartEnded':
    case 'weightChanged':
      return entry(note.type, serverText(note), { server: note.server, virtualServer: note.virtualServer });
    case 'sorryServerAdded':
    case 'sorryServerEnabled':
    case 'sorryServerRemoved':
    case 'sorryServerDisabled':
      return entry(note.type, sorryText(note), { server: note.server, virtualServer: note.virtualServer });
    case 'quorumGained':
    case 'quorumLost':
    case 'quorumDownAtStart':
    case 'aliveServersAdded':
    case 'aliveServersRemoved':
    case 'backupTierAdded':
    case 'backupTierRemoved':
      return narrateQuorum(note);
    case 'fileFollowed':
    case 'sessionFollowed':
      return narrateFollower(note);
    case 'virtualServerGone':
      return entry(note.type, `Removing Virtual Server ${note.virtualServer}`, { virtualServer: note.virtualServer });
    default:
      return narrateCheck(note);
  }
}

function serverText(note: ServerNote): string {
  const { server, virtualServer } = note;
  switch (note.type) {
    case 'serverAdded':
      return `Adding service ${server} to VS ${virtualServer}`;
    case 'serverEnabled':
      return `Enabling service ${server} of VS ${virtualServer}`;
    case 'serverRemoved':
      return `Removing service ${server} from VS ${virtualServer}`;
    case 'serverDisabled':
      return `Disabling service ${server} of VS ${virtualServer}`;
    case 'serverShutDown':
      return `Shutting down ${note.inhibited ? '(inhibited) ' : ''}service ${server} from VS ${virtualServer}`;
    case 'serverWithdrawn':
      return `Removing ${note.inhibited ? '(inhibited) ' : ''}service ${server} from VS ${virtualServer}`;
    case 'serverGone':
      return `service ${server} no longer exist`;
    case 'serverDraining':
      return `Draining service ${server} of VS ${virtualServer} for at most ${note.limit / 1_000_000} s`;
    case 'serverDrained':
      return `Drained service ${server} of VS ${virtualServer}: ${note.inTime ? 'no connection is left' : 'the time is up'}`;
    case 'serverHeld':
      return `Service ${server} of VS ${virtualServer} ${note.inherited === true ? 'still' : 'passes its checks and'} waits to be resumed (manual_resume)`;
    case 'serverResumed':
      return `Resuming service ${server} of VS ${virtualServer}`;
    case 'serverSuppressed': {
      const span = Math.round(note.span / 1_000_000);
      return `Suppressing service ${server} of VS ${virtualServer}: it flaps, penalty ${note.penalty} > ${note.suppress}, for ${span} s`;
    }
    case 'serverReleased': {
      const reason = note.forQuorum ? 'the quorum needs it' : 'its penalty has decayed';
      return `No longer suppressing service ${server} of VS ${virtualServer}: ${reason}`;
    }
    case 'slowStartBegan':
      return `Slow start of service ${server} of VS ${virtualServer}: weight ${note.weight} in ${note.span / 1_000_000} s`;
    case 'slowStartEnded':
      return `Slow start of service ${server} of VS ${virtualServer} is over: weight ${note.weight}`;
    case 'weightChanged': {
      const activity = note.active ? 'active' : 'inactive';
      return `Changing weight from ${note.from} to ${note.to} for ${activity} service ${server} of VS ${virtualServer}`;
    }
    default:
      return unreachable(note);
  }
}

function sorryText(note: SorryNote): string {
  const { server, virtualServer } = note;
  switch (note.type) {
    case 'sorryServerAdded':
      return `Adding sorry server ${server} to VS ${virtualServer}`;
    case 'sorryServerEnabled':
      return `Enabling sorry server ${server} to VS ${virtualServer}`;
    case 'sorryServerRemoved':
      return `Removing sorry server ${server} from VS ${virtualServer}`;
    case 'sorryServerDisabled':
      return `Disabling sorry server ${server} from VS ${virtualServer}`;
    default:
      return unreachable(note);
  }
}

function narrateQuorum(note: QuorumNote): LogEntry {
  const { virtualServer } = note;
  switch (note.type) {
    case 'quorumGained': {
      const { quorum, hysteresis, threshold, weight } = note;
      const text = `Gained quorum ${quorum}+${hysteresis}=${threshold} <= ${weight} for VS ${virtualServer}`;
      return entry(note.type, text, { virtualServer, weight, threshold });
    }
    case 'quorumLost':
    case 'quorumDownAtStart': {
      const { quorum, hysteresis, threshold, weight } = note;
      const event = note.type === 'quorumLost' ? 'Lost quorum' : 'Starting with quorum down';
      const text = `${event} ${quorum}-${hysteresis}=${threshold} > ${weight} for VS ${virtualServer}`;
      return entry(note.type, text, { virtualServer, weight, threshold }, 'warn');
    }
    case 'aliveServersAdded':
      return entry(note.type, `Adding alive servers to the pool for VS ${virtualServer}`, { virtualServer });
    case 'backupTierAdded':
      return entry(note.type, `Adding backup servers of tier ${note.tier} to VS ${virtualServer}`, { virtualServer, tier: note.tier }, 'warn');
    case 'backupTierRemoved':
      return entry(note.type, `Removing backup servers of tier ${note.tier} from VS ${virtualServer}`, { virtualServer, tier: note.tier });
    case 'aliveServersRemoved':
      return entry(note.type, `Removing alive servers from the pool for VS ${virtualServer}`, { virtualServer });
    default:
      return unreachable(note);
  }
}

function narrateFollower(note: Note<'fileFollowed' | 'sessionFollowed'>): LogEntry {
  const { server, virtualServer, up } = note;
  if (note.type === 'sessionFollowed') {
    const text = `BFD check of [${note.session}] RS(${server}) is ${up ? 'UP' : 'DOWN'}`;
    return entry(note.type, text, { server, virtualServer, session: note.session, up }, up ? 'info' : 'warn');
  }
  return detail(note.type, `(${server}): tracked file ${note.file} ${up ? 'leaving' : 'now'} FAULT state`, { server, virtualServer, up });
}
