import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import { describePool } from '../../src/health/describe.js';
import { poolDeadline } from '../../src/health/pool.js';
import type { Service } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';
import { PASSED, PoolRun, command, failure, realServer, service, tcpCheck, virtualServer } from './samples.js';

const SORRY: SorryServerConfig = { address: address('203.0.113.9'), port: 80, method: 'nat', inhibit: false };

/** A pool of one virtual server; servers whose last number is in `dead` refuse connections. */
function pool(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = {}): PoolRun & { dead: Set<number> } {
  const run = Object.assign(new PoolRun({ virtualServers: [virtualServer(1, servers, changes)] }), { dead: new Set<number>() });
  run.answer = (last) => (run.dead.has(last) ? failure() : PASSED);
  return run;
}

test('at the start all servers are in service, the quorum is told, then the checkers', () => {
  const run = pool([realServer(1), realServer(2, { weight: 3 })]);
  assert.deepEqual(run.table(1), ['1=1', '2=3']);
  assert.deepEqual(run.told(), ['quorumGained 1', 'checkerActivated 1 1', 'checkerActivated 2 1']);
});

test('with alpha a server is out until its check passes, and its first failure is told to the script', () => {
  const alpha = (last: number): RealServerConfig =>
    realServer(last, {
      checkers: [tcpCheck(last, { alpha: true })],
      notifyUp: command(`up${last}`),
      notifyDown: command(`down${last}`),
    });
  const run = pool([alpha(1), alpha(2)]);
  run.dead.add(2);
  assert.deepEqual(run.table(1), []);
  assert.deepEqual(run.told(), ['checkerActivated 1 1', 'checkerActivated 2 1'], 'no word about the quorum');
  run.run(seconds(15));
  assert.deepEqual(run.table(1), ['1=1']);
  assert.deepEqual(run.commands, ['up1', 'down2']);
  assert.deepEqual(run.told(), ['checkSucceeded 1 1', 'serverAdded 1 1', 'quorumGained 1', 'checkFailed 2 1']);
});

test('all checkers of a server must be up', () => {
  const checkers = [tcpCheck(1), tcpCheck(101), tcpCheck(102)];
  const run = pool([realServer(1, { checkers })]);
  run.run(seconds(5));
  run.told();
  run.dead.add(101).add(102);
  run.run(seconds(20));
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1', 'checkFailed 1 1'], 'removed once');
  run.dead.delete(101);
  run.run(seconds(15));
  assert.deepEqual(run.told(), ['checkSucceeded 1 1']);
  assert.deepEqual(run.table(1), []);
  run.dead.delete(102);
  run.run(seconds(15));
  assert.deepEqual(run.table(1), ['1=1']);
});

test('inhibit_on_failure leaves a dead server in the tables with weight 0', () => {
  const run = pool([realServer(1, { inhibitOnFailure: true, weight: 4 })]);
  run.dead.add(1);
  run.run(seconds(3));
  assert.deepEqual(run.table(1), ['1=0']);
  assert.ok(run.told().includes('serverDisabled 1 1'));
  run.dead.delete(1);
  run.run(seconds(12));
  assert.deepEqual(run.table(1), ['1=4']);
  assert.ok(run.told().includes('serverEnabled 1 1'));
});

test('when the quorum is lost the sorry server takes over from all, and gives back when it is gained', () => {
  const run = pool([realServer(1), realServer(2, { inhibitOnFailure: true }), realServer(3)], {
    quorum: 2,
    sorryServer: SORRY,
    quorumUp: command('quorum-up'),
    quorumDown: command('quorum-down'),
  });
  run.run(seconds(5));
  assert.deepEqual(run.commands, ['quorum-up']);
  run.told();
  run.dead.add(1).add(2);
  run.run(seconds(20));
  assert.deepEqual(run.table(1), ['2=0', '9=1'], 'the inhibited one stays with weight 0');
  assert.deepEqual(run.told(), [
    'checkFailed 1 1',
    'serverRemoved 1 1',
    'checkFailed 2 1',
    'serverDisabled 2 1',
    'quorumLost 1',
    'sorryServerAdded 9 1',
    'aliveServersRemoved 1',
  ]);
  run.dead.delete(1);
  run.run(seconds(12));
  assert.deepEqual(run.told(), [
    'checkSucceeded 1 1',
    'serverAdded 1 1',
    'quorumGained 1',
    'sorryServerRemoved 9 1',
    'aliveServersAdded 1',
  ]);
  assert.deepEqual(run.table(1), ['1=1', '2=0', '3=1']);
  assert.deepEqual(run.commands, ['quorum-up', 'quorum-down', 'quorum-up']);
});

test('while the sorry server stands in, servers that come and go change nothing in the tables', () => {
  const run = pool([realServer(1), realServer(2), realServer(3)], { quorum: 3, sorryServer: SORRY });
  run.dead.add(1).add(2);
  run.run(seconds(3));
  const before = run.table(1);
  assert.deepEqual(before, ['9=1']);
  run.told();
  run.dead.delete(1);
  run.run(seconds(12));
  assert.deepEqual(run.told(), ['checkSucceeded 1 1', 'serverAdded 1 1']);
  assert.deepEqual(run.table(1), before);
});

test('a virtual server that starts without quorum brings its sorry server at once', () => {
  const run = pool([realServer(1, { checkers: [tcpCheck(1, { alpha: true })] })], { sorryServer: SORRY, quorumDown: command('down') });
  assert.deepEqual(run.notes[0], {
    type: 'quorumDownAtStart',
    virtualServer: '[192.0.2.1]:tcp:80',
    quorum: 1,
    hysteresis: 0,
    threshold: 1,
    weight: 0,
  });
  assert.deepEqual(run.told().slice(1, 3), ['sorryServerAdded 9 1', 'aliveServersRemoved 1']);
  assert.deepEqual(run.commands, ['down']);
  assert.deepEqual(run.table(1), ['9=1']);
});

test('an inhibited sorry server is in the tables with weight 0 from the start', () => {
  const run = pool([realServer(1)], { sorryServer: { ...SORRY, inhibit: true } });
  assert.deepEqual(run.table(1), ['1=1', '9=0']);
  run.dead.add(1);
  run.run(seconds(3));
  assert.deepEqual(run.table(1), ['9=1']);
  assert.ok(run.told().includes('sorryServerEnabled 9 1'));
  run.dead.delete(1);
  run.run(seconds(12));
  assert.deepEqual(run.table(1), ['1=1', '9=0']);
  assert.ok(run.told().includes('sorryServerDisabled 9 1'));
});

test('a sorry server that is also a real server shares one entry', () => {
  const run = pool([realServer(1, { weight: 5 }), realServer(2)], {
    quorum: 6,
    sorryServer: { ...SORRY, address: address('198.51.100.1'), inhibit: true },
  });
  assert.deepEqual(run.table(1), ['1=5', '2=1']);
  run.dead.add(2);
  run.run(seconds(3));
  assert.deepEqual(run.table(1), ['1=1']);
});

test('a pool whose servers all weigh nothing has its sorry server serve, as with keepalived', () => {
  const run = pool([realServer(1, { weight: 0 }), realServer(2, { weight: 0, inhibitOnFailure: true })], { quorum: 0, sorryServer: SORRY });
  assert.ok(run.told().includes('quorumDownAtStart 1'));
  assert.deepEqual(run.table(1), ['2=0', '9=1']);
  run.run(seconds(30));
  assert.deepEqual(run.told().filter((note) => note.startsWith('quorum')), []);
  assert.deepEqual(run.table(1), ['2=0', '9=1']);
});

test('hysteresis keeps a quorum that hovers', () => {
  const run = pool([realServer(1), realServer(2), realServer(3)], { quorum: 2, hysteresis: 1 });
  run.run(seconds(5));
  run.told();
  run.dead.add(1).add(2);
  run.run(seconds(30));
  assert.ok(!run.told().includes('quorumLost 1'), 'weight 1 is not below 2-1');
  run.dead.add(3);
  run.run(seconds(30));
  assert.ok(run.told().includes('quorumLost 1'));
  run.dead.delete(1);
  run.dead.delete(2);
  run.run(seconds(30));
  assert.ok(!run.told().includes('quorumGained 1'), 'weight 2 is below 2+1');
});

test('a masquerading server keeps its port, direct and tunnel servers take the port of the service', () => {
  const ports = (method: RealServerConfig['method'], which: Service): (number | undefined)[] => {
    const run = pool([realServer(1, { method, port: 8080 })], { services: [which] });
    return [...desiredTables(run.state).values()].flatMap(({ destinations }) => [...destinations.values()].map(({ port }) => port));
  };
  const mark: Service = { ...service(1), identity: { kind: 'fwmark', fwmark: 7, family: 'ipv4' } };
  assert.deepEqual(ports('nat', service(1)), [8080]);
  assert.deepEqual(ports('direct', service(1)), [80]);
  assert.deepEqual(ports('tunnel', service(1)), [80]);
  assert.deepEqual(ports('nat', mark), [8080]);
  assert.deepEqual(ports('direct', mark), [0]);
});

test('in a group of both families each service gets the servers of its own, tunnels go to all', () => {
  const six: Service = {
    ...service(1),
    identity: { kind: 'address', protocol: 'tcp', address: address('2001:db8::1'), port: 80 },
    persistenceGranularity: '128',
  };
  const servers = [realServer(1), realServer(2, { address: address('2001:db8::2') }), realServer(3, { method: 'tunnel' })];
  const run = pool(servers, { name: '[GROUP]:0', services: [service(1), six] });
  assert.deepEqual(
    [...desiredTables(run.state)].map(([key, { destinations }]) => [key, [...destinations.keys()]]),
    [
      ['tcp 192.0.2.1:80', ['198.51.100.1:80', '198.51.100.3:80']],
      ['tcp [2001:db8::1]:80', ['[2001:db8::2]:80', '198.51.100.3:80']],
    ],
  );
});

test('tables that did not change are the same objects, and so are untouched servers in a service that did', () => {
  const config = { virtualServers: [virtualServer(1, [realServer(1), realServer(2)]), virtualServer(2, [realServer(3)])] };
  const run = new PoolRun(config);
  run.run(seconds(5));
  const before = desiredTables(run.state);
  run.run(seconds(20));
  assert.equal(desiredTables(run.state), before);
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(20));
  const after = desiredTables(run.state);
  assert.notEqual(after, before);
  assert.equal(after.get('tcp 192.0.2.2:80'), before.get('tcp 192.0.2.2:80'));
  const survivor = (tables: typeof before): unknown => tables.get('tcp 192.0.2.1:80')?.destinations.get('198.51.100.2:80');
  assert.equal(survivor(after), survivor(before));
});

test('at stop every server is named, running probes are called back and nothing is desired or due', () => {
  const run = pool([realServer(1, { notifyDown: command('down') }), realServer(2, { inhibitOnFailure: true })], {
    quorumDown: command('quorum-down'),
  });
  run.dead.add(2);
  run.run(seconds(3));
  run.told();
  run.answer = () => undefined;
  run.run(seconds(9));
  run.deliver({ type: 'stopRequested', keepTables: false });
  assert.deepEqual(run.notes.map((note) => [note.type, 'inhibited' in note && note.inhibited]), [
    ['serverShutDown', false],
    ['serverShutDown', true],
  ]);
  assert.deepEqual(run.commands, [], 'without omega nobody is notified');
  assert.equal(run.cancelled.length, 2);
  assert.equal(desiredTables(run.state).size, 0);
  assert.equal(poolDeadline(run.state), undefined);
  run.told();
  run.deliver({ type: 'stopRequested', keepTables: false });
  run.deliver({ type: 'timeout' });
  assert.deepEqual(run.told(), []);
});

test('every change of a server and of a quorum is told to readers of states, with and without commands', () => {
  const run = pool([realServer(1), realServer(2)], { omega: true, quorum: 2 });
  assert.deepEqual(run.states.splice(0), ['1 UP']);
  run.dead.add(2);
  run.run(seconds(10));
  assert.deepEqual(run.states.splice(0), ['2 1 DOWN', '1 DOWN']);
  run.dead.delete(2);
  run.run(seconds(10));
  assert.deepEqual(run.states.splice(0), ['2 1 UP', '1 UP']);
  run.deliver({ type: 'stopRequested', keepTables: false });
  assert.deepEqual(run.states, ['1 1 DOWN', '2 1 DOWN', '1 DOWN']);
});

test('one server in two virtual servers is two objects to its commands, and neither is the quorum of a service there', () => {
  const shared = realServer(1, { notifyDown: command('down') });
  const quorumDown = command('quorum-down');
  const run = new PoolRun({ virtualServers: [1, 2].map((last) => virtualServer(last, [shared], { quorumDown })) });
  run.answer = () => failure();
  run.run(seconds(10));
  assert.deepEqual(run.commands.toSorted(), ['down', 'down', 'quorum-down', 'quorum-down']);
  assert.equal(new Set(run.commandKeys).size, 4);
});

test('with omega a stop notifies for the servers and the quorum that were up', () => {
  const notify = (last: number): RealServerConfig => realServer(last, { notifyDown: command(`down${last}`) });
  const run = pool([notify(1), notify(2)], { omega: true, quorumDown: command('quorum-down') });
  run.dead.add(2);
  run.run(seconds(3));
  run.commands.splice(0);
  run.deliver({ type: 'stopRequested', keepTables: false });
  assert.deepEqual(run.commands, ['down1', 'quorum-down']);
});

test('a stop that keeps the tables is silent', () => {
  const run = pool([realServer(1, { notifyDown: command('down') })], { omega: true });
  run.told();
  run.deliver({ type: 'stopRequested', keepTables: true });
  assert.deepEqual([run.told(), run.commands, run.table(1)], [[], [], ['1=1']]);
});

test('the description says what is up, what is in the tables and what is being asked', () => {
  const run = pool([realServer(1), realServer(2, { weight: 2 })], { sorryServer: SORRY });
  run.dead.add(1);
  run.run(seconds(3));
  assert.deepEqual(describePool(run.state).virtualServers, [
    {
      name: '[192.0.2.1]:tcp:80',
      quorumUp: true,
      since: seconds(0),
      quorum: 1,
      aliveWeight: 2,
      sorryServer: { name: '[203.0.113.9]:tcp:80', active: false },
      services: [{ identity: { kind: 'address', protocol: 'tcp', address: '192.0.2.1', port: 80 }, scheduler: 'rr' }],
      realServers: [
        {
          name: '[198.51.100.1]:tcp:80',
          address: '198.51.100.1',
          port: 80,
          method: 'nat',
          alive: false,
          since: micros(1_001_000),
          configuredWeight: 1,
          weight: 1,
          checkers: [
            {
              check: 'TCP_CHECK',
              up: false,
              hasRun: true,
              retries: 0,
              probing: false,
              lastAnswer: { at: micros(1_001_000), latency: milliseconds(1), failure: { type: 'refused' } },
            },
          ],
          followers: [],
        },
        {
          name: '[198.51.100.2]:tcp:80',
          address: '198.51.100.2',
          port: 80,
          method: 'nat',
          alive: true,
          since: seconds(0),
          configuredWeight: 2,
          weight: 2,
          weightInTables: 2,
          checkers: [
            { check: 'TCP_CHECK', up: true, hasRun: true, retries: 0, probing: false, lastAnswer: { at: micros(1_001_000), latency: milliseconds(1) } },
          ],
          followers: [],
        },
      ],
    },
  ]);
});
