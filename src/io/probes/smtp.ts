/**
 * SMTP_CHECK: holds the dialogue of health/smtp-dialogue.ts over a stream. connect_timeout bounds the connection and each whole
 * reply, so that a server that drips bytes gains nothing by it; the probe's deadline bounds the whole.
 */

import type { Socket } from 'node:net';

import type { Clock, Micros } from '../../base/time.js';
import { after, earliest, isDue, micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import { SMTP_OPENING, type SmtpDialogue, hearSmtp } from '../../health/smtp-dialogue.js';
import { errorCodeOf } from '../files.js';
import { connectVerdict } from './failure.js';
import { openProbeStream } from './probe-stream.js';

type SmtpQuestion = Extract<ProbeSpec, { type: 'smtp' }>;

export interface SmtpProber {
  /** Answered once through the sink, possibly before this returns, at the latest when `deadline` has passed. */
  readonly start: (id: number, question: SmtpQuestion, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Probe {
  readonly question: SmtpQuestion;
  readonly stream: Socket;
  readonly started: Micros;
  readonly deadline: Micros;
  /** Undefined until it is connected. */
  dialogue: SmtpDialogue | undefined;
  /** When the step under way began. */
  stepAt: Micros;
  timer: NodeJS.Timeout | undefined;
}

export function openSmtpProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): SmtpProber {
  const probes = new Map<number, Probe>();

  const end = (id: number, verdictOn?: (latency: Micros) => Verdict): void => {
    const probe = probes.get(id);
    if (probe === undefined) return;
    probes.delete(id);
    clearTimeout(probe.timer);
    probe.stream.destroy();
    if (verdictOn !== undefined) onVerdict(id, verdictOn(micros(clock.now() - probe.started)));
  };
  const breakOff = (id: number, probe: Probe, code: string): void => {
    end(id, (latency) => connectVerdict(stepOf(probe, code), code, latency));
  };
  const watchTime = (id: number, probe: Probe): void => {
    const now = clock.now();
    const limit = earliest(after(probe.stepAt, probe.question.connection.connectTimeout), probe.deadline) ?? probe.deadline;
    if (isDue(limit, now)) breakOff(id, probe, 'ETIMEDOUT');
    // Node's timers have whole milliseconds and may fire early: too early is looked at again.
    else probe.timer = setTimeout(() => watchTime(id, probe), Math.ceil((limit - now) / 1_000));
  };
  const hear = (id: number, probe: Probe, chunk: Buffer): void => {
    if (probe.dialogue === undefined || !probes.has(id)) return;
    const turn = hearSmtp(probe.dialogue, chunk.toString('latin1'), probe.question.heloName);
    if (turn.type === 'over') {
      const { failure } = turn;
      end(id, (latency) => (failure === undefined ? { type: 'passed', latency } : { type: 'failed', failure, latency }));
      return;
    }
    probe.dialogue = turn.dialogue;
    if (turn.type === 'listening') return;
    probe.stepAt = clock.now();
    probe.stream.write(turn.line, 'latin1');
  };
  const listen = (id: number, probe: Probe): void => {
    probe.stream
      .on('error', (error) => breakOff(id, probe, errorCodeOf(error)))
      .on('close', () => breakOff(id, probe, 'ECONNRESET'))
      .on('end', () => breakOff(id, probe, 'ECONNRESET'))
      .on('data', (chunk: Buffer) => hear(id, probe, chunk))
      .once('connect', () => {
        probe.dialogue = SMTP_OPENING;
        probe.stepAt = clock.now();
      });
  };
  return {
    start: (id, question, deadline) => {
      const started = clock.now();
      const stream = openProbeStream(question.connection);
      if ('type' in stream) {
        onVerdict(id, connectVerdict(stream.step, stream.code, micros(0)));
        return;
      }
      const probe: Probe = { question, stream, started, deadline, dialogue: undefined, stepAt: started, timer: undefined };
      probes.set(id, probe);
      listen(id, probe);
      watchTime(id, probe);
    },
    cancel: (id) => end(id),
    close: () => {
      for (const id of [...probes.keys()]) end(id);
    },
  };
}

/** Where a connection broke that was not there yet, or that was used. */
function stepOf({ dialogue }: Probe, code: string): 'connect' | 'send' | 'read' {
  if (dialogue === undefined) return 'connect';
  return code === 'EPIPE' ? 'send' : 'read';
}
