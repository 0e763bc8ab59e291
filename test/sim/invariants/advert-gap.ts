/** A master that nobody interrupts advertises every interval: the gap between its adverts is the interval plus lateness. */

import type { ClusterPlan } from '../cluster-config.js';
import { intervalOf, SLACK } from '../cluster.js';
import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export interface AdvertGap {
  readonly watch: Watch;
  /** A master that fell silent altogether sends nothing that could be measured: look at the time since its last advert. */
  readonly check: () => void;
}

export function advertGap(world: World, plan: ClusterPlan): AdvertGap {
  /** By host and router, while it is master and was not interrupted. */
  const last = new Map<string, { readonly at: number; readonly interval: number }>();
  const name = 'T1 gap between own adverts';
  const forget = (host: string): void => {
    for (const router of plan.routers) last.delete(`${host} ${router.name}`);
  };
  const judge = (key: string): void => {
    const { at, interval } = last.get(key) ?? { at: world.now(), interval: 0 };
    const gap = world.now() - at;
    if (gap > interval + SLACK) world.fail(name, `${key} is silent for ${gap} us, interval ${interval} us`);
  };
  return {
    watch: (observation) => {
      const host = observation.host.plan.name;
      if (observation.type === 'interrupted' || observation.type === 'started') forget(host);
      if (observation.type === 'roleChanged') {
        last.delete(`${host} ${observation.instance}`);
      }
      if (observation.type !== 'advertSent' || observation.advert.priority === 0) return;
      const { segment, advert } = observation;
      const router = plan.routers.find(
        (known) => known.virtualRouterId === advert.virtualRouterId && known.segment === segment,
      );
      if (router === undefined) return world.fail(name, `${host} advertises an unknown router`);
      const key = `${host} ${router.name}`;
      judge(key);
      last.set(key, { at: world.now(), interval: intervalOf(observation.host, router) });
    },
    check: () => {
      for (const key of last.keys()) judge(key);
    },
  };
}
