/** One look at the kernel beside what the daemon wants: IPVS, addresses, routes, rules and tables of the packet filter. */

import { networkInterfaces } from 'node:os';

import type { Model } from '../../conf/model.js';
import { KernelError } from '../../io/kernel-error.js';
import { translationTables } from '../../io/netlink/full-nat-messages.js';
import { tableDifferences as readDifferences, tableText } from '../../io/netlink/filter-tables.js';
import type { WantedTable } from '../../io/netlink/filter-tables.js';
import { wantedMarkTables } from '../../io/netlink/ipvs-marks.js';
import { openNetfilter } from '../../io/netlink/netfilter.js';
import { wantedElements, wantedTables } from '../../io/netlink/nftables.js';
import { interfaceIndex } from '../../io/sockets/native-socket.js';
import { openIpvs } from '../../io/netlink/ipvs-kernel.js';
import type { OpenIpvsPort } from '../../io/netlink/ipvs-kernel.js';
import { LinkMonitor } from '../../io/netlink/links.js';
import { NetworkMonitor } from '../../io/netlink/network-monitor.js';
import { translatedServices } from '../../health/full-nat.js';
import { markGroups } from '../../health/marks.js';
import type { MarkedAddresses } from '../../health/marks.js';
import { tablesOf } from '../../health/rehearsal.js';
import type { Standing } from '../../health/rehearsal.js';
import { planOps } from '../../ipvs/plan.js';
import type { Op } from '../../ipvs/plan.js';
import type { Tables } from '../../ipvs/tables.js';
import type { RunningConfiguration } from '../../control/commands.js';
import type { LvsStatus, Status, VrrpStatus } from '../../control/status.js';
import { routeText, ruleText } from '../../runtime/network-text.js';
import { allAddresses, networkOf } from '../../vrrp/instance/belongings.js';
import { dropsPackets, firewallOf } from '../../vrrp/host/firewall.js';
import { inNetworkNamespace } from '../../io/network-namespace.js';
import { ipvsCommand } from '../plan/kernel-commands.js';

export interface Difference {
  readonly table: 'ipvs' | 'address' | 'route' | 'rule' | 'nftables';
  readonly what: string;
  /** The kernel as it is. */
  readonly found: 'missing' | 'different' | 'too much' | 'unreadable';
  /** What would put it right, in the words of ipvsadm and iproute2. */
  readonly repair?: string;
}

/** What the daemon has read, and the marks that it has given to groups. */
export type Running = Pick<RunningConfiguration, 'marks'> & { readonly model: Model };

/** Everything that differs at this moment. `ipvsNamespace`: a path; absent = here. Throws KernelError. */
export async function lookForDifferences({ model: read, marks }: Running, status: Status, ipvsNamespace: string | undefined): Promise<readonly Difference[]> {
  const { pool, marked } = markGroups(read.pool, new Map(marks));
  const model: Model = { ...read, pool };
  return [
    ...(status.lvs === undefined ? [] : await tableDifferences(model, status.lvs, ipvsNamespace)),
    ...addressDifferences(model, status),
    ...(await networkDifferences(model, status)),
    ...filterDifferences(model, marked, status, ipvsNamespace),
  ];
}

async function tableDifferences({ pool }: Model, lvs: LvsStatus, namespace: string | undefined): Promise<readonly Difference[]> {
  const wanted = tablesOf(pool, standings(lvs));
  const actual = await snapshot(namespace);
  if (typeof actual === 'string') return [{ table: 'ipvs', what: `the kernel's IPVS tables (${actual})`, found: 'unreadable' }];
  const mayDrain = new Set(pool.virtualServers.filter(({ drainTimeout }) => drainTimeout !== undefined && drainTimeout > 0).flatMap(({ services }) => services.map(({ identity }) => JSON.stringify(identity))));
  const drains = (op: Op): boolean => op.type === 'deleteDestination' && op.destination.weight === 0 && mayDrain.has(JSON.stringify(op.service.identity));
  return planOps(wanted, actual, new Set())
    .filter((op) => !drains(op))
    .map((op) => ({ table: 'ipvs', what: op.key + ('destinationKey' in op ? ` -> ${op.destinationKey}` : ''), found: FOUND[op.type], repair: ipvsCommand(op) }));
}

const FOUND: Readonly<Record<Op['type'], Difference['found']>> = {
  addService: 'missing',
  editService: 'different',
  deleteService: 'too much',
  addDestination: 'missing',
  editDestination: 'different',
  deleteDestination: 'too much',
};

function standings({ virtualServers }: LvsStatus): ReadonlyMap<string, Standing> {
  return new Map(
    virtualServers.map(({ name, activeTier, sorryServer, realServers }) => [
      name,
      {
        ...(activeTier === undefined ? {} : { activeTier }),
        sorryActive: sorryServer?.active === true,
        weights: new Map(realServers.flatMap((server) => (server.weight.kernel === undefined ? [] : [[server.name, server.weight.kernel] as const]))),
      },
    ]),
  );
}

/** The tables, or the code of what kept them from being read. */
function snapshot(namespace: string | undefined): Promise<Tables | string> {
  return new Promise((done) => {
    const open = (): OpenIpvsPort =>
      openIpvs((event) => {
        ipvs.close();
        if (event.type === 'snapshotTaken') done(event.tables);
        else if (event.type === 'snapshotFailed') done(event.code);
      });
    const ipvs = namespace === undefined ? open() : inNetworkNamespace(namespace, open);
    ipvs.snapshot(1);
  });
}

function addressDifferences({ director }: Model, { vrrp }: Status): readonly Difference[] {
  const interfaces = networkInterfaces();
  const isThere = (device: string, address: string): boolean => interfaces[device]?.some((one) => one.address === address) === true;
  const fixed = director.staticObjects?.addresses ?? [];
  const isFixed = (address: string): boolean => fixed.some((one) => one.address === address);
  const instances = vrrp?.instances ?? [];
  const isMasters = (address: string): boolean => instances.some(({ state, addresses }) => state === 'MASTER' && addresses.some((one) => one.address === address));
  const all = instances.flatMap(({ name, state, addresses }) =>
    addresses.flatMap(({ address, prefixLength, interface: device }): readonly Difference[] => {
      const present = isThere(device, address);
      const cidr = `${address}/${prefixLength} dev ${device}`;
      if (state === 'MASTER' && !present) return [{ table: 'address', what: `${cidr} of ${name} (MASTER)`, found: 'missing', repair: `ip address add ${cidr}` }];
      if (state === 'MASTER' || !present || isMasters(address) || isFixed(address)) return [];
      return [{ table: 'address', what: `${cidr} of ${name} (${state})`, found: 'too much', repair: `ip address del ${cidr}` }];
    }),
  );
  const lost = fixed.filter(({ interface: device, address }) => !isThere(device, address)).map(({ address, prefixLength, interface: device }): Difference => {
    const cidr = `${address}/${prefixLength} dev ${device}`;
    return { table: 'address', what: `${cidr} (static)`, found: 'missing', repair: `ip address add ${cidr}` };
  });
  return [...all, ...lost];
}

/** Routes and rules of masters and static ones, as far as they are tracked. */
function networkDifferences({ director }: Model, { vrrp }: Status): Promise<readonly Difference[]> {
  const masters = new Set((vrrp?.instances ?? []).filter(({ state }) => state === 'MASTER').map(({ name }) => name));
  const links = new LinkMonitor();
  const found: Difference[] = [];
  const monitor = new NetworkMonitor(links, {
    onEvent: (event) => {
      if (event.type === 'routeRemoved') found.push({ table: 'route', what: routeText(event.route), found: 'missing', repair: `ip route ${routeText(event.route)}` });
      else found.push({ table: 'rule', what: ruleText(event.rule), found: 'missing', repair: `ip rule add ${ruleText(event.rule)}` });
    },
    onLoss: (error) => void found.push({ table: 'route', what: `the kernel's routes (${error.message})`, found: 'unreadable' }),
  });
  links.start();
  monitor.watch(networkOf({ ...director, instances: director.instances.filter(({ name }) => masters.has(name)) }));
  return new Promise((done) => {
    monitor.look(() => {
      monitor.close();
      links.close();
      done(found);
    });
  });
}

function filterDifferences(model: Model, marked: readonly MarkedAddresses[], { vrrp, lvs }: Status, ipvsNamespace: string | undefined): readonly Difference[] {
  const ofPools = (): readonly Difference[] => (lvs === undefined ? [] : inTables(poolTables(model, marked)));
  return [
    ...(vrrp === undefined ? [] : inTables(vrrpTables(model, vrrp))),
    ...(ipvsNamespace === undefined ? ofPools() : inNetworkNamespace(ipvsNamespace, ofPools)),
  ];
}

/** In the network namespace of the moment. */
function inTables(wanted: readonly WantedTable[]): readonly Difference[] {
  if (wanted.length === 0) return [];
  const netfilter = openNetfilter();
  try {
    return wanted.flatMap((table): readonly Difference[] => {
      const differences = readDifferences(netfilter, table);
      if (differences instanceof KernelError) return [{ table: 'nftables', what: `${tableText(table)} (${differences.message})`, found: 'unreadable' }];
      return differences.map(({ table: name, what, found }) => ({ table: 'nftables', what: [name, ...(what === undefined ? [] : [what])].join(': '), found }));
    });
  } finally {
    netfilter.close();
  }
}

/** Masters drop what is for addresses that they do not own. */
function vrrpTables({ director }: Model, { instances }: VrrpStatus): readonly WantedTable[] {
  const wanted = firewallOf(director, director.instances);
  if (wanted === undefined) return [];
  const masters = new Set(instances.filter(({ state }) => state === 'MASTER').map(({ name }) => name));
  const dropped = director.instances.filter((instance) => masters.has(instance.name) && dropsPackets(instance)).flatMap(allAddresses);
  return wantedTables(wanted, wantedElements(wanted, dropped, interfaceIndex));
}

/** Groups have their marks already. */
function poolTables({ pool }: Model, marked: readonly MarkedAddresses[]): readonly WantedTable[] {
  const marks = pool.nftables === undefined || marked.length === 0 ? [] : wantedMarkTables({ ...pool.nftables, marked });
  return [...marks, ...translationTables(translatedServices(pool))];
}
