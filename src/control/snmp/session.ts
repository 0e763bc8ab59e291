/**
 * A subagent's session with the AgentX master (RFC 2741): opened, registered, kept alive, and opened again for as long as
 * it takes. What the questions are answered with is somebody else's business.
 */

import { decodePdu, encodePdu } from './agentx-pdu.js';
import type { MasterPdu, SubagentPdu, VarBind } from './agentx-pdu.js';
import type { Oid } from './values.js';
import type { Wire, WireEvents } from './wire.js';

/** Milliseconds between two tries, doubled each time. */
const RETRY = { first: 1_000, last: 15_000 };
/** A master that has said nothing for so long, though asked, is gone; milliseconds. */
const PATIENCE = 15_000;
/** Seconds the master waits for an answer. */
const ANSWER_SECONDS = 5;
/** Notifications kept while there is no master; the oldest go first. */
const MOST_WAITING = 256;

/** How the way to the master stands, told when it changes. */
export type SessionOutcome = { readonly state: 'joined' } | { readonly state: 'lost'; readonly reason: string };

/** What a master asks, with the way to answer it. `error` is of RFC 3416 (errorStatus), 0 = none. */
export type Question = Exclude<MasterPdu, { type: 'response' | 'other' | 'close' }>;
export interface Answer {
  readonly error: number;
  /** Of the variable the error is about, from 1. */
  readonly index: number;
  readonly varBinds: readonly VarBind[];
}

export interface SessionOptions {
  readonly description: string;
  readonly subtrees: readonly Oid[];
  readonly open: (events: WireEvents) => Wire;
  readonly answer: (question: Question, reply: (answer: Answer) => void) => void;
  readonly onOutcome: (outcome: SessionOutcome) => void;
}

export interface AgentxSession {
  /** Sent now, or when there is a master again. */
  readonly notify: (varBinds: readonly VarBind[]) => void;
  /** sysUpTime of the master by its last response, hundredths of a second; 0 without a master. */
  readonly upTime: () => number;
  readonly close: () => void;
}

export function openSession(options: SessionOptions): AgentxSession {
  const waiting: (readonly VarBind[])[] = [];
  let told: SessionOutcome['state'] | undefined;
  let delay = RETRY.first;
  let timer: NodeJS.Timeout | undefined;
  let connection: Connection | undefined;
  const tell = (outcome: SessionOutcome): void => {
    if (outcome.state === told) return;
    told = outcome.state;
    options.onOutcome(outcome);
  };
  const start = (): void => {
    connection = openConnection(options, {
      onReady: () => {
        delay = RETRY.first;
        tell({ state: 'joined' });
        for (const varBinds of waiting.splice(0)) connection?.notify(varBinds);
      },
      onEnd: (reason) => {
        connection = undefined;
        tell({ state: 'lost', reason });
        timer = setTimeout(start, delay).unref();
        delay = Math.min(2 * delay, RETRY.last);
      },
    });
  };
  start();
  return {
    notify: (varBinds) => {
      if (connection?.isReady() === true) {
        connection.notify(varBinds);
        return;
      }
      waiting.push(varBinds);
      if (waiting.length > MOST_WAITING) waiting.shift();
    },
    upTime: () => connection?.upTime() ?? 0,
    close: () => {
      clearTimeout(timer);
      connection?.close();
      connection = undefined;
    },
  };
}

interface Connection {
  readonly upTime: () => number;
  readonly isReady: () => boolean;
  readonly notify: (varBinds: readonly VarBind[]) => void;
  readonly close: () => void;
}

interface ConnectionEvents {
  /** Everything is registered. */
  readonly onReady: () => void;
  /** Once, unless it is closed from here. */
  readonly onEnd: (reason: string) => void;
}

function openConnection({ description, subtrees, open, answer }: SessionOptions, { onReady, onEnd }: ConnectionEvents): Connection {
  let ready = false;
  let ended = false;
  let heardAt = performance.now();
  /** When the master's sysUpTime was 0. */
  let masterBegan: number | undefined;

  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    clearInterval(heartbeat);
    wire.close();
    onEnd(reason);
  };
  const requests = createRequests((pdu) => ended || wire.send(encodePdu(pdu)));
  const enter = (error: number, sessionId: number): void => {
    if (error === 0) register(sessionId);
    else end(`the master refuses the session with error ${error}`);
  };
  const register = (sessionId: number): void => {
    requests.belong(sessionId);
    let left = subtrees.length;
    for (const subtree of subtrees) {
      requests.send({ type: 'register', subtree }, (error) => {
        if (error !== 0) end(`the master refuses ${subtree.join('.')} with error ${error}`);
        left -= 1;
        if (left > 0 || ended) return;
        ready = true;
        onReady();
      });
    }
  };
  const hear = (pdu: MasterPdu): void => {
    heardAt = performance.now();
    if (pdu.type === 'response') {
      masterBegan = heardAt - pdu.upTime * 10;
      requests.answered(pdu);
    } else if (pdu.type === 'close') end('the master has closed the session');
    else if (pdu.type !== 'other') answer(pdu, (reply) => requests.reply(pdu, reply));
  };
  const wire = open({
    onOpen: () => requests.send({ type: 'open', timeoutSeconds: ANSWER_SECONDS, description }, enter),
    onPdu: (bytes) => {
      const pdu = decoded(bytes);
      if (pdu === undefined) end('the master speaks no AgentX');
      else hear(pdu);
    },
    onEnd: end,
  });
  const heartbeat = setInterval(() => {
    if (performance.now() - heardAt > PATIENCE + 1_000) end('the master does not answer');
    else if (ready) requests.send({ type: 'ping' });
  }, PATIENCE).unref();
  return {
    isReady: () => ready && !ended,
    upTime: () => (masterBegan === undefined ? 0 : (performance.now() - masterBegan) / 10),
    notify: (varBinds) => requests.send({ type: 'notify', varBinds }),
    close: () => {
      if (ready) requests.send({ type: 'close' });
      ended = true;
      clearInterval(heartbeat);
      wire.close();
    },
  };
}

type Unaddressed<P> = P extends SubagentPdu ? Omit<P, 'sessionId' | 'transactionId' | 'packetId'> : never;
type Request = Unaddressed<Exclude<SubagentPdu, { readonly type: 'response' }>>;
type OnResponse = (error: number, sessionId: number) => void;

interface Requests {
  /** The session all that follows belongs to. */
  readonly belong: (sessionId: number) => void;
  readonly send: (request: Request, onResponse?: OnResponse) => void;
  readonly answered: (response: Extract<MasterPdu, { readonly type: 'response' }>) => void;
  readonly reply: (question: Question, answer: Answer) => void;
}

/** Numbers what is sent, and finds the request to each response. */
function createRequests(send: (pdu: SubagentPdu) => unknown): Requests {
  const outstanding = new Map<number, OnResponse>();
  let session = 0;
  let last = 0;
  return {
    belong: (sessionId) => {
      session = sessionId;
    },
    send: (request, onResponse) => {
      last += 1;
      if (onResponse !== undefined) outstanding.set(last, onResponse);
      send({ sessionId: session, transactionId: 0, packetId: last, ...request });
    },
    answered: ({ packetId, error, sessionId }) => {
      const onResponse = outstanding.get(packetId);
      outstanding.delete(packetId);
      onResponse?.(error, sessionId);
    },
    reply: ({ type, sessionId, transactionId, packetId }, answer) => {
      // RFC 2741 7.2.4.4: what ends a set is not answered.
      if (type !== 'cleanupSet') send({ sessionId, transactionId, packetId, type: 'response', ...answer });
    },
  };
}

/** Undefined for bytes that are no PDU. */
function decoded(bytes: Buffer): MasterPdu | undefined {
  try {
    return decodePdu(bytes);
  } catch {
    return undefined;
  }
}
