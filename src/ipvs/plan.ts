/** From what should be and what is to the fewest edits. Placeholder of types; planOps comes with its tests. */

import type { Destination, Service, ServiceKey, DestinationKey } from './tables.js';

/** One edit of the kernel's tables. At most one per key in a plan. */
export type Op =
  | { readonly type: 'addService' | 'editService'; readonly key: ServiceKey; readonly service: Service }
  | { readonly type: 'deleteService'; readonly key: ServiceKey; readonly service: Service }
  | {
      readonly type: 'addDestination' | 'editDestination' | 'deleteDestination';
      readonly key: ServiceKey;
      readonly service: Service;
      readonly destinationKey: DestinationKey;
      readonly destination: Destination;
    };
