/** A socket to nf_tables: transactions that are performed as a whole or not at all, and questions. Answers come while we send. */

import { KernelError } from '../kernel-error.js';
import { type NetlinkRequest, TYPE, frameMessages, readAnswer } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket, PROTOCOL } from './netlink-socket.js';
import { transaction } from './nftables-messages.js';

const ETIMEDOUT = 110;
/** A transaction is one datagram: some ten thousand rules. The kernel takes memory for what is sent only. */
const LONGEST_TRANSACTION = 8 << 20;

export interface Netfilter {
  /** The first refusal; then nothing of the transaction was done. */
  readonly perform: (requests: readonly NetlinkRequest[]) => KernelError | undefined;
  /** The messages that answer a question. One that is no dump must ask for an acknowledgement. */
  readonly ask: (question: NetlinkRequest) => readonly NetlinkMessage[] | KernelError;
  readonly close: () => void;
}

/** Opens its socket in the network namespace of the moment. Throws KernelError. */
export function openNetfilter(): Netfilter {
  const answers: NetlinkMessage[] = [];
  const losses: KernelError[] = [];
  const socket = new NetlinkSocket({
    protocol: PROTOCOL.netfilter,
    groups: [],
    longestRequest: LONGEST_TRANSACTION,
    onMessage: (message) => void answers.push(message),
    onLoss: (error) => void losses.push(error),
  });
  let sequence = 1;
  /** The number of the first of them, or what kept them from being sent. */
  const exchange = (requests: readonly NetlinkRequest[]): number | KernelError => {
    const first = sequence;
    sequence = (sequence + requests.length) % 0x7fff0000;
    answers.length = 0;
    losses.length = 0;
    const sent = socket.send(frameMessages(requests, first, 'none'));
    if (sent < 0) return new KernelError('send to netfilter', sent);
    // What the kernel has to say is there when send() returns (netlink.ts).
    while (!socket.drain());
    return losses[0] ?? first;
  };
  return {
    perform: (requests) => {
      if (requests.length === 0) return undefined;
      const all = transaction(requests);
      const first = exchange(all);
      return first instanceof KernelError ? first : refusalAmong(answers, all, first);
    },
    close: () => socket.close(),
    ask: (question) => {
      const first = exchange([question]);
      if (first instanceof KernelError) return first;
      const end = answers.find(({ seq, type }) => seq === first && (type === TYPE.error || type === TYPE.done));
      const [errno, detail] = end === undefined ? [ETIMEDOUT] : readAnswer(end);
      if (errno !== 0) return new KernelError(question.operation, errno, detail);
      return answers.filter(({ seq, type }) => seq === first && type !== TYPE.error && type !== TYPE.done);
    },
  };
}

function refusalAmong(answers: readonly NetlinkMessage[], requests: readonly NetlinkRequest[], first: number): KernelError | undefined {
  let acknowledged = false;
  for (const answer of answers) {
    const index = answer.seq - first;
    if (answer.type !== TYPE.error || index < 0 || index >= requests.length) continue;
    const [errno, detail] = readAnswer(answer);
    if (errno !== 0) return new KernelError(requests[index]?.operation ?? '', errno, detail);
    acknowledged = true;
  }
  return acknowledged ? undefined : new KernelError('wait for netfilter', ETIMEDOUT);
}
