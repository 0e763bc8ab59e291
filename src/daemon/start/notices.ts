/** What a service manager hears of the daemon's life. */

import type { ServiceManager } from '../../io/processes/service-manager.js';
import type { ChildrenNote } from '../../runtime/children-events.js';
import type { DriverNote } from '../../runtime/driver.js';

export function informManager(manager: ServiceManager, note: ChildrenNote | DriverNote): void {
  if (note.type === 'reloading') manager.reloading();
  else if (note.type === 'stopping') manager.stopping();
  else if (note.type === 'configurationComplete') manager.ready(`configuration ${note.generation} in force`);
  else if (note.type === 'reloadFailed') manager.ready('new configuration refused, the one before it stays in force');
}
