/**
 * FirewallPort on nf_tables: makes the director's own table in one transaction, keeps the sets in it as addresses and
 * devices come and go, and removes it in the end. The kernel answers while we send, so an address is filtered before it is
 * there. What the rules are is decided in vrrp/firewall.ts.
 */

import type { FirewallPort } from '../runtime/ports.js';
import { type FilterElement, type WantedFirewall, elementsOf } from '../vrrp/firewall.js';
import type { VirtualAddress } from '../vrrp/config.js';
import { KernelError } from './kernel-error.js';
import type { LinkMonitor } from './links.js';
import { type NetlinkRequest, TYPE, frameMessages, readAnswer } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket } from './netlink-socket.js';
import { changeElements, makeTable, removeTable, transaction } from './nftables-messages.js';

const NETLINK_NETFILTER = 12;
const FAMILIES = ['ipv4', 'ipv6'] as const;
const ETIMEDOUT = 110;

/** Opens nothing before rules are wanted. `onFault` hears what the kernel refused. */
export function createFirewall(links: LinkMonitor, onFault: (error: KernelError) => void): FirewallPort {
  let wanted: WantedFirewall | undefined;
  let netfilter: Netfilter | undefined;
  /** By identity: those whose packets are dropped. */
  const dropped = new Map<string, VirtualAddress>();
  let present = new Map<string, FilterElement>();

  const perform = (requests: readonly NetlinkRequest[]): boolean => {
    try {
      netfilter ??= openNetfilter();
      const error = netfilter.perform(requests);
      if (error !== undefined) onFault(error);
      return error === undefined;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      onFault(error);
      return false;
    }
  };
  /** The elements that the sets should hold; those of families without drop rules have no set to be in. */
  const desired = (): Map<string, FilterElement> => {
    const { tables = [] } = wanted ?? {};
    const elements = wanted === undefined ? [] : elementsOf(wanted, [...dropped.values()], (name) => links.find(name)?.index);
    const exists = ({ family, set }: FilterElement): boolean =>
      tables.some((table) => table.family === family && table.sets.some(({ name }) => name === set));
    return new Map(elements.filter(exists).map((element) => [keyOf(element), element]));
  };
  const update = (): void => {
    if (wanted === undefined) return;
    const next = desired();
    const gone = [...present].flatMap(([key, element]) => (next.has(key) ? [] : [element]));
    const come = [...next].flatMap(([key, element]) => (present.has(key) ? [] : [element]));
    if (gone.length + come.length === 0) return;
    const { table } = wanted.settings;
    if (perform([...changeElements(false, table, gone), ...changeElements(true, table, come)])) present = next;
    else rebuild();
  };
  /** Everything at once, whatever is there. */
  const rebuild = (): void => {
    if (wanted === undefined) return;
    const { settings, tables } = wanted;
    const next = desired();
    const remove = FAMILIES.flatMap((family) => removeTable(family, settings.table));
    const make = tables.flatMap((table) => makeTable(table, settings));
    present = perform([...remove, ...make, ...changeElements(true, settings.table, [...next.values()])]) ? next : new Map();
  };

  links.on('event', (event) => {
    const { interface: name } = event;
    if (event.type !== 'linkChanged' || wanted === undefined) return;
    if (wanted.devices.some((device) => device.name === name || device.base === name)) update();
  });
  return {
    configure: (next) => {
      const before = wanted;
      if (JSON.stringify(before) === JSON.stringify(next)) return;
      wanted = next;
      if (before !== undefined && before.settings.table !== next?.settings.table) {
        perform(FAMILIES.flatMap((family) => removeTable(family, before.settings.table)));
        present = new Map();
      }
      rebuild();
    },
    drop: (addresses, isDropped) => {
      for (const virtual of addresses) {
        const identity = `${virtual.address} ${virtual.interface}`;
        if (isDropped) dropped.set(identity, virtual);
        else dropped.delete(identity);
      }
      update();
    },
  };
}

function keyOf({ family, set, key, value }: FilterElement): string {
  return [family, set, key.join('.'), value?.join('.') ?? ''].join(' ');
}

interface Netfilter {
  /** The first refusal; then nothing of the transaction was done. */
  readonly perform: (requests: readonly NetlinkRequest[]) => KernelError | undefined;
}

function openNetfilter(): Netfilter {
  let answers: NetlinkMessage[] = [];
  let lost: KernelError | undefined;
  const socket = new NetlinkSocket({
    protocol: NETLINK_NETFILTER,
    groups: [],
    onMessage: (message) => void answers.push(message),
    onLoss: (error) => {
      lost = error;
    },
  });
  let sequence = 1;
  return {
    perform: (requests) => {
      if (requests.length === 0) return undefined;
      const all = transaction(requests);
      const first = sequence;
      sequence = (sequence + all.length) % 0x7fff0000;
      answers = [];
      lost = undefined;
      const sent = socket.send(frameMessages(all, first, 'none'));
      if (sent < 0) return new KernelError('send to netfilter', sent);
      socket.drain();
      return lost ?? refusalAmong(answers, all, first);
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
