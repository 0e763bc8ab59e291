/** What becomes of flows of datagrams whose server fails. */

import { proveInLab } from './proof.js';

proveInLab('flows of datagrams end with their server', 'scripts/datagrams.js', { timeout: 240, kernel: 'uml' });
