/** Addresses written as text in tests. */

import { parseAddress, parseCidr } from '../../src/base/address.js';
import type { Cidr, IpAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';

export function address(text: string): IpAddress {
  return present(parseAddress(text), `${text} is no address`);
}

/** Without a prefix length: that of a single address. */
export function cidr(text: string): Cidr {
  return present(parseCidr(text), `${text} is no address`);
}
