/**
 * The accounts a configuration names, looked up once: the system's user database may be a directory server far away, and no
 * process that keeps deadlines may wait for it.
 */

import type { AccountName, Command } from '../../base/command.js';
import { given } from '../../base/given.js';
import type { Account } from './script.js';
import { findAccount } from './script.js';

export type FoundAccount = Account | { readonly code: string };
export type FindAccount = (name: AccountName) => FoundAccount;

/** By keyOf(); plain data that can be sent to another process. */
export type AccountTable = ReadonlyMap<string, FoundAccount>;

/** Whom keepalived runs scripts as that name nobody, if the machine has it. */
const DEFAULT_ACCOUNT: AccountName = { user: 'keepalived_script' };

/** Looks up every account that stands anywhere in `model`, and the default one. Waits for the user database. */
export function lookUpAccounts(model: unknown): AccountTable {
  const table = new Map<string, FoundAccount>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isAccountName(value)) table.set(keyOf(value), table.get(keyOf(value)) ?? findAccount(value));
    for (const part of Object.values(value)) look(part);
  };
  look([DEFAULT_ACCOUNT, model]);
  return table;
}

/** Answers from the table alone; ENOENT for what is not in it. */
export function tableFinder(table: AccountTable): FindAccount {
  return (name) => table.get(keyOf(name)) ?? { code: 'ENOENT' };
}

/**
 * Whom each command runs as: its own account, else script_user, else keepalived_script, else (undefined) as the daemon.
 */
export function createAccounts(
  scriptUser: AccountName | undefined,
  find: FindAccount,
): (command: Command) => FoundAccount | undefined {
  const known = new Map<string, FoundAccount | undefined>();
  return ({ user, group, supplementaryGroups }) => {
    const name = user === undefined ? (scriptUser ?? DEFAULT_ACCOUNT) : { user, ...given({ group, supplementaryGroups }) };
    const key = keyOf(name);
    if (!known.has(key)) {
      const found = find(name);
      known.set(key, name === DEFAULT_ACCOUNT && 'code' in found ? undefined : found);
    }
    return known.get(key);
  };
}

function keyOf({ user, group = '', supplementaryGroups = false }: AccountName): string {
  return `${user}\0${group}\0${supplementaryGroups ? '+' : ''}`;
}

function isAccountName(value: object): value is AccountName {
  return 'user' in value && typeof value.user === 'string';
}
