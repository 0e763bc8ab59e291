/** Commands and the accounts they run as, as keepalived shows them in dumps: every word in single quotes. */

import type { Command } from '../base/command.js';

/** `'/usr/bin/true' 'master'`. */
export function commandWords({ argv }: Command): string {
  return argv.map((word) => `'${word}'`).join(' ');
}

/** The words, and the account when one is configured. */
export function commandText(command: Command | undefined): string | undefined {
  if (command === undefined) return undefined;
  const account = accountText(command);
  return commandWords(command) + (account === '' ? '' : `, ${account}`);
}

/** `user:group`, or what there is of it. */
export function accountText({ user, group }: { readonly user?: string; readonly group?: string }): string {
  return [user, group].filter((part) => part !== undefined).join(':');
}
