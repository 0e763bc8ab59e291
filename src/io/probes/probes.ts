/** The probe port: every kind of question goes to the prober that can ask it. */

import type { Clock, Micros } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Series, Verdict } from '../../health/events.js';
import type { ProbePort } from '../../runtime/ports.js';
import { openDatagramProber } from './datagram.js';
import { dnsQuestion } from './dns.js';
import { type HttpProber, openHttpProber } from './http.js';
import { openProgramProber, type ProgramProber } from './misc.js';
import { pingQuestion } from './ping.js';
import { openTalkProber } from './talk.js';
import { openTcpProber } from './tcp.js';
import { udpQuestion } from './udp.js';

export interface OpenProbes extends ProbePort {
  /** Whom programs of checks run as that name no account. */
  readonly configurePrograms: ProgramProber['configure'];
  /** What questions over TLS show and believe. */
  readonly configureTls: HttpProber['configureTls'];
  /** Whether what works beside the event loop has stirred since this was asked before, half a second ago or longer. */
  readonly beat: () => boolean;
  /** Ends everything; no verdict follows. */
  readonly close: () => void;
}

/** Opens the probers; throws KernelError only when the process is out of descriptors. */
export function openProbes(clock: Clock, onVerdict: (id: number, verdict: Verdict, at?: Micros) => void): OpenProbes {
  const tcp = openTcpProber(clock, onVerdict);
  const http = openHttpProber(clock, onVerdict);
  const talks = openTalkProber(clock, onVerdict);
  const datagrams = openDatagramProber(clock, onVerdict);
  const programs = openProgramProber(clock, onVerdict);
  return {
    configurePrograms: programs.configure,
    configureTls: http.configureTls,
    attend: tcp.attend,
    seen: tcp.seen,
    beat: tcp.beat,
    drain: tcp.drain,
    start: (id: number, spec: ProbeSpec, deadline: Micros, series?: Series) => {
      switch (spec.type) {
        case 'tcp':
          tcp.start(id, spec.connection, deadline, series);
          return;
        case 'udp':
          datagrams.start(id, udpQuestion(spec), deadline);
          return;
        case 'dns':
          datagrams.start(id, dnsQuestion(spec), deadline);
          return;
        case 'ping':
          datagrams.start(id, pingQuestion(spec.connection, id), deadline);
          return;
        case 'misc':
          programs.start(id, spec);
          return;
        case 'talk':
          talks.start(id, spec, deadline);
          return;
        case 'http':
          http.start(id, spec, deadline);
          return;
        default:
          unreachable(spec);
      }
    },
    cancel: (id) => {
      tcp.cancel(id);
      http.cancel(id);
      talks.cancel(id);
      datagrams.cancel(id);
      programs.cancel(id);
    },
    close: () => {
      tcp.close();
      http.close();
      talks.close();
      datagrams.close();
      programs.close();
    },
  };
}
