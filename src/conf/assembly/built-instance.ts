/** What building one vrrp_instance gives to those who look at all of them: groups, links, identities. */

import type { InstanceConfig } from '../../vrrp/config.js';
import type { Word } from '../cst.js';

/** An instance with the places that later checks point at. */
export interface BuiltInstance {
  readonly config: InstanceConfig;
  readonly name: Word;
  readonly virtualRouterIdAt: Word;
  /** linkbeat_use_polling stands in it. */
  readonly pollsLink: boolean;
}
