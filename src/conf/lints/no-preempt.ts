/** nopreempt together with weighted trackers: the priority falls, and nothing follows from it. */

import type { LintSubject } from './subject.js';
import { placeOfValue } from '../origins.js';
import { tracksOf } from './tracks.js';

/**
 * A master whose tracker fails lowers the priority of its adverts; its peer, told not to preempt, accepts adverts of any
 * priority. So the address stays where it is, however broken that director is.
 */
export function lintNoPreempt({ model, origins, findings }: LintSubject): void {
  const { instances, groups } = model.director;
  for (const instance of instances) {
    const block = origins.instances.get(instance);
    if (instance.preempt || block === undefined) continue;
    const own = groups.filter(({ members }) => members.includes(instance.name));
    const pools = [instance, ...own].flatMap(({ tracks }) => tracks?.virtualServers ?? []);
    const weighted = [...[instance, ...own].flatMap(tracksOf).filter(({ weight }) => weight !== 0), ...pools][0];
    if (weighted === undefined) continue;
    findings.report(
      'noPreemptWithWeights',
      placeOfValue(block, 'nopreempt'),
      `(${instance.name}) with nopreempt the weight of ${weighted.name} never moves the addresses: ` +
        'a backup accepts adverts of any priority',
      'remove nopreempt, or the weight so that a failure means FAULT',
    );
  }
}
