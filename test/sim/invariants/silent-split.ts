/**
 * No silent split, in storms too: two masters of one virtual router see each other within an interval and a delay, or else
 * what one of them said did not reach the other, or was refused by it where adverts are authenticated. Whoever stays master
 * beside another one although both have been heard has no excuse.
 */

import type { Family, IpAddress } from '../../../src/base/address.js';
import type { RouterPlan } from '../cluster-config.js';
import { sourceAddress } from '../cluster-config.js';
import { mastersOf, SLACK, slowestInterval } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { Watch } from '../observation.js';
import type { VrrpHost } from '../vrrp-host.js';

/** Two masters of one router, since a moment. */
interface Split {
  readonly pair: readonly [VrrpHost, VrrpHost];
  /** Since it began, or since there was last an excuse for it. */
  unexcusedSince: number;
  /** By name of the sender: when it first said something that the other has not heard yet. */
  readonly unheardSince: Map<string, number>;
}

export function noSilentSplit(cluster: Cluster): Watch {
  const { world, plan, lan } = cluster;
  const splits = new Map<RouterPlan, Split[]>(plan.routers.map((router) => [router, []]));
  const refused = new Map<string, number>();
  const patience = (): number => lan.longestDelay() + SLACK;

  /** Splits that are there now; those that go on are kept. */
  const lookAt = (router: RouterPlan): void => {
    const masters = mastersOf(cluster, router);
    const before = splits.get(router) ?? [];
    if (masters.length < 2 && before.length === 0) return;
    const pairs = masters.flatMap((one, index) => masters.slice(index + 1).map((other) => [one, other] as const));
    splits.set(router, pairs.map((pair) => before.find((split) => isSame(split.pair, pair)) ?? { pair, unexcusedSince: world.now(), unheardSince: new Map() }));
  };
  const excuse = (split: Split): void => {
    split.unexcusedSince = world.now();
  };
  const judge = (router: RouterPlan, split: Split): void => {
    for (const [sender, since] of split.unheardSince) {
      if (world.now() - since <= patience()) continue;
      split.unheardSince.delete(sender);
      excuse(split);
    }
    const age = world.now() - split.unexcusedSince;
    if (age <= slowestInterval(cluster.hosts, router) + 2 * patience()) return;
    const names = split.pair.map((host) => host.plan.name).join(' and ');
    world.fail('S3 no silent split', `${names} are masters of ${router.name} for ${age} us, and nothing was lost between them`);
  };
  /** Adverts that are authenticated may be refused: after a clock was set, or by who has heard a later one before its restart. */
  const isRefused = (host: VrrpHost, router: RouterPlan): boolean => {
    if (router.hmac === undefined && router.authentication.type !== 'ah') return false;
    const key = `${host.plan.name} ${router.name}`;
    const count = refusals(host, router);
    const isMore = count > (refused.get(key) ?? 0);
    refused.set(key, count);
    return isMore;
  };

  return (observation) => {
    const { type, host } = observation;
    if (type === 'roleChanged' || type === 'kernelChanged' || type === 'interrupted' || type === 'started' || type === 'stopRequested') {
      for (const router of plan.routers) lookAt(router);
    }
    if (type !== 'advertSent' && type !== 'advertHeard') return;
    const virtualRouterId = type === 'advertSent' ? observation.advert.virtualRouterId : observation.virtualRouterId;
    const router = plan.routers.find((each) => each.virtualRouterId === virtualRouterId);
    if (router === undefined) return;
    for (const split of splits.get(router) ?? []) {
      if (!split.pair.includes(host)) continue;
      if (type === 'advertSent') {
        if (!split.unheardSince.has(host.plan.name)) split.unheardSince.set(host.plan.name, world.now());
      } else {
        const sender = split.pair.find((each) => each !== host && isFrom(each, router.family, observation.source));
        if (sender === undefined) continue;
        split.unheardSince.delete(sender.plan.name);
        if (isRefused(host, router)) excuse(split);
      }
      judge(router, split);
    }
  };
}

function isSame(one: Split['pair'], other: Split['pair']): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

function isFrom({ plan }: VrrpHost, family: Family, source: IpAddress): boolean {
  return sourceAddress(plan, family) === source;
}

/** Adverts of the router that the host has refused for their authentication. */
function refusals(host: VrrpHost, { name }: RouterPlan): number {
  const statistics = host.snapshot()?.instances.find((each) => each.name === name)?.statistics;
  if (statistics === undefined) return 0;
  const { authenticationFailures, signaturesInvalid, signaturesStale, signaturesReplayed } = statistics;
  return authenticationFailures + signaturesInvalid + signaturesStale + signaturesReplayed;
}
