/** The validated configuration: what the supervisor sends to its children. Plain data, survives structured clone. */

import type { BfdConfig } from '../bfd/config.js';
import type { PoolConfig } from '../health/config.js';
import type { DirectorConfig } from '../vrrp/config.js';

/** Settings of the daemon itself, from global_defs and the top level. */
export interface GlobalConfig {
  readonly routerId?: string;
  /** Process names as keepalived's process_name family sets them. */
  readonly processName: string;
  readonly vrrpProcessName: string;
  readonly checkerProcessName: string;
  readonly instanceName?: string;
  readonly usePidDirectory: boolean;
  /** Seconds from TERM to KILL of a child at stop; default 5. */
  readonly childWaitTime: number;
  readonly scriptUser?: { readonly user: string; readonly group?: string };
  readonly enableScriptSecurity: boolean;
  readonly notifyFifo?: string;
  readonly vrrpNotifyFifo?: string;
  readonly lvsNotifyFifo?: string;
  /** lvs_flush: all services are removed at start; lvs_flush_on_stop. */
  readonly lvsFlush: boolean;
  readonly lvsFlushOnStop: 'off' | 'all' | 'services';
}

export interface Model {
  readonly global: GlobalConfig;
  readonly bfd: BfdConfig;
  readonly director: DirectorConfig;
  readonly pool: PoolConfig;
}
