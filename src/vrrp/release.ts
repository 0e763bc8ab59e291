/**
 * Addresses that a reload has taken away from their instance: they are nobody's any more, but the kernel may refuse to let
 * go of them. Asked for again until it does, whatever becomes of the instance.
 */

import { after, earliest, isDue, type Micros } from '../base/time.js';
import { askKernel, identity, retryDelay } from './addresses.js';
import type { VirtualAddress } from './config.js';
import { allAddresses, type Instance, type Release, type Turn } from './state.js';

/** Asks the kernel to remove them. An empty list asks nothing. */
export function release(config: Release['config'], addresses: readonly VirtualAddress[], turn: Turn): void {
  if (addresses.length === 0) return;
  const epoch = askKernel(config, false, addresses, turn);
  turn.releases = [...turn.releases, { config, addresses, epoch, failures: 0, retryAt: undefined }];
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
    const addresses = each.addresses.filter((address) => !inUse.has(identity(address)));
    if (addresses.length === 0) return [];
    return [{ ...each, addresses, epoch: askKernel(each.config, false, addresses, turn), retryAt: undefined }];
  });
}

/** Identities of the addresses that masters have now: nobody else may have them removed. */
export function inUseByMasters(instances: readonly Instance[]): ReadonlySet<string> {
  const masters = instances.filter(({ state }) => state.role === 'master');
  return new Set(masters.flatMap(({ config }) => allAddresses(config)).map(identity));
}

export function releaseDeadline(releases: readonly Release[]): Micros | undefined {
  return releases.reduce<Micros | undefined>((deadline, { retryAt }) => earliest(deadline, retryAt), undefined);
}
