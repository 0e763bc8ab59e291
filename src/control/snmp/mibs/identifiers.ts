/** Where the MIBs stand in the tree of object identifiers. */

import { oidOf } from '../values.js';
import type { Oid } from '../values.js';

/** KEEPALIVED-MIB, below Debian's number. */
const KEEPALIVED: Oid = oidOf('1.3.6.1.4.1.9586.100.5');
export const KEEPALIVED_GLOBAL: Oid = [...KEEPALIVED, 1];
export const KEEPALIVED_VRRP: Oid = [...KEEPALIVED, 2];
export const KEEPALIVED_CHECK: Oid = [...KEEPALIVED, 3];

/** VRRP-MIB, RFC 2787. */
export const VRRP_MIB: Oid = oidOf('1.3.6.1.2.1.68');

/** VRRPV3-MIB, RFC 6527. */
export const VRRPV3_MIB: Oid = oidOf('1.3.6.1.2.1.207');
