/** A program an operator configured, as an argument vector: no shell is involved. */
export interface Command {
  readonly argv: readonly string[];
  readonly user?: string;
  readonly group?: string;
}
