/** The README's own lines, on a pair of directors. */

import { proveInLab } from './proof.js';

proveInLab('the README leads someone new to a pair that runs, and through its first days', 'scripts/new-user.js', { timeout: 400 });
