/** What others do to the kernel's table is put right, whatever the kernel answers. */

import { proveInLab } from './proof.js';

proveInLab('the kernel holds what the daemon wants', 'scripts/reconciling.js', {
  timeout: 400,
  // The script loads and unloads modules, which only a kernel of its own allows; it begins without ip_vs.
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'bridge', 'dummy'],
});
