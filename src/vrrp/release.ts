/**
 * Addresses that a reload has taken away from their instance: they are nobody's any more, but the kernel may refuse to let
 * go of them. Asked for again until it does, whatever becomes of the instance.
 */

import { after, earliest, isDue, type Micros } from '../base/time.js';
import { askKernel, retryDelay } from './instance/addresses.js';
import { filtered, identitiesOf, identity, isNothing, type Belongings } from './instance/belongings.js';
import { type Instance, type Release, type Turn } from './instance/state.js';

/** Asks the kernel to remove them. Nothing of them asks nothing. */
export function release(config: Release['config'], belongings: Belongings, turn: Turn): void {
  if (isNothing(belongings)) return;
  const epoch = askKernel(config, false, belongings, turn);
  turn.releases = [...turn.releases, { config, belongings, epoch, failures: 0, retryAt: undefined }];
}

/** True when the answer was to one of these requests. `reason` is the kernel's refusal. */
export function releaseAnswered(epoch: number, reason: string | undefined, turn: Turn): boolean {
  const answered = turn.releases.find((each) => each.epoch === epoch);
  if (answered === undefined) return false;
  turn.releases = turn.releases.filter((each) => each !== answered);
  if (reason === undefined) return true;
  const failures = answered.failures + 1;
  const retryIn = retryDelay(failures, turn);
  turn.notes.push({ type: 'addressesFailed', instance: answered.config.name, reason, retryIn });
  turn.releases = [...turn.releases, { ...answered, failures, retryAt: after(turn.now, retryIn) }];
  return true;
}

/** Asks again for what is due (`all`: for everything refused), but for nothing that a master has taken over since. */
export function retryReleases(instances: readonly Instance[], all: boolean, turn: Turn): void {
  const isTried = ({ retryAt }: Release): boolean => (all ? retryAt !== undefined : isDue(retryAt, turn.now));
  if (!turn.releases.some(isTried)) return;
  const inUse = inUseByMasters(instances);
  turn.releases = turn.releases.flatMap((each) => {
    if (!isTried(each)) return [each];
    const belongings = filtered(each.belongings, (belonging) => !inUse.has(identity(belonging)));
    if (isNothing(belongings)) return [];
    return [{ ...each, belongings, epoch: askKernel(each.config, false, belongings, turn), retryAt: undefined }];
  });
}

/** Identities of what masters have now: nobody else may have it removed. */
export function inUseByMasters(instances: readonly Instance[]): ReadonlySet<string> {
  const masters = instances.filter(({ state }) => state.role === 'master');
  return identitiesOf(masters.map(({ config }) => config));
}

export function releaseDeadline(releases: readonly Release[]): Micros | undefined {
  return releases.reduce<Micros | undefined>((deadline, { retryAt }) => earliest(deadline, retryAt), undefined);
}
