/** How large the receive buffer of an advert socket has to be, so that what arrives while the process sleeps is not lost. */

import type { AdvertBufferPolicy, InstanceConfig } from '../vrrp/config.js';
import { AH_LENGTH } from '../vrrp/wire/authentication-header.js';
import { advertLength } from '../vrrp/wire/packet.js';
import type { AdvertBuffer } from './ports.js';

const IPV4_HEADER = 20;

/** What this instance adds; undefined when nobody has said anything about it. Its own word goes before the policy of all. */
export function bufferOf(instance: InstanceConfig, policy: AdvertBufferPolicy | undefined): AdvertBuffer | undefined {
  const { receiveBuffer: own = 0 } = instance;
  if (own > 0) return { bytes: own, frames: 0 };
  if (policy === undefined) return undefined;
  if ('bytes' in policy) return policy.bytes === 0 ? undefined : { bytes: policy.bytes, frames: 0 };
  if (policy.policy === 'MTU') return { bytes: 0, frames: policy.multiplier };
  return { bytes: policy.multiplier * packetLength(instance), frames: 0 };
}

/** Of all instances on one socket. */
export function bothBuffers(one: AdvertBuffer | undefined, other: AdvertBuffer | undefined): AdvertBuffer | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { bytes: one.bytes + other.bytes, frames: one.frames + other.frames };
}

function packetLength({ version, family, virtualAddresses, authentication }: InstanceConfig): number {
  const header = family === 'ipv4' ? IPV4_HEADER : 0;
  return header + (authentication.type === 'ah' ? AH_LENGTH : 0) + advertLength(version, family, virtualAddresses.length);
}
