/** Scripts that run without script security. Only those that something runs count: a block that is skipped runs none. */

import type { Command } from '../../base/command.js';
import { CATALOG } from '../catalog.js';
import type { Findings } from '../findings.js';
import type { Located } from '../keywords/schema.js';

/** Reports the first of the scripts, by its place in the text. */
export function checkScripts(scripts: readonly Located<Command>[], findings: Findings): void {
  const [first] = [...scripts].sort((a, b) => a.order - b.order);
  if (first === undefined) return;
  findings.report(
    'insecureScripts',
    first.at,
    'scripts are run, but script security is off: whoever may write one becomes their user',
    'write enable_script_security and script_user into global_defs',
  );
}

/** True when keepalived's VRRP process would end before it comes to its scripts. */
export function directorEnds(findings: Findings): boolean {
  return findings.all().some(({ code }) => ENDING.has(code));
}

const ENDING: ReadonlySet<string> = new Set(
  [
    CATALOG.virtualRouterIdMissing,
    CATALOG.interfaceMissing,
    CATALOG.interfaceUnknown,
    CATALOG.interfaceLoopback,
    CATALOG.virtualAddressMissing,
  ].map(({ code }) => code),
);
