/** Real IPVS forwards for clients: every way of forwarding, with the daemon's table. */

import { proveInLab } from './proof.js';

proveInLab('requests reach real servers through the kernel', 'scripts/forwarding.js', { timeout: 180 });
