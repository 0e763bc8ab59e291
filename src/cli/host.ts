/** What lints may know of this machine. Reads what the kernel shows; whatever cannot be read is not known. */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import { parseAddress } from '../base/address.js';
import type { LintFacts } from '../conf/lints/subject.js';

export function hostLintFacts(): LintFacts {
  const addresses = Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address));
  return { mtuOf, localAddresses: addresses.flatMap((text) => parseAddress(text) ?? []) };
}

function mtuOf(name: string): number | undefined {
  if (name.includes('/')) return undefined;
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'));
  } catch {
    return undefined;
  }
}
