/** systemd-networkd and NetworkManager: what they take away that a director has set. Their files and states, not their buses. */

import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import type { HostFinding } from './finding.js';
import type { Needs } from './needs.js';

const NETWORKD = { state: '/run/systemd/netif', main: 'systemd/networkd.conf' } as const;
const NETWORK_MANAGER_STATE = '/run/NetworkManager';
/** In the order of precedence. */
const ROOTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib'] as const;

/** `indexOf`: of an interface. In a network namespace of one's own nobody manages anything: those two are the machine's. */
export function examineManagers(needs: Needs, indexOf: (name: string) => number | undefined): readonly HostFinding[] {
  if (!isMachinesNetwork()) return [];
  return [...(existsSync(NETWORKD.state) ? networkd(needs, indexOf) : []), ...(existsSync(NETWORK_MANAGER_STATE) ? networkManager(needs, indexOf) : [])];
}

function isMachinesNetwork(): boolean {
  try {
    return readlinkSync('/proc/self/ns/net') === readlinkSync('/proc/1/ns/net');
  } catch {
    // Who may not look is no root, and sees what there is.
    return true;
  }
}

function networkd({ interfaces, routes, rules }: Needs, indexOf: (name: string) => number | undefined): readonly HostFinding[] {
  const settings = readIni(networkdFiles(), 'Network');
  const foreign = ([['ManageForeignRoutes', routes, 'routes'], ['ManageForeignRoutingPolicyRules', rules, 'rules']] as const).flatMap(([key, needed, what]): readonly HostFinding[] => {
    if (!needed || isNo(settings.get(key))) return [];
    const drop = '/etc/systemd/networkd.conf.d/holdfast.conf';
    return [
      {
        id: 'networkd-removes-foreign',
        severity: 'warning',
        message: `systemd-networkd removes ${what} that it has not set whenever it starts or reloads`,
        fix: `printf '[Network]\\n${key}=no\\n' >> ${drop} && systemctl restart systemd-networkd`,
        permanent: 'the same',
      },
    ];
  });
  const kept = interfaces.flatMap((name): readonly HostFinding[] => {
    const file = networkFileOf(indexOf(name));
    if (file === undefined) return [];
    const keep = readIni([file, ...dropIns(file)], 'Network').get('KeepConfiguration');
    if (keep === 'yes' || keep === 'static') return [];
    return [
      {
        id: 'networkd-drops-addresses',
        severity: 'warning',
        message: `systemd-networkd manages ${name} (${file}) without KeepConfiguration=yes: it takes virtual addresses away when it reconfigures the link; holdfast puts them back`,
        fix: `mkdir -p /etc/systemd/network/${baseOf(file)}.d && printf '[Network]\\nKeepConfiguration=yes\\n' > /etc/systemd/network/${baseOf(file)}.d/holdfast.conf && networkctl reload`,
        permanent: 'the same',
      },
    ];
  });
  return [...foreign, ...kept];
}

/** Drop-ins come last and count. */
function networkdFiles(): readonly string[] {
  const main = ROOTS.map((root) => join(root, NETWORKD.main)).find((path) => existsSync(path));
  const more = [...ROOTS].reverse().flatMap((root) => listed(join(root, `${NETWORKD.main}.d`)));
  return [...(main === undefined ? [] : [main]), ...more];
}

/** The .network file in force for an interface. */
function networkFileOf(index: number | undefined): string | undefined {
  if (index === undefined) return undefined;
  return /^NETWORK_FILE=(.+)$/m.exec(textOf(`${NETWORKD.state}/links/${index}`))?.[1];
}

function dropIns(file: string): readonly string[] {
  return [...ROOTS].reverse().flatMap((root) => listed(join(root, 'systemd/network', `${baseOf(file)}.d`)));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function networkManager({ interfaces, virtualMacs }: Needs, indexOf: (name: string) => number | undefined): readonly HostFinding[] {
  const managed = interfaces.filter((name) => {
    const state = textOf(`${NETWORK_MANAGER_STATE}/devices/${indexOf(name) ?? 'none'}`);
    return /^managed=(full|true|yes)$/m.test(state);
  });
  const file = '/etc/NetworkManager/conf.d/holdfast.conf';
  const devices = managed.map((name): HostFinding => ({
    id: 'networkmanager-manages',
    severity: 'info',
    message: `NetworkManager manages ${name}: virtual addresses go when its connection is activated again; holdfast puts them back`,
    fix: `configure ${name} without NetworkManager, or leave it alone: nmcli device set ${name} managed no`,
    permanent: `printf '[keyfile]\\nunmanaged-devices=interface-name:${name}\\n' > ${file}`,
  }));
  if (virtualMacs.length === 0) return devices;
  if (readIni(listed('/etc/NetworkManager/conf.d'), 'keyfile').get('unmanaged-devices')?.includes('vrrp') === true) return devices;
  return [
    ...devices,
    {
      id: 'networkmanager-takes-macvlans',
      severity: 'warning',
      message: 'NetworkManager may configure the devices that use_vmac makes',
      fix: `printf '[keyfile]\\nunmanaged-devices=interface-name:vrrp*\\n' > ${file} && nmcli general reload conf`,
      permanent: 'the same',
    },
  ];
}

/** Keys of one section; later files and lines count. */
function readIni(files: readonly string[], section: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const file of files) {
    let current = '';
    for (const line of textOf(file).split('\n')) {
      current = /^\[(.+)\]\s*$/.exec(line)?.[1] ?? current;
      const [, key, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (current === section && key !== undefined && value !== undefined) values.set(key, value);
    }
  }
  return values;
}

function isNo(value: string | undefined): boolean {
  return value !== undefined && ['no', 'false', '0', 'off'].includes(value.toLowerCase());
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.conf')).sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
