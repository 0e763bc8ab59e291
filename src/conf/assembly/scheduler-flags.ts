/** The flag bits of a service, with the rules which scheduler and protocol each needs. */

import type { Protocol, SERVICE_FLAGS } from '../../ipvs/tables.js';
import { heldAt, historyOf } from '../keywords/schema.js';
import type { Values } from '../keywords/schema.js';
import type { virtualServer } from '../keywords/virtual-server.js';
import type { Build } from './context.js';

type ServiceValues = Values<(typeof virtualServer)['keywords']>;

/** linux/ip_vs.h; the type holds these numbers to those of the ipvs room. */
export const BITS: typeof SERVICE_FLAGS = { onePacket: 0x4, scheduler1: 0x8, scheduler2: 0x10, scheduler3: 0x20 };

/** keepalived's words for scheduler flags 1 to 3; those with a scheduler need it set before them. */
const NAMED_FLAGS = [
  { name: 'flag-1', bit: 'scheduler1' },
  { name: 'flag-2', bit: 'scheduler2' },
  { name: 'flag-3', bit: 'scheduler3' },
  { name: 'sh-fallback', bit: 'scheduler1', scheduler: 'sh' },
  { name: 'sh-port', bit: 'scheduler2', scheduler: 'sh' },
  { name: 'mh-fallback', bit: 'scheduler1', scheduler: 'mh' },
  { name: 'mh-port', bit: 'scheduler2', scheduler: 'mh' },
] as const;

const HASHING: ReadonlySet<string> = new Set(['sh', 'mh']);

/** Bits of SERVICE_FLAGS. `protocol` is undefined for firewall marks. */
export function schedulerFlags(build: Build, name: string, values: ServiceValues, protocol: Protocol | undefined): number {
  let flags = 0;
  const algorithms = historyOf(values.lb_algo);
  for (const rule of NAMED_FLAGS) {
    for (const located of historyOf(values[rule.name])) {
      const algorithm = heldAt(algorithms, located.order)?.value;
      if (!('scheduler' in rule) || algorithm === rule.scheduler) {
        flags |= BITS[rule.bit];
        continue;
      }
      // keepalived takes the flags of the other hashing scheduler without a word.
      const kind = algorithm !== undefined && HASHING.has(algorithm) ? 'uselessLine' : 'schedulerFlag';
      const message = `${name}: ${rule.name} needs lb_algo ${rule.scheduler} before it; it is ignored`;
      build.findings.report(kind, located.at, message, `write: lb_algo ${rule.scheduler} above it`);
    }
  }
  if (values.ops === undefined) return flags;
  if ((protocol === undefined || protocol === 'udp') && hasFullNat(values)) {
    build.findings.report(
      'onePacketTranslated',
      values.ops.at,
      `${name}: with FULLNAT no answer to a one-packet connection finds its way back; ops is ignored`,
      'remove the line, or write lb_kind DR or TUN',
    );
    return flags;
  }
  if (protocol === undefined || protocol === 'udp') return flags | BITS.onePacket;
  build.findings.report(
    'schedulerFlag',
    values.ops.at,
    `${name}: ops works with UDP only; it is ignored`,
    'remove the line',
  );
  return flags;
}

/** FULLNAT rests on connection tracking, which the kernel leaves alone for one-packet connections (net/netfilter/ipvs/ip_vs_nfct.c). */
function hasFullNat({ lb_kind: common, real_server: servers, sorry_server: sorry, sorry_server_lvs_method: sorryMethod }: ServiceValues): boolean {
  const methods = servers.map(({ value }) => (value.values.lvs_method ?? common)?.value);
  const all = sorry === undefined ? methods : [...methods, (sorryMethod ?? common)?.value];
  return all.some((forwarding) => forwarding?.fullNat === true);
}
