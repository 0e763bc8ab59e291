/** What lies around the host: neighbours that answer for its addresses, its clock, the size of its packets, its open files. */

import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import type { LinkMonitor } from '../../io/netlink/links.js';
import { runTool } from '../../io/processes/tool.js';
import { probeAddresses } from '../../io/sockets/address-probe.js';
import type { HostFinding } from './finding.js';
import type { Needs } from './needs.js';

/** Asks the link; takes about a second when there are IPv4 addresses. Throws KernelError. */
export async function examineNeighbours({ virtualAddresses }: Needs, links: LinkMonitor): Promise<readonly HostFinding[]> {
  const own = networkInterfaces();
  const claims = await probeAddresses(links, virtualAddresses);
  const addresses = [...new Set(claims.map(({ address }) => address))];
  return addresses.flatMap((address): readonly HostFinding[] => {
    const answers = claims.filter((claim) => claim.address === address);
    const [first] = answers;
    if (first === undefined) return [];
    const name = first.interface;
    const macs = answers.map(({ mac }) => mac).sort();
    const here = own[name]?.some((one) => one.address === address) === true;
    const fix = `find out whose that is: ip neighbour show; tcpdump -eni ${name} arp host ${address}`;
    if (macs.length > 1) return [{ id: 'address-answered-twice', severity: 'error', message: `${macs.join(' and ')} both answer for ${address} on ${name}`, fix }];
    if (here) return [{ id: 'address-conflict', severity: 'error', message: `${address} is on ${name} here, and ${macs[0] ?? ''} answers for it too`, fix }];
    return [{ id: 'address-answered', severity: 'info', message: `${macs[0] ?? ''} answers for ${address} on ${name}: the other director, if it is master now; a real server with the address, if its ARP settings are wrong` }];
  });
}

export function examineLimits(needs: Needs, links: LinkMonitor, supervisor: number | undefined): readonly HostFinding[] {
  return [...clock(needs), ...packetSizes(needs, links), ...openFiles(needs, supervisor)];
}

function clock({ signedByClock }: Needs): readonly HostFinding[] {
  if (signedByClock.length === 0 || isClockKept()) return [];
  return [
    {
      id: 'clock-not-kept',
      severity: 'warning',
      message: `auth_hmac of ${signedByClock.join(', ')} compares clocks, and nothing is seen to keep this one: adverts are refused once the directors differ by more than the window`,
      fix: 'timedatectl set-ntp true',
      permanent: 'install chrony or systemd-timesyncd',
    },
  ];
}

/** systemd-timesyncd leaves a file; others tell the kernel, which timedatectl asks. */
function isClockKept(): boolean {
  if (existsSync('/run/systemd/timesync/synchronized')) return true;
  return runTool('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']).output.trim() === 'yes';
}

/** Bytes that IPIP adds, IPv4. */
const TUNNEL_OVERHEAD = 20;
const ETHERNET_MTU = 1_500;

function packetSizes({ methods, interfaces }: Needs, links: LinkMonitor): readonly HostFinding[] {
  if (!methods.has('tunnel')) return [];
  return interfaces.flatMap((name): readonly HostFinding[] => {
    const mtu = mtuOf(name);
    if (links.find(name) === undefined || mtu === undefined || mtu > ETHERNET_MTU + TUNNEL_OVERHEAD) return [];
    return [
      {
        id: 'tunnel-mtu',
        severity: 'info',
        message: `real servers by tunnel, and ${name} carries ${mtu} bytes: clients' packets of more than ${mtu - TUNNEL_OVERHEAD} are answered with "fragmentation needed", which many clients never hear`,
        fix: `ip link set ${name} mtu ${ETHERNET_MTU + 2 * TUNNEL_OVERHEAD} where the switches allow it, or let real servers announce a smaller segment: ip route change default ... advmss ${mtu - 2 * TUNNEL_OVERHEAD - TUNNEL_OVERHEAD}`,
      },
    ];
  });
}

function mtuOf(name: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a process has open beside its checks. */
const OTHER_FILES = 200;

/** Of the running daemon, or of what is started from here. */
function openFiles({ checks }: Needs, supervisor: number | undefined): readonly HostFinding[] {
  let limit: number;
  try {
    limit = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync(`/proc/${supervisor ?? 'self'}/limits`, 'utf8'))?.[1] ?? Infinity);
  } catch {
    return [];
  }
  if (checks + OTHER_FILES <= limit) return [];
  return [
    {
      id: 'too-few-files',
      severity: 'warning',
      message: `${checks} checks may be under way at the same time, and a process may have ${limit} files open`,
      fix: `ulimit -n ${2 * checks + OTHER_FILES} before the daemon is started`,
      permanent: `LimitNOFILE=${2 * checks + OTHER_FILES} in the [Service] part of the unit`,
    },
  ];
}
