/** The lines of virtual_ipaddress, virtual_ipaddress_excluded and static_ipaddress: an address and its options. */

import { addressBits, familyOf, parseAddress, parseCidr } from '../../base/address.js';
import type { Cidr, IpAddress } from '../../base/address.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { UINT32 } from './kinds.js';
import {
  nearestOption,
  optionAddress,
  optionFlag,
  optionName,
  optionTable,
  readNumber,
  readOptions,
  readPrefix,
  valued,
} from './options.js';
import type { OptionLine, Options, OptionTable, OptionValues } from './options.js';

const shared = {
  dev: optionName({ doc: 'Interface that gets the address.', syntax: 'IF', default: 'that of the instance', example: 'dev eth1' }),
  scope: optionName({
    doc: 'IPv4: how far the address reaches; a name of rt_scopes or a number.',
    syntax: 'SCOPE',
    min: 0,
    max: 255,
    default: 'global',
    costs: 'option',
    example: 'scope link',
  }),
  broadcast: {
    ...valued<IpAddress | '+' | '-'>(
      { doc: 'IPv4: broadcast address; + sets the host bits, - clears them.', default: 'none', aliases: ['brd'], example: 'brd +' },
      'ADDR / + / -',
      readBroadcast,
    ),
  },
  label: valued(
    { doc: 'IPv4: name that old tools show the address under, at most 15 characters.', default: 'none', example: 'label eth0:1' },
    'NAME',
    (name, line) => (name.text.length <= 15 ? name.text : line.refuse(name, 'a label has at most 15 characters', 'shorten it')),
  ),
  peer: optionAddress({
    doc: 'Other end of a point-to-point link; then neither address has a prefix.',
    default: 'none',
    costs: 'option',
    example: 'peer 192.0.2.2',
  }),
  home: optionFlag({ doc: 'IPv6: home address of mobile IP.', default: 'off' }),
  '-nodad': optionFlag({ doc: 'IPv6: look for duplicates, which is left out otherwise.', default: 'off' }),
  mngtmpaddr: optionFlag({ doc: 'IPv6: the kernel makes temporary addresses from this one.', default: 'off' }),
  noprefixroute: optionFlag({ doc: 'No route to the network of the prefix.', default: 'off' }),
  autojoin: optionFlag({ doc: 'The kernel joins the multicast group that the address is.', default: 'off' }),
  no_track: optionFlag({ doc: 'Nothing happens when somebody else removes the address.', default: 'off' }),
  preferred_lft: valued<number | 'forever'>(
    {
      doc: 'Seconds for which the address may be chosen as a source.',
      unit: 's',
      min: 0,
      max: UINT32,
      default: 'forever (IPv6 without prefix: 0)',
      costs: 'option',
      example: 'preferred_lft 0',
    },
    'SECS / forever',
    (word, line) => (word.text === 'forever' ? 'forever' : readNumber(word, line, { min: 0, max: UINT32 })),
  ),
};

export const virtualAddressOptions = optionTable(
  'virtual_ipaddress',
  'address',
  { ...shared, use_vmac: optionFlag({ doc: 'Put the address on a device with the virtual MAC.', default: 'use_vmac_addr' }) },
  'line',
);

export const staticAddressOptions = optionTable(
  'static_ipaddress',
  'address',
  {
    ...shared,
    track_group: optionName({
      doc: 'The instances of this group are in FAULT while the interface of the address is down.',
      syntax: 'NAME',
      default: 'none',
      costs: 'option',
      example: 'track_group group1',
    }),
  },
  'line',
);

/** One line, before the names in it are looked up. */
export interface AddressEntry {
  readonly at: Word;
  readonly cidr: Cidr;
  readonly options: OptionValues<typeof shared> & {
    readonly track_group?: OptionValues<(typeof staticAddressOptions)['options']>['track_group'];
    readonly use_vmac?: OptionValues<(typeof virtualAddressOptions)['options']>['use_vmac'];
  };
}

const IPV6_FLAGS = ['home', '-nodad', 'mngtmpaddr'] as const;

/** Reads `ADDR[/LEN] [OPTION...]`. A bad address drops the line, a word that is no option is skipped. */
export function readVirtualAddress(words: readonly Word[], findings: Findings): AddressEntry | undefined {
  return readAddressLine(virtualAddressOptions, words, findings);
}

/** The same with the options of static_ipaddress. */
export function readStaticAddress(words: readonly Word[], findings: Findings): AddressEntry | undefined {
  return readAddressLine(staticAddressOptions, words, findings);
}

function readAddressLine(
  table: OptionTable<Options>,
  words: readonly Word[],
  findings: Findings,
): AddressEntry | undefined {
  const [at, ...rest] = words;
  if (at === undefined) return undefined;
  const cidr = readAddress(at, findings);
  if (cidr === undefined) return undefined;
  const [first, second] = rest.flatMap((word, i) => (word.text === 'dev' ? [rest[i + 1] ?? word] : []));
  if (first !== undefined && second !== undefined) {
    const message = 'dev stands on this line a second time; the line is skipped';
    findings.report('repeatedKeyword', second, message, 'one interface per address');
    return undefined;
  }
  const options = readOptions(table, rest, findings, (_, word) => {
    const hint = parseCidr(word.text) === undefined ? nearestOption(table, word) : 'one address per line';
    findings.report('badValue', word, `${quote(word.text)} is no option of an address; it is ignored`, hint);
    return 'skipped';
  }) as AddressEntry['options'] | undefined;
  if (options === undefined) return undefined;
  if (familyOf(cidr.address) === 'ipv4') checkBroadcastSigns(cidr, rest, findings);
  return checkFamily({ at, cidr, options }, findings);
}

/** Each `broadcast +` and `-`, one that is replaced by another too. */
function checkBroadcastSigns({ prefixLength }: Cidr, words: readonly Word[], findings: Findings): void {
  if (prefixLength <= 30) return;
  words.forEach((word, i) => {
    const sign = words[i + 1];
    if (!/^(brd|broadcast)$/.test(word.text) || sign === undefined || !/^[+-]$/.test(sign.text)) return;
    const message = `a prefix length of ${prefixLength} leaves no broadcast address; it is ignored`;
    findings.report('badValue', sign, message, 'write the address with its prefix');
  });
}

function readAddress(word: Word, findings: Findings): Cidr | undefined {
  const line: Pick<OptionLine, 'findings' | 'refuse'> = {
    findings,
    refuse(at) {
      const message = `${quote(at.text)} is not an address; the line is skipped`;
      findings.report('badAddress', at, message, 'write it like 192.0.2.100/24 or 2001:db8::1/64');
      return undefined;
    },
  };
  return readPrefix(word, line, '');
}

function readBroadcast(word: Word, line: OptionLine): IpAddress | '+' | '-' | undefined {
  if (word.text === '+' || word.text === '-') return word.text;
  const broadcast = parseAddress(word.text);
  if (broadcast !== undefined && familyOf(broadcast) === 'ipv4') return broadcast;
  return line.refuse(word, `${quote(word.text)} is not a broadcast address`, 'write an IPv4 address, + or -', 'badAddress');
}

/** What the options of one family mean to an address of the other. */
function checkFamily(entry: AddressEntry, findings: Findings): AddressEntry | undefined {
  const { cidr, options } = entry;
  if (familyOf(cidr.address) === 'ipv4') {
    for (const name of IPV6_FLAGS) {
      const flag = options[name];
      if (flag !== undefined) findings.report('uselessLine', flag.at, `${name} is for IPv6 addresses only; it is ignored`);
    }
    return checkPeer(entry, findings);
  }
  if (options.broadcast !== undefined) {
    const message = 'an IPv6 address has no broadcast address; the line is skipped';
    findings.report('badValue', options.broadcast.at, message, 'remove broadcast');
    return undefined;
  }
  for (const name of ['label', 'scope'] as const) {
    const option = options[name];
    if (option === undefined) continue;
    findings.report('badValue', option.at, `an IPv6 address has no ${name}; it is ignored`, `remove ${name}`);
  }
  return checkPeer(entry, findings);
}

/** With a peer neither address may have a prefix, and there is no broadcast. */
function checkPeer(entry: AddressEntry, findings: Findings): AddressEntry {
  const { at, cidr } = entry;
  const { peer, ...withoutPeer } = entry.options;
  if (peer === undefined) return entry;
  if (familyOf(peer.value) !== familyOf(cidr.address)) {
    findings.report('wrongFamily', at, 'the address and its peer are of different families; the peer is ignored');
    return { at, cidr, options: withoutPeer };
  }
  const { broadcast, ...options } = entry.options;
  if (broadcast !== undefined) {
    findings.report('contradiction', at, 'an address with a peer has no broadcast; it is ignored');
  }
  if (cidr.prefixLength === addressBits(familyOf(cidr.address))) return { at, cidr, options };
  findings.report('badValue', at, 'an address with a peer takes no prefix; it is ignored', 'remove the prefix');
  return { at, cidr: { address: cidr.address, prefixLength: addressBits(familyOf(cidr.address)) }, options };
}
