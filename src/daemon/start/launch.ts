/** What the supervisor is started with. */

import type { ServiceManager } from '../../io/processes/service-manager.js';
import type { Options } from './options.js';
import type { PreparedChildren } from '../children/prepared-children.js';

export interface Launch {
  readonly options: Options;
  readonly version: string;
  /** The command line as typed, for the log. */
  readonly words: readonly string[];
  readonly remarks: readonly string[];
  /** Children that load already. */
  readonly prepared: PreparedChildren;
  readonly manager: ServiceManager;
  /** Children of the program before this one under the same process id. */
  readonly inherited: readonly number[];
  /** Called once: the pid file exists and every signal is answered. */
  readonly onPublished: () => void;
}
