/**
 * Inside a lab: what few kernels have, ipvlans and VRFs. keepalived and holdfast run the same configuration, each in a
 * namespace of its own with the same MACs, and must have the same devices, addresses and routes and say the same on the wire.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { HOLDFAST } from '../../daemon/network.js';
import { ip, run } from '../namespace.js';
import { endProofs, prove } from '../proof.js';
import { startProgram, until, type Program } from '../process.js';

const NAMES = ['theirs', 'ours'] as const;
type Name = (typeof NAMES)[number];
const COMMANDS: Readonly<Record<Name, readonly string[]>> = { theirs: ['keepalived'], ours: HOLDFAST };

/** `vrf` without an interface is of a later keepalived than Debian's: that one names the interface in the VRF. */
const configuration = (name: Name): string => `
vrrp_instance V1 {
  interface eth0
  use_ipvlan ipv51 10.5.5.11/24
  virtual_router_id 51
  priority 150
  version 3
  virtual_ipaddress {
    10.5.5.100/24
  }
}
vrrp_instance V2 {
  interface eth0
  use_ipvlan private
  virtual_router_id 52
  priority 150
  version 3
  virtual_ipaddress {
    fe80::100
    2001:db8::64/64
  }
}
vrrp_instance V3 {
  ${name === 'ours' ? 'vrf blue' : 'interface eth1'}
  virtual_router_id 53
  priority 150
  version 3
  unicast_src_ip 10.6.6.1
  unicast_peer {
    10.6.6.2
  }
  virtual_ipaddress {
    10.6.6.100/24 dev eth1
  }
  virtual_routes {
    10.66.0.0/16 via 10.6.6.2 dev eth1 vrf blue
  }
}
`;

const INTERFACES = [
  ['eth0', '10.5.5'],
  ['eth1', '10.6.6'],
] as const;

interface Host {
  readonly daemon: Program;
  readonly wires: readonly Program[];
}

async function open(name: Name): Promise<Host> {
  const peer = `${name}-peer`;
  await ip(undefined, [`netns add ${name}`, `netns add ${peer}`]);
  for (const [number, [device, net]] of INTERFACES.entries()) {
    const add = `link add ${device} address 02:00:00:00:0${number}:01 type veth peer name ${device} address 02:00:00:00:0${number}:02 netns ${peer}`;
    await ip(name, [add, `address add ${net}.1/24 dev ${device}`]);
    await ip(peer, [`address add ${net}.2/24 dev ${device}`, `link set ${device} up`]);
  }
  await ip(name, ['link add blue type vrf table 100', 'link set blue up', 'link set eth1 master blue', 'link set lo up', 'link set eth0 up', 'link set eth1 up']);
  const tcpdump = (device: string): Program => startProgram(['tcpdump', '-l', '-n', '-e', '-i', device, 'proto 112'], { namespace: peer });
  const wires = INTERFACES.map(([device]) => tcpdump(device));
  for (const wire of wires) await wire.line(/listening on/, 20);
  writeFileSync(`/run/${name}.conf`, configuration(name));
  const pidFiles = ['-p', `/run/${name}.pid`, '-r', `/run/${name}-vrrp.pid`, '-c', `/run/${name}-checkers.pid`];
  const words = [...COMMANDS[name], '-n', '-l', '-D', '-P', '-G', '-f', `/run/${name}.conf`, ...pidFiles];
  return { daemon: startProgram(words, { namespace: name }), wires };
}

/** Without numbers, which depend on the order in which devices came to be. */
async function facts(name: Name): Promise<Readonly<Record<string, readonly string[]>>> {
  const lines = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await run(name, words)).split('\n').map((line) => line.replace(/^\d+: /, '').trim()).filter((line) => line !== '').sort();
  const devices = await lines('ip', '-d', '-o', 'link', 'show', 'type', 'ipvlan');
  return {
    addresses: await lines('ip', '-o', 'address'),
    devices: devices.map((line) => [/^\S+/, /link\/ether \S+/, /ipvlan +mode \S+ \S+/].map((part) => part.exec(line)?.[0]).join(' ')),
    routes: await lines('ip', 'route', 'show', 'vrf', 'blue'),
  };
}

/** Who says what to whom, once each. */
function said({ wires }: Host, priority: number): readonly string[] {
  const adverts = wires.flatMap(({ lines }) => lines.flatMap(({ text }) => /^\S+ (\S+) > (\S+), .*?: (\S+ > \S+): VRRPv3, Advertisement, (vrid \d+, prio \d+)/.exec(text)?.slice(1).join(' ') ?? []));
  return [...new Set(adverts)].filter((advert) => advert.endsWith(` prio ${priority}`)).sort();
}

const hosts = { theirs: await open('theirs'), ours: await open('ours') };

await prove('ipvlans and VRFs: the same devices, addresses, routes and adverts', async () => {
  for (const name of NAMES) {
    for (const instance of ['V1', 'V2', 'V3']) await hosts[name].daemon.line(new RegExp(`\\(${instance}\\) Entering MASTER STATE`), 60);
    await until('three voices', 20, () => (said(hosts[name], 150).length === 3 ? true : undefined));
  }
  await until('the same', 20, async () => (JSON.stringify(await facts('ours')) === JSON.stringify(await facts('theirs')) ? true : undefined)).catch(() => undefined);
  assert.deepEqual(await facts('ours'), await facts('theirs'));
  assert.deepEqual(said(hosts.ours, 150), said(hosts.theirs, 150));
  assert.match(said(hosts.ours, 150).join('\n'), /10\.5\.5\.11 > 224\.0\.0\.18 vrid 51/);
  await run('ours-peer', ['ping', '-c', '1', '-W', '5', '10.5.5.100']);
});

await prove('a stop says goodbye from there and leaves nothing', async () => {
  for (const name of NAMES) {
    hosts[name].daemon.signal('SIGTERM');
    await hosts[name].daemon.exited;
    await until('three goodbyes', 20, () => (said(hosts[name], 0).length === 3 ? true : undefined));
  }
  assert.deepEqual(said(hosts.ours, 0), said(hosts.theirs, 0));
  assert.deepEqual(await facts('ours'), await facts('theirs'));
  assert.deepEqual((await facts('ours'))['devices'], []);
});
endProofs();
