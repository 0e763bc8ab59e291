/**
 * Checks by dialogue (SMTP_CHECK, databases, TCP_CHECK with something to say): holds one over a stream. connect_timeout bounds the connection
 * and each whole answer, so that a server that drips bytes gains nothing by it; the probe's deadline bounds the whole.
 */

import type { Socket } from 'node:net';

import type { Clock, Micros } from '../../base/time.js';
import { after, earliest, isDue, micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import type { Hear, Turn } from '../../health/conversation.js';
import { dialogueOf } from '../../health/dialogues.js';
import { errorCodeOf } from '../files/files.js';
import { connectVerdict } from './failure.js';
import { openProbeStream } from './probe-stream.js';

type TalkQuestion = Extract<ProbeSpec, { type: 'talk' }>;

export interface TalkProber {
  /** Answered once through the sink, possibly before this returns, at the latest when `deadline` has passed. */
  readonly start: (id: number, question: TalkQuestion, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Probe {
  readonly question: TalkQuestion;
  readonly stream: Socket;
  readonly started: Micros;
  readonly deadline: Micros;
  /** Undefined until it is connected. */
  hear: Hear | undefined;
  /** When the step under way began. */
  stepAt: Micros;
  timer: NodeJS.Timeout | undefined;
}

export function openTalkProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): TalkProber {
  const probes = new Map<number, Probe>();

  const end = (id: number, verdictOn?: (latency: Micros) => Verdict): void => {
    const probe = probes.get(id);
    if (probe === undefined) return;
    probes.delete(id);
    clearTimeout(probe.timer);
    // What was said last may still be on its way; nothing is heard of it any more.
    if (probe.stream.writableEnded) probe.stream.destroySoon();
    else probe.stream.destroy();
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
  const take = (id: number, probe: Probe, turn: Turn): void => {
    if (turn.type === 'over') {
      const { failure, farewell = '' } = turn;
      if (farewell !== '') probe.stream.end(farewell, 'latin1');
      end(id, (latency) => (failure === undefined ? { type: 'passed', latency } : { type: 'failed', failure, latency }));
      return;
    }
    probe.hear = turn.hear;
    if (turn.type === 'listening') return;
    probe.stepAt = clock.now();
    probe.stream.write(turn.text, 'latin1');
  };
  const listen = (id: number, probe: Probe): void => {
    probe.stream
      .on('error', (error) => breakOff(id, probe, errorCodeOf(error)))
      .on('close', () => breakOff(id, probe, 'ECONNRESET'))
      .on('end', () => breakOff(id, probe, 'ECONNRESET'))
      .on('data', (chunk: Buffer) => {
        if (probe.hear !== undefined && probes.has(id)) take(id, probe, probe.hear(chunk.toString('latin1')));
      })
      .once('connect', () => {
        probe.stepAt = clock.now();
        take(id, probe, dialogueOf(probe.question.check));
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
      const probe: Probe = { question, stream, started, deadline, hear: undefined, stepAt: started, timer: undefined };
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
function stepOf({ hear }: Probe, code: string): 'connect' | 'send' | 'read' {
  if (hear === undefined) return 'connect';
  return code === 'EPIPE' ? 'send' : 'read';
}
