/**
 * The virtual addresses of one instance, and the routes and rules that go with them, as asked of the kernel: requests by
 * epoch, answers, and another try when the kernel refused or somebody else took some of it away. Which state wants them
 * present is decided in transitions.ts.
 */

import type { IpAddress } from '../../base/address.js';
import { after, micros, milliseconds, seconds, type Micros } from '../../base/time.js';
import { nextRandom } from '../../base/random.js';
import { allAddresses, allBelongings, filtered, identity, isNothing, type Belongings } from './belongings.js';
import type { InstanceConfig } from '../config.js';
import { dropsPackets } from '../host/firewall.js';
import { type AddressHolding, type Instance, type Turn } from './state.js';

/** In requests and answers where an instance has its name: what is static, which nothing is said about. */
export const NO_INSTANCE = '';

const FIRST_RETRY = milliseconds(250);
/** Whatever was refused for long: once the trouble is over clients wait for the address. */
const LAST_RETRY = seconds(1);

/** Asks for `belongings` to be present or absent. Nothing of them asks nothing. */
export function requestAddresses(instance: Instance, present: boolean, belongings: Belongings, turn: Turn): Instance {
  if (isNothing(belongings)) return instance;
  const epoch = askKernel(instance.config, present, belongings, turn);
  const gone = new Set(belongings.addresses.map(identity));
  const holding: AddressHolding = {
    epoch,
    present,
    status: 'applying',
    requested: belongings,
    held: present ? instance.addresses.held : instance.addresses.held.filter((a) => !gone.has(identity(a))),
    failures: 0,
    refusal: undefined,
    retryAt: undefined,
  };
  return { ...instance, addresses: holding };
}

/** They are somebody else's matter from now on: what comes of them does not concern this instance. */
export function letGo(instance: Instance): Instance {
  const { epoch, requested } = instance.addresses;
  const holding: AddressHolding = { epoch, present: false, status: 'applied', requested, held: [], failures: 0, refusal: undefined, retryAt: undefined };
  return { ...instance, addresses: holding };
}

/** Puts the request into the turn and answers its epoch. */
export function askKernel(
  config: Pick<InstanceConfig, 'name' | 'excludedAddresses' | 'accept' | 'priority'>,
  present: boolean,
  belongings: Belongings,
  turn: Turn,
): number {
  turn.epoch += 1;
  const filtered = dropsPackets(config);
  turn.effects.push({ type: 'setAddresses', instance: config.name, present, epoch: turn.epoch, filtered, ...belongings });
  if (config.name === NO_INSTANCE) return turn.epoch;
  const filterRequested = { type: 'filterRequested', instance: config.name, present } as const;
  if (filtered && present) turn.notes.push(filterRequested);
  if (present) tellAddresses(config, present, belongings, turn);
  tellNetwork(config, present, belongings, turn);
  if (!present) tellAddresses(config, present, belongings, turn);
  if (filtered && !present) turn.notes.push(filterRequested);
  return turn.epoch;
}

type Named = Pick<InstanceConfig, 'name' | 'excludedAddresses'>;

function tellAddresses({ name, excludedAddresses }: Named, present: boolean, { addresses }: Belongings, turn: Turn): void {
  const excluded = new Set(excludedAddresses);
  for (const part of [addresses.filter((a) => !excluded.has(a)), addresses.filter((a) => excluded.has(a))]) {
    const [first] = part;
    if (first === undefined) continue;
    turn.notes.push({ type: 'addressesRequested', instance: name, present, excluded: excluded.has(first), addresses: part });
  }
}

/** Routes before rules when they come, rules before routes when they go, as keepalived does it. */
function tellNetwork({ name }: Named, present: boolean, { routes, rules }: Belongings, turn: Turn): void {
  const kinds = [
    { kind: 'routes', count: routes.length },
    { kind: 'rules', count: rules.length },
  ] as const;
  for (const { kind, count } of present ? kinds : [...kinds].reverse()) {
    if (count > 0) turn.notes.push({ type: 'networkRequested', instance: name, present, kind, count });
  }
}

/** The kernel did as asked. `held` grows by what was requested. */
export function addressesApplied(instance: Instance): Instance {
  const { addresses } = instance;
  const present = new Set([...addresses.held, ...addresses.requested.addresses].map(identity));
  const held = addresses.present ? allAddresses(instance.config).filter((a) => present.has(identity(a))) : addresses.held;
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

/** Asks once more for what was refused, counting on; or, when nothing was, for what somebody else may have taken away. */
export function retryAddresses(instance: Instance, turn: Turn): Instance {
  const { present, requested, failures, refusal } = instance.addresses;
  const all = allBelongings(instance.config);
  const wanted = failures > 0 ? all : filtered(all, ({ tracked }) => tracked);
  const asked = requestAddresses(instance, present, present ? wanted : requested, turn);
  return { ...asked, addresses: { ...asked.addresses, failures, refusal, retryAt: undefined } };
}

/** A growing wait with jitter, so that what failed together does not come back together. */
export function retryDelay(failures: number, turn: Turn): Micros {
  const { value, seed } = nextRandom(turn.seed);
  turn.seed = seed;
  const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1));
  return micros(wait * (0.75 + value / 2));
}
