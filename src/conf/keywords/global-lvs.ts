/** global_defs: what holds for all virtual servers, and the kernel's side of them. */

import { isMulticast } from '../../base/address.js';
import type { ConnectionTimeouts, SyncDaemonConfig } from '../../health/config.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readAddress, readInteger } from './arguments.js';
import { argument, bool, custom, flag, INT32, integer, timer, UINT32 } from './kinds.js';
import { first } from './schema.js';

const flushOnStop = custom({
  doc: 'At stop remove every IPVS service at once; with VS, our services without their servers one by one.',
  default: 'off',
  aliases: ['lvs_flush_onstop'],
  example: 'lvs_flush_on_stop VS',
  syntax: '[VS]',
  read(statement, { findings }) {
    const [, how] = statement.words;
    if (how === undefined) return 'all' as const;
    if (how.text === 'VS') return 'services' as const;
    findings.report(
      'badValue',
      how,
      `lvs_flush_on_stop: ${how.text} is not known; the line is ignored`,
      'write VS or nothing',
    );
    return undefined;
  },
});

/** Longest the kernel takes, in seconds: 31 days. */
const LONGEST_TIMEOUT = 2_678_400;

const TIMEOUTS = { tcp: 'tcp', tcpfin: 'tcpFin', udp: 'udp' } as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const timeouts = custom({
  doc: "Seconds after which the kernel forgets idle connections; 0 leaves the kernel's.",
  default: 'as the kernel has them',
  unit: 's',
  example: 'lvs_timeouts tcp 900 tcpfin 120 udp 300',
  min: 0,
  max: 2_678_400,
  syntax: '[tcp S] [tcpfin S] [udp S]',
  read(statement, { findings }): ConnectionTimeouts | undefined {
    const [keyword, ...words] = statement.words;
    if (words.length < 2 && keyword !== undefined) {
      findings.report('badValue', keyword, 'lvs_timeouts needs at least one timeout; the line is ignored', 'write: lvs_timeouts tcp 900');
      return undefined;
    }
    const found: Writable<ConnectionTimeouts> = {};
    for (let index = 0; index < words.length; index += 1) {
      const option = words[index];
      const name = TIMEOUTS[option?.text as keyof typeof TIMEOUTS] as (typeof TIMEOUTS)[keyof typeof TIMEOUTS] | undefined;
      if (option === undefined) break;
      if (name === undefined) {
        findings.report('badValue', option, `lvs_timeouts: ${quote(option.text)} is not known; it is ignored`, 'known: tcp, tcpfin, udp');
        continue;
      }
      index += 1;
      const value = words[index];
      if (value === undefined) {
        reportNoValue(option, findings);
        continue;
      }
      const seconds = readTimeout(value, option.text, findings);
      if (seconds !== undefined) found[name] = seconds;
    }
    return found;
  },
});

function readTimeout(value: Word, option: string, findings: Findings): number | undefined {
  return readInteger(value, `lvs_timeouts ${option}`, { min: 0, max: LONGEST_TIMEOUT }, findings, 'exact');
}

function reportNoValue(option: Word, findings: Findings): void {
  findings.report('badValue', option, `${quote(option.text)} needs a value; it is ignored`, `write: ${option.text} VALUE`);
}

const NUMBERS = {
  id: { key: 'syncId', min: 0, max: 255 },
  maxlen: { key: 'maxLength', min: 1, max: 65_507 },
  port: { key: 'port', min: 1, max: 65_535 },
  ttl: { key: 'ttl', min: 1, max: 255 },
} as const;

/** A VRRP instance with the place of its name, which is looked up when all instances are known. */
export type SyncDaemonLine = SyncDaemonConfig & { readonly instanceAt?: Word };

const syncDaemon = custom({
  doc: 'Copies connections to the other director; which way follows a VRRP instance.',
  default: 'off; id: the virtual router id',
  example: 'lvs_sync_daemon eth0 VI_1 id 51',
  syntax: 'IF [[inst] VRRP] [id N] [maxlen N] [port N] [ttl N] [group ADDR]',
  read(statement, { findings }) {
    const name = argument(statement, findings, 'ignored');
    if (name === undefined) return undefined;
    if (name.text.length > 15) {
      findings.report('badValue', name, `lvs_sync_daemon: ${quote(name.text)} is no interface: it has more than 15 characters; the line is ignored`);
      return undefined;
    }
    const found: Writable<SyncDaemonLine> = { interface: name.text };
    const options = readInstance(statement, found, findings);
    if (options === undefined) return undefined;
    readSyncOptions(options, found, findings);
    return found;
  },
});

const SYNC_WORDS: ReadonlySet<string> = new Set([...Object.keys(NUMBERS), 'group']);

/** The words that follow the instance; undefined when `inst` stands without a name. */
function readInstance({ words }: Statement, found: Writable<SyncDaemonLine>, findings: Findings): readonly Word[] | undefined {
  const [, , second, third] = words;
  if (second?.text === 'inst' && third === undefined) {
    findings.report('missingParameter', second, 'inst needs the name of a vrrp_instance');
    return undefined;
  }
  const named = second?.text === 'inst' ? third : second !== undefined && !SYNC_WORDS.has(second.text) ? second : undefined;
  if (named === undefined) return words.slice(2);
  found.instance = named.text;
  found.instanceAt = named;
  return words.slice(named === third ? 4 : 3);
}

function readSyncOptions(words: readonly Word[], found: Writable<SyncDaemonLine>, findings: Findings): void {
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index];
    if (option === undefined) break;
    const value = words[index + 1];
    if (!SYNC_WORDS.has(option.text)) {
      readOldSyncId(option, index === 0, found, findings);
      continue;
    }
    index += 1;
    if (value === undefined) {
      reportNoValue(option, findings);
    } else if (option.text === 'group') {
      const group = readAddress(value, 'lvs_sync_daemon group', findings);
      if (group !== undefined && isMulticast(group)) found.group = group;
      else if (group !== undefined) {
        findings.report('badAddress', value, `lvs_sync_daemon group: ${group} is no multicast address; it is ignored`);
      }
    } else {
      const { key, ...range } = NUMBERS[option.text as keyof typeof NUMBERS];
      const number = readInteger(value, `lvs_sync_daemon ${option.text}`, range, findings, 'exact');
      if (number !== undefined) found[key] = number;
    }
  }
}

/** Before there were options a bare number was the sync id. */
function readOldSyncId(word: Word, atFirst: boolean, found: Writable<SyncDaemonLine>, findings: Findings): void {
  const id = /^\d+$/.test(word.text) ? Number(word.text) : -1;
  if (atFirst && id >= 0 && id <= 255) {
    findings.report('badValue', word, `lvs_sync_daemon: the bare number ${word.text} is taken as the sync id`, `write: id ${word.text}`);
    found.syncId = id;
    return;
  }
  findings.report('badValue', word, `lvs_sync_daemon: ${quote(word.text)} is not known; it is ignored`, 'known: id, maxlen, port, ttl, group');
}

/** NFT_NAME_MAXLEN of linux/netfilter/nf_tables.h, with its terminating NUL. */
const TABLE_NAME = 255;

const nftablesTable = custom({
  doc: 'Each group becomes firewall marks of our own, set by an nftables table of this name.',
  default: 'off; alone keepalived_ipvs',
  example: 'nftables_ipvs',
  syntax: '[TABLE]',
  read(statement, { findings }) {
    const [, name] = statement.words;
    if (name === undefined) return 'keepalived_ipvs';
    if (name.text.length <= TABLE_NAME) return name.text;
    findings.report('badValue', name, `nftables_ipvs: the name has more than ${TABLE_NAME} characters; the line is ignored`, 'shorten it');
    return undefined;
  },
});

const statisticsAge = (doc: string, fallback: string): ReturnType<typeof timer> =>
  timer({ doc, default: fallback, min: 0.001, max: 30 });

export const lvsDefinitions = {
  lvs_flush: flag({ doc: 'Remove every IPVS service at start, whoever made it.', default: 'off' }),
  lvs_flush_on_stop: flushOnStop,
  lvs_timeouts: timeouts,
  lvs_sync_daemon: first(syncDaemon),
  lvs_expire_nodest_conn: {
    ...bool({
      doc: "A flow ends with its server: net.ipv4.vs.expire_nodest_conn is set while the daemon runs. Without it the kernel drops what still comes for a server that is out, up to 300 s for UDP. Connections of TCP end too, which would live on if the server came back soon.",
      default: 'on where every service is UDP, else off',
      example: 'lvs_expire_nodest_conn',
    }),
    own: true as const,
  },
  checker_log_all_failures: bool({
    doc: 'Log every failed check, not only the one that takes a server down.',
    default: 'off',
  }),
  rs_init_notifies: bool({
    doc: "Tell a server's first success too, though it counted as up before.",
    default: 'off',
  }),
  no_checker_emails: bool({ doc: 'Mail for servers only, not for each of their checkers.', default: 'off' }),
  nftables_ipvs: first(nftablesTable),
  nftables_ipvs_priority: integer(
    { doc: 'Priority of the chains of nftables_ipvs.', default: '-1', min: -INT32 - 1, max: INT32 },
    'exact',
  ),
  nftables_ipvs_start_fwmark: integer(
    { doc: 'First firewall mark that nftables_ipvs gives out.', default: '1000', min: 1, max: UINT32 },
    'exact',
  ),
  snmp_vs_stats_update_interval: statisticsAge('How old the numbers of a virtual server may be in SNMP.', '5'),
  snmp_rs_stats_update_interval: statisticsAge(
    'How old the numbers of a real server may be in SNMP.',
    'snmp_vs_stats_update_interval',
  ),
};
