/** Settings and modules of the kernel that forwarding and VRRP depend on. */

import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import type { HostFinding } from './finding.js';
import { readSetting, settingFinding } from './finding.js';
import type { Needs } from './needs.js';

/** Share of the connection table that may be in use before it is told. */
const FULL = 0.8;

export function examineKernel(needs: Needs): readonly HostFinding[] {
  return [...ipvsModule(needs), ...forwarding(needs), ...redirects(needs), ...reversePath(needs), ...addressResolution(needs), ...ipvsSettings(needs), ...connectionTable()];
}

function ipvsModule({ servers }: Needs): readonly HostFinding[] {
  if (servers === 0 || existsSync('/proc/net/ip_vs')) return [];
  return [
    {
      id: 'ipvs-missing',
      severity: 'error',
      message: 'the configuration has virtual servers, and ip_vs is not in the kernel',
      fix: 'modprobe ip_vs',
      permanent: "echo ip_vs > /etc/modules-load.d/holdfast.conf",
      safe: { type: 'module', module: 'ip_vs' },
    },
  ];
}

function forwarding({ natFamilies }: Needs): readonly HostFinding[] {
  const paths = { ipv4: 'net/ipv4/ip_forward', ipv6: 'net/ipv6/conf/all/forwarding' } as const;
  return [...natFamilies].flatMap((family) => {
    const path = paths[family];
    if (readSetting(path) !== '0') return [];
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    return [settingFinding({ id: 'forwarding-off', severity: 'error', message: `real servers by NAT, and this host does not forward ${name}: their answers go nowhere`, path, value: '1' })];
  });
}

/** With NAT on one wire the kernel tells real servers and clients of a shorter way, past the director. all and the interface are joined by or. */
function redirects({ methods, interfaces }: Needs): readonly HostFinding[] {
  if (!methods.has('nat') || readSetting('net/ipv4/ip_forward') !== '1') return [];
  return ['all', ...interfaces].flatMap((name) => {
    const path = `net/ipv4/conf/${name}/send_redirects`;
    if (readSetting(path) !== '1') return [];
    return [settingFinding({ id: 'redirects-sent', severity: 'warning', message: `a director that forwards by NAT must not send ICMP redirects (${name}): real servers would answer clients directly`, path, value: '0' })];
  });
}

/** The larger of all and the interface counts; 1 = strict. */
function reversePath({ virtualMacs, methods, interfaces }: Needs): readonly HostFinding[] {
  const concerned = [...new Set([...virtualMacs.map(({ base }) => base), ...(methods.has('tunnel') ? interfaces : [])])];
  const all = Number(readSetting('net/ipv4/conf/all/rp_filter') ?? 0);
  return concerned.flatMap((name) => {
    const own = Number(readSetting(`net/ipv4/conf/${name}/rp_filter`) ?? 0);
    if (Math.max(all, own) !== 1) return [];
    const why = virtualMacs.some(({ base }) => base === name) ? 'a virtual MAC shares its network' : 'answers of tunnelled servers come another way';
    return [settingFinding({ id: 'reverse-path-strict', severity: 'warning', message: `rp_filter of ${name} is strict, and ${why}: packets are dropped without a word; 2 is loose`, path: `net/ipv4/conf/${name}/rp_filter`, value: '2' })];
  });
}

/** A director that is a real server too has service addresses on lo; as a backup it must not answer for them. */
function addressResolution({ serviceAddresses, interfaces }: Needs): readonly HostFinding[] {
  const local = networkInterfaces()['lo'] ?? [];
  const shared = serviceAddresses.filter((address) => local.some((one) => one.address === address));
  if (shared.length === 0) return [];
  const all = { ignore: Number(readSetting('net/ipv4/conf/all/arp_ignore') ?? 0), announce: Number(readSetting('net/ipv4/conf/all/arp_announce') ?? 0) };
  return interfaces.flatMap((name) => {
    const ignore = Math.max(all.ignore, Number(readSetting(`net/ipv4/conf/${name}/arp_ignore`) ?? 0));
    const announce = Math.max(all.announce, Number(readSetting(`net/ipv4/conf/${name}/arp_announce`) ?? 0));
    const there = shared.join(', ');
    return [
      ...(ignore >= 1 ? [] : [settingFinding({ id: 'answers-arp-for-lo', severity: 'error', message: `${there} on lo: this host answers ARP for that on ${name} even as a backup`, path: `net/ipv4/conf/${name}/arp_ignore`, value: '1' })]),
      ...(announce >= 2 ? [] : [settingFinding({ id: 'announces-lo', severity: 'error', message: `${there} on lo: this host may ask the neighbours of ${name} in its name, and so claim it`, path: `net/ipv4/conf/${name}/arp_announce`, value: '2' })]),
    ];
  });
}

function ipvsSettings({ persistence, fullNat }: Needs): readonly HostFinding[] {
  return [
    ...(persistence && readSetting('net/ipv4/vs/expire_quiescent_template') === '0'
      ? [settingFinding({ id: 'persistence-keeps-drained', severity: 'warning', message: 'persistent services, and a server of weight 0 keeps getting the clients that it had: draining never ends', path: 'net/ipv4/vs/expire_quiescent_template', value: '1' })]
      : []),
    ...(fullNat && readSetting('net/ipv4/vs/conntrack') === '0'
      ? [settingFinding({ id: 'conntrack-off', severity: 'warning', message: 'FULLNAT needs the connection tracking of IPVS; the daemon switches it on while it runs', path: 'net/ipv4/vs/conntrack', value: '1' })]
      : []),
  ];
}

function connectionTable(): readonly HostFinding[] {
  const [count, most] = ['count', 'max'].map((name) => Number(readSetting(`net/netfilter/nf_conntrack_${name}`) ?? 0));
  if (count === undefined || most === undefined || most === 0 || count < most * FULL) return [];
  return [settingFinding({ id: 'conntrack-full', severity: 'warning', message: `connection tracking holds ${count} of ${most} connections; further ones will be dropped`, path: 'net/netfilter/nf_conntrack_max', value: String(most * 2), safe: false })];
}
