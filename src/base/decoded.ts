/** The result of decoding bytes from outside: a value, or a literal naming the fault (it doubles as a counter name). */
export type Decoded<T, E extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function decoded<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function undecodable<E extends string>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
