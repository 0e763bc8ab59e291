/**
 * dynamic_interfaces without allow_if_changes: an interface that comes back must be what it was, or it does not count. What
 * an instance does on one that is missing is decided elsewhere.
 */

import type { DirectorConfig, LinkState } from '../config.js';
import { dependencies } from './links.js';
import type { Turn } from '../instance/state.js';

/** What each interface was when it was seen first, by name; and, by `NAME refused`, what it was when it was turned away last. */
export type LinkKinds = ReadonlyMap<string, string>;

/** The link as it counts, undefined for one of another kind, and what is remembered. Turning one away is said once. */
export function admitted(
  config: DirectorConfig | undefined,
  kinds: LinkKinds,
  name: string,
  link: LinkState | undefined,
  turn: Turn,
): { readonly link: LinkState | undefined; readonly kinds: LinkKinds } {
  const kind = link?.kindAndBase;
  // A host of containers has thousands of names in a day.
  const matters = config?.instances.some((instance) => dependencies(instance).includes(name)) ?? true;
  if (kind === undefined || !matters) return { link, kinds };
  const first = kinds.get(name);
  if (first === undefined) return { link, kinds: new Map(kinds).set(name, kind) };
  if (first === kind || config?.dynamicInterfaces !== 'sameKind') return { link, kinds };
  const key = `${name} refused`;
  if (kinds.get(key) !== kind) turn.notes.push({ type: 'linkOfOtherKind', interface: name });
  return { link: undefined, kinds: new Map(kinds).set(key, kind) };
}
