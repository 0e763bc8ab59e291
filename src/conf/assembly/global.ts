/** The daemon's own settings. */

import type { Model } from '../model.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Values } from '../keywords/schema.js';
import type { Build } from './context.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** keepalived's names for the processes once process_names is set. */
const CHILD_NAMES = { vrrp: 'keepalived_vrrp', checker: 'keepalived_lvs' } as const;

export function buildGlobal(top: TopLevel, build: Build): Model['global'] {
  const { globals } = build;
  const processName = globals.process_name?.value ?? 'keepalived';
  const named = globals.process_names !== undefined;
  const routerId = globals.router_id?.value;
  const scriptUser = globals.script_user?.value;
  const notifyFifo = globals.notify_fifo?.value;
  const vrrpNotifyFifo = globals.vrrp_notify_fifo?.value;
  const lvsNotifyFifo = globals.lvs_notify_fifo?.value;
  const instanceName = top.instance?.value;
  return {
    processName,
    vrrpProcessName: globals.vrrp_process_name?.value ?? (named ? CHILD_NAMES.vrrp : processName),
    checkerProcessName: globals.checker_process_name?.value ?? (named ? CHILD_NAMES.checker : processName),
    usePidDirectory: top.use_pid_dir !== undefined || instanceName !== undefined,
    childWaitTime: top.child_wait_time?.value ?? 5,
    enableScriptSecurity: globals.enable_script_security !== undefined,
    lvsFlush: globals.lvs_flush !== undefined,
    lvsFlushOnStop: globals.lvs_flush_on_stop?.value ?? 'off',
    ...(routerId === undefined ? {} : { routerId }),
    ...(instanceName === undefined ? {} : { instanceName }),
    ...(scriptUser === undefined ? {} : { scriptUser }),
    ...(notifyFifo === undefined ? {} : { notifyFifo }),
    ...(vrrpNotifyFifo === undefined || vrrpNotifyFifo === notifyFifo ? {} : { vrrpNotifyFifo }),
    ...(lvsNotifyFifo === undefined || lvsNotifyFifo === notifyFifo ? {} : { lvsNotifyFifo }),
  };
}
