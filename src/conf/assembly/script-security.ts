/** Scripts that run without script security. Only those that something runs count: a block that is skipped runs none. */

import type { Command } from '../../base/command.js';
import { CATALOG } from '../catalog.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Located, Values } from '../keywords/schema.js';
import type { Build } from './context.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** Reports the first script by its place in the text. Call it when everything is built, with script security off. */
export function checkScripts(top: TopLevel, build: Build): void {
  const [first] = build.commands.filter((script) => counts(top, build, script)).sort((a, b) => a.order - b.order);
  if (first === undefined) return;
  build.findings.report(
    'insecureScripts',
    first.at,
    'scripts are run, but script security is off: whoever may write one becomes their user',
    'write enable_script_security and script_user into global_defs',
  );
}

/** The readers of the FIFOs run beside VRRP instances or virtual servers, those of VRRP not where keepalived's VRRP process ends. */
function counts(top: TopLevel, { findings, globals }: Build, script: Located<Command>): boolean {
  if (script === globals.startup_script || script === globals.shutdown_script) return true;
  const ends = findings.all().some(({ code }) => code === CATALOG.interfaceUnknown.code);
  const vrrp = !ends && top.vrrp_instance.length > 0;
  return vrrp || top.virtual_server.length > 0;
}
