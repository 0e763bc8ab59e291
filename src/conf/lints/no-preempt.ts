/** nopreempt together with weighted trackers: the priority falls, and nothing follows from it. */

import type { LintSubject } from '../lint.js';
import { placeOfValue } from '../origins.js';

/**
 * A master whose tracker fails lowers the priority of its adverts; its peer, told not to preempt, accepts adverts of any
 * priority. So the address stays where it is, however broken that director is.
 */
export function lintNoPreempt({ model, origins, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    const weighted = instance.trackInterfaces.find(({ weight }) => weight !== 0);
    if (instance.preempt || block === undefined || weighted === undefined) continue;
    findings.report(
      'noPreemptWithWeights',
      placeOfValue(block, 'nopreempt'),
      `(${instance.name}) with nopreempt the weight of ${weighted.interface} never moves the addresses: ` +
        'a backup accepts adverts of any priority',
      'remove nopreempt, or the weight so that a failure means FAULT',
    );
  }
}
