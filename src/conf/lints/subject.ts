/** What every lint is given: the model, where its parts stand in the text, and what the machine looks like. */

import type { IpAddress } from '../../base/address.js';
import type { Findings } from '../findings.js';
import type { Model } from '../model.js';
import type { Origins } from '../origins.js';

/** What the machine looks like, as far as lints ask; whatever is undefined is not judged. */
export interface LintFacts {
  /** MTU of an interface by name; undefined for one that is not there. */
  readonly mtuOf?: (name: string) => number | undefined;
  /** Addresses the machine has by itself; a service on one of them needs no VRRP. */
  readonly localAddresses?: readonly IpAddress[];
}

/** What a lint is given. */
export interface LintSubject {
  readonly model: Model;
  readonly origins: Origins;
  readonly facts: LintFacts;
  readonly findings: Findings;
}
