/** Whom the programs of a configuration run as: the account on their line, script_user, keepalived_script, the daemon's own. */

import type { AccountName, Command } from '../../base/command.js';
import type { SourcePosition } from '../../base/source.js';
import type { AccountFacts, HostFacts } from '../host.js';
import type { Build } from './context.js';

/** Used when nobody names an account, if the machine has it. */
const DEFAULT_ACCOUNT = 'keepalived_script';

/** True when the machine has it, or when nobody can say. */
function isKnown({ host }: Build, { user, group }: AccountName): boolean {
  return host === undefined || host.account(user, group) !== undefined;
}

/** script_user; an account that the machine does not have counts as none, which buildScriptUser reports. */
function scriptUser(build: Build): AccountName | undefined {
  const located = build.globals.script_user;
  return located === undefined || !isKnown(build, located.value) ? undefined : withSupplementaryGroups(build, located.value);
}

/** script_user for the model; call it once. */
export function buildScriptUser(build: Build): AccountName | undefined {
  for (let located = build.globals.script_user; located !== undefined; located = located.replaces) {
    if (isKnown(build, located.value)) continue;
    build.findings.report('scriptAccount', located.at, `${absent(located.value)}; the line is ignored`, 'name one that exists');
  }
  return scriptUser(build);
}

/** The account of a script is its own, else that of script_user. */
export function commandWithAccount(build: Build, { argv, user, ...rest }: Command): Command {
  const account = user === undefined ? scriptUser(build) : withSupplementaryGroups(build, { user, ...rest });
  return account === undefined ? { argv } : { argv, ...account };
}

/** set_supplementary_groups says for all accounts what a colon says for one. */
function withSupplementaryGroups({ globals }: Build, account: AccountName): AccountName {
  return globals.set_supplementary_groups?.value === true ? { ...account, supplementaryGroups: true } : account;
}

/**
 * Whom this machine would run the command as; undefined when that is nobody, which has been reported. `unknown`: how it
 * is, when the account that the line names does not exist.
 */
export function accountOf(
  build: Build,
  host: HostFacts,
  { user, group }: Command,
  at: SourcePosition,
  unknown: 'scriptUnusable' | 'scriptAccount',
): AccountFacts | undefined {
  if (user === undefined) return defaultAccount(build, host, at);
  const account = host.account(user, group);
  if (account === undefined) build.findings.report(unknown, at, `${absent({ user, group })}; the script is left out`, 'name one that exists');
  return account;
}

/** With script security nothing runs as root just because nobody named an account. */
export function defaultAccount(build: Build, host: HostFacts, at: SourcePosition): AccountFacts | undefined {
  const { findings, globals } = build;
  if (globals.script_user !== undefined && !isKnown(build, globals.script_user.value)) {
    findings.report('scriptAccount', at, `${absent(globals.script_user.value)}; the script is left out`, 'name one that exists with script_user');
    return undefined;
  }
  const standard = host.account(DEFAULT_ACCOUNT);
  if (standard !== undefined || globals.enable_script_security === undefined) return standard ?? host.ownAccount;
  const message = `there is no account ${DEFAULT_ACCOUNT}, and script security forbids to run scripts as root instead`;
  findings.report('scriptAccount', at, message, 'write script_user USER into global_defs');
  return undefined;
}

function absent({ user, group }: { readonly user: string; readonly group?: string | undefined }): string {
  return `there is no account ${group === undefined ? user : `${user} with group ${group}`} on this machine`;
}
