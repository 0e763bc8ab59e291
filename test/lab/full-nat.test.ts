/** FULLNAT in a kernel that translates addresses. */

import { proveInLab } from './proof.js';

proveInLab('FULLNAT from client to server and back', 'scripts/full-nat.js', {
  timeout: 600,
  // User-mode Linux has no address translation by nf_tables.
  kernel: 'machine',
  // Loaded on demand they would hold up the daemon: in an emulated machine for seconds.
  modules: ['sctp', 'ip_vs', 'ip_vs_rr', 'veth', 'bridge', 'nf_tables', 'nft_chain_nat', 'nft_masq', 'nft_ct'],
});
