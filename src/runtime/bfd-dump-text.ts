/** The BFD process's data file (SIGUSR1) as text, with keepalived's keys where it has one for the same thing. */

import type { Micros } from '../base/time.js';
import type { BfdDescription, SessionDescription } from '../bfd/describe.js';
import { DIAGNOSTIC_NAMES, PHASE_NAMES } from './narrate/bfd.js';

export function bfdDumpText({ sessions, refused }: BfdDescription): string {
  return ['------< BFD Topology >------', ...sessions.flatMap(sessionLines), ` Refused packets = ${refused}`, ''].join('\n');
}

function sessionLines(session: SessionDescription): readonly string[] {
  const { remotePhase = 'down', remoteDiagnostic = 'none' } = session;
  return [
    ` BFD Instance = ${session.name}`,
    `   Neighbor IP = ${session.neighbour}`,
    `   local state = ${PHASE_NAMES[session.phase]}`,
    `   remote state = ${PHASE_NAMES[remotePhase]}`,
    `   local discriminator = 0x${session.discriminator.toString(16)}`,
    `   remote discriminator = 0x${(session.remoteDiscriminator ?? 0).toString(16)}`,
    `   local diag = ${DIAGNOSTIC_NAMES[session.diagnostic]}`,
    `   remote diag = ${DIAGNOSTIC_NAMES[remoteDiagnostic]}`,
    `   remote min tx intv = ${spanText(session.remoteMinTransmit)}`,
    `   remote min rx intv = ${spanText(session.remoteMinReceive)}`,
    `   remote detect multiplier = ${session.remoteMultiplier ?? 0}`,
    `   ${session.polling ? 'poll' : '!poll'}`,
    `   local tx intv = ${spanText(session.transmitInterval)}`,
    `   local detection time = ${spanText(session.detectionTime)}`,
    `   told to followers = ${session.told === undefined ? 'nothing' : session.told ? 'UP' : 'DOWN'}`,
  ];
}

function spanText(span: Micros | undefined): string {
  return `${span ?? 0} us`;
}
