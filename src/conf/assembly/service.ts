/** What the words behind virtual_server name: an address and port, a firewall mark, or a group. */

import { parseAddress } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import type { Word } from '../cst.js';
import { quote, readInteger, readPort } from '../keywords/arguments.js';
import { UINT32 } from '../keywords/kinds.js';
import type { Build } from './context.js';

/** The words after `virtual_server`. */
export type ServiceHeader =
  | { readonly kind: 'address'; readonly at: Word; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'fwmark'; readonly at: Word; readonly fwmark: number }
  | { readonly kind: 'group'; readonly at: Word; readonly group: string };

/** Undefined when it cannot be used: keepalived skips the whole block. */
export function readServiceHeader(build: Build, words: readonly Word[]): ServiceHeader | undefined {
  const { findings } = build;
  const [keyword, first, second, extra] = words;
  if (first === undefined) {
    if (keyword !== undefined) {
      findings.report(
        'missingParameter',
        keyword,
        'virtual_server needs an address, fwmark or group',
        'write: virtual_server ADDRESS PORT {',
      );
    }
    return undefined;
  }
  if (extra !== undefined) findings.report('extraWords', extra, `${quote(extra.text)} has no effect here`);
  if (first.text === 'fwmark' || first.text === 'group') {
    if (second === undefined) {
      findings.report('missingParameter', first, `${first.text} needs a ${first.text === 'group' ? 'name' : 'number'}`);
      return undefined;
    }
    if (first.text === 'group') return { kind: 'group', at: second, group: second.text };
    const fwmark = readInteger(second, 'fwmark', { min: 1, max: UINT32 }, findings);
    return fwmark === undefined ? undefined : { kind: 'fwmark', at: second, fwmark };
  }
  // keepalived looks at no more than the address, even where a range or a prefix length follows it.
  const [plain = '', tail] = first.text.split(/[-/].*/s, 2);
  const address = parseAddress(plain);
  if (address !== undefined && tail !== undefined) {
    findings.report('extraWords', first, `${quote(first.text)}: only ${address} is served`, 'several addresses need a virtual_server_group');
  }
  if (address === undefined) {
    findings.report(
      'badAddress',
      first,
      `virtual_server: ${quote(first.text)} is not an IP address; the block is skipped`,
      'write it like 192.0.2.1 or 2001:db8::1',
    );
    return undefined;
  }
  const port = second === undefined || second.text === '0' ? 0 : readPort(second, 'virtual_server', findings);
  return port === undefined ? undefined : { kind: 'address', at: first, address, port };
}
