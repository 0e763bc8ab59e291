/** What pools do beyond keepalived, in the kernel's table: slow start, draining, flapping, backup servers. */

import { proveInLab } from './proof.js';

proveInLab('servers come back with care, and backup servers stand in', 'scripts/pools.js', { timeout: 240, kernel: 'uml' });
