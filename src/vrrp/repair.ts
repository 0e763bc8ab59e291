/**
 * Somebody else has taken away an address, a route or a rule that a master holds: an operator by mistake, or a program that
 * thinks the interface is its own. It is put back at once, and the neighbours are told again. Who takes it away again and
 * again means it: then the master leaves its role to another router. keepalived leaves it every time, for one skew.
 */

import { micros, seconds } from '../base/time.js';
import { identity, type Belonging } from './instance/belongings.js';
import type { Allowance, Instance, Turn } from './instance/state.js';

/** Put back so often within the window; once more and the master gives way. */
const MOST_REPAIRS = 5;
const WINDOW = seconds(10);

/**
 * The instance that will ask for everything again in a moment (`retryAt` is now), so that what went in one stroke is put back
 * by one request; or `exhausted` when it has done so too often lately.
 */
export function putBack(instance: Instance, lost: Belonging, turn: Turn): Instance | 'exhausted' {
  const { addresses } = instance;
  const gone = identity(lost);
  const held = addresses.held.filter((address) => identity(address) !== gone);
  const isUnderWay = addresses.retryAt !== undefined && addresses.retryAt <= turn.now;
  const repairs = isUnderWay ? instance.repairs : useRepair(instance, turn);
  if (repairs !== undefined) return { ...instance, repairs, addresses: { ...addresses, held, retryAt: turn.now } };
  turn.notes.push({ type: 'repairsGivenUp', instance: instance.config.name, times: MOST_REPAIRS, span: WINDOW });
  return 'exhausted';
}

function useRepair({ repairs }: Instance, turn: Turn): Allowance | undefined {
  if (turn.now >= repairs.windowEndsAt) return { windowEndsAt: micros(turn.now + WINDOW), used: 1 };
  if (repairs.used >= MOST_REPAIRS) return undefined;
  return { windowEndsAt: repairs.windowEndsAt, used: repairs.used + 1 };
}
