/** Connections through the virtual address while the daemon reloads, restarts, dies and gives way to another. */

import { proveInLab } from './proof.js';

proveInLab('connections outlive reloads, restarts, crashes and a change of daemons', 'scripts/continuity.js', { timeout: 400 });
