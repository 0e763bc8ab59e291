/** The daemon on a system bus with the policy of examples/, beside Debian's keepalived on another. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { busctl, openBus } from '../control/bus.js';
import { until } from '../lab/process.js';
import { HOLDFAST, instance, openNetwork } from './network.js';

const NAME = 'org.keepalived.Vrrp1';
const DAEMON = '/org/keepalived/Vrrp1/Vrrp';

/** What Debian's system bus denies before any service has its own rules. */
const SYSTEM = '<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/><allow send_type="signal"/><allow send_type="method_return"/><allow send_type="error"/><allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/><allow send_destination="org.freedesktop.DBus"/></policy>';

/** The rules of the file, without its root element. */
function policy(): string {
  const text = readFileSync('examples/dbus/org.keepalived.Vrrp1.conf', 'utf8');
  return /<busconfig>([^]*)<\/busconfig>/.exec(text)?.[1] ?? '';
}

test('every rule of the policy says which service it lets reach', () => {
  const rules = policy().match(/<(allow|deny)[^>]*>/g) ?? [];
  assert.ok(rules.length >= 5);
  for (const rule of rules) assert.match(rule, /(own|send_destination)="org\.keepalived\.Vrrp1"/);
});

for (const [daemon, command] of [['holdfast', HOLDFAST], ['keepalived', ['keepalived']]] as const) {
  test(`${daemon} on the bus: state, announcements, files, reload and the end`, { timeout: 600_000 }, async (t) => {
    const bus = await openBus(t, SYSTEM + policy());
    const network = openNetwork();
    t.after(() => network.close());
    const { left } = network;
    const configuration = `global_defs {\nenable_dbus\n}\n${instance({ priority: 255 })}`;
    const program = left.daemon(configuration, { command, environment: { DBUS_SYSTEM_BUS_ADDRESS: bus.address } });
    await program.line(/Acquired the name org\.keepalived\.Vrrp1 on the session bus/, 20);
    await program.line(/Entering MASTER STATE/, 20);
    const path = await until('the instance is on the bus', 20, async () => (await busctl(bus, 'tree', '--list', NAME)).split('\n').find((each) => each.endsWith('/IPv4')));
    assert.match(path, /^\/org\/keepalived\/Vrrp1\/Instance\/\w+\/51\/IPv4$/);
    const property = (name: string): Promise<string> => busctl(bus, 'get-property', NAME, path, 'org.keepalived.Vrrp1.Instance', name);
    await until('it is master there too', 10, async () => ((await property('State')) === '(us) 2 "Master"' ? true : undefined));
    assert.equal(await property('Name'), '(s) "V1"');
    const before = program.lines.length;
    await busctl(bus, 'call', NAME, path, 'org.keepalived.Vrrp1.Instance', 'SendGarp');
    await program.line(/Sending garps on V1 on DBus request/, 10, before);
    await program.line(/Sending gratuitous ARP on \w+ for 10\.9\.9\.100/, 10, before);
    await busctl(bus, 'call', NAME, DAEMON, 'org.keepalived.Vrrp1.Vrrp', 'PrintData');
    await program.line(/Printing VRRP data/, 10, before);
    await busctl(bus, 'call', NAME, DAEMON, 'org.keepalived.Vrrp1.Vrrp', 'ReloadConfig');
    await program.line(/Reload complete/, 10, before);
    const nobody = ['--address', bus.address, 'call', NAME, path, 'org.keepalived.Vrrp1.Instance', 'SendGarp'];
    assert.throws(() => execFileSync('setpriv', ['--reuid=65534', '--clear-groups', 'busctl', ...nobody], { stdio: 'pipe' }), /denied|not allowed|rejected/i);
    program.signal('SIGTERM');
    await until('it has ended', 10, () => program.ended || undefined);
    await until('the name is free', 10, async () => ((await busctl(bus, 'list')).includes(NAME) ? undefined : true));
  });
}
