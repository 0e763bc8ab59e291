/**
 * One datagram out, its answer in: what UDP_CHECK, DNS_CHECK and PING_CHECK share. Each question has a socket of its own,
 * connected, so that only the asked one is heard and what the network says about it comes back as an error.
 */

import { familyOf } from '../../base/address.js';
import type { Clock, Micros } from '../../base/time.js';
import { after, earliest, isDue, micros } from '../../base/time.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import type { ProbeFailure, Verdict } from '../../health/events.js';
import { KernelError, errorCode } from '../kernel-error.js';
import { NativeSocket } from '../sockets/native-socket.js';
import type { SocketOption } from '../sockets/socket-options.js';
import { LEVEL, applyOptions, integerOption } from '../sockets/socket-options.js';
import { endpointOf } from './endpoint.js';
import { connectVerdict } from './failure.js';
import { allowPing } from './ping-range.js';

export interface DatagramQuestion {
  readonly connection: ConnectionOptions;
  readonly protocol: 'udp' | 'icmp';
  readonly payload: Uint8Array;
  /** Bytes of the longest answer that must be seen whole. */
  readonly longest: number;
  /** Undefined: this is no answer to the question, go on waiting. `truncated`: it was longer than `longest`. */
  readonly judge: (answer: Uint8Array, truncated: boolean) => 'passed' | ProbeFailure | undefined;
  /** What it means that nothing came within connect_timeout. */
  readonly silence: 'passed' | ProbeFailure;
}

export interface DatagramProber {
  /** Answered once through the sink, possibly before this returns. */
  readonly start: (id: number, question: DatagramQuestion, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Probe {
  readonly socket: NativeSocket;
  timer: NodeJS.Timeout | undefined;
}

const SOCK_DGRAM = 2;
const PROTOCOLS = { udp: { ipv4: 0, ipv6: 0 }, icmp: { ipv4: 1, ipv6: 58 } } as const;

export function openDatagramProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): DatagramProber {
  const probes = new Map<number, Probe>();

  const end = (id: number, verdict: Verdict | undefined): void => {
    const probe = probes.get(id);
    if (probe === undefined) return;
    probes.delete(id);
    clearTimeout(probe.timer);
    probe.socket.close();
    if (verdict !== undefined) onVerdict(id, verdict);
  };
  return {
    start: (id, question, deadline) => {
      const started = clock.now();
      const latency = (): Micros => micros(clock.now() - started);
      const socket = openSocket(question, {
        onAnswer: (answer) => {
          if (answer !== undefined) end(id, verdictOf(answer, latency()));
        },
        onError: (errno) => end(id, connectVerdict('connect', errorCode(errno), latency())),
      });
      if (!(socket instanceof NativeSocket)) {
        onVerdict(id, { type: 'local', ...socket });
        return;
      }
      const probe: Probe = { socket, timer: undefined };
      probes.set(id, probe);
      const failed = ask(socket, question);
      if (failed < 0) {
        end(id, connectVerdict('connect', errorCode(failed), latency()));
        return;
      }
      const limit = earliest(after(started, question.connection.connectTimeout), deadline) ?? deadline;
      const watchTime = (): void => {
        const now = clock.now();
        if (isDue(limit, now)) end(id, verdictOf(question.silence, latency()));
        // Node's timers have whole milliseconds and may fire early: too early is looked at again.
        else probe.timer = setTimeout(watchTime, Math.ceil((limit - now) / 1_000));
      };
      watchTime();
    },
    cancel: (id) => end(id, undefined),
    close: () => {
      for (const id of [...probes.keys()]) end(id, undefined);
    },
  };
}

function verdictOf(answer: 'passed' | ProbeFailure, latency: Micros): Verdict {
  return answer === 'passed' ? { type: 'passed', latency } : { type: 'failed', failure: answer, latency };
}

interface Listener {
  readonly onAnswer: (answer: 'passed' | ProbeFailure | undefined) => void;
  readonly onError: (errno: number) => void;
}

type Trouble = Pick<Extract<Verdict, { type: 'local' }>, 'operation' | 'code'>;

/** A socket with source, mark and device set, hearing; or what this machine lacks for it. */
function openSocket(question: DatagramQuestion, { onAnswer, onError }: Listener): NativeSocket | Trouble {
  const { connection, judge, longest } = question;
  const family = familyOf(connection.address);
  const protocol = PROTOCOLS[question.protocol][family];
  const { family: domain, source, mark, device } = endpointOf(portsOf(question));
  let socket: NativeSocket | undefined;
  let operation: Trouble['operation'] = 'socket';
  const make = (): NativeSocket =>
    new NativeSocket({
      domain,
      type: SOCK_DGRAM,
      protocol,
      slots: 1,
      slotSize: (longest + 8) & ~7,
      onMessage: ({ data, truncated }) => onAnswer(judge(data, truncated || data.length > longest)),
      onError,
    });
  try {
    socket = question.protocol === 'icmp' ? allowPing(make) : make();
    operation = 'bind';
    applyOptions(socket, [...(mark === 0 ? [] : [markOption(mark)]), ...(device === null ? [] : [deviceOption(device)])]);
    const bound = source === null ? 0 : socket.bind(source);
    if (bound < 0) throw new KernelError('bind', bound);
    return socket;
  } catch (error) {
    socket?.close();
    if (error instanceof KernelError) return { operation, code: error.code };
    throw error;
  }
}

/** 0, or -errno of what the network said at once. */
function ask(socket: NativeSocket, question: DatagramQuestion): number {
  const connected = socket.connect(endpointOf(portsOf(question)).destination);
  if (connected < 0) return connected;
  socket.start();
  return Math.min(0, socket.send(question.payload, null, null));
}

/** The port of an ICMP socket is the identifier of its echo requests: the kernel chooses one. */
function portsOf({ connection, protocol }: DatagramQuestion): ConnectionOptions {
  return protocol === 'udp' ? connection : { ...connection, port: 0, bindPort: 0 };
}

function markOption(mark: number): SocketOption {
  return integerOption('SO_MARK', LEVEL.socket, 36, mark | 0);
}

function deviceOption(device: Uint8Array): SocketOption {
  return { name: 'SO_BINDTODEVICE', level: LEVEL.socket, option: 25, value: device, required: true };
}
