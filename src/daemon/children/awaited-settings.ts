/**
 * How a child process learns its settings: its modules are loaded, and it has done nothing yet. Its own file, because the
 * roles it is made for are loaded on demand.
 */

import { leaveBackground } from '../../io/processes/background.js';
import type { ChildSettings } from './ipc.js';
import { parseSettingsMessage } from './ipc.js';

/** In the process list, until the configuration says otherwise. */
const TITLE = 'holdfast-spare';

/** Without a supervisor, or when that ends first, this process ends. */
export function awaitSettings(): Promise<ChildSettings> {
  if (process.send === undefined) {
    process.stderr.write('This process is started by the daemon itself\n');
    process.exit(1);
  }
  process.title = TITLE;
  const leave = (): never => process.exit(0);
  if (!process.connected) leave();
  process.once('disconnect', leave);
  return new Promise((resolve) => {
    process.once('message', (value) => {
      process.removeListener('disconnect', leave);
      const settings = parseSettingsMessage(value);
      if (settings === undefined) {
        leave();
        return;
      }
      leaveBackground();
      resolve(settings);
    });
  });
}
