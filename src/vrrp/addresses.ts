/**
 * The virtual addresses of one instance as asked of the kernel: requests by epoch, answers, and another try when the kernel
 * refused. Which state wants them present is decided in transitions.ts.
 */

import type { IpAddress } from '../base/address.js';
import { after, micros, milliseconds, seconds, type Micros } from '../base/time.js';
import { nextRandom } from '../base/random.js';
import type { InstanceConfig, VirtualAddress } from './config.js';
import { allAddresses, type AddressHolding, type Instance, type Turn } from './state.js';

const FIRST_RETRY = milliseconds(250);
const LAST_RETRY = seconds(8);

/** Asks for `addresses` to be present or absent. An empty list asks nothing. */
export function requestAddresses(
  instance: Instance,
  present: boolean,
  addresses: readonly VirtualAddress[],
  turn: Turn,
): Instance {
  if (addresses.length === 0) return instance;
  const epoch = askKernel(instance.config, present, addresses, turn);
  const gone = new Set(addresses.map(identity));
  const holding: AddressHolding = {
    epoch,
    present,
    status: 'applying',
    requested: addresses,
    held: present ? instance.addresses.held : instance.addresses.held.filter((a) => !gone.has(identity(a))),
    failures: 0,
    refusal: undefined,
    retryAt: undefined,
  };
  return { ...instance, addresses: holding };
}

/** Puts the request into the turn and answers its epoch. */
export function askKernel(
  config: Pick<InstanceConfig, 'name' | 'excludedAddresses'>,
  present: boolean,
  addresses: readonly VirtualAddress[],
  turn: Turn,
): number {
  turn.epoch += 1;
  const instance = config.name;
  turn.effects.push({ type: 'setAddresses', instance, present, epoch: turn.epoch, addresses });
  const excluded = new Set(config.excludedAddresses);
  for (const part of [addresses.filter((a) => !excluded.has(a)), addresses.filter((a) => excluded.has(a))]) {
    const [first] = part;
    if (first === undefined) continue;
    turn.notes.push({ type: 'addressesRequested', instance, present, excluded: excluded.has(first), addresses: part });
  }
  return turn.epoch;
}

/** The kernel did as asked. `held` grows by what was requested. */
export function addressesApplied(instance: Instance): Instance {
  const { addresses } = instance;
  const held = addresses.present ? allAddresses(instance.config) : addresses.held;
  return { ...instance, addresses: { ...addresses, status: 'applied', held, failures: 0, refusal: undefined, retryAt: undefined } };
}

/**
 * The kernel refused; `applied` are in place nonetheless. Tried again with a growing, jittered wait for as long as it takes:
 * a reason is told once, not at every try.
 */
export function addressesFailed(
  instance: Instance,
  reason: string,
  applied: readonly IpAddress[],
  turn: Turn,
): Instance {
  const { addresses, config } = instance;
  const failures = addresses.failures + 1;
  const retryIn = retryDelay(failures, turn);
  if (reason !== addresses.refusal) turn.notes.push({ type: 'addressesFailed', instance: config.name, reason, retryIn });
  const held = addresses.present
    ? allAddresses(config).filter((a) => addresses.held.includes(a) || applied.includes(a.address))
    : addresses.held;
  const retryAt = after(turn.now, retryIn);
  return { ...instance, addresses: { ...addresses, status: 'failed', held, failures, refusal: reason, retryAt } };
}

/** Asks once more for what was refused, counting on. */
export function retryAddresses(instance: Instance, turn: Turn): Instance {
  const { present, requested, failures, refusal } = instance.addresses;
  const asked = requestAddresses(instance, present, present ? allAddresses(instance.config) : requested, turn);
  return { ...asked, addresses: { ...asked.addresses, failures, refusal } };
}

/** Equal for addresses that the kernel would call the same, whatever object they are. */
export function identity(address: VirtualAddress): string {
  return `${address.address}/${address.prefixLength} ${address.interface}`;
}

/** A growing wait with jitter, so that what failed together does not come back together. */
export function retryDelay(failures: number, turn: Turn): Micros {
  const { value, seed } = nextRandom(turn.seed);
  turn.seed = seed;
  const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1));
  return micros(wait * (0.75 + value / 2));
}
