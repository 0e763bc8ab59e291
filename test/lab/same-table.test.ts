/** The kernel's table under keepalived and under holdfast, after every step of the same story. */

import { proveInLab } from './proof.js';

proveInLab('keepalived and holdfast leave the same kernel table', 'scripts/same-table.js', { timeout: 400 });
