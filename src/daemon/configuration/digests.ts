/** What two directors must share of their configurations, as short digests: equal texts mean that they agree. No secret is in them. */

import { createHash } from 'node:crypto';

import type { Model } from '../../conf/model.js';
import { SECRET_FIELDS } from '../../conf/sealing.js';
import type { ConfigurationDigests } from '../../control/feed.js';
import { allAddresses } from '../../vrrp/instance/belongings.js';

/** Hexadecimal digits; nobody forges them, they only tell apart. */
const LENGTH = 16;

const known = new WeakMap<Model, ConfigurationDigests>();

/** Made once for each configuration. */
export function digestsOf(model: Model): ConfigurationDigests {
  const before = known.get(model);
  if (before !== undefined) return before;
  const digests = { vrrp: digest(shared(model.director)), lvs: digest(model.pool.virtualServers) };
  known.set(model, digests);
  return digests;
}

/** Names, priorities, interfaces and peers are each director's own. */
function shared({ instances, groups }: Model['director']): unknown {
  const keyOf = new Map(instances.map(({ name, family, virtualRouterId }) => [name, `${family} ${virtualRouterId}`]));
  return {
    instances: instances
      .map((instance) => ({
        family: instance.family,
        virtualRouterId: instance.virtualRouterId,
        version: instance.version,
        advertInterval: instance.advertInterval,
        authentication: instance.authentication.type,
        signed: instance.hmac !== undefined,
        addresses: allAddresses(instance).map(({ address, prefixLength }) => `${address}/${prefixLength}`),
      }))
      .sort((a, b) => a.virtualRouterId - b.virtualRouterId || (a.family < b.family ? -1 : 1)),
    groups: groups.map(({ members }) => members.map((name) => keyOf.get(name) ?? name).sort()).sort(),
  };
}

function digest(value: unknown): string {
  const text = JSON.stringify(value, (name, field: unknown) => (SECRET_FIELDS.has(name) ? undefined : field));
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}
