/** The lines that programs read from the notify FIFO of the VRRP process. */

import type { DirectorDescription } from '../vrrp/describe.js';

/** `INSTANCE "V1" MASTER 100`. */
export function stateLine(subject: 'INSTANCE' | 'GROUP', name: string, state: string, priority: number): string {
  return `${subject} "${name}" ${state} ${priority}`;
}

/** fifo_write_vrrp_states_on_reload: where everything stands, in the order of a start. What has not started has no state. */
export function allStateLines({ groups, instances }: DirectorDescription): readonly string[] {
  return [
    ...groups.flatMap(({ name, state }) => (state === 'INIT' ? [] : [stateLine('GROUP', name, state, 0)])),
    ...instances.flatMap(({ name, state, priority }) => (state === 'INIT' ? [] : [stateLine('INSTANCE', name, state, priority)])),
  ];
}
