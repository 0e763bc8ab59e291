/**
 * One policy rule as the kernel is asked for it (linux/fib_rules.h struct fib_rule_hdr and FRA_*): the value that
 * virtual_rules and static_rules become. Neither a line of a file nor bytes.
 */

import type { Cidr, Family } from '../../base/address.js';
import type { Realms } from './routes.js';

/** linux/fib_rules.h FR_ACT_*. */
export type RuleAction =
  /** FR_ACT_TO_TBL, 1-4294967295. */
  | { readonly type: 'table'; readonly table: number }
  /** FR_ACT_TO_TBL with FRA_L3MDEV: the table of the device's VRF. */
  | { readonly type: 'l3mdev' }
  /** FR_ACT_GOTO: the rule of that priority, which is behind this one. */
  | { readonly type: 'goto'; readonly target: number }
  | { readonly type: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' };

export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

export interface Rule {
  readonly family: Family;
  readonly action: RuleAction;
  /** FIB_RULE_INVERT: `not`. */
  readonly inverted: boolean;
  /** FRA_SRC; undefined = any. */
  readonly from?: Cidr;
  /** FRA_DST; undefined = any. */
  readonly to?: Cidr;
  /** FRA_PRIORITY, 0-4294967295. Without one keepalived counts down from 16384. */
  readonly priority: number;
  /** 0-255. */
  readonly typeOfService?: number;
  /** FRA_FWMARK and FRA_FWMASK, unsigned 32 bits. */
  readonly mark?: { readonly value: number; readonly mask: number };
  /** FRA_FLOW. */
  readonly realms?: Realms;
  /** FRA_SUPPRESS_PREFIXLEN. */
  readonly suppressPrefixLength?: number;
  /** FRA_SUPPRESS_IFGROUP. */
  readonly suppressInterfaceGroup?: number;
  /** FRA_IIFNAME. */
  readonly inputInterface?: string;
  /** FRA_OIFNAME. */
  readonly outputInterface?: string;
  /** FRA_TUN_ID, 64 bits in decimal. */
  readonly tunnelId?: string;
  /** FRA_UID_RANGE. */
  readonly userIds?: NumberRange;
  /** FRA_PROTOCOL, 0-255. Default 18 (keepalived). */
  readonly protocol: number;
  /** FRA_IP_PROTO, 0-255. */
  readonly ipProtocol?: number;
  /** FRA_SPORT_RANGE. */
  readonly sourcePorts?: NumberRange;
  /** FRA_DPORT_RANGE. */
  readonly destinationPorts?: NumberRange;
  /** False with `no_track`: deletion by somebody else is ignored. */
  readonly tracked: boolean;
}
