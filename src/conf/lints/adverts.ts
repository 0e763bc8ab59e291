/** Adverts: how soon a silent master is replaced, whether they fit into a packet, and what their password is worth. */

import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { LintSubject } from './subject.js';
import { placeOfValue } from '../origins.js';
import { inSeconds } from './detection-time.js';

/** The figure an operator plans with, and the interval that version 2 has silently made longer. */
export function lintTakeoverTime({ model, origins, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    if (block === undefined) continue;
    const time = inSeconds(takeoverTime(instance, instance.advertInterval));
    const asked = block.value.values.advert_int;
    if (instance.version === 2 && asked !== undefined && asked.value < 1_000_000) {
      findings.report(
        'intervalBelowSecond',
        asked.at,
        `(${instance.name}) version 2 cannot say ${inSeconds(asked.value)}: adverts come every second, and a silent master ` +
          `is replaced after ${time} instead of ${inSeconds(takeoverTime({ ...instance, version: 3 }, asked.value))}`,
        'write version 3 on both directors',
      );
    }
    const message = `(${instance.name}) as backup it takes over ${time} after the last advert of a master with the same interval`;
    findings.report('takeoverTime', block.at, message);
  }
}

/** RFC 3768 6.1 and RFC 5798 6.1: so many intervals and the skew. */
export function takeoverTime(instance: Pick<InstanceConfig, 'version' | 'priority' | 'downTimerAdverts'>, interval: Micros): Micros {
  const { version, priority, downTimerAdverts } = instance;
  const skew =
    version === 2
      ? Math.floor(((256 - priority) * 1_000_000) / 256)
      : Math.floor(((256 - priority) * Math.floor(interval / 10_000) * 625) / 16);
  return micros(downTimerAdverts * interval + skew);
}

/** An Ethernet's, where nothing is known of the interface. */
const USUAL_MTU = 1_500;

/** An advert that is larger than the link allows is cut into fragments or not sent at all. */
export function lintAdvertSize({ model, origins, facts, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    const size = advertSize(instance);
    const mtu = facts.mtuOf?.(instance.interface) ?? USUAL_MTU;
    if (block === undefined || size <= mtu) continue;
    findings.report(
      'advertTooLong',
      placeOfValue(block, 'virtual_ipaddress'),
      `(${instance.name}) with ${instance.virtualAddresses.length} addresses an advert has ${size} bytes; ` +
        `${instance.interface} carries ${mtu}`,
      'move addresses to virtual_ipaddress_excluded on both directors',
    );
  }
}

/** Bytes of the IP packet. */
function advertSize({ family, version, authentication, hmac, virtualAddresses }: InstanceConfig): number {
  const [header, address] = family === 'ipv4' ? [20, 4] : [40, 16];
  const password = version === 2 ? 8 : 0;
  const trailers = (authentication.type === 'ah' ? 24 : 0) + (hmac === undefined ? 0 : 28);
  return header + 8 + virtualAddresses.length * address + password + trailers;
}

/** Whoever can send an advert onto the link has read the password in the one before. */
export function lintAuthentication({ model, origins, findings }: LintSubject): void {
  for (const instance of model.director.instances) {
    const block = origins.instances.get(instance);
    if (block === undefined || instance.authentication.type !== 'pass') continue;
    findings.report(
      'weakAuthentication',
      placeOfValue(block, 'authentication'),
      `(${instance.name}) auth_type PASS protects nothing: every advert shows the password to the whole link`,
      'take it as a guard against mistakes, not against attackers',
    );
  }
}
