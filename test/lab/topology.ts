/** Builds a lab's network from a plan: one namespace per host, one bridge per LAN in a namespace of its own, the switch. */

import { ip, run } from './namespace.js';

export interface LinkPlan {
  readonly lan: string;
  /** Interface name inside the host's namespace. */
  readonly name: string;
  /** Addresses with prefix length. */
  readonly addresses: readonly string[];
}

export interface HostPlan {
  readonly name: string;
  readonly links: readonly LinkPlan[];
  /** The default gateway. */
  readonly gateway?: string;
  /** Other routes, as `ip route add` takes them. */
  readonly routes?: readonly string[];
  /** Kernel settings, `net.ipv4.ip_forward=1`. */
  readonly settings?: readonly string[];
  /** Further lines for `ip`, run inside the host at the end. */
  readonly extra?: readonly string[];
}

export interface TopologyPlan {
  /** Put before every host's name to make its namespace's, so that several topologies fit into one lab. May be empty. */
  readonly prefix: string;
  readonly hosts: readonly HostPlan[];
}

/** Makes everything in the plan. Nothing takes it down: it ends with the lab. */
export async function buildTopology(plan: TopologyPlan): Promise<void> {
  const hub = switchOf(plan.prefix);
  await ip(undefined, [hub, ...plan.hosts.map((host) => plan.prefix + host.name)].map((name) => `netns add ${name}`));
  const lans = new Set(plan.hosts.flatMap((host) => host.links.map((link) => link.lan)));
  await ip(hub, [
    'link set lo up',
    // No learning delay and no spanning tree: a port forwards from the moment it is up.
    ...[...lans].flatMap((lan) => [`link add ${lan} type bridge forward_delay 0 mcast_snooping 0`, `link set ${lan} up`]),
  ]);
  for (const host of plan.hosts) await addHost(plan.prefix, host);
}

async function addHost(prefix: string, host: HostPlan): Promise<void> {
  const namespace = prefix + host.name;
  const hub = switchOf(prefix);
  await ip(
    undefined,
    host.links.map((link) => `link add ${port(host.name, link.name)} netns ${hub} type veth peer name ${link.name} netns ${namespace}`),
  );
  const ports = host.links.map((link) => ({ lan: link.lan, port: port(host.name, link.name) }));
  await ip(
    hub,
    ports.flatMap(({ lan, port }) => [`link set ${port} master ${lan}`, `link set ${port} up`]),
  );
  // Before any address: what a host does with ARP must not depend on when it was told.
  const settings = ['net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0', ...(host.settings ?? [])];
  await run(namespace, ['sysctl', '-qw', ...settings]);
  await ip(namespace, [
    'link set lo up',
    ...host.links.flatMap((link) => [
      `link set ${link.name} up`,
      ...link.addresses.map((address) => `address add ${address} dev ${link.name}${address.includes(':') ? ' nodad' : ''}`),
    ]),
    ...(host.gateway === undefined ? [] : [`route add default via ${host.gateway}`]),
    ...(host.routes ?? []).map((route) => `route add ${route}`),
    ...(host.extra ?? []),
  ]);
}

/** Pulls or plugs the cable between a host and its LAN, on the switch's side as in a rack. */
export async function setCable(prefix: string, host: string, link: string, state: 'up' | 'down'): Promise<void> {
  await ip(switchOf(prefix), [`link set ${port(host, link)} ${state}`]);
}

/** The namespace that holds the bridges of a topology's LANs; cables end there as ports named `HOST-INTERFACE`. */
function switchOf(prefix: string): string {
  return `${prefix}switch`;
}

function port(host: string, link: string): string {
  return `${host}-${link}`;
}
