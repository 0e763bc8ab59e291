/** Keywords about telling others of a change of state: scripts, mails, FIFOs; for instances and for groups. */

import type { Command } from '../../base/command.js';
import { command } from './command.js';
import { bool } from './kinds.js';
import type { Keyword } from './schema.js';

/** Instances and groups know these. */
export const notifyKeywords = {
  notify_master: command({ doc: 'Run on becoming MASTER.', example: 'notify_master "/usr/local/bin/master.sh" root' }),
  notify_backup: command({ doc: 'Run on becoming BACKUP.', example: 'notify_backup "/usr/local/bin/backup.sh" root' }),
  notify_fault: command({ doc: 'Run on entering FAULT.', example: 'notify_fault "/usr/local/bin/fault.sh" root' }),
  notify_stop: command({ doc: 'Run when the daemon stops.', example: 'notify_stop "/usr/local/bin/stop.sh" root' }),
  notify: command({
    doc: 'Run on every change, with type, name, state and priority as further arguments.',
    example: 'notify "/usr/local/bin/changed.sh" root',
  }),
  smtp_alert: bool({ doc: 'Mail on every change of state.', default: 'smtp_alert_vrrp, then smtp_alert, then off' }),
  notify_priority_changes: bool({
    doc: 'Changes of the effective priority go to the FIFOs.',
    default: 'of its group, then vrrp_notify_priority_changes',
  }),
} as const;

const deletedCommand = command({ doc: '' });

/** Of `notify_deleted`: without a command only the state that is told changes. */
export interface NotifyDeleted {
  readonly command?: Command;
}

const notifyDeleted: Keyword<NotifyDeleted, 'first'> = {
  ...deletedCommand,
  doc: 'Run when a reload removes the instance, which is told as DELETED then; without a command only that.',
  syntax: '[CMD [USER [[:]GROUP]]]',
  default: 'told as FAULT',
  example: 'notify_deleted "/usr/local/bin/deleted.sh" root',
  read(statement, reading) {
    if (statement.words.length < 2) return {};
    const deleted = deletedCommand.read(statement, reading);
    return deleted === undefined ? undefined : { command: deleted };
  },
};

/** Only instances know these. */
export const instanceNotifyKeywords = {
  ...notifyKeywords,
  notify_deleted: notifyDeleted,
  notify_master_rx_lower_pri: command({
    doc: 'Run when the master hears an advert of lower priority.',
    example: 'notify_master_rx_lower_pri "/usr/local/bin/rival.sh" root',
  }),
} as const;
