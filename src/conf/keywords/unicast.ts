/** Keywords of vrrp_instance about where adverts come from and where they go: unicast peers, source and destination. */

import { parseAddress } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { address, custom, entries, flag, integer } from './kinds.js';

/** One line of unicast_peer. */
export interface PeerEntry {
  readonly at: Word;
  readonly address: IpAddress;
  readonly minimumHopLimit: number;
  readonly maximumHopLimit: number;
}

const HOP_LIMIT = { min: 0, max: 255 };

/** Reads `ADDR [min_ttl N] [max_ttl N]`. A bad address drops the line, a bad option only itself. */
function readPeer(words: readonly Word[], findings: Findings): PeerEntry | undefined {
  const [at, ...options] = words;
  if (at === undefined) return undefined;
  const peer = parseAddress(at.text);
  if (peer === undefined) {
    findings.report('badAddress', at, `unicast_peer: ${quote(at.text)} is not an IP address; the line is skipped`, 'write it like 192.0.2.2');
    return undefined;
  }
  let minimumHopLimit = HOP_LIMIT.min;
  let maximumHopLimit = HOP_LIMIT.max;
  for (let index = 0; index < options.length; index += 2) {
    const [option, value] = options.slice(index, index + 2);
    if (option === undefined) break;
    if (value === undefined) {
      findings.report('badValue', option, `${quote(option.text)} behind a peer needs a value; it is ignored`, 'write: min_ttl N');
    } else if (option.text !== 'min_ttl' && option.text !== 'max_ttl') {
      findings.report('badValue', option, `${quote(option.text)} is no option of a peer; it is ignored`, 'known: min_ttl, max_ttl');
    } else {
      const limit = readInteger(value, option.text, HOP_LIMIT, findings, 'exact');
      if (limit !== undefined && option.text === 'min_ttl') minimumHopLimit = limit;
      if (limit !== undefined && option.text === 'max_ttl') maximumHopLimit = limit;
    }
  }
  if (minimumHopLimit > maximumHopLimit) {
    const message = `min_ttl ${minimumHopLimit} is more than max_ttl ${maximumHopLimit}: every advert of ${peer} is refused`;
    findings.report('contradiction', at, message, 'write min_ttl below max_ttl');
  }
  return { at, address: peer, minimumHopLimit, maximumHopLimit };
}

export const unicastKeywords = {
  mcast_src_ip: address({
    doc: 'Source address of adverts.',
    default: "the interface's first address",
    example: 'mcast_src_ip 192.0.2.1',
  }),
  unicast_src_ip: address({
    doc: 'Source address of adverts; the same setting as mcast_src_ip.',
    default: "the interface's first address",
    example: 'unicast_src_ip 192.0.2.1',
  }),
  mcast_dst_ip: address({
    doc: 'Multicast destination of the adverts of this instance.',
    default: 'vrrp_mcast_group4 or vrrp_mcast_group6',
    example: 'mcast_dst_ip 224.0.0.20',
  }),
  track_src_ip: flag({ doc: 'FAULT while the configured source address is on no interface.', default: 'off' }),
  unicast_peer: entries({
    doc: 'Send adverts to these addresses only, and say how far their own may have travelled.',
    default: 'adverts go to the multicast group',
    example: 'unicast_peer {\n  192.0.2.2 min_ttl 255\n}',
    line: 'ADDR [min_ttl N] [max_ttl N]',
    entry: readPeer,
    options: {
      name: 'unicast_peer',
      options: {
        min_ttl: { doc: 'Least TTL or hop limit that its adverts may arrive with.', default: '0', syntax: 'N', ...HOP_LIMIT, example: 'min_ttl 254' },
        max_ttl: { doc: 'Largest TTL or hop limit that its adverts may arrive with.', default: '255', syntax: 'N', ...HOP_LIMIT, example: 'max_ttl 255' },
      },
    },
  }),
  unicast_fault_no_peer: flag({ doc: 'FAULT when unicast_peer has no usable peer, instead of multicast.', default: 'off' }),
  check_unicast_src: flag({ doc: 'Refuse adverts of others than the peers.', default: 'vrrp_check_unicast_src' }),
  unicast_ttl: integer(
    { doc: 'TTL or hop limit of adverts to peers.', default: '255', ...HOP_LIMIT },
    'exact',
  ),
  old_unicast_checksum: custom<'always' | 'never'>({
    doc: 'Version 3 to IPv4 peers: checksum as keepalived before 1.3.6; never = not even when a peer does so.',
    syntax: '[never]',
    default: 'as soon as a peer is heard doing so',
    example: 'old_unicast_checksum never',
    read(statement, { findings }) {
      const how = statement.words[1];
      if (how === undefined) return 'always';
      if (how.text === 'never') return 'never';
      findings.report('badValue', how, `old_unicast_checksum: ${quote(how.text)} is not known; the line is ignored`, 'write never or nothing');
      return undefined;
    },
  }),
} as const;

