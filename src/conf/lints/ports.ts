/** DR and TUN cannot change a port: where the file seems to count on it, connections arrive somewhere else. */

import type { RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { LintSubject } from './subject.js';
import { placeOfBlock } from '../origins.js';

export function lintPorts({ model, origins, findings }: LintSubject): void {
  for (const service of model.pool.virtualServers) {
    const ports = portsOf(service);
    for (const server of service.realServers) {
      const block = origins.realServers.get(server);
      if (server.method === 'nat' || block === undefined) continue;
      const kind = server.method === 'direct' ? 'DR' : 'TUN';
      const other = server.port === 0 ? undefined : ports.find((port) => port !== 0 && port !== server.port);
      if (other !== undefined) {
        const message = `${service.name}: by ${kind} connections to port ${other} arrive at port ${other} of ${server.address}, not at ${server.port}`;
        findings.report('untranslatedPort', block.at, message, 'write a virtual_server of its own for each port, or lb_kind NAT');
      }
      const asked = checkedPort(server, ports);
      const checker = asked === undefined ? undefined : origins.checkers.get(asked.checker);
      if (asked === undefined || checker === undefined || checker.value.values['connect_port'] !== undefined) continue;
      const message = `${service.name}: by ${kind} connections arrive at port ${ports.join(' or ')} of ${server.address}, but the check asks port ${asked.port}`;
      findings.report('untranslatedPort', placeOfBlock(checker), message, 'write the same port, or connect_port if it is meant');
    }
  }
}

/** The ports that clients of the service use; none for firewall marks. */
function portsOf({ services }: VirtualServerConfig): readonly number[] {
  return [...new Set(services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.port] : [])))];
}

function checkedPort(
  server: RealServerConfig,
  ports: readonly number[],
): { readonly checker: RealServerConfig['checkers'][number]; readonly port: number } | undefined {
  if (ports.length === 0 || ports.includes(0)) return undefined;
  for (const checker of server.checkers) {
    if (!('connection' in checker.check)) continue;
    const { port } = checker.check.connection;
    if (!ports.includes(port)) return { checker, port };
  }
  return undefined;
}
