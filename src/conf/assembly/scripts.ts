/** Programs of the configuration: whose account they run as, and whether they may run at all. */

import type { Command } from '../../base/command.js';
import type { SourcePosition } from '../../base/source.js';
import { unreachable } from '../../base/unreachable.js';
import type { Located } from '../keywords/schema.js';
import { judgeScript } from '../script-security.js';
import type { ScriptVerdict } from '../script-security.js';
import { accountOf, commandWithAccount } from './accounts.js';
import type { Build } from './context.js';

/** Why a script does not run. */
type Refusal = 'account' | 'unsafe' | Exclude<ScriptVerdict['type'], 'usable'>;

/** How grave an account is that the machine does not have: nothing special, or an error of the configuration. */
type UnknownAccount = 'scriptUnusable' | 'scriptAccount';

/**
 * A script with its account, counted for script security. Undefined when none is configured, or it must not or cannot run,
 * as far as the machine was asked; keepalived goes on without it.
 */
export function buildScript(build: Build, located: Located<Command> | undefined, unknown: UnknownAccount = 'scriptUnusable'): Command | undefined {
  if (located === undefined) return undefined;
  const judged = judge(build, located, unknown);
  return typeof judged === 'string' ? undefined : judged;
}

/**
 * The same for a track script, which takes its trackers along; `name` is that of its vrrp_script. That is an error of the
 * configuration, unless only the permission to execute it is missing.
 */
export function buildTrackScript(build: Build, name: string, script: Located<Command>): Command | undefined {
  const judged = judge(build, script, 'scriptAccount');
  if (typeof judged !== 'string') return judged;
  const kind = judged === 'notExecutable' ? 'scriptUnusable' : 'trackScriptDisabled';
  const message = `vrrp_script ${name} cannot run: it is left out, and nobody tracks it`;
  build.findings.report(kind, script.at, message, 'see the finding on its program');
  return undefined;
}

/** The same for a check: without its script it is left out. */
export function buildCheckScript(build: Build, script: Located<Command>): Command | undefined {
  const judged = judge(build, script, 'scriptAccount');
  if (typeof judged !== 'string') return judged;
  const message = 'a check that cannot run is left out: for it the server counts as up';
  build.findings.report('scriptUnusable', script.at, message, 'see the finding on its program');
  return undefined;
}

function judge(build: Build, located: Located<Command>, unknown: UnknownAccount): Command | Refusal {
  const { commands, globals, host } = build;
  const command = commandWithAccount(build, located.value);
  if (host === undefined) {
    commands.push(located);
    return command;
  }
  const account = accountOf(build, host, command, located.at, unknown);
  if (account === undefined) return 'account';
  const verdict = judgeScript(host, command.argv[0] ?? '', account, globals.use_symlink_paths?.value === true);
  // What is not there at all does not count for script security.
  if (verdict.type !== 'missing') commands.push(located);
  const refusal = reportVerdict(build, command, verdict, located.at);
  if (refusal !== undefined || verdict.type !== 'usable') return refusal ?? command;
  // What has been judged is what runs, wherever its links lead by then.
  return { ...command, argv: [verdict.path, ...command.argv.slice(1)] };
}

function reportVerdict(build: Build, command: Command, verdict: ScriptVerdict, at: SourcePosition): Refusal | undefined {
  const { findings, globals } = build;
  const program = command.argv[0] ?? '';
  if (verdict.type !== 'usable') {
    const [what, hint] = describeRefusal(program, verdict);
    findings.report('scriptUnusable', at, `${what}: it is left out`, hint);
    return verdict.type;
  }
  if (verdict.searched) {
    findings.report('scriptUnusable', at, `script ${program} was found as ${verdict.path} by PATH`, 'write the full path');
  }
  if (!verdict.unsafe) return undefined;
  const refused = globals.enable_script_security !== undefined;
  const outcome = refused ? 'it is left out' : 'it runs nevertheless, because enable_script_security is off';
  const message = `script ${program} runs as root, and others than root can change it or its directory: ${outcome}`;
  findings.report('scriptUnsafe', at, message, 'make every part of its path writable for root only');
  return refused ? 'unsafe' : undefined;
}

function describeRefusal(program: string, verdict: Exclude<ScriptVerdict, { type: 'usable' }>): readonly [what: string, hint?: string] {
  switch (verdict.type) {
    case 'missing':
      return program.includes('/') ? [`there is no script ${program}`] : [`there is no script ${program} in PATH`, 'write the full path'];
    case 'notRegular':
      return [`script ${program} is no file`];
    case 'notExecutable':
      return [`script ${program} is not executable for its account`, `chmod +x ${verdict.path}`];
    default:
      return unreachable(verdict);
  }
}
