/** What every machine answers: its next state, what it wants done (in this order) and what is worth telling. */
export interface Step<State, Effect, Note> {
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly notes: readonly Note[];
}
