/** Keywords of global_defs about the packet filter that keeps packets from virtual addresses and quiets virtual MACs. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { custom, flag, INT32, integer } from './kinds.js';

/** The words behind vrrp_iptables. */
export interface ChainWords {
  readonly input: string;
  readonly output?: string;
}

/** iptables refuses longer ones (XT_EXTENSION_MAXNAMELEN in include/uapi/linux/netfilter/x_tables.h). */
const LONGEST_CHAIN = 28;
/** IPSET_MAXNAMELEN without its zero. */
const LONGEST_SET = 31;
/** NFT_TABLE_MAXNAMELEN without its zero. */
const LONGEST_TABLE = 255;

function tooLong(word: Word, most: number, what: string, findings: Findings): boolean {
  if (word.text.length <= most) return false;
  findings.report('badValue', word, `${what} ${quote(word.text)} has more than ${most} characters; the line is ignored`, 'shorten it');
  return true;
}

const iptables = custom<ChainWords>({
  doc: 'A packet filter for no_accept and virtual MACs in these chains of iptables. It is made by nftables instead, in a table of its own.',
  syntax: '[INCHAIN [OUTCHAIN]]',
  default: 'off; without a name INPUT and OUTPUT',
  example: 'vrrp_iptables keepalived_in keepalived_out',
  read({ words: [, input, output] }, { findings }) {
    if (input === undefined) return { input: 'INPUT', output: 'OUTPUT' };
    if (tooLong(input, LONGEST_CHAIN, 'chain', findings)) return undefined;
    if (output === undefined) return { input: input.text };
    if (tooLong(output, LONGEST_CHAIN, 'chain', findings)) return undefined;
    if (input.text === output.text) {
      findings.report('contradiction', output, 'vrrp_iptables: both chains have one name; the line is ignored', 'name two chains');
      return undefined;
    }
    return { input: input.text, output: output.text };
  },
});

const ipsets = custom<readonly string[]>({
  doc: 'Names of the sets of iptables rules: IPv4, IPv6, IPv6 with interfaces, IGMP, MLD, neighbour discovery. nftables has sets of its own instead.',
  syntax: '[N4 [N6 [IF6 [IGMP [MLD [ND]]]]]]',
  default: 'keepalived, keepalived6, keepalived_if6, keepalived_igmp, keepalived_mld, keepalived_nd; without a name no sets',
  example: 'vrrp_ipsets vips vips6',
  read({ words: [, ...names] }, { findings }) {
    for (const [index, name] of names.entries()) {
      if (tooLong(name, LONGEST_SET, 'set', findings)) return undefined;
      if (names.findIndex(({ text }) => text === name.text) === index) continue;
      findings.report('contradiction', name, `vrrp_ipsets: ${name.text} is named twice; the line is ignored`, 'name each set once');
      return undefined;
    }
    return names.map(({ text }) => text);
  },
});

export const firewallDefinitions = {
  nftables: custom<string>({
    doc: 'Use nftables for no_accept and virtual MACs, in this table.',
    syntax: '[TABLE]',
    default: 'off; without a name keepalived',
    example: 'nftables keepalived',
    read({ words: [, table] }, { findings }) {
      if (table === undefined) return 'keepalived';
      return tooLong(table, LONGEST_TABLE, 'table', findings) ? undefined : table.text;
    },
  }),
  nftables_priority: integer(
    { doc: 'Priority of the chains of the nftables table.', default: '-1', min: -INT32 - 1, max: INT32 },
    'exact',
  ),
  nftables_ifindex: flag({ doc: 'Rules name interfaces by number, which is faster and ends with the interface.', default: 'off' }),
  nftables_counters: flag({ doc: 'Rules count what they match.', default: 'off' }),
  vrrp_iptables: iptables,
  vrrp_ipsets: ipsets,
} as const;
