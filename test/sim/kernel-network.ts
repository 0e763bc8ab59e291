/** One host's routes and rules as its kernel keeps them: a route goes with its link, silently; a rule stays whatever happens. */

import { identity } from '../../src/vrrp/instance/belongings.js';
import type { LinkState } from '../../src/vrrp/config.js';
import type { Route } from '../../src/vrrp/host/routes.js';
import type { Rule } from '../../src/vrrp/host/rules.js';

export type NetworkObject = Route | Rule;

export interface KernelNetwork {
  /** Undefined when done, else an errno name. */
  readonly apply: (present: boolean, object: NetworkObject) => string | undefined;
  /** Identities. */
  readonly held: () => readonly string[];
  /** As an operator does by hand; false when it was not there. */
  readonly remove: (object: NetworkObject) => boolean;
  /** A link went down or away. */
  readonly linkLost: (name: string) => void;
  readonly reset: () => void;
}

export function createKernelNetwork(linkOf: (name: string) => Pick<LinkState, 'up'> | undefined): KernelNetwork {
  const objects = new Map<string, NetworkObject>();
  const isRoute = (object: NetworkObject): object is Route => 'destination' in object;
  return {
    apply: (present, object) => {
      if (!present) {
        objects.delete(identity(object));
        return undefined;
      }
      if (isRoute(object) && object.interface !== undefined && linkOf(object.interface)?.up !== true) return 'ENETDOWN';
      objects.set(identity(object), object);
      return undefined;
    },
    held: () => [...objects.keys()],
    remove: (object) => objects.delete(identity(object)),
    linkLost: (name) => {
      for (const [key, object] of objects) if (isRoute(object) && object.interface === name) objects.delete(key);
    },
    reset: () => objects.clear(),
  };
}
