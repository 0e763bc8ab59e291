/** A master that nobody interrupts advertises every interval: the gap between its adverts is the interval plus lateness. */

import type { ClusterPlan } from '../cluster-config.js';
import { SLACK } from '../cluster.js';
import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export interface AdvertGap {
  readonly watch: Watch;
  /** A master that fell silent altogether sends nothing that could be measured: look at the time since its last advert. */
  readonly check: () => void;
}

export function advertGap(world: World, plan: ClusterPlan): AdvertGap {
  /** By host and router, while it is master and was not interrupted. */
  const last = new Map<string, number>();
  const name = 'T1 gap between own adverts';
  const intervals = new Map(plan.routers.map((router) => [router.name, router.advertInterval]));
  const forget = (host: string): void => {
    for (const router of plan.routers) last.delete(`${host} ${router.name}`);
  };
  const judge = (key: string, interval: number): void => {
    const gap = world.now() - (last.get(key) ?? world.now());
    if (gap > interval + SLACK) world.fail(name, `${key} is silent for ${gap} us, interval ${interval} us`);
  };
  return {
    watch: (observation) => {
      const host = observation.host.plan.name;
      if (observation.type === 'interrupted' || observation.type === 'started') forget(host);
      if (observation.type === 'roleChanged') {
        const key = `${host} ${observation.instance}`;
        if (observation.to === 'MASTER') last.set(key, world.now());
        else last.delete(key);
      }
      if (observation.type !== 'advertSent' || observation.advert.priority === 0) return;
      const { segment, advert } = observation;
      const router = plan.routers.find(
        (known) => known.virtualRouterId === advert.virtualRouterId && known.segment === segment,
      );
      if (router === undefined) return world.fail(name, `${host} advertises an unknown router`);
      const key = `${host} ${router.name}`;
      judge(key, router.advertInterval);
      if (observation.host.role(router.name) === 'MASTER') last.set(key, world.now());
    },
    check: () => {
      for (const key of last.keys()) judge(key, intervals.get(key.split(' ')[1] ?? '') ?? 0);
    },
  };
}
