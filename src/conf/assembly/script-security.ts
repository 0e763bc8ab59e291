/** Scripts that run without script security. Only those that something runs count: a block that is skipped runs none. */

import type { Command } from '../../base/command.js';
import { CATALOG } from '../catalog.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Located, Values } from '../keywords/schema.js';
import type { Build } from './context.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/**
 * Reports the first script by its place in the text: of `others` (the daemon's and the pool's), and those of the director,
 * which the build holds. Call it when everything is built, with script security off.
 */
export function checkScripts(top: TopLevel, build: Build, others: readonly Located<Command>[]): void {
  const { commands, findings, globals } = build;
  const ends = findings.all().some(({ code }) => code === CATALOG.interfaceUnknown.code);
  // keepalived's VRRP process looks at its scripts when it has an instance, unless it ends before.
  const vrrp = !ends && top.vrrp_instance.some(({ value }) => value.statement.words.length === 2);
  // Readers of FIFOs run beside instances or virtual servers.
  const anything = vrrp || top.virtual_server.length > 0;
  const counting = others.filter((script) => anything || script === globals.startup_script || script === globals.shutdown_script);
  const [first] = [...counting, ...(vrrp ? commands : [])].sort((a, b) => a.order - b.order);
  if (first === undefined) return;
  findings.report(
    'insecureScripts',
    first.at,
    'scripts are run, but script security is off: whoever may write one becomes their user',
    'write enable_script_security and script_user into global_defs',
  );
}
