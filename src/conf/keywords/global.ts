/** global_defs and the plain keywords of the outermost level. */

import {
  argument,
  bool,
  custom,
  flag,
  integer,
  shortName,
  UINT32,
  wholeSeconds,
  word,
} from './kinds.js';
import { INCLUDE_CHECKS } from '../include.js';
import { blockTable, first } from './schema.js';
import { vrrpDefinitions } from './global-vrrp.js';

const scriptUser = custom({
  doc: 'Account that scripts run as unless they name their own.',
  default: 'keepalived_script, else the account of the daemon',
  syntax: 'USER [[:]GROUP]',
  read(statement, { findings }) {
    const user = argument(statement, findings, 'ignored');
    const group = statement.words[2];
    if (user === undefined) return undefined;
    return group === undefined ? { user: user.text } : { user: user.text, group: group.text };
  },
});

const flushOnStop = custom({
  doc: 'At stop remove every IPVS service at once; with VS, our services without their servers one by one.',
  default: 'off',
  aliases: ['lvs_flush_onstop'],
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

const fifo = (doc: string): ReturnType<typeof custom<string>> =>
  custom({
    doc,
    default: 'none',
    syntax: 'PATH [USER [[:]GROUP]]',
    read(statement, { findings }) {
      const path = argument(statement, findings, 'ignored');
      const account = statement.words[2];
      if (account !== undefined) {
        findings.report(
          'notSupportedYet',
          account,
          'the account of a FIFO is not supported yet: it belongs to the daemon',
        );
      }
      return path?.text;
    },
  });

/** The text layer acts on it while reading; here its words are judged. */
const includeCheck = custom({
  doc: 'What a failing include is an error for, in the rest of this file and in files it includes.',
  default: 'nothing; without words all',
  syntax: '[WORD] [+WORD...] [-WORD...]',
  read(statement, { findings }) {
    const checks = statement.words.slice(1);
    for (const [i, check] of checks.entries()) {
      const signed = /^[+-]/.test(check.text);
      if (!INCLUDE_CHECKS.has(signed ? check.text.slice(1) : check.text)) {
        const known = [...INCLUDE_CHECKS.keys()].join(', ');
        findings.report('badValue', check, `include_check: '${check.text}' is not known and is ignored`, `known: ${known}`);
      } else if (!signed && i > 0) {
        findings.report('badValue', check, `include_check: only the first word may lack + or -; ${check.text} is ignored`, `write +${check.text}`);
      }
    }
    return checks.map(({ text }) => text);
  },
});

export const globalDefinitions = blockTable('global_defs', {
  router_id: word({ doc: 'Name of this director in mails and SNMP.', default: 'host name', syntax: 'STRING' }, 'ignored'),
  process_names: flag({ doc: 'Gives each child its own process name.', default: 'off' }),
  process_name: shortName({ doc: 'Process name of the parent.', default: 'keepalived' }),
  vrrp_process_name: shortName({ doc: 'Process name of the VRRP child.', default: 'process_name' }),
  checker_process_name: shortName({
    doc: 'Process name of the checker child.',
    default: 'process_name',
    aliases: ['lvs_process_name'],
  }),
  script_user: scriptUser,
  enable_script_security: flag({ doc: 'Refuse scripts run as root that others could have written.', default: 'off' }),
  notify_fifo: first(fifo('FIFO that hears every VRRP and LVS event.')),
  vrrp_notify_fifo: first(fifo('FIFO that hears VRRP events.')),
  lvs_notify_fifo: first(fifo('FIFO that hears LVS events.')),
  include_check: includeCheck,
  random_seed: integer({ doc: 'Makes ${_RANDOM} behind it repeatable.', default: 'another one each time', min: 0, max: UINT32 }),
  lvs_flush: flag({ doc: 'Remove every IPVS service at start, whoever made it.', default: 'off' }),
  lvs_flush_on_stop: flushOnStop,
  checker_log_all_failures: bool({
    doc: 'Log every failed check, not only the one that takes a server down.',
    default: 'off',
  }),
  ...vrrpDefinitions,
});

/** Keywords that stand outside every block and open none. */
export const topLevelWords = {
  instance: first(word({ doc: 'Names this daemon in pid files and syslog; pid files go to the pid directory.' }, 'ignored')),
  use_pid_dir: flag({ doc: 'Put pid files into the pid directory of keepalived.', default: 'off' }),
  child_wait_time: wholeSeconds(
    {
      doc: 'How long a child may take to stop before it is killed.',
      default: '5',
      min: 0,
      max: UINT32,
    },
    'exact',
  ),
} as const;

