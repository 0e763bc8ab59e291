/** ip_vs as a module: keepalived's users expect the daemon to load it. One attempt with the ordinary modprobe. */

import { existsSync } from 'node:fs';

import { startScript } from '../io/processes/script.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';

/** Exists in a network namespace once ip_vs is there, as module or built in. */
const EVIDENCE = '/proc/net/ip_vs';
/** Loading is a matter of milliseconds; whoever takes longer is not waited for. */
const PATIENCE = 2_000;

/** Calls back once, when ip_vs is there, was loaded or cannot be: whether it is there is for the IPVS port to find out. */
export function loadIpvsModule(tell: (note: LifecycleNote) => void, done: () => void): void {
  if (existsSync(EVIDENCE)) {
    done();
    return;
  }
  let called = false;
  const finish = (): void => {
    if (called) return;
    called = true;
    clearTimeout(patience);
    done();
  };
  const patience = setTimeout(finish, PATIENCE);
  const script = startScript(['modprobe', 'ip_vs'], undefined, (ending) => {
    const reason = ending.type === 'killed' ? `signal ${ending.signal}` : `status ${ending.status}`;
    if (reason !== 'status 0') tell({ type: 'moduleNotLoaded', module: 'ip_vs', reason });
    finish();
  });
  if ('code' in script) {
    tell({ type: 'moduleNotLoaded', module: 'ip_vs', reason: script.code });
    finish();
  }
}
