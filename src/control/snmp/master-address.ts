/** Where the AgentX master is: net-snmp's way of writing transports, as snmp_socket and --snmp-agent-socket take it. Pure. */

export type MasterAddress =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tcp' | 'udp'; readonly family: 4 | 6; readonly host: string; readonly port: number };

/** Of Debian's snmpd and of net-snmp itself. */
export const DEFAULT_MASTER = 'unix:/var/agentx/master';

/** keepalived's in a network namespace, where the path above is another master's. */
export const DEFAULT_NAMESPACE_MASTER = 'udp:localhost:705';

/** IANA: agentx. */
const PORT = 705;

const TRANSPORTS: Readonly<Record<string, { readonly transport: 'tcp' | 'udp'; readonly family: 4 | 6 }>> = {
  tcp: { transport: 'tcp', family: 4 },
  tcp6: { transport: 'tcp', family: 6 },
  tcpv6: { transport: 'tcp', family: 6 },
  tcpipv6: { transport: 'tcp', family: 6 },
  udp: { transport: 'udp', family: 4 },
  udp6: { transport: 'udp', family: 6 },
  udpv6: { transport: 'udp', family: 6 },
  udpipv6: { transport: 'udp', family: 6 },
};

/** `unix:PATH`, `PATH`, `tcp:HOST:PORT`, `udp6:[ADDRESS]:PORT`, `HOST:PORT`, `HOST`. Undefined for what is none of them. */
export function parseMasterAddress(text: string): MasterAddress | undefined {
  const [, word = '', rest = ''] = /^([a-z0-9]+):(.*)$/i.exec(text) ?? [];
  const domain = word.toLowerCase();
  if (domain === 'unix' || domain === 'local') return rest === '' ? undefined : { transport: 'unix', path: rest };
  if (text.includes('/')) return { transport: 'unix', path: text };
  const named = TRANSPORTS[domain];
  return named === undefined ? withPort(text, { transport: 'tcp', family: 4 }) : withPort(rest, named);
}

function withPort(text: string, domain: (typeof TRANSPORTS)[string]): MasterAddress | undefined {
  const [, bracketed, plain, number] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = number === undefined ? PORT : Number(number);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { ...domain, host: host === '' ? 'localhost' : host, port };
}
