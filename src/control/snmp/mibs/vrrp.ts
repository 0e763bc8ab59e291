/** The part of KEEPALIVED-MIB about VRRP, table by table. */

import type { Column } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { addressColumns } from './vrrp-addresses.js';
import { groupColumns } from './vrrp-groups.js';
import { instanceColumns } from './vrrp-instances.js';
import { routeColumns } from './vrrp-routes.js';
import { ruleColumns } from './vrrp-rules.js';
import { trackerColumns } from './vrrp-trackers.js';

export function vrrpColumns(): readonly Column<SnmpWorld>[] {
  return [...groupColumns(), ...instanceColumns(), ...addressColumns(), ...routeColumns(), ...ruleColumns(), ...trackerColumns()];
}
