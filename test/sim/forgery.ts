/**
 * Packets that must be refused, from a stranger: each is right in everything but one thing that the router asks for, a
 * password, a signature, a peer's address, or that it comes from this network.
 */

import { micros } from '../../src/base/time.js';
import { encodeHeadered } from '../../src/vrrp/wire/authentication-header.js';
import type { Advert } from '../../src/vrrp/wire/packet.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';
import { address } from '../support/address.js';
import { STRANGER } from './advert-event.js';
import { sourceAddress } from './cluster-config.js';
import type { RouterPlan } from './cluster-config.js';
import type { Cluster } from './cluster.js';

/** What fits into an advert of version 3. */
const WIDEST_INTERVAL = 40_950_000;

export function forge(cluster: Cluster, router: RouterPlan): void {
  const { world, lan, plan } = cluster;
  const { segment, family, version, authentication, hasPeers, hmac } = router;
  const source = STRANGER[family];
  const group = address(family === 'ipv4' ? '224.0.0.18' : 'ff02::12');
  const destination = hasPeers ? sourceAddress(world.pick(plan.hosts), family) : group;
  const wrongVersion = family === 'ipv4' && world.chance(0.2);
  const asVersion2 = (version === 2) !== wrongVersion;
  const advert = adverts(router, world.pick([0, 1, 254, 255]), asVersion2);
  // Peers have no hop limit to prove anything; what is not signed, or not with the password, is refused from next door too.
  const isRefusedAnyway = hasPeers || wrongVersion || version === 2 || hmac?.mode === 'enforce';
  const path = { family, source, destination, hopLimit: isRefusedAnyway ? 255 : 254, unicast: hasPeers, identification: 1 };
  const message = encodeAdvert(advert, path);
  const headered = authentication.type === 'ah' && asVersion2;
  const payload = headered ? encodeHeadered(message, 'guessed1', 4_000_000_000, path) : message;
  lan.send('stranger', { segment, ...path, protocol: headered ? 'ah' : 'vrrp', payload });
}

function adverts(router: RouterPlan, priority: number, asVersion2: boolean): Advert {
  const { virtualRouterId, advertInterval, authentication, hmac } = router;
  const addresses = router.virtualAddresses.map((virtual) => virtual.address);
  const common = { virtualRouterId, priority, addresses, advertInterval };
  if (!asVersion2) return { ...common, advertInterval: micros(Math.min(advertInterval, WIDEST_INTERVAL)), version: 3 };
  // Where only the signature is missing nothing else may be wrong.
  const right = hmac?.mode === 'enforce' && authentication.type === 'none';
  const guess = right ? { authenticationType: 0, data: 0 } : authentication.type === 'ah' ? { authenticationType: 2, data: 0 } : { authenticationType: 1, data: 0x78 };
  return { ...common, version: 2, authenticationType: guess.authenticationType, authenticationData: new Uint8Array(8).fill(guess.data) };
}
