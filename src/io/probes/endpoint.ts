/** Connection options as the kernel wants them: socket addresses and a device name, laid out once per probe. */

import type { IpAddress } from '../../base/address.js';
import { familyOf } from '../../base/address.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import { cString } from '../host-bytes.js';
import { AF, sockaddrIn, sockaddrIn6 } from '../sockets/sockaddr.js';

/** What the addon's TCP functions take; `null` stands for "not given". */
export interface Endpoint {
  readonly family: number;
  readonly destination: Uint8Array;
  readonly source: Uint8Array | null;
  /** SO_MARK; 0 = none. */
  readonly mark: number;
  /** Interface name with its terminating NUL. */
  readonly device: Uint8Array | null;
}

export function endpointOf(connection: ConnectionOptions): Endpoint {
  const { address, port, bindAddress, bindPort = 0, bindInterface, fwmark } = connection;
  const source = bindAddress ?? (bindPort === 0 ? undefined : anyAddress(address));
  return {
    family: familyOf(address) === 'ipv4' ? AF.inet : AF.inet6,
    destination: socketAddress(address, port),
    source: source === undefined ? null : socketAddress(source, bindPort),
    mark: fwmark,
    device: bindInterface === undefined ? null : cString(bindInterface),
  };
}

function anyAddress(like: IpAddress): IpAddress {
  return (familyOf(like) === 'ipv4' ? '0.0.0.0' : '::') as IpAddress;
}

/** The scope of a link-local address is the device the socket is bound to. */
function socketAddress(address: IpAddress, port: number): Uint8Array {
  return familyOf(address) === 'ipv4' ? sockaddrIn(address, port) : sockaddrIn6(address, port);
}
