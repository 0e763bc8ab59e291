/** A program an operator configured, as an argument vector: no shell is involved. */

/** An account of the system by name: whom a program runs as, whom a FIFO belongs to. */
export interface AccountName {
  readonly user: string;
  /** Without it the user's own main group. */
  readonly group?: string;
  /** The user's supplementary groups come along. */
  readonly supplementaryGroups?: boolean;
}

/** Without a user the account that script_user names. */
export interface Command extends Partial<AccountName> {
  readonly argv: readonly string[];
}
