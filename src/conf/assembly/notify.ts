/** Who is told of changes of an instance or a group. */

import type { NotifyOptions, NotifyScripts } from '../../vrrp/config.js';
import type { Values } from '../keywords/schema.js';
import type { instanceNotifyKeywords, notifyKeywords } from '../keywords/notify.js';
import type { Build } from './context.js';
import { given } from '../../base/given.js';
import { buildScript } from './scripts.js';

type NotifyValues = Values<typeof notifyKeywords>;
type InstanceNotifyValues = Values<typeof instanceNotifyKeywords>;

/** The scripts that a group and an instance both have. */
export function buildNotify(build: Build, values: NotifyValues): NotifyScripts {
  return given({
    master: buildScript(build, values.notify_master),
    backup: buildScript(build, values.notify_backup),
    fault: buildScript(build, values.notify_fault),
    stop: buildScript(build, values.notify_stop),
    any: buildScript(build, values.notify),
  });
}

export function buildInstanceNotify(build: Build, values: InstanceNotifyValues): NotifyScripts {
  const { notify_deleted: deleted } = values;
  const command = deleted?.value.command;
  return {
    ...buildNotify(build, values),
    ...given({
      deleted: deleted === undefined || command === undefined ? undefined : buildScript(build, { value: command, at: deleted.at, order: deleted.order }),
      masterReceivedLowerPriority: buildScript(build, values.notify_master_rx_lower_pri),
    }),
  };
}

/** Own word, then that of the group, then the global one. Undefined when nothing is told. */
export function buildNotifyOptions(
  build: Build,
  values: Pick<InstanceNotifyValues, 'smtp_alert' | 'notify_priority_changes'> & Partial<Pick<InstanceNotifyValues, 'notify_deleted'>>,
  group?: NotifyValues,
): NotifyOptions | undefined {
  const changes =
    values.notify_priority_changes ?? group?.notify_priority_changes ?? build.globals.vrrp_notify_priority_changes;
  const { smtp_alert_vrrp: vrrpAlerts, smtp_alert: alerts } = build.globals;
  const isMailed = (values.smtp_alert ?? vrrpAlerts ?? alerts)?.value === true;
  const options: NotifyOptions = {
    ...(isMailed ? { mail: true } : {}),
    ...(isMailed && build.globals.no_email_faults !== undefined ? { noFaultMail: true } : {}),
    ...(changes?.value === true ? { priorityChanges: true } : {}),
    ...(values.notify_deleted === undefined ? {} : { deleted: true }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}
