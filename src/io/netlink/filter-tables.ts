/** Whether tables of the packet filter are there: a look, nothing is changed. */

import type { Family } from '../../base/address.js';
import { cstring } from '../../base/attributes.js';
import { KernelError } from '../kernel-error.js';
import { openNetfilter } from './netfilter.js';
import { FLAG } from './netlink-messages.js';
import { message } from './nftables-messages.js';

const GET_TABLE = 1;
const TABLE_NAME = 1;

export interface NamedTable {
  readonly family: Family;
  readonly name: string;
}

/** Those that are not there, in the network namespace of the moment. Throws KernelError when nf_tables cannot be asked. */
export function missingTables(wanted: readonly NamedTable[]): readonly NamedTable[] {
  if (wanted.length === 0) return [];
  const netfilter = openNetfilter();
  try {
    return wanted.filter(({ family, name }) => {
      const attributes = [{ type: TABLE_NAME, value: cstring.encode(name) }];
      const found = netfilter.count(message(GET_TABLE, FLAG.acknowledge, family, attributes, `look for table ${name}`));
      if (!(found instanceof KernelError)) return found === 0;
      if (found.code !== 'ENOENT') throw found;
      return true;
    });
  } finally {
    netfilter.close();
  }
}
