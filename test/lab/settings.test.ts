/** What the kernel has of LVS besides its table: timeouts and sync daemons. */

import { proveInLab } from './proof.js';

proveInLab('keepalived and holdfast leave the same timeouts and sync daemons', 'scripts/settings.js', { timeout: 400 });
