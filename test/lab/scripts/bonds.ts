/**
 * Inside a lab: a bond of two cables, which few kernels have, fails over underneath a master. The host at the other end is a
 * switch with a port for each cable.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { HOLDFAST } from '../../daemon/network.js';
import { ip, run } from '../namespace.js';
import { endProofs, prove } from '../proof.js';
import { startProgram, until } from '../process.js';

const VIP = '10.5.5.100';
const CONFIGURATION = `
vrrp_instance V1 {
  state MASTER
  interface bond0
  virtual_router_id 51
  priority 255
  version 3
  virtual_ipaddress {
    ${VIP}
  }
}
`;

await ip(undefined, ['netns add director', 'netns add switch']);
await ip('switch', ['link add br0 type bridge', 'link set br0 up', 'address add 10.5.5.2/24 dev br0']);
await ip('director', ['link set lo up', 'link add bond0 type bond mode active-backup miimon 50']);
for (const cable of ['port1', 'port2']) {
  await ip('director', [`link add ${cable} type veth peer name ${cable} netns switch`, `link set ${cable} master bond0`]);
  await ip('switch', [`link set ${cable} master br0`, `link set ${cable} up`]);
}
await ip('director', ['link set bond0 up', 'address add 10.5.5.1/24 dev bond0']);
const active = async (): Promise<string | undefined> => /active_slave (\w+)/.exec(await run('director', ['ip', '-d', '-o', 'link', 'show', 'bond0']))?.[1];
await until('the bond has an active cable', 20, active);

writeFileSync('/run/bond.conf', CONFIGURATION);
const daemon = startProgram([...HOLDFAST, '-n', '-l', '-D', '-G', '-P', '-f', '/run/bond.conf', '-p', '/run/bond.pid', '-r', '/run/bond-vrrp.pid'], { namespace: 'director' });
await daemon.line(/\(V1\) Entering MASTER STATE/, 60);
const holds = async (): Promise<true | undefined> => (await run('director', ['ip', '-4', '-o', 'address', 'show', 'dev', 'bond0'])).includes(`${VIP}/`) || undefined;
await until('the address is set', 30, holds);

/** Whether the other end reaches the address now. */
const answers = async (): Promise<true | undefined> => (await startProgram(['ping', '-c', '1', '-W', '1', VIP], { namespace: 'switch' }).exited) === 0 || undefined;

await prove('a bond that changes its cable: the master stays master, its adverts and answers come through the other one', async () => {
  await until('the address answers', 30, answers);
  for (let change = 1; change <= 3; change += 1) {
    const before = daemon.lines.length;
    const first = (await active()) ?? '';
    const second = first === 'port1' ? 'port2' : 'port1';
    await ip('switch', [`link set ${first} down`]);
    await until('the other cable is the active one', 20, async () => ((await active()) === second ? true : undefined));
    const wire = startProgram(['tcpdump', '-l', '-n', '-i', second, 'ip proto 112'], { namespace: 'switch' });
    await wire.line(/listening on/, 20);
    await wire.line(/vrid 51, prio 255/, 20);
    await until('the address answers through it', 20, answers);
    wire.signal('SIGTERM');
    await ip('switch', [`link set ${first} up`]);
    assert.ok(await holds());
    assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /FAULT|BACKUP/);
  }
});

await prove('a bond without any cable is down: FAULT, and master again with the first cable that is back', async () => {
  const before = daemon.lines.length;
  await ip('switch', ['link set port1 down', 'link set port2 down']);
  await daemon.line(/\(V1\) Entering FAULT STATE/, 30, before);
  await ip('switch', ['link set port2 up']);
  await daemon.line(/\(V1\) Entering MASTER STATE/, 60, before);
  await until('the address answers', 30, answers);
});

daemon.signal('SIGTERM');
await daemon.exited;
endProofs();
