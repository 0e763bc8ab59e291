/** Time as the machines know it: whole microseconds on the monotonic clock, never wall time. */

declare const microsBrand: unique symbol;

/** A span or an instant in integer microseconds. Instants count from an arbitrary monotonic origin. */
export type Micros = number & { readonly [microsBrand]: true };

/** The one port through which time enters a driver. `now` is monotonic and never steps back. */
export interface Clock {
  readonly now: () => Micros;
}

/** Microseconds from a number; fractions are rounded to the nearest microsecond. */
export function micros(value: number): Micros {
  return Math.round(value) as Micros;
}

/** Microseconds from milliseconds. */
export function milliseconds(value: number): Micros {
  return micros(value * 1_000);
}

/** Microseconds from seconds. */
export function seconds(value: number): Micros {
  return micros(value * 1_000_000);
}

/** The instant `span` after `instant`. */
export function after(instant: Micros, span: Micros): Micros {
  return (instant + span) as Micros;
}

/** The earlier of two deadlines, where `undefined` means "none". */
export function earliest(a: Micros | undefined, b: Micros | undefined): Micros | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return a < b ? a : b;
}

/** True once `deadline` exists and has been reached at `now`. */
export function isDue(deadline: Micros | undefined, now: Micros): boolean {
  return deadline !== undefined && deadline <= now;
}
