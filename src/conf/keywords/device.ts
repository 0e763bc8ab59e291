/** Keywords of vrrp_instance about devices: its own macvlan or ipvlan, VRF, and what the kernel may do with packets to it. */

import { parseCidr } from '../../base/address.js';
import type { Cidr } from '../../base/address.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { custom, flag, interfaceName, UINT32 } from './kinds.js';
import { first } from './schema.js';

const LONGEST_NAME = 15;

/** The words behind use_vmac. */
export interface VirtualMacWords {
  readonly name?: Word;
  /** Six octets, or five of which the virtual router id makes six; lower case. */
  readonly mac?: { readonly at: Word; readonly text: string };
  readonly notifyPeers: boolean;
  readonly group?: number;
}

/** The words behind use_ipvlan. */
export interface IpVlanWords {
  readonly name?: Word;
  readonly address?: { readonly at: Word; readonly cidr: Cidr };
  readonly mode: 'bridge' | 'private' | 'vepa';
  readonly group?: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A name the kernel takes (dev_valid_name in net/core/dev.c); undefined and a finding otherwise. */
function readDeviceName(word: Word, keyword: string, findings: Findings): Word | undefined {
  const { text } = word;
  if (text.length > 0 && text.length <= LONGEST_NAME && text !== '.' && text !== '..' && !/[\s/:]/.test(text)) return word;
  const message = `${keyword}: ${quote(text)} is too long for an interface or has odd characters; it is ignored`;
  findings.report('badValue', word, message, `at most ${LONGEST_NAME} characters, no / and no blanks`);
  return undefined;
}

function readGroup(keyword: Word, word: Word | undefined, findings: Findings): number | undefined {
  if (word === undefined) {
    findings.report('badValue', keyword, 'group needs the number of an interface group; it is ignored', 'write: group 5');
    return undefined;
  }
  return word.text === 'default' ? 0 : readInteger(word, 'group', { min: 0, max: UINT32 }, findings, 'exact');
}

function readMac(word: Word, findings: Findings): VirtualMacWords['mac'] {
  const text = word.text.toLowerCase();
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){4,5}$/.test(text)) {
    findings.report('badValue', word, `use_vmac: ${quote(word.text)} is not a MAC address; it is ignored`, 'write it like 02:00:00:00:00:01');
    return undefined;
  }
  const mac = text.replaceAll(/[0-9a-f]+/g, (octet) => octet.padStart(2, '0'));
  const multicast = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (multicast || /^00:00:5e:00:0[12]/.test(mac)) {
    const why = multicast ? 'is a multicast address' : 'is among those of RFC 5798, which only the router id may choose';
    findings.report('badValue', word, `use_vmac: ${mac} ${why}; it is ignored`, 'choose one that begins with 02:');
    return undefined;
  }
  return { at: word, text: mac };
}

function alreadyNamed(word: Word, keyword: string, findings: Findings): void {
  const message = `${keyword}: the device has a name already, ${quote(word.text)} is ignored`;
  findings.report('badValue', word, message, 'write one name');
}

/** Reads `[[name] IF] [MAC] [netlink_notify_msg] [group G]`. */
function readVirtualMac(words: readonly Word[], findings: Findings): VirtualMacWords {
  const read: Writable<VirtualMacWords> = { notifyPeers: false };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    const next = words[index + 1];
    if (word === undefined) break;
    if (word.text === 'netlink_notify_msg') {
      read.notifyPeers = true;
    } else if (word.text === 'group') {
      const group = readGroup(word, next, findings);
      if (group !== undefined) read.group = group;
      index += 1;
    } else if (word.text.includes(':')) {
      const mac = readMac(word, findings);
      if (mac !== undefined) read.mac = mac;
    } else {
      const named = word.text === 'name' && next !== undefined ? next : word;
      if (named !== word) index += 1;
      if (read.name !== undefined) alreadyNamed(named, 'use_vmac', findings);
      else readName(read, named, 'use_vmac', findings);
    }
  }
  return read;
}

function readName(read: Writable<VirtualMacWords> | Writable<IpVlanWords>, word: Word, keyword: string, findings: Findings): void {
  const name = readDeviceName(word, keyword, findings);
  if (name !== undefined) read.name = name;
}

const MODES = ['bridge', 'private', 'vepa'] as const;

/** Reads `[[name] IF] [ADDR] [bridge / private / vepa] [group G]`. */
function readIpVlan(words: readonly Word[], findings: Findings): IpVlanWords {
  const read: Writable<IpVlanWords> = { mode: 'bridge' };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    const next = words[index + 1];
    if (word === undefined) break;
    const mode = MODES.find((candidate) => candidate === word.text);
    const cidr = parseCidr(word.text);
    if (mode !== undefined) {
      read.mode = mode;
    } else if (word.text === 'group') {
      const group = readGroup(word, next, findings);
      if (group !== undefined) read.group = group;
      index += 1;
    } else if (cidr !== undefined) {
      read.address = { at: word, cidr };
    } else {
      const named = word.text === 'name' && next !== undefined ? next : word;
      if (named !== word) index += 1;
      if (read.name !== undefined) alreadyNamed(named, 'use_ipvlan', findings);
      else readName(read, named, 'use_ipvlan', findings);
    }
  }
  return read;
}

export const deviceKeywords = {
  use_vmac: custom<VirtualMacWords>({
    doc: 'Hold the addresses on a macvlan with the MAC of the virtual router.',
    syntax: '[[name] IF] [MAC] [netlink_notify_msg] [group G]',
    default: 'off; the device is called vmac_prefix.ID',
    example: 'use_vmac vrrp.51',
    read: (statement, { findings }) => readVirtualMac(statement.words.slice(1), findings),
  }),
  use_vmac_addr: flag({ doc: 'Addresses on other interfaces get a macvlan of their own too.', default: 'off' }),
  vmac_xmit_base: flag({
    doc: 'Send and hear adverts on the interface below the macvlan or ipvlan.',
    default: 'off; on with unicast peers',
  }),
  use_ipvlan: first(
    custom<IpVlanWords>({
      doc: 'Speak VRRP on an ipvlan with an address of its own, which IPv4 has to name; the addresses stay on the interface.',
      syntax: '[[name] IF] [ADDR] [bridge / private / vepa] [group G]',
      default: 'off; mode bridge',
      example: 'use_ipvlan ipv51 192.0.2.9',
      read: (statement, { findings }) => readIpVlan(statement.words.slice(1), findings),
    }),
  ),
  vrf: first(
    interfaceName({
      doc: 'VRF device that a unicast instance without interface is bound to.',
      default: 'none',
      example: 'vrf vrf-blue',
    }),
  ),
  promote_secondaries: flag({
    doc: 'Keep the other addresses of a subnet when its first one goes (sysctl promote_secondaries).',
    default: 'off; a macvlan always does',
  }),
  accept: flag({ doc: 'Packets to the virtual addresses are accepted although this is not their owner.', default: 'on' }),
  no_accept: flag({
    doc: 'Packets to the virtual addresses are dropped unless this is their owner.',
    default: 'off; on in strict mode',
  }),
} as const;
