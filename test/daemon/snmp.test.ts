/** The daemon behind Debian's snmpd, asked by Debian's clients, and compared with Debian's keepalived. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import { HOLDFAST, instance, openNetwork } from './network.js';
import { everythingOfVrrp } from './snmp-configuration.js';
import { startSnmpMaster } from './snmp-master.js';

const INSTANCES = '1.3.6.1.4.1.9586.100.5.2.3.1';

test('snmpwalk sees an instance become master, through a socket that is for root alone, and again after snmpd was started anew', { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const master = await startSnmpMaster(left);
  const program = left.daemon(`global_defs {\nenable_snmp_vrrp\nsnmp_socket ${master.socket}\ncontrol_socket off\n}\n${instance({ priority: 200 })}`);
  await program.line(/AgentX subagent connected to unix:/, 20);
  const walked = await until('it is master there too', 20, async () => {
    const objects = await master.walk(INSTANCES);
    // A walk that began before all was shown may lack what it came by first.
    return objects.has(`${INSTANCES}.2.1`) && objects.get(`${INSTANCES}.4.1`) === 'INTEGER: 2' ? objects : undefined;
  });
  assert.equal(walked.get(`${INSTANCES}.2.1`), 'STRING: "V1"');
  assert.equal(walked.get(`${INSTANCES}.3.1`), 'Gauge32: 51');
  assert.equal(walked.get(`${INSTANCES}.8.1`), 'INTEGER: 200');
  assert.match(await master.set(`${INSTANCES}.8.1`, 'i', '90'), /notWritable/);
  await master.stop();
  await program.line(/No AgentX master at unix:/, 20);
  const second = await startSnmpMaster(left);
  const again = await until('it has come back', 30, async () => {
    const objects = await second.walk(INSTANCES);
    return objects.size > 20 && objects.has(`${INSTANCES}.2.1`) ? objects : undefined;
  });
  assert.equal(again.get(`${INSTANCES}.2.1`), 'STRING: "V1"');
});

/** Column and index of vrrpInstanceTable. The second instance does not exist. */
const SETS: readonly (readonly [object: string, type: string, value: string])[] = [
  ['7.1', 'i', '90'],
  ['7.1', 'i', '0'],
  ['7.1', 'i', '256'],
  ['7.1', 'u', '90'],
  ['7.1', 's', '90'],
  ['7.2', 'i', '90'],
  ['7.1', 'i', '254'],
  ['13.1', 'i', '2'],
  ['13.1', 'i', '0'],
  ['13.1', 'i', '3'],
  ['13.1', 'u', '1'],
  ['13.2', 'i', '1'],
  ['2.1', 's', 'V2'],
  ['28.1', 'i', '1'],
  ['33.1', 'i', '1'],
];

test("a manager sets base priority and preemption with the answers, the sentences and the effect of keepalived, until a reload", { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const master = await startSnmpMaster(left);
  const configuration = `global_defs {\nenable_snmp_vrrp\nsnmp_socket ${master.socket}\n}\n${instance({ priority: 200 })}`;
  const told = async (command: readonly string[]): Promise<unknown> => {
    const program = left.daemon(configuration, { command, options: ['-n', '-l', '-D', '-P'] });
    await program.line(/\(V1\) Entering MASTER STATE/, 30);
    await until('it is master there too', 30, async () => (await master.walk(INSTANCES)).get(`${INSTANCES}.4.1`) === 'INTEGER: 2' || undefined);
    const answers: string[] = [];
    for (const [object, type, value] of SETS) {
      const [answer = ''] = /Reason: \w+|= .*/.exec(await master.set(`${INSTANCES}.${object}`, type, value)) ?? [];
      answers.push(`${object} ${type} ${value}: ${answer}`);
    }
    const shown = async (priority: number, preempt: number): Promise<true> =>
      until('it is shown', 20, async () => {
        const objects = await master.walk(INSTANCES);
        return ([['7.1', priority], ['8.1', priority], ['13.1', preempt]] as const).every(([object, value]) => objects.get(`${INSTANCES}.${object}`) === `INTEGER: ${value}`) || undefined;
      });
    await shown(254, 2);
    program.signal('SIGHUP');
    await shown(200, 1);
    program.signal('SIGTERM');
    await program.exited;
    const sentences = program.lines.flatMap(({ text }) => /\(V1\) (?:base priority|preemption|Changing effective).*/.exec(text) ?? []);
    return { answers, sentences };
  };
  const theirs = await told(['keepalived']);
  assert.deepEqual(await told(HOLDFAST), theirs);
});

test('an advert with a wrong password is told by the trap of RFC 2787', { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const master = await startSnmpMaster(left);
  const secured = (password: string): string => instance({ priority: 255, lines: [`authentication {`, `auth_type PASS`, `auth_pass ${password}`, `}`] });
  const program = left.daemon(`global_defs {\nenable_snmp_rfc\nenable_traps\nsnmp_socket ${master.socket}\n}\n${secured('ours')}`);
  await program.line(/AgentX subagent connected/, 20);
  right.daemon(secured('theirs'));
  const told = await until('the trap has come', 30, () => master.traps().find((each) => each.includes('OID: .1.3.6.1.2.1.68.0.2')));
  assert.match(told, /\.68\.1\.5\.0 = IpAddress: 10\.9\.9\.2\s+\S+\.68\.1\.6\.0 = INTEGER: 3/);
});

const SUBTREES = ['1.3.6.1.4.1.9586.100.5.1', '1.3.6.1.4.1.9586.100.5.2', '1.3.6.1.2.1.68', '1.3.6.1.2.1.207'];

/** Where the two say something else, and why. */
const DIFFERENCES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^1\.3\.6\.1\.4\.1\.9586\.100\.5\.1\.1\.0$/, 'each says its own version'],
  [/\.100\.5\.2\.3\.1\.8\.3$/, 'keepalived 2.2.7 counts reversed weights otherwise than 2.4.3'],
  [/\.100\.5\.2\.3\.1\.11\./, 'keepalived says that it tracks the primary interface only where track_interface names it, though it always does'],
  [/\.100\.5\.2\.6\.1\.11\.[2-9]\./, 'keepalived says that only the addresses of the first instance are advertised'],
  [/\.100\.5\.2\.8\.1\.33\./, 'keepalived leaves the last columns of rules out'],
  [/\.100\.5\.2\.21\.1\.5\./, 'keepalived has partial and initial the other way round than its MIB'],
  [/\.2\.1\.68\.(1\.3|2\.4)\.1\.\d+\.\d+\.54$/, 'keepalived shows the first instance only'],
  [/\.2\.1\.68\.1\.3\.1\.7\./, 'keepalived leaves out that it is the master itself'],
  [/\.2\.1\.68\.1\.3\.1\.13\./, 'keepalived gives no time of the agent there'],
  [/\.2\.1\.207\.1\.1\.1\.1\.12\./, 'time passes'],
];

test("all objects and traps of VRRP are those of Debian's keepalived, and no password is among them", { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  left.run('ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth2');
  for (const device of ['eth1', 'eth2']) left.run('ip', 'link', 'set', device, 'up');
  left.run('ip', 'address', 'add', '10.9.8.1/24', 'dev', 'eth1');
  left.write('number', '1\n');
  const master = await startSnmpMaster(left);
  const configuration = everythingOfVrrp(master.socket, left.folder);
  const walk = async (command: readonly string[]): Promise<{ readonly objects: ReadonlyMap<string, string>; readonly traps: ReadonlySet<string> }> => {
    const before = master.traps().length;
    // The master's own start may be told late.
    const traps = (): readonly string[] => master.traps().slice(before).filter((trap) => !trap.includes('.1.3.6.1.6.3.1.1.5.1\t'));
    const program = left.daemon(configuration, { command, options: ['-n', '-l', '-D', '-P'] });
    for (const name of ['A', 'B', 'C', 'D']) await program.line(new RegExp(`\\(${name}\\) Entering MASTER STATE`), 40);
    let wasSettled = false;
    const settled = await until('everything is shown as it is', 30, async () => {
      const objects = new Map<string, string>();
      for (const subtree of SUBTREES) for (const [oid, value] of await master.walk(subtree, '-Cc')) objects.set(oid, value);
      // A walk that began before all was shown may lack what it came by first.
      const isWhole = wasSettled;
      wasSettled = isSettled(objects) && SUBTREES.every((subtree) => [...objects.keys()].some((oid) => oid.startsWith(`${subtree}.`)));
      return isWhole && wasSettled ? objects : undefined;
    });
    program.signal('SIGTERM');
    await until('all have told that they stop', 30, () => traps().filter((trap) => trap.includes('100.5.2.10.0') && trap.includes('INTEGER: 5')).length >= 5 || undefined);
    await program.exited;
    return { objects: settled, traps: new Set(traps()) };
  };
  const { objects: theirs, traps: theirTraps } = await walk(['keepalived']);
  const { objects: ours, traps: ourTraps } = await walk(HOLDFAST);
  assert.ok(theirTraps.size > 15, `keepalived has told ${theirTraps.size} things`);
  assert.deepEqual([...theirTraps].filter((trap) => !ourTraps.has(trap)), []);
  const differing = [...new Set([...theirs.keys(), ...ours.keys()])].filter((oid) => theirs.get(oid) !== ours.get(oid));
  const unexplained = differing.filter((oid) => !DIFFERENCES.some(([pattern]) => pattern.test(oid)));
  assert.deepEqual(
    unexplained.map((oid) => `${oid}: keepalived ${theirs.get(oid) ?? 'nothing'}, holdfast ${ours.get(oid) ?? 'nothing'}`),
    [],
  );
  for (const [pattern, reason] of DIFFERENCES) assert.ok(differing.some((oid) => pattern.test(oid)), `no longer a difference: ${reason}`);
  assert.ok(theirs.size > 600, `keepalived shows ${theirs.size} objects`);
  assert.doesNotMatch([...ours.values()].join('\n'), /CANARY/);
});

/** All instances are masters, their addresses are set and the scripts have run. */
function isSettled(objects: ReadonlyMap<string, string>): boolean {
  const is = (oid: string, value: number): boolean => objects.get(`1.3.6.1.4.1.9586.100.5.2.${oid}`) === `INTEGER: ${value}`;
  return [1, 2, 3, 4].every((i) => is(`3.1.4.${i}`, 2) && is(`3.1.9.${i}`, 1)) && is('9.1.6.1', 3) && is('9.1.6.2', 2) && is('13.1.4.1', 1) && is('7.1.14.1.1', 1) && is('6.1.10.0.1', 1);
}
