/** What the BFD process says: keepalived's sentences where it has one for the same thing. */

import type { LogEntry } from '../../base/log.js';
import { milliseconds } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { BfdNote } from '../../bfd/notes.js';
import type { BfdPacketError, Diagnostic, Phase } from '../../bfd/packet.js';
import { detail, entry, fineDetail } from './entry.js';

/** keepalived's words. */
export const PHASE_NAMES: Readonly<Record<Phase, string>> = { adminDown: 'AdminDown', down: 'Down', init: 'Init', up: 'Up' };

/** The words of RFC 5880 4.1. */
export const DIAGNOSTIC_NAMES: Readonly<Record<Diagnostic, string>> = {
  none: 'No Diagnostic',
  detectionTimeExpired: 'Control Detection Time Expired',
  echoFailed: 'Echo Function Failed',
  neighbourSignaledDown: 'Neighbor Signaled Session Down',
  forwardingReset: 'Forwarding Plane Reset',
  pathDown: 'Path Down',
  concatenatedPathDown: 'Concatenated Path Down',
  adminDown: 'Administratively Down',
  reverseConcatenatedPathDown: 'Reverse Concatenated Path Down',
};

/** What is wrong with bytes that are no packet, as keepalived says it before it names the sender. */
const FAULTS: Readonly<Record<BfdPacketError, string>> = {
  tooShort: 'Packet is too small',
  badVersion: 'Packet is of unsupported version',
  badLength: 'Packet size mismatch',
  zeroMultiplier: "Packet 'detection multiplier' field is zero",
  multipoint: "Packet has 'multipoint' flag",
  zeroDiscriminator: "Packet 'my discriminator' field is zero",
  missingDiscriminator: "Packet 'your discriminator' field is zero and 'state' field is not Down or AdminDown",
  authenticated: 'auth bit is set, but no authentication is in use',
  pollAndFinal: 'Packet has both poll and final flags set',
  badDiagnostic: "Packet has invalid 'diag' field",
};

export function narrateBfd(note: BfdNote): LogEntry {
  switch (note.type) {
    case 'sessionEntered':
      return narrateEntered(note);
    case 'sessionExpired': {
      const after = Math.round(note.after / milliseconds(1));
      const text = `(${note.session}) Expired after ${after} ms (${note.overdue} usec overdue)`;
      return entry(note.type, text, { session: note.session, afterMs: after, overdueUs: note.overdue }, 'warn');
    }
    case 'packetRefused': {
      const { source, sourcePort, reason, hopLimit } = note;
      return detail(note.type, refusalText(note), { source, sourcePort, reason, hopLimit });
    }
    case 'pollStarted':
      return detail(note.type, `(${note.session}) Starting poll sequence`, { session: note.session });
    case 'channelFailed': {
      const { session, reason } = note;
      return entry(note.type, `(${session}) Cannot open the socket of the session: ${reason}`, { session, reason }, 'error');
    }
    default:
      return unreachable(note);
  }
}

function narrateEntered({ session, phase, diagnostic, remoteDiagnostic }: Extract<BfdNote, { type: 'sessionEntered' }>): LogEntry {
  const text = `(${session}) Entering ${PHASE_NAMES[phase]} state`;
  const fields = { session, state: PHASE_NAMES[phase], localDiagnostic: DIAGNOSTIC_NAMES[diagnostic], remoteDiagnostic: DIAGNOSTIC_NAMES[remoteDiagnostic] };
  switch (phase) {
    case 'down': {
      const reasons = `(Local diagnostic - ${fields.localDiagnostic}, Remote diagnostic - ${fields.remoteDiagnostic})`;
      return entry('sessionDown', `${text} ${reasons}`, fields, 'warn');
    }
    case 'adminDown':
      return entry('sessionAdminDown', text, fields, 'warn');
    case 'up':
      return entry('sessionUp', text, fields);
    case 'init':
      return fineDetail('sessionInit', text, fields);
    default:
      return unreachable(phase);
  }
}

function refusalText({ source, sourcePort, reason, hopLimit, lowest = 0, discriminator = 0 }: Extract<BfdNote, { type: 'packetRefused' }>): string {
  const sender = `[${source}]:${sourcePort}`;
  switch (reason) {
    case 'tooManyHops':
      return `Packet from ${sender}: ${source.includes(':') ? 'hop_limit' : 'ttl'}(${hopLimit}) < ${lowest} - discarding`;
    case 'unknownDiscriminator': {
      const theirs = `0x${discriminator.toString(16).padStart(8, '0')}`;
      return `Discarding packet from ${sender} (session is not found - your discriminator field is ${theirs})`;
    }
    case 'unknownPeer':
      return `Discarding packet from ${sender} (session is not found)`;
    case 'authenticated':
      return `Discarding packet from ${sender} (${FAULTS.authenticated})`;
    default:
      return `Discarding bogus packet from ${sender} (${FAULTS[reason]})`;
  }
}
