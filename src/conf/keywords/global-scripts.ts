/** Keywords of global_defs about programs the daemon runs and FIFOs it writes to: which, as whom, and how long they may take. */

import type { AccountName, Command } from '../../base/command.js';
import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { accountOf, command } from './command.js';
import { argument, bool, custom, flag, wholeSeconds } from './kinds.js';
import type { Keyword } from './schema.js';
import { first } from './schema.js';

/** A named pipe as configured: where, and to whom it belongs when it has to be made. */
export interface FifoPlace {
  readonly path: string;
  readonly owner?: AccountName;
}

const ACCOUNT_SYNTAX = '[USER [[:]GROUP]]';

function readFifo(statement: Statement, findings: Findings): FifoPlace | undefined {
  const path = argument(statement, findings, 'ignored');
  const [, , user, group] = statement.words;
  if (path === undefined) return undefined;
  return { path: path.text, ...(user === undefined ? {} : { owner: accountOf(user, group) }) };
}

function fifo(doc: string): Keyword<FifoPlace, 'first'> {
  return first(
    custom({
      doc,
      default: 'none',
      syntax: `PATH ${ACCOUNT_SYNTAX}`,
      example: 'notify_fifo /run/holdfast.fifo',
      read: (statement, { findings }) => readFifo(statement, findings),
    }),
  );
}

function fifoReader(keyword: string, events: string): Keyword<Command, 'first'> {
  return command(
    { doc: `Program that reads the FIFO of ${events}; the path of the FIFO is its last argument.`, default: 'none', example: `${keyword} /usr/local/bin/events` },
    'ignored',
  );
}

const limit = (doc: string): ReturnType<typeof wholeSeconds> =>
  wholeSeconds({ doc, default: '10', min: 1, max: 1_000 }, 'exact', 'ignored');

export const scriptDefinitions = {
  script_user: custom({
    doc: 'Account that scripts run as unless they name their own.',
    default: 'keepalived_script, else the account of the daemon',
    syntax: 'USER [[:]GROUP]',
    example: 'script_user nobody',
    read(statement, { findings }): AccountName | undefined {
      const user = argument(statement, findings, 'ignored');
      return user === undefined ? undefined : accountOf(user, statement.words[2]);
    },
  }),
  enable_script_security: flag({ doc: 'Refuse scripts run as root that others could have written.', default: 'off' }),
  use_symlink_paths: bool({ doc: 'Run scripts by the path as written, links in it unresolved if they belong to root.', default: 'off' }),
  set_supplementary_groups: bool({ doc: 'Give every script the supplementary groups of its user.', default: 'off' }),
  startup_script: command(
    { doc: 'Program run once before everything else starts; it is waited for.', default: 'none', example: 'startup_script /usr/local/bin/prepare' },
    'ignored',
  ),
  startup_script_timeout: limit('How long startup_script may take.'),
  shutdown_script: command(
    { doc: 'Program run once after everything has stopped; it is waited for.', default: 'none', example: 'shutdown_script /usr/local/bin/clean-up' },
    'ignored',
  ),
  shutdown_script_timeout: limit('How long shutdown_script may take.'),
  notify_fifo: fifo('FIFO that hears every VRRP and LVS event.'),
  notify_fifo_script: fifoReader('notify_fifo_script', 'all events'),
  vrrp_notify_fifo: fifo('FIFO that hears VRRP events.'),
  vrrp_notify_fifo_script: fifoReader('vrrp_notify_fifo_script', 'VRRP events'),
  lvs_notify_fifo: fifo('FIFO that hears LVS events.'),
  lvs_notify_fifo_script: fifoReader('lvs_notify_fifo_script', 'LVS events'),
  vrrp_notify_priority_changes: bool({
    doc: 'Whether changes of effective priority go to the FIFO, where no instance or group says otherwise.',
    default: 'off',
  }),
  fifo_write_vrrp_states_on_reload: flag({
    doc: 'Writes the states of all instances and groups to the FIFO again after a reload.',
    default: 'off',
  }),
} as const;
