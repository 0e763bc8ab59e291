/** What only a kernel with ip_vs, or with other things that few have, can prove; each script of test/lab/scripts is one lab. */

import { proveInLab } from './proof.js';

proveInLab('the README leads someone new to a pair that runs, and through its first days', 'scripts/new-user.js', { timeout: 400 });
proveInLab('requests reach real servers through the kernel', 'scripts/forwarding.js', { timeout: 180 });
proveInLab('the kernel holds what the daemon wants', 'scripts/reconciling.js', {
  timeout: 400,
  // The script loads and unloads modules, which only a kernel of its own allows; it begins without ip_vs.
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'bridge', 'dummy'],
});
proveInLab('keepalived and holdfast leave the same kernel table', 'scripts/same-table.js', { timeout: 400 });
proveInLab('keepalived and holdfast leave the same timeouts and sync daemons', 'scripts/settings.js', { timeout: 400 });
proveInLab('connections outlive reloads, restarts, crashes and a change of daemons', 'scripts/continuity.js', { timeout: 400 });
proveInLab('keepalived and holdfast have the same ipvlans and VRFs', 'scripts/devices.js', {
  timeout: 180,
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'ipvlan', 'vrf'],
});
proveInLab('servers come back with care, and backup servers stand in', 'scripts/pools.js', { timeout: 240, kernel: 'uml' });
proveInLab('FULLNAT from client to server and back', 'scripts/full-nat.js', {
  timeout: 600,
  // User-mode Linux has no address translation by nf_tables.
  kernel: 'machine',
  // Loaded on demand they would hold up the daemon: in an emulated machine for seconds.
  modules: ['ip_vs', 'ip_vs_rr', 'veth', 'bridge', 'nf_tables', 'nft_chain_nat', 'nft_masq', 'nft_ct'],
});
proveInLab('a bare host becomes a real server by every way of forwarding', 'scripts/real-servers.js', {
  timeout: 400,
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'bridge', 'ip_vs', 'ipip', 'ip_gre', 'fou'],
});
