/** What every row of a table carries besides its type: documentation, for keywords and for the options within a line. */

/** What the manual and the hints say about a keyword. */
export interface About {
  /** One line, in our own words. */
  readonly doc: string;
  /** As keepalived documents it, in words; the builders apply it. */
  readonly default?: string;
  readonly unit?: string;
  readonly aliases?: readonly string[];
  /** A word that still works but has a better one. */
  readonly deprecated?: string;
  /** Lines as they would stand in the block, where the manual cannot make one up from the syntax. */
  readonly example?: string;
  /** keepalived has no such word: said wherever it stands, since the same file does not serve both. */
  readonly own?: true;
}
