/** Where holdfast and the keepalived installed for the tests (2.2.7) may differ, and why: reviewed one by one. */

import type { Diagnostic } from '../../src/base/source.js';
import { catalogEntry } from '../../src/conf/catalog.js';
import { keepalivedStatus } from '../../src/conf/verdict.js';
import type { Comparison } from './generator/compare.js';

/** Keywords of 2.4.3, and later, that 2.2.7 does not know. */
export const NEWER_KEYWORDS: readonly string[] = [
  'use_symlink_paths', 'set_supplementary_groups', 'v3_checksum_as_v2', 'snmp_vs_stats_update_interval', 'snmp_rs_stats_update_interval', 'dbus_no_interface_name', 'vrrp_delay_after_boot',
  'vrrp_owner_ignore_adverts', 'json_version', 'iproute_usr_dir', 'iproute_etc_dir', 'state_dump_file', 'stats_dump_file', 'json_dump_file', 'no_virtual_ipaddress', 'timer_expired_backup', 'thread_timer_expired',
  'owner_ignore_adverts', 'auth_hmac', 'multihop', 'sni_name', 'tls_compliant',
];

export interface Exception {
  readonly name: string;
  readonly why: string;
  readonly holds: (comparison: Comparison) => boolean;
}

const NEWER = new RegExp(`Unknown keyword '(${NEWER_KEYWORDS.join('|')})'`);

export const EXCEPTIONS: readonly Exception[] = [
  {
    name: 'newer keyword',
    why: '2.2.7 does not know the keyword, 2.4.3 does',
    holds: ({ theirs }) => NEWER.test(theirs.output),
  },
  {
    name: 'word of holdfast',
    why: 'keepalived does not know the keyword, holdfast says so',
    holds: ({ ours }) => codes(ours).includes('HF-623'),
  },
  {
    name: 'crash',
    why: '2.2.7 crashes (HTTP_GET without url, bfd_instance without name, definitions that contain themselves ...): no verdict',
    holds: ({ theirs }) => theirs.status === undefined,
  },
  {
    name: 'argument became optional',
    why: 'since 2.3 these words may stand alone',
    holds: ({ theirs }) => theirs.status === 2 && /missing a parameter after keyword `(process_name|net_namespace_ipvs)`/.test(theirs.output),
  },
  {
    name: 'firewall mark 0',
    why: '2.2.7 goes on with an address that nobody has given it; no packet has that mark, and we say so',
    holds: ({ files, ours }) => codes(ours).includes('HF-312') && Object.values(files).some((text) => /virtual_server\s+fwmark\s+0\b/.test(text)),
  },
  {
    name: 'group that does not fit',
    why: '2.2.7 drops a virtual_server whose virtual_server_group is missing, or of another family than its servers, without a word',
    holds: ({ files, theirs, ours }) => theirs.status === 0 && ours.status === 5 && namesGroup(files) && codes(ours).every((code) => /^HF-5/.test(code) || silent(code)),
  },
  {
    name: 'family of a group',
    why: '2.2.7 remembers the family of the first virtual_server that uses a group, for the next one too',
    holds: ({ files, theirs, ours }) => theirs.status === 5 && ours.status === 0 && namesGroup(files) && /Address family of virtual server and (real|sorry) server|Invalid IPv6 persistence_granularity/.test(theirs.output),
  },
  {
    name: 'supplementary groups',
    why: 'a colon before the group of a script came after 2.4.3; 2.2.7 drops the script',
    holds: ({ files, theirs, ours }) =>
      (DROPS_SCRIPT.test(theirs.output) || (ours.status === 6 && codes(ours).includes('HF-320'))) && Object.values(files).some((text) => /["\s]:root/.test(text)),
  },
  {
    name: 'backslash before a comment sign',
    why: '2.2.7 begins a comment there, 2.4.3 takes the sign as it is',
    holds: ({ files }) => Object.values(files).some((text) => /\\[#!]/.test(text)),
  },
  {
    name: 'word of a family',
    why: '2.4.3 takes the word behind inet and inet6 in routes and rules along, whatever it is (a bug); 2.2.7 does not',
    holds: (comparison) => Object.values(comparison.files).some((text) => /\b(?<!via |to |ip_family |src )inet6?\b/.test(text)),
  },
  {
    name: 'byte ff',
    why: '2.2.7 takes the byte ff of a payload or a reply for an error',
    holds: ({ theirs }) => /Invalid hex string for UDP_CHECK/.test(theirs.output),
  },
  {
    name: 'unicast from an ipvlan',
    why: '2.2.7 sets vmac_xmit_base for unicast from an ipvlan itself, and then reports it as wrong there',
    holds: ({ theirs }) => theirs.output.includes('unicast with use_vmac requires vmac_xmit_base') && theirs.output.includes('vmac_xmit_base is only valid with a vmac'),
  },
  {
    name: 'unlimited hops',
    why: '2.2.7 takes max_hops -1 for 255, which is more than a smaller ttl; in 2.4.3 nothing is checked then',
    holds: ({ files, theirs }) => theirs.output.includes('max_hops exceeds ttl') && Object.values(files).some((text) => text.includes('max_hops -1')),
  },
  {
    name: 'value of vrrp_strict',
    why: '2.2.7 switches strict mode on whatever stands behind vrrp_strict, 2.4.3 reads it',
    holds: ({ files, theirs }) => /strict mode|does not comply with RFC3768/i.test(theirs.output) && Object.values(files).some((text) => /vrrp_strict\s+(off|no|false)\b/.test(text)),
  },
  {
    name: 'value of vrrp_skip_check_adv_addr',
    why: '2.2.7 does not mind what stands behind it, 2.4.3 wants yes or no',
    holds: ({ files, ours, theirs }) => theirs.status === 0 && ours.status === 5 && Object.values(files).some((text) => /vrrp_skip_check_adv_addr\s+(?!on|off|yes|no|true|false)\S/.test(text)),
  },
  {
    name: 'hashed with mh',
    why: '2.2.7 knows hashed for sh only, 2.4.3 for mh too',
    holds: ({ theirs, ours }) => theirs.status === 5 && ours.status === 0 && theirs.output.includes('hashed only applies to sh scheduler'),
  },
  {
    name: 'unicast in strict mode',
    why: '2.2.7 sends unicast in strict mode, the VRRP process of 2.4.3 ends',
    holds: (comparison) => codes(comparison.ours).includes('HF-419') && agreesWithout(comparison, ({ code }) => code === 'HF-418' || code === 'HF-419'),
  },
  {
    name: 'longer intervals',
    why: 'intervals of gratuitous ARPs may be twice as long in 2.4.3',
    holds: ({ theirs }) => theirs.output.includes('outside range [0.000000, 2147.483647]'),
  },
  {
    name: 'next hops',
    why: 'keepalived stops reading next hops at the first thing wrong, holdfast reads on and finds an option without its value',
    holds: ({ theirs, ours }) => theirs.status === 5 && ours.status === 2 && /specified for route|Invalid realms nexthop|trailing nonsense after nexthops|invalid nexthop address|Unknown encap type/.test(theirs.output),
  },
  {
    name: 'include in a sequence',
    why: 'keepalived reads it once, and the wrong line behind it',
    holds: ({ ours }) => codes(ours).includes('HF-117'),
  },
  {
    name: 'version 2 and IPv6',
    why: '2.2.7 tells only when the addresses stand above the version',
    holds: (comparison) => agreesWithout(comparison, ({ message }) => message.includes('cannot carry IPv6')),
  },
  {
    name: 'delays of an interface that is not there',
    why: 'keepalived does not look at what stands behind its name',
    holds: ({ theirs, ours }) => theirs.status === 4 && ours.status === 5 && codes(ours).includes('HF-430'),
  },
  {
    name: 'owners in a group',
    why: '2.2.7 does not look whether all members of a group are address owners',
    holds: (comparison) => agreesWithout(comparison, ({ message }) => message.includes('is an address owner')),
  },
  {
    name: 'long line',
    why: '2.2.7 reads the beginning of a line of more than 1023 characters, 2.4.3 drops it; both read the rest as another line',
    holds: ({ ours }) => codes(ours).includes('HF-110'),
  },
  {
    name: 'fractions of a second',
    why: 'interval and timeout of a vrrp_script take decimals since 2.3.2',
    holds: ({ theirs }) => theirs.status === 5 && /vrrp script (interval|timeout) '\d+\.\d+'/.test(theirs.output),
  },
  {
    name: 'old name of track_file',
    why: 'vrrp_track_file is told to be deprecated by 2.4.3, not by 2.2.7',
    holds: ({ files, theirs, ours }) =>
      theirs.status === 0 && Object.values(files).some((text) => text.includes('vrrp_track_file')) && codes(ours).every((code) => code === 'HF-304' || silent(code)),
  },
  {
    name: 'interface in two blocks of garp_group',
    why: '2.2.7 takes the second naming of an interface for a keyword',
    holds: ({ theirs, ours }) => theirs.status === 2 && /missing a parameter after keyword `eth\d`/.test(theirs.output) && codes(ours).includes('HF-316'),
  },
  {
    name: 'iptables',
    why: "Debian's 2.2.7 is built without iptables and ipsets",
    holds: ({ theirs }) => /iptables not supported|Unknown keyword 'vrrp_ipsets'/.test(theirs.output),
  },
  {
    name: 'skipped block',
    why: 'holdfast reads a block that keepalived skips for its name or address, and finds a keyword without its value there',
    holds: ({ theirs, ours }) => theirs.status === 5 && ours.status === 2 && /must have a name|already defined|skipping|virtual server fwmark .* - ignoring/.test(theirs.output) && codes(ours).some((code) => SKIPPED.has(code)),
  },
  {
    name: 'tracker of a check',
    why: 'holdfast does not look yet whether what FILE_CHECK and BFD_CHECK follow is defined',
    holds: ({ theirs, ours }) => theirs.status === 5 && ours.status !== 5 && /track_file \S+ not found|BFD \S+ not configured/.test(theirs.output),
  },
  {
    name: 'program without FIFO',
    why: '2.2.7 counts it as a script that runs once anything else of VRRP or LVS is there; nothing would run it',
    holds: ({ theirs, ours }) =>
      (theirs.status === 6 || theirs.output.includes('Unable to set default user keepalived_script')) && ours.diagnostics.some(({ message }) => message.startsWith('there is no FIFO')),
  },
  {
    name: 'lone quote',
    why: '2.2.7 takes a single quote alone for a program without a name, which cannot be run',
    holds: ({ files, theirs, ours }) => theirs.status !== 5 && ours.status === 5 && Object.values(files).some((text) => /\s'\s*$/m.test(text)) && codes(ours).includes('HF-311'),
  },
  {
    name: 'multicast group of its own',
    why: 'keepalived tells two routers of one id on a link apart by their multicast groups, holdfast wants two ids',
    holds: (comparison) => Object.values(comparison.files).some((text) => text.includes('mcast_dst_ip')) && agreesWithout(comparison, ({ code }) => code === 'HF-402'),
  },
  {
    name: 'vmac_xmit_base with an ipvlan',
    why: '2.2.7 wants a macvlan for it, whatever use_ipvlan makes',
    holds: ({ files, theirs }) => theirs.output.includes('vmac_xmit_base is only valid with a vmac') && Object.values(files).some((text) => text.includes('use_ipvlan')),
  },
  {
    name: 'source given twice',
    why: 'keepalived looks at the family of each, holdfast at that of the one which counts',
    holds: ({ files, theirs }) => theirs.output.includes('MUST be of the same family') && Object.values(files).some((text) => (text.match(/\b(mcast|unicast)_src_ip\b/g) ?? []).length > 1),
  },
  {
    name: 'macvlan and ipvlan',
    why: '2.2.7 finds fault with the second one and what follows from the first, holdfast says which one counts',
    holds: ({ theirs, ours }) => /(VMAC interface name|IPVLAN interface) already specified/.test(theirs.output) && codes(ours).includes('HF-322'),
  },
  {
    name: 'protocol above 127',
    why: '2.2.7 takes a protocol given by number only up to 127, whether it has a name or not; 2.4.3 up to 255',
    holds: ({ theirs, ours }) => theirs.status === 5 && ours.status !== 5 && /Invalid ipproto (12[89]|1[3-9]\d|2[0-4]\d|25[0-5])\b/.test(theirs.output),
  },
  {
    name: 'failed include beside a missing parameter',
    why: 'the first process of keepalived ends at the include, and the one that would stop at a parameter of VRRP, LVS or BFD is never started; at a parameter of its own it stops first. holdfast goes by the order of the lines. Both refuse the file',
    holds: ({ theirs, ours }) =>
      [theirs.status, ours.status].sort().join() === '2,6' && /onfig files (missing|matched)/.test(theirs.output) && ['HF-103', 'HF-310'].every((code) => codes(ours).includes(code)),
  },
  {
    name: 'sequence of nothing from a definition',
    why: '2.2.7 takes a sequence from a definition for a keyword when a condition behind it leaves nothing of it; on the line itself it does not, and 2.4.3 takes none from a definition',
    holds: ({ files, theirs }) => /Unknown keyword '~(SEQ|LST)\(/.test(theirs.output) && Object.values(files).some((text) => /~(SEQ|LST)\([^)]*\)\s*@/.test(text)),
  },
  {
    name: 'all ports of an engine',
    why: '2.2.7 looks at the port before the persistence_engine makes the service persistent; it does then, in both',
    holds: ({ files, theirs }) => theirs.output.includes('zero port only valid for persistent services') && Object.values(files).some((text) => text.includes('persistence_engine')),
  },
  {
    name: 'condition or sequence behind a brace',
    why: '2.2.7 reads what stands behind a brace as if it stood at the beginning of a line; holdfast knows conditions, definitions and sequences only there',
    holds: ({ ours }) => ours.diagnostics.some(({ code, message }) => code === 'HF-301' && /^unknown keyword '(@|~(SEQ|LST)|\$\w+=|include\w?')/.test(message)),
  },
  {
    name: 'vertical tab before a sequence',
    why: 'keepalived looks for a sequence behind blanks and tabs only',
    holds: ({ files, theirs }) => theirs.output.includes("Unknown keyword '~") && Object.values(files).some((text) => /[\v\f]\s*~(SEQ|LST)/.test(text)),
  },
  {
    name: 'script of a group that does not fit',
    why: '2.2.7 has dropped the virtual_server without a word, and does not look at its scripts',
    holds: ({ files, theirs, ours }) => theirs.status === 5 && ours.status === 6 && namesGroup(files) && codes(ours).includes('HF-320') && !theirs.output.includes('script security'),
  },
  {
    name: 'block without braces at the end',
    why: 'keepalived takes the end of the file for the end of an empty block',
    holds: ({ theirs, ours }) => theirs.status === 0 && ours.status === 5 && codes(ours).includes('HF-203') && codes(ours).includes('HF-201'),
  },
  {
    name: 'gateway given twice',
    why: 'keepalived looks at the families of both, holdfast at that which counts',
    holds: ({ files, theirs }) => theirs.output.includes('Cannot mix IPv4 and IPv6') && Object.values(files).some((text) => /\bvia\b.*\bvia\b/.test(text)),
  },
  {
    name: 'broken braces',
    why: 'after a brace too few or too many both report it; keepalived misreads what follows, holdfast recovers, and finds more or less there',
    holds: ({ theirs, ours }) => [2, 5, 6].includes(theirs.status ?? 0) && ours.status !== 0 && BRACES.test(theirs.output) && codes(ours).some((code) => code.startsWith('HF-20')),
  },
];

/** Both would say the same if holdfast did not make these findings. */
function agreesWithout({ theirs, ours }: Comparison, finding: (diagnostic: Diagnostic) => boolean): boolean {
  return theirs.status === keepalivedStatus(ours.diagnostics.filter((diagnostic) => !finding(diagnostic)));
}

const BRACES = /There are \d+ missing '\}'s|Extra '\}' found|Unexpected '\{'|Missing '\{'/;

function namesGroup(files: Comparison['files']): boolean {
  return Object.values(files).some((text) => /virtual_server\s+group\s/.test(text));
}

function codes({ diagnostics }: Comparison['ours']): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

/** Findings that keepalived does not make. */
function silent(code: string): boolean {
  return catalogEntry(code)?.verdict === 'silent';
}

/** Said where the script is checked at once; that of an instance just goes. */
const DROPS_SCRIPT = /nvalid (startup|shutdown) script|Unable to set uid\/gid|ailed to set uid\/gid|Error setting global script uid/;

const SKIPPED: ReadonlySet<string> = new Set(['HF-311', 'HF-312', 'HF-313', 'HF-314', 'HF-318', 'HF-321']);
