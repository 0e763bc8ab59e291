/** A clock and timers that a test turns by hand, for code that waits and answers promises in between. */

export interface VirtualTimers {
  /** Milliseconds since the beginning. */
  readonly now: () => number;
  /** `due` in `delay` milliseconds; the answer takes it back. */
  readonly after: (delay: number, due: () => void) => () => void;
  /** Lets so many seconds pass, each timer at its time and what it began carried on before the next. */
  readonly pass: (seconds: number) => Promise<void>;
}

export function virtualTimers(): VirtualTimers {
  let now = 0;
  let timers: { readonly at: number; readonly due: () => void }[] = [];
  return {
    now: () => now,
    after: (delay, due) => {
      const timer = { at: now + delay, due };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    pass: async (seconds) => {
      await settle();
      for (const end = now + seconds * 1_000; now < end; ) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        now = next?.at ?? end;
        if (next !== undefined) {
          timers = timers.filter((one) => one !== next);
          next.due();
        }
        await settle();
      }
    },
  };
}

/** More turns than any chain of promises here has links. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i += 1) await Promise.resolve();
}
