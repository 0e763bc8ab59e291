/** `encap TYPE ...`: the light-weight tunnel of a route or a next hop. The last option within an option. */

import { familyOf } from '../../base/address.js';
import type { Encapsulation } from '../../vrrp/host/routes.js';
import type { Word } from '../cst.js';
import { quote } from './arguments.js';
import type { Option, OptionLine } from './options.js';
import { readNumber, readOptionAddress } from './options.js';

const LABEL_LIMIT = 1 << 20;
const MOST_LABELS = 16;
const MOST_ID = 18_446_744_073_709_551_615n;

type Tunnel = Extract<Encapsulation, { readonly destination?: unknown }>;
type Draft = { -readonly [K in keyof Tunnel]: Tunnel[K] };

/** The words of a tunnel by what they set, and the words for TOS and TTL of either family. */
const WORDS: Readonly<Record<'ip' | 'ip6', ReadonlyMap<string, 'id' | 'destination' | 'source' | 'typeOfService' | 'hopLimit' | 'flags'>>> = {
  ip: new Map([
    ['id', 'id'],
    ['dst', 'destination'],
    ['src', 'source'],
    ['tos', 'typeOfService'],
    ['ttl', 'hopLimit'],
    ['flags', 'flags'],
  ]),
  ip6: new Map([
    ['id', 'id'],
    ['dst', 'destination'],
    ['src', 'source'],
    ['tc', 'typeOfService'],
    ['hoplimit', 'hopLimit'],
    ['flags', 'flags'],
  ]),
};

export const encap: Option<Encapsulation> = {
  doc: 'Packets on this route go through a tunnel: IP in IP, MPLS labels or an ILA locator.',
  default: 'none',
  syntax: 'ip [id N] [dst ADDR] [src ADDR] [tos N] [ttl N] [flags N] / ip6 [id N] [dst ADDR] [src ADDR] [tc N] [hoplimit N] [flags N] / mpls LABEL[/LABEL...] / ila LOCATOR',
  example: 'encap ip id 100 dst 192.0.2.9',
  costs: 'line',
  read(line) {
    const type = line.peek();
    if (type === undefined) return line.refuse(line.option, 'encap needs a type', 'write ip, ip6, mpls or ila');
    line.next();
    switch (type.text) {
      case 'ip':
      case 'ip6':
        return readTunnel(type.text, type, line);
      case 'mpls':
        return readLabels(line.peek(), line);
      case 'ila':
        return readLocator(line.peek(), line);
      default:
        return line.refuse(type, `encap: ${quote(type.text)} is no type`, 'write ip, ip6, mpls or ila');
    }
  },
};

function readTunnel(type: 'ip' | 'ip6', at: Word, line: OptionLine): Encapsulation | undefined {
  const draft: Draft = { type };
  for (;;) {
    const option = line.peek();
    const key = option === undefined ? undefined : WORDS[type].get(option.text);
    if (key === undefined) break;
    line.next();
    const word = line.next();
    if (word === undefined || !readPart(draft, key, word, line)) return undefined;
  }
  if (draft.id !== undefined || draft.destination !== undefined || draft.source !== undefined) return draft;
  return line.refuse(at, `encap ${type}: an id or an address is needed`, 'write: dst ADDRESS');
}

function readPart(draft: Draft, key: keyof Omit<Draft, 'type'>, word: Word, line: OptionLine): boolean {
  if (key === 'id') {
    const id = /^\d{1,20}$/.test(word.text) ? BigInt(word.text) : undefined;
    if (id === undefined || id > MOST_ID) line.refuse(word, `encap id: ${quote(word.text)} is not a number of 64 bits`);
    else draft.id = id.toString();
    return draft.id !== undefined;
  }
  if (key === 'destination' || key === 'source') {
    const address = readOptionAddress(word, line);
    if (address === undefined) return false;
    if (familyOf(address) === (draft.type === 'ip' ? 'ipv4' : 'ipv6')) draft[key] = address;
    else line.refuse(word, `encap ${draft.type}: ${address} is of the other family`, undefined, 'wrongFamily');
    return draft[key] !== undefined;
  }
  const number = readNumber(word, line, { min: 0, max: key === 'flags' ? 0xffff : 255 }, true);
  if (number !== undefined) draft[key] = number;
  return number !== undefined;
}

function readLabels(word: Word | undefined, line: OptionLine): Encapsulation | undefined {
  if (word === undefined) return line.refuse(line.option, 'encap mpls needs a label', 'write: encap mpls 100');
  line.next();
  const labels = word.text.split('/').map((label) => (/^\d{1,7}$/.test(label) ? Number(label) : LABEL_LIMIT));
  if (labels.length <= MOST_LABELS && labels.every((label) => label < LABEL_LIMIT)) return { type: 'mpls', labels };
  const hint = `write at most ${MOST_LABELS} labels below ${LABEL_LIMIT}, like 100/200`;
  return line.refuse(word, `encap mpls: ${quote(word.text)} are no labels`, hint);
}

/** Four groups of at most four hexadecimal digits. */
function readLocator(word: Word | undefined, line: OptionLine): Encapsulation | undefined {
  if (word === undefined) return line.refuse(line.option, 'encap ila needs a locator', 'write: encap ila 1:2:3:4');
  line.next();
  const groups = word.text.split(':');
  if (groups.length === 4 && groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) {
    return { type: 'ila', locator: groups.map((group) => group.toLowerCase().padStart(4, '0')).join('') };
  }
  return line.refuse(word, `encap ila: ${quote(word.text)} is no locator`, 'write four groups, like 1:2:3:4');
}
