/**
 * What a machine has to tell and what can wait, in order: kept while something more urgent is on its way, then let out, all of it
 * or as much as there is time for. It knows no note and no effect by name, and no clock.
 */

/** Of one step: notes come before effects. */
interface Letter<Note, Effect, Instant> {
  readonly notes: readonly Note[];
  readonly effects: readonly Effect[];
  readonly at: Instant;
}

export interface Outbox<Note, Effect, Instant> {
  /** `at`: of the step. */
  readonly put: (notes: readonly Note[], effects: readonly Effect[], at: Instant) => void;
  /** When the oldest that is kept was put in. */
  readonly since: () => Instant | undefined;
  /** Lets out what is kept until `isOver`, which is asked now and then, says that there is no more time. Not to be called while it does. */
  readonly empty: (isOver?: () => boolean) => void;
}

/** Let out between two questions about the time: to ask costs something, too. */
const UNTIMED = 16;

export function createOutbox<Note, Effect, Instant>(tell: (note: Note, at: Instant) => void, perform: (effect: Effect) => void): Outbox<Note, Effect, Instant> {
  let kept: Letter<Note, Effect, Instant>[] = [];
  /** Letters that are out, and how many notes and effects of the next one. */
  let letters = 0;
  let pieces = 0;
  const out = ({ notes, effects, at }: Letter<Note, Effect, Instant>): void => {
    const note = notes[pieces];
    const effect = effects[pieces - notes.length];
    pieces += 1;
    if (note !== undefined) tell(note, at);
    else if (effect !== undefined) perform(effect);
  };
  return {
    put: (notes, effects, at) => {
      if (notes.length > 0 || effects.length > 0) kept.push({ notes, effects, at });
    },
    since: () => kept[letters]?.at,
    empty: (isOver = () => false) => {
      let count = 0;
      for (let letter = kept[letters]; letter !== undefined; letter = kept[letters]) {
        while (pieces < letter.notes.length + letter.effects.length) {
          out(letter);
          count += 1;
          if (count % UNTIMED === 0 && isOver()) return;
        }
        letters += 1;
        pieces = 0;
      }
      kept = [];
      letters = 0;
    },
  };
}
