/** What the kernel's schedulers and connection tables make of a pool: settings that leave clients without a server. */

import type { RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import { isPinned } from '../assembly/flow-expiry.js';
import type { SourcePosition } from '../../base/source.js';
import type { LintSubject } from './subject.js';
import type { Origins } from '../origins.js';
import { placeOfValue } from '../origins.js';

/** linux/ip_vs.h IP_VS_SVC_F_SCHED_MH_FALLBACK. */
const MH_FALLBACK = 0x8;
/** net/netfilter/ipvs/ip_vs_proto_udp.c, seconds. */
const KERNEL_UDP_TIMEOUT = 300;

/** mh keeps a server of weight 0 in its table: whoever is hashed to it is refused, unless it may fall back to another. */
export function lintMaglev({ model, origins, findings }: LintSubject): void {
  for (const service of model.pool.virtualServers) {
    const [kernel] = service.services;
    if (kernel?.scheduler !== 'mh' || (kernel.flags & MH_FALLBACK) !== 0) continue;
    const server = service.realServers.find(({ weight, inhibitOnFailure }) => weight === 0 || inhibitOnFailure);
    const at = server === undefined ? undefined : placeOfInhibit(origins, service, server);
    if (server === undefined || at === undefined) continue;
    const when = server.weight === 0 ? 'with weight 0' : 'that inhibit_on_failure sets to weight 0';
    const message = `${service.name}: mh refuses the clients that belong to a server ${when}, such as ${server.address}`;
    findings.report('maglevWithoutFallback', at, message, 'write mh-fallback below lb_algo');
  }
}

/** With persistence a quiesced server goes on getting its clients' new connections until their time is over. */
export function lintPersistence({ model, origins, findings }: LintSubject): void {
  for (const service of model.pool.virtualServers) {
    const seconds = service.services[0]?.persistenceTimeout ?? 0;
    const server = service.realServers.find(({ inhibitOnFailure }) => inhibitOnFailure);
    const at = server === undefined ? undefined : placeOfInhibit(origins, service, server);
    if (seconds === 0 || at === undefined) continue;
    findings.report(
      'persistentToDead',
      at,
      `${service.name}: a failed server stays with weight 0, and persistence sends its clients there for up to ${seconds} s more`,
      'remove inhibit_on_failure, or set the sysctl net.ipv4.vs.expire_quiescent_template to 1',
    );
  }
}

/** A client that goes on sending from one port is not heard until the kernel has forgotten its flow. */
export function lintDatagrams({ model, origins, findings }: LintSubject): void {
  if (model.pool.expireFlows === true) return;
  for (const service of model.pool.virtualServers) {
    const block = origins.virtualServers.get(service);
    if (block === undefined || !service.services.some(isPinned) || !service.realServers.some(({ checkers }) => checkers.length > 0)) continue;
    const seconds = model.pool.timeouts?.udp ?? KERNEL_UDP_TIMEOUT;
    findings.report(
      'datagramsToDead',
      placeOfValue(block, 'protocol'),
      `${service.name}: a flow of datagrams whose server fails is lost for up to ${seconds} s`,
      'write lvs_expire_nodest_conn into global_defs, which also ends TCP connections to servers that are out, or shorten lvs_timeouts udp',
    );
  }
}

function placeOfInhibit(origins: Origins, service: VirtualServerConfig, server: RealServerConfig): SourcePosition | undefined {
  const own = origins.realServers.get(server);
  const parent = origins.virtualServers.get(service);
  if (own === undefined || parent === undefined) return undefined;
  if (server.weight === 0) return placeOfValue(own, 'weight');
  return own.value.values.inhibit_on_failure?.at ?? placeOfValue(parent, 'inhibit_on_failure');
}

/** The kernel refuses a server whose lower threshold is above the upper one (net/netfilter/ipvs/ip_vs_ctl.c): ERANGE. */
export function lintThresholds({ model, origins, findings }: LintSubject): void {
  for (const { name, realServers } of model.pool.virtualServers) {
    for (const server of realServers) {
      const block = origins.realServers.get(server);
      if (server.lowerThreshold <= server.upperThreshold || block === undefined) continue;
      findings.report(
        'thresholdsSwapped',
        placeOfValue(block, 'lthreshold'),
        `${name}: the kernel refuses ${server.address}: lthreshold ${server.lowerThreshold} is above ` +
          `uthreshold ${server.upperThreshold}`,
        'write an uthreshold above it, or no lthreshold',
      );
    }
  }
}

/** Once lost (and at the start it is lost), such a quorum never comes back. */
export function lintQuorum({ model, origins, findings }: LintSubject): void {
  for (const service of model.pool.virtualServers) {
    const block = origins.virtualServers.get(service);
    const { name, quorum, hysteresis, realServers } = service;
    const total = realServers.reduce((sum, { weight }) => sum + weight, 0);
    if (block === undefined || quorum + hysteresis <= total || realServers.some(changesWeight)) continue;
    findings.report(
      'quorumUnreachable',
      placeOfValue(block, 'hysteresis', 'quorum'),
      `${name}: the quorum is gained with a weight of ${quorum} + ${hysteresis}, but all servers together have ${total}: ` +
        'it counts as lost for ever',
      'lower the hysteresis',
    );
  }
}

/** Its weight is set by what a check finds. */
function changesWeight({ followers = [], checkers }: RealServerConfig): boolean {
  return followers.length > 0 || checkers.some(({ check }) => check.type === 'MISC_CHECK' && check.dynamic);
}
