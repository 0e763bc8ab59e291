/** Rules that hold over the whole configuration, after every block has been read. */

import type { Findings } from './findings.js';
import type { topLevel } from './keywords/top-level.js';
import type { Located, Values } from './keywords/schema.js';
import type { Command } from '../base/command.js';
import type { Model } from './model.js';

/** Reports what only shows in the whole: scripts that run without script security. */
export function checkModel(model: Model, values: Values<(typeof topLevel)['keywords']>, findings: Findings): void {
  if (model.global.enableScriptSecurity) return;
  const [first] = commandsOf(model, values);
  if (first === undefined) return;
  findings.report(
    'insecureScripts',
    first.at,
    'scripts are run, but script security is off: whoever may write one becomes their user',
    'write enable_script_security and script_user into global_defs',
  );
}

function commandsOf(model: Model, values: Values<(typeof topLevel)['keywords']>): readonly Located<Command>[] {
  const scripts: (Located<Command> | undefined)[] = [];
  for (const { value } of values.global_defs) {
    if (model.global.scripts?.startup !== undefined) scripts.push(value.values.startup_script);
    if (model.global.scripts?.shutdown !== undefined) scripts.push(value.values.shutdown_script);
  }
  for (const { value } of [...values.vrrp_instance, ...values.vrrp_sync_group]) {
    const { notify, notify_master, notify_backup, notify_fault, notify_stop } = value.values;
    scripts.push(notify, notify_master, notify_backup, notify_fault, notify_stop);
  }
  for (const { value } of values.virtual_server) {
    scripts.push(value.values.quorum_up, value.values.quorum_down);
    for (const { value: server } of value.values.real_server) {
      scripts.push(server.values.notify_up, server.values.notify_down);
      for (const check of server.values.MISC_CHECK) scripts.push(check.value.values.misc_path);
    }
  }
  return scripts.filter((script) => script !== undefined).sort((a, b) => a.order - b.order);
}
