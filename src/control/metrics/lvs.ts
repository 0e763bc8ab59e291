/** holdfast's own metrics of virtual servers, real servers and their checks. */

import type { CheckStatus, LvsStatus, RealServerStatus, Status, VirtualServerStatus } from '../status.js';
import { flag, timestamp, type MetricFamily, type Sample } from './family.js';

export const LVS_FAMILIES: readonly MetricFamily[] = [
  ofKernel('holdfast_ipvs_known', 'gauge', "1 while the kernel's tables are known and followed.", ({ known }) => flag(known)),
  ofKernel('holdfast_ipvs_own_services', 'gauge', "Services of ours in the kernel's tables.", ({ ownServices }) => ownServices),
  ofKernel('holdfast_ipvs_repairs_total', 'counter', 'Entries that somebody else changed and that were put right.', ({ repairs }) => repairs),
  ofKernel('holdfast_ipvs_refused_commands', 'gauge', 'Commands that the kernel refuses now.', ({ refusedCommands }) => refusedCommands),
  ofVirtualServer('holdfast_virtual_server_up', '1 with quorum.', ({ state }) => flag(state === 'up')),
  ofVirtualServer('holdfast_virtual_server_last_change_timestamp_seconds', 'Last change of the quorum.', ({ since }) => timestamp(since)),
  ofVirtualServer('holdfast_virtual_server_quorum', 'Weight that must be alive.', ({ quorum }) => quorum),
  ofVirtualServer('holdfast_virtual_server_alive_weight', 'Weight that is alive.', ({ aliveWeight }) => aliveWeight),
  ofVirtualServer('holdfast_virtual_server_sorry_server_active', '1 while the sorry server serves.', ({ sorryServer }) =>
    flag(sorryServer?.active === true),
  ),
  ofRealServer('holdfast_real_server_up', '1 unless its checks say it is down.', ({ state }) => flag(state !== 'down')),
  {
    name: 'holdfast_real_server_by_hand',
    help: 'Always 1: the word of an operator that holds beside the file.',
    type: 'gauge',
    labels: ['virtual_server', 'real_server', 'action'],
    samples: (status) =>
      virtualServers(status).flatMap(({ name, realServers }) =>
        realServers.flatMap((real) => (real.byHand === undefined ? [] : [{ labels: [name, real.name, real.byHand], value: 1 }])),
      ),
  },
  ofRealServer('holdfast_real_server_last_change_timestamp_seconds', 'Last change between up and down.', ({ since }) => timestamp(since)),
  ofRealServer('holdfast_real_server_weight_configured', 'Weight in the file.', ({ weight }) => weight.configured),
  ofRealServer('holdfast_real_server_weight_effective', 'Weight it should have now.', ({ weight }) => weight.effective),
  ofRealServer('holdfast_real_server_weight_kernel', "Weight in the kernel's tables; absent where it is not there.", ({ weight }) => weight.kernel),
  ofCheck('holdfast_check_up', '1 unless the check has failed for good.', ({ up }) => flag(up)),
  ofCheck('holdfast_check_latency_seconds', 'Time the last answer took.', ({ latencyMilliseconds: latency }) =>
    latency === undefined ? undefined : latency / 1_000,
  ),
  ofCheck('holdfast_check_answered_timestamp_seconds', 'When the last answer came.', ({ answeredAt }) =>
    answeredAt === undefined ? undefined : timestamp(answeredAt),
  ),
  ofCheck('holdfast_check_certificate_days', "Days that the server's certificate is still valid, negative when it no longer is; of checks over TLS.", ({ certificateDays }) => certificateDays),
  ofCheck('holdfast_check_retries_used', 'Failures in a row while it still counts as up.', ({ retriesUsed }) => retriesUsed),
];

type Value = number | undefined;

function ofKernel(name: string, type: MetricFamily['type'], help: string, value: (kernel: LvsStatus['kernel']) => number): MetricFamily {
  return { name, help, type, labels: [], samples: ({ lvs }) => (lvs === undefined ? [] : [{ labels: [], value: value(lvs.kernel) }]) };
}

function ofVirtualServer(name: string, help: string, value: (server: VirtualServerStatus) => number): MetricFamily {
  const samples = (status: Status): readonly Sample[] =>
    virtualServers(status).map((server) => ({ labels: [server.name], value: value(server) }));
  return { name, help, type: 'gauge', labels: ['virtual_server'], samples };
}

function ofRealServer(name: string, help: string, value: (server: RealServerStatus) => Value): MetricFamily {
  const samples = (status: Status): readonly Sample[] =>
    virtualServers(status).flatMap((virtual) => virtual.realServers.flatMap((real) => sample([virtual.name, real.name], value(real))));
  return { name, help, type: 'gauge', labels: ['virtual_server', 'real_server'], samples };
}

function ofCheck(name: string, help: string, value: (check: CheckStatus) => Value): MetricFamily {
  const samples = (status: Status): readonly Sample[] =>
    virtualServers(status).flatMap((virtual) =>
      virtual.realServers.flatMap((real) =>
        namedChecks(real).flatMap(({ name: checkName, check }) => sample([virtual.name, real.name, checkName], value(check))),
      ),
    );
  return { name, help, type: 'gauge', labels: ['virtual_server', 'real_server', 'check'], samples };
}

function virtualServers({ lvs }: Status): readonly VirtualServerStatus[] {
  return lvs?.virtualServers ?? [];
}

/** Each with a name of its own: the second HTTP_GET of a server is `HTTP_GET 2`. */
function namedChecks({ checks }: RealServerStatus): readonly { readonly name: string; readonly check: CheckStatus }[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const count = (seen.get(check.check) ?? 0) + 1;
    seen.set(check.check, count);
    return { name: count === 1 ? check.check : `${check.check} ${count}`, check };
  });
}

function sample(labels: readonly string[], value: Value): readonly Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}
