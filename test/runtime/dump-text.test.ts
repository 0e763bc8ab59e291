import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import { vrrpDumpText, checkersDumpText } from '../../src/runtime/dump-text.js';
import { describeDirector } from '../../src/vrrp/describe.js';
import { director, group, instance, virtual } from '../support/vrrp-configuration.js';
import { started } from '../vrrp/rig.js';

test('the VRRP dump has keepalived\'s sections and keys', () => {
  const config = director(
    [
      instance({
        name: 'V1',
        virtualAddresses: [virtual('192.0.2.100/24'), virtual('192.0.2.101/32', { label: 'eth0:1' })],
        excludedAddresses: [virtual('192.0.2.150/32')],
        authentication: { type: 'pass', password: 'geheim' },
      }),
    ],
    { groups: [group('G', 'V1')] },
  );
  const rig = started(config);
  rig.advance(seconds(5));
  rig.settle();
  const text = vrrpDumpText(describeDirector(rig.state()), (instant) => 1_795_252_000 + instant / 1e6);
  assert.deepEqual(text.split('\n'), [
    '------< VRRP Topology >------',
    ' VRRP Instance = V1',
    '   VRRP Version = 2',
    '   State = MASTER',
    '   Number of interface and track script faults = 0',
    '   Last transition = 1795252003.414062',
    '   Master down timer = 3414062 usecs',
    '   Interface = eth0',
    '   Using src_ip = 192.0.2.1',
    '   Virtual Router ID = 51',
    '   Priority = 150',
    '   Effective priority = 150',
    '   Advert interval = 1 sec',
    '   Preempt = enabled',
    '   Preempt delay = 0 secs',
    '   Authentication type = SIMPLE_PASSWORD',
    '   Virtual IP (2):',
    '     192.0.2.100/24 dev eth0 scope global set',
    '     192.0.2.101 dev eth0 scope global label eth0:1 set',
    '   Virtual IP Excluded :',
    '     192.0.2.150 dev eth0 scope global set',
    '   Sync group = G',
    '------< VRRP Sync groups >------',
    ' VRRP Sync Group = G, MASTER',
    '   VRRP member instances = 1',
    '     V1',
    '',
  ]);
});

test('the checkers dump names servers, their weights in the kernel and what their checks say', () => {
  const text = checkersDumpText({
    pool: {
      virtualServers: [
        {
          name: '[192.0.2.100]:tcp:80',
          quorumUp: false,
          since: micros(0),
          quorum: 1,
          aliveWeight: 0,
          sorryServer: { name: '[192.0.2.99]:tcp:80', active: true },
          realServers: [
            {
              name: '[192.0.2.13]:tcp:80',
              alive: false,
              since: micros(0),
              configuredWeight: 3,
              weight: 3,
              followers: [],
              checkers: [{ check: 'TCP_CHECK', up: false, hasRun: true, retries: 0, probing: true }],
            },
          ],
        },
      ],
    },
    reconciler: { phase: 'idle', trusted: true, ownedServices: 1, refusedCommands: 0, driftRepaired: 2 },
  });
  assert.deepEqual(text.split('\n'), [
    '------< LVS Topology >------',
    ' Kernel tables known = yes',
    ' Own services = 1',
    ' Refused commands = 0',
    ' Entries put right = 2',
    ' Trouble = none',
    ' Virtual Server = [192.0.2.100]:tcp:80',
    '   quorum = 1',
    '   Have quorum = no',
    '   Alive weight = 0',
    '   sorry server = [192.0.2.99]:tcp:80 (active)',
    '   Real Server = [192.0.2.13]:tcp:80',
    '     alive = 0',
    '     weight = 3',
    '     weight in kernel = absent',
    '------< Health checkers >------',
    ' TCP_CHECK',
    '   Virtual Server = [192.0.2.100]:tcp:80',
    '   Real Server = [192.0.2.13]:tcp:80',
    '   Alive = no',
    '   Has run = yes',
    '   Retries used = 0',
    '   Question under way = yes',
    '',
  ]);
});
