/** Network devices that VRRP makes or stands on and that few kernels have: ipvlans, VRFs, bonds. */

import { proveInLab } from './proof.js';

proveInLab('keepalived and holdfast have the same ipvlans and VRFs', 'scripts/devices.js', {
  timeout: 180,
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'ipvlan', 'vrf'],
});
proveInLab('a bond fails over underneath a master', 'scripts/bonds.js', { timeout: 240, kernel: 'uml', modules: ['ipv6', 'veth', 'bridge', 'bonding'] });
