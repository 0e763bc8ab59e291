/** Programs of the configuration: whose account they run as, and whether they may run at all. */

import type { Command } from '../../base/command.js';
import type { SourcePosition } from '../../base/source.js';
import type { Located } from '../keywords/schema.js';
import { judgeScript } from '../script-security.js';
import type { ScriptVerdict } from '../script-security.js';
import { accountOf, commandWithAccount } from './accounts.js';
import type { Build } from './context.js';

/**
 * A script with its account, counted for script security. Undefined when none is configured, or it must not or cannot run, as far as the machine
 * was asked; keepalived goes on without it. `unknown`: an account that the machine does not have is nothing special for
 * keepalived, or (scriptAccount) an error of the configuration.
 */
export function buildScript(
  build: Build,
  located: Located<Command> | undefined,
  unknown: 'scriptUnusable' | 'scriptAccount' = 'scriptUnusable',
): Command | undefined {
  if (located === undefined) return undefined;
  const { commands, globals, host } = build;
  const command = commandWithAccount(build, located.value);
  if (host === undefined) {
    commands.push(located);
    return command;
  }
  const account = accountOf(build, host, command, located.at, unknown);
  if (account === undefined) return undefined;
  const verdict = judgeScript(host, command.argv[0] ?? '', account, globals.use_symlink_paths?.value === true);
  // What is not there at all does not count for script security.
  if (verdict.type !== 'missing') commands.push(located);
  return runsAfterAll(build, command, verdict, located.at) ? command : undefined;
}

/** The same for a track script: what cannot run is a configuration error and takes its trackers along. */
export function buildTrackScript(build: Build, name: string, script: Located<Command>): Command | undefined {
  const command = buildScript(build, script, 'scriptAccount');
  if (command !== undefined) return command;
  const message = `vrrp_script ${name} cannot run: it is left out, and nobody tracks it`;
  build.findings.report('trackScriptDisabled', script.at, message, 'see the finding on its program');
  return undefined;
}

function runsAfterAll(build: Build, command: Command, verdict: ScriptVerdict, at: SourcePosition): boolean {
  const { findings, globals } = build;
  const program = command.argv[0] ?? '';
  switch (verdict.type) {
    case 'missing':
      findings.report('scriptUnusable', at, `script ${program} cannot be found: it is left out`, 'write the full path');
      return false;
    case 'notRegular':
      findings.report('scriptUnusable', at, `script ${program} is no file: it is left out`);
      return false;
    case 'notExecutable':
      findings.report('scriptUnusable', at, `script ${program} is not executable for its account: it is left out`, `chmod +x ${verdict.path}`);
      return false;
    case 'usable':
      break;
  }
  if (verdict.searched) {
    findings.report('scriptUnusable', at, `script ${program} was found as ${verdict.path} by PATH`, 'write the full path');
  }
  if (!verdict.unsafe) return true;
  const refused = globals.enable_script_security !== undefined;
  const outcome = refused ? 'it is left out' : 'it runs nevertheless, because enable_script_security is off';
  const message = `script ${program} runs as root, and others than root can change it or its directory: ${outcome}`;
  findings.report('scriptUnsafe', at, message, 'make every part of its path writable for root only');
  return !refused;
}
