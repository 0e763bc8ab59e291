/**
 * Adverts as they go out: the message, an authentication header before it or a signature behind it, once for every
 * destination. What the machine does not know is kept here: packets and signatures are counted, and signed by the clock.
 */

import type { Micros } from '../base/time.js';
import type { HmacConfig } from '../vrrp/config/authentication.js';
import { encodeHeadered } from '../vrrp/wire/authentication-header.js';
import type { DirectorEffect } from '../vrrp/events.js';
import { sequenceToSign } from '../vrrp/wire/freshness.js';
import { encodeAdvert, type Advert, type AdvertPath } from '../vrrp/wire/packet.js';
import type { Sequence } from '../vrrp/wire/signature.js';
import { signWith, withSignature } from '../vrrp/wire/signed-advert.js';
import type { AdvertDatagram, VrrpPorts } from './ports.js';

export type SendAdvert = Extract<DirectorEffect, { readonly type: 'sendAdvert' }>;

/** One datagram for each destination, in order. */
export type AdvertEncoder = (effect: SendAdvert) => readonly AdvertDatagram[];

export function createAdvertEncoder({ clock, wallClock }: Pick<VrrpPorts, 'clock' | 'wallClock'>): AdvertEncoder {
  const messages = createMessageCache();
  const sign = createSigner(({ antiReplay }) => (antiReplay === 'time' ? wallClock() : clock.now()));
  const identify = createIdentifier();
  return (effect) => {
    const { source, hopLimit, protection, unicast, instance } = effect;
    switch (protection.type) {
      case 'none':
        return effect.destinations.map((destination) => ({ source, destination, hopLimit, payload: messages(effect, destination) }));
      case 'header':
        return effect.destinations.map((destination) => {
          const identification = identify(instance);
          const path = { source, destination, hopLimit, unicast, identification };
          const payload = encodeHeadered(messages(effect, destination), protection.password, protection.sequence, path);
          return { source, destination, hopLimit, payload, identification };
        });
      case 'signature': {
        const signature = sign(effect, protection.hmac, messages(effect, effect.destinations[0] ?? source));
        return effect.destinations.map((destination) => {
          const payload = withSignature(messages(effect, destination), signature, pathOf(effect, destination), effect.advert.version);
          return { source, destination, hopLimit, payload };
        });
      }
    }
  };
}

function pathOf({ family, source }: SendAdvert, destination: AdvertPath['destination']): AdvertPath {
  return { family, source, destination };
}

/** A master repeats the same advert for hours: the director hands out the same object, so its bytes are made once. */
function createMessageCache(): (effect: SendAdvert, destination: AdvertPath['destination']) => Uint8Array {
  const made = new WeakMap<Advert, { readonly source: AdvertPath['source']; readonly messages: Map<string, Uint8Array> }>();
  return (effect, destination) => {
    const { advert, source, checksum } = effect;
    let known = made.get(advert);
    if (known?.source !== source) {
      known = { source, messages: new Map() };
      made.set(advert, known);
    }
    const key = `${checksum} ${destination}`;
    const message = known.messages.get(key) ?? encodeAdvert(advert, pathOf(effect, destination), checksum);
    known.messages.set(key, message);
    return message;
  };
}

function createSigner(clockOf: (hmac: HmacConfig) => Micros): (effect: SendAdvert, hmac: HmacConfig, message: Uint8Array) => Uint8Array {
  const last = new Map<string, Sequence>();
  return ({ instance, family, source }, hmac, message) => {
    const sequence = sequenceToSign(hmac, last.get(instance), clockOf(hmac));
    last.set(instance, sequence);
    return signWith(hmac, sequence, { family, source, message });
  };
}

/** 1-65535; an identification of 0 would be replaced by the kernel. */
function createIdentifier(): (instance: string) => number {
  const last = new Map<string, number>();
  return (instance) => {
    const next = ((last.get(instance) ?? 0) % 0xffff) + 1;
    last.set(instance, next);
    return next;
  };
}
