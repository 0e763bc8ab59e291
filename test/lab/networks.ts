/** The networks of the published LVS tutorials as plans: direct routing, address translation, and tunnelling. */

import type { HostPlan, TopologyPlan } from './topology.js';

/** A real server of direct routing holds the virtual address without ever answering ARP for it. */
const QUIET_ARP = ['net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2'];

/** Client and router of the networks whose virtual address 192.168.1.100 lies in the LAN of the directors. */
function outside(insideLinks: HostPlan['links']): readonly HostPlan[] {
  return [
    { name: 'client', links: [{ lan: 'outside', name: 'eth0', addresses: ['10.0.0.2/24'] }], gateway: '10.0.0.1' },
    {
      name: 'router',
      links: [{ lan: 'outside', name: 'eth0', addresses: ['10.0.0.1/24'] }, ...insideLinks],
      settings: ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.default.send_redirects=0'],
    },
  ];
}

const LAN_OF_DIRECTORS = { lan: 'inside', name: 'eth1', addresses: ['192.168.1.1/24'] } as const;

function directors(addresses: readonly string[]): readonly HostPlan[] {
  return addresses.map((address, index) => ({
    name: `director${index + 1}`,
    links: [{ lan: 'inside', name: 'eth0', addresses: [`${address}/24`] }],
    gateway: '192.168.1.1',
  }));
}

/** LVS-DR: client, router, directors .11 and .12, real servers .13, .14 and onwards, which answer past the director. */
export function directRouting(prefix: string, realServers = 2): TopologyPlan {
  const servers = Array.from({ length: realServers }, (_, index): HostPlan => ({
    name: `server${index + 1}`,
    links: [{ lan: 'inside', name: 'eth0', addresses: [`192.168.1.${13 + index}/24`] }],
    gateway: '192.168.1.1',
    settings: QUIET_ARP,
    extra: ['address add 192.168.1.100/32 dev lo'],
  }));
  return { prefix, hosts: [...outside([LAN_OF_DIRECTORS]), ...directors(['192.168.1.11', '192.168.1.12']), ...servers] };
}

/** LVS-NAT: one director, 192.168.1.10 inside and 12.0.0.1 outside, gateway of the real servers .20 and .30. */
export function addressTranslation(prefix: string): TopologyPlan {
  const servers = [20, 30].map((last, index): HostPlan => ({
    name: `server${index + 1}`,
    links: [{ lan: 'inside', name: 'eth0', addresses: [`192.168.1.${last}/24`] }],
    gateway: '192.168.1.10',
  }));
  return {
    prefix,
    hosts: [
      { name: 'client', links: [{ lan: 'outside', name: 'eth0', addresses: ['12.0.0.2/24'] }] },
      {
        name: 'director1',
        links: [
          { lan: 'inside', name: 'eth0', addresses: ['192.168.1.10/24'] },
          { lan: 'outside', name: 'eth1', addresses: ['12.0.0.1/24'] },
        ],
        settings: ['net.ipv4.ip_forward=1'],
      },
      ...servers,
    ],
  };
}

/** LVS-TUN: real servers .21 and .22 in another network behind the router; packets reach them inside IP-in-IP. */
export function tunnelling(prefix: string): TopologyPlan {
  const servers = [21, 22].map((last, index): HostPlan => ({
    name: `server${index + 1}`,
    links: [{ lan: 'far', name: 'eth0', addresses: [`192.168.2.${last}/24`] }],
    gateway: '192.168.2.1',
    settings: QUIET_ARP,
    extra: ['link set tunl0 up', 'address add 192.168.1.100/32 dev tunl0'],
  }));
  const router = [LAN_OF_DIRECTORS, { lan: 'far', name: 'eth2', addresses: ['192.168.2.1/24'] }];
  return { prefix, hosts: [...outside(router), ...directors(['192.168.1.11']), ...servers] };
}
