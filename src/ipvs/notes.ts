/**
 * What the reconciler finds worth telling an operator, as data. `service` is `IP:tcp:PORT` or `Fwm N` (`Fwm N inet6`),
 * `server` is `IP:PORT`, both as keepalived prints them in command errors.
 */

import type { Op } from './plan.js';

export type IpvsNote =
  /** The kernel has no ip_vs (yet). Told once; looked for every second. */
  | { readonly type: 'ipvsMissing'; readonly code: string }
  | { readonly type: 'ipvsAvailable' }
  /** The first look: what was already there and stays, and how many edits follow. */
  | { readonly type: 'tablesAdopted'; readonly services: number; readonly destinations: number; readonly edits: number }
  /** Reading or writing the tables failed as a whole. Told when it begins or its code changes. */
  | { readonly type: 'lookFailed' | 'applyFailed'; readonly code: string }
  /** One command was refused. Told when it begins or its code changes, not on every retry. */
  | {
      readonly type: 'commandFailed';
      readonly operation: Op['type'];
      readonly service: string;
      readonly server?: string;
      readonly code: string;
      readonly errno: number;
    }
  /** More refusals than were told one by one. */
  | { readonly type: 'commandFailuresUntold'; readonly count: number }
  /** Somebody else changed entries of ours; they are put right. At most ten are named. */
  | { readonly type: 'driftFound'; readonly count: number; readonly named: readonly Drift[] }
  /** Stop: own services are gone, or could not be removed in time. */
  | { readonly type: 'servicesReleased'; readonly count: number }
  | { readonly type: 'releaseFailed'; readonly code: string };

export interface Drift {
  /** What puts it right: `addService` means that the service had disappeared. */
  readonly repair: Op['type'];
  readonly service: string;
  readonly server?: string;
}
