import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { HealthNote } from '../../src/health/notes.js';
import type { IpvsNote } from '../../src/ipvs/notes.js';
import { narrateDriver } from '../../src/runtime/narrate/driver.js';
import { narrateHealth } from '../../src/runtime/narrate/health.js';
import { narrateIpvs } from '../../src/runtime/narrate/ipvs.js';
import { narrateVrrp } from '../../src/runtime/narrate/vrrp.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import { address } from '../support/address.js';
import { route, rule } from '../support/network.js';
import { virtual } from '../support/vrrp-configuration.js';

const V1 = { instance: 'V1' } as const;
const PEER = { instance: 'V1', source: address('192.0.2.2') } as const;
const SERVER = { server: '[192.0.2.13]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80' } as const;
const TCP = { check: 'TCP_CHECK', ...SERVER } as const;
const WEB = { check: 'HTTP_GET', ...SERVER } as const;
const UDP = { check: 'UDP_CHECK', ...SERVER } as const;
const PING = { check: 'PING_CHECK', ...SERVER } as const;
const DNS = { check: 'DNS_CHECK', ...SERVER } as const;
const SMTP = { check: 'SMTP_CHECK', ...SERVER } as const;
const failure = (type: 'refused' | 'connectTimeout' | 'readTimeout') => ({ failure: { type } });
const QUORUM = { virtualServer: SERVER.virtualServer, quorum: 2, hysteresis: 1 } as const;

/** keepalived's sentences; a leading `-D ` marks those that need --log-detail. */
const VRRP_SENTENCES: readonly (readonly [VrrpNote, readonly string[]])[] = [
  [{ type: 'instanceStarted', ...V1, state: 'BACKUP' }, ['(V1) Entering BACKUP STATE (init)']],
  [{ type: 'stateChanged', ...V1, from: 'BACKUP', to: 'MASTER' }, ['(V1) Entering MASTER STATE']],
  [{ type: 'stateChanged', ...V1, from: 'MASTER', to: 'FAULT' }, ['(V1) Entering FAULT STATE']],
  [
    { type: 'faultFound', ...V1, reason: { type: 'interfaceDown', interface: 'eth0' }, starting: true },
    ['(V1): entering FAULT state (interface eth0 down)'],
  ],
  [
    { type: 'faultFound', ...V1, reason: { type: 'noSourceAddress', interface: 'eth0', family: 'ipv6' }, starting: false },
    ['(V1) entering FAULT state (no IPv6 address for interface)'],
  ],
  [{ type: 'advertTimeout', ...V1 }, ['-D (V1) Receive advertisement timeout']],
  [{ type: 'priorityZeroSent', ...V1 }, ['-D (V1) sent 0 priority']],
  [{ type: 'priorityZeroReceived', ...PEER, state: 'BACKUP' }, ['-D (V1) Backup received priority 0 advertisement']],
  [{ type: 'priorityZeroReceived', ...PEER, state: 'MASTER' }, ['-D (V1) Master received priority 0 message']],
  [
    { type: 'lowerPriorityDiscarded', ...PEER, priority: 90 },
    ['(V1) received lower priority (90) advert from 192.0.2.2 - discarding'],
  ],
  [
    { type: 'conflictFound', instance: 'V1', kind: 'twoMasters', by: '192.0.2.2', count: 3 },
    ['(V1) CONFLICT: two masters: 192.0.2.2 goes on advertising below our priority, so it does not hear us (3 times)'],
  ],
  [
    { type: 'conflictFound', instance: 'V1', kind: 'stranger', by: '192.0.2.2', count: 3, detail: 'password' },
    ['(V1) CONFLICT: 192.0.2.2 uses our virtual router id with other settings (password): another cluster, or another configuration (3 times)'],
  ],
  [
    { type: 'conflictFound', instance: 'V1', kind: 'addressList', by: '192.0.2.2', count: 3 },
    ['(V1) CONFLICT: 192.0.2.2 advertises other virtual addresses than ours: the configurations differ (3 times)'],
  ],
  [
    { type: 'conflictFound', instance: 'V1', kind: 'addressTaken', by: '192.0.2.100 by 02:00:00:00:00:99 on eth0', count: 1 },
    ['(V1) CONFLICT: another host claims an address that we hold: 192.0.2.100 by 02:00:00:00:00:99 on eth0 (once)'],
  ],
  [
    { type: 'lowerPriorityReceived', ...PEER, priority: 90, ownPriority: 100, forcesElection: true },
    ['(V1) Received advert from 192.0.2.2 with lower priority 90, ours 100, forcing new election'],
  ],
  [
    { type: 'lowerPriorityReceived', ...PEER, priority: 90, ownPriority: 100, forcesElection: false },
    ['(V1) Received advert from 192.0.2.2 with lower priority 90, ours 100'],
  ],
  [
    { type: 'higherPriorityReceived', ...PEER, priority: 200, ownPriority: 100 },
    ['(V1) Master received advert from 192.0.2.2 with higher priority 200, ours 100'],
  ],
  [
    { type: 'higherAddressReceived', ...PEER, priority: 100 },
    ['(V1) Master received advert from 192.0.2.2 with same priority 100 but higher IP address than ours'],
  ],
  [
    { type: 'ownAddressReceived', ...PEER },
    ['(V1) WARNING - equal priority advert received from remote host with our IP address.'],
  ],
  [
    { type: 'ownerConflict', ...PEER },
    ['(V1) CONFIGURATION ERROR: local instance and 192.0.2.2 are both configured as address owner, please resolve'],
  ],
  [
    { type: 'ownerConflictPriorityReduced', ...PEER, priority: 254 },
    ['(V1) 192.0.2.2 is still advertising as address owner, please resolve - reducing our priority'],
  ],
  [{ type: 'ownerConflictEnded', ...PEER }, ['(V1): rogue address owner appears to have stopped advertising']],
  [
    { type: 'ownerPriorityRestored', ...V1, priority: 255 },
    ['(V1) Restoring our priority to 255 since other address owner has disappeared'],
  ],
  [{ type: 'masterChanged', ...V1, to: address('192.0.2.2') }, ['-D (V1) master set to 192.0.2.2']],
  [
    { type: 'masterChanged', ...V1, from: address('192.0.2.2'), to: address('192.0.2.3') },
    ['-D (V1) master changed from 192.0.2.2 to 192.0.2.3'],
  ],
  [{ type: 'preemptDelayStarted', ...V1, delay: seconds(1.5) }, ['-D (V1) start preempt delay (1.500000)']],
  [
    { type: 'advertIntervalLearnt', ...V1, from: seconds(1), to: milliseconds(500) },
    ['-D (V1) advertisement interval updated from 1000ms to 500ms by master'],
  ],
  [
    { type: 'advertIntervalRestored', ...V1, from: milliseconds(500), to: seconds(1) },
    ['-D (V1) changing advert interval from 500ms to locally configured 1000ms'],
  ],
  [{ type: 'effectivePriorityChanged', ...V1, from: 100, to: 80 }, ['(V1) Changing effective priority from 100 to 80']],
  [{ type: 'basePrioritySet', ...V1, from: 100, to: 90 }, ['(V1) base priority changed from 100 to 90 via SNMP.']],
  [{ type: 'preemptSet', ...V1, preempt: true }, ['(V1) preemption enabled with SNMP']],
  [{ type: 'preemptSet', ...V1, preempt: false }, ['(V1) preemption disabled with SNMP']],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'length', received: 30, expected: 44 } },
    ['(V1) vrrp packet from 192.0.2.2 too short, length 30 and expect 44'],
  ],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'hopLimit', received: 254 } },
    ['(V1) invalid TTL/HL from 192.0.2.2. Received 254 and expect 255'],
  ],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'version', received: 3, expected: 2 } },
    ['(V1) wrong VRRP version from 192.0.2.2. Received 3 and expect 2'],
  ],
  [{ type: 'advertRejected', ...PEER, rejection: { type: 'password' } }, ['(V1) received an invalid passwd from 192.0.2.2!']],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'authenticationMismatch', received: 1, expected: 0 } },
    ['(V1) received a 1 auth from 192.0.2.2, expecting 0!'],
  ],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'advertInterval', version: 2, received: seconds(2), expected: seconds(1) } },
    ["(V1) advertisement interval mismatch with 192.0.2.2 mine=1 sec rcv'd=2 sec"],
  ],
  [
    { type: 'advertRejected', ...PEER, rejection: { type: 'checksum', version: 3 } },
    ['(V1) Invalid VRRPv3 checksum from 192.0.2.2'],
  ],
  [
    { type: 'advertIntervalDiffers', ...PEER, received: milliseconds(500), own: seconds(1) },
    ["(V1) advertisement interval mismatch ours = 100 centi-sec rcv'd=50 centi-sec"],
  ],
  [{ type: 'addressCountDiffers', ...PEER, received: 1, expected: 2 }, ['(V1) expected 2 VIPs but received 1']],
  [
    { type: 'addressNotAdvertised', ...PEER, virtualRouterId: 51, address: address('192.0.2.100') },
    ['(V1) ip address associated with VRID 51 not present in advert from 192.0.2.2: 192.0.2.100'],
  ],
  [
    { type: 'addressesRequested', ...V1, present: true, excluded: false, addresses: [virtual('192.0.2.100')] },
    ['-D (V1) setting VIPs.'],
  ],
  [
    { type: 'addressesRequested', ...V1, present: false, excluded: true, addresses: [virtual('192.0.2.100')] },
    ['-D (V1) removing E-VIPs.'],
  ],
  // In the order of a running keepalived: an address is named before its first packet, then every packet.
  [
    { type: 'announcementSent', ...V1, addresses: [virtual('192.0.2.100'), virtual('192.0.2.101')], repeat: 2 },
    [
      '-D (V1) Sending/queueing gratuitous ARPs on eth0 for 192.0.2.100',
      '-D Sending gratuitous ARP on eth0 for 192.0.2.100',
      '-D (V1) Sending/queueing gratuitous ARPs on eth0 for 192.0.2.101',
      '-D Sending gratuitous ARP on eth0 for 192.0.2.101',
      '-D Sending gratuitous ARP on eth0 for 192.0.2.100',
      '-D Sending gratuitous ARP on eth0 for 192.0.2.101',
    ],
  ],
  [
    { type: 'announcementSent', ...V1, addresses: [virtual('fe80::100')], repeat: 1 },
    [
      '-D (V1) Sending/queueing Unsolicited Neighbour Adverts on eth0 for fe80::100',
      '-D Sending unsolicited Neighbour Advert on eth0 for fe80::100',
    ],
  ],
  [{ type: 'linkStateChanged', interface: 'eth0', up: false }, ['Netlink reports eth0 down']],
  [{ type: 'linkAppeared', interface: 'eth0' }, ['Interface eth0 added']],
  [{ type: 'groupSyncing', group: 'G', state: 'MASTER' }, ['VRRP_Group(G) Syncing instances to MASTER state']],
  [{ type: 'groupMemberFaulted', group: 'G', ...V1 }, ['VRRP_Group(G): Syncing V1 to FAULT state']],
  [
    { type: 'addressLost', ...V1, interface: 'eth0', address: address('192.0.2.100') },
    ['Netlink reflector reports IP 192.0.2.100 removed from eth0'],
  ],
  [{ type: 'networkRequested', ...V1, present: true, kind: 'routes', count: 1 }, ['-D (V1) setting Virtual Routes']],
  [{ type: 'networkRequested', ...V1, present: false, kind: 'rules', count: 1 }, ['-D (V1) removing Virtual Rules']],
  [
    { type: 'staticObjectRestoring', object: virtual('192.0.2.50/24', { interface: 'eth1' }) },
    ['Restoring deleted static address 192.0.2.50/24 dev eth1 scope global'],
  ],
  [
    { type: 'staticObjectRestoring', object: route('10.20.0.0/16', { interface: 'eth1' }) },
    ['Restoring deleted static route prepend 10.20.0.0/16 dev eth1 proto 18'],
  ],
  [
    { type: 'staticObjectRestoring', object: rule(200) },
    ['Restoring deleted static rule from all priority 200 protocol 18 lookup 100'],
  ],
  [{ type: 'networkDropped', ...V1, object: route('0.0.0.0/0') }, ['Removing route prepend default dev eth0 proto 18']],
  [
    { type: 'repairsGivenUp', ...V1, times: 5, span: seconds(10) },
    ['(V1) what it holds was removed and put back 5 times in 10 s: leaving it to another router'],
  ],
  [
    { type: 'addressDropped', ...V1, address: virtual('192.0.2.100/24') },
    ['(V1) ip address 192.0.2.100/24 dev eth0, no longer exist'],
  ],
  [{ type: 'startupDelayed', delay: seconds(2.5) }, ['Delaying startup for 2.5 seconds']],
];

const HEALTH_SENTENCES: readonly (readonly [HealthNote, string])[] = [
  [{ type: 'checkerActivated', ...TCP }, 'Activating healthchecker for service [192.0.2.13]:tcp:80 for VS [192.0.2.100]:tcp:80'],
  [{ type: 'checkerSuspended', ...TCP }, 'Suspending healthchecker for service [192.0.2.13]:tcp:80 for VS [192.0.2.100]:tcp:80'],
  [{ type: 'checkSucceeded', ...SMTP }, 'Remote SMTP server [192.0.2.13]:tcp:80 succeed on service.'],
  [{ type: 'probeFailed', ...SMTP, ...failure('readTimeout') }, 'SMTP_CHECK Read timeout from server [192.0.2.13]:80'],
  [{ type: 'checkFailed', ...SMTP, failure: { type: 'badBanner' }, retries: 1 }, 'SMTP_CHECK Bad greeting banner from server [192.0.2.13]:80'],
  [{ type: 'checkFailed', ...SMTP, failure: { type: 'badHelo' }, retries: 1 }, 'SMTP_CHECK Bad HELO response from server [192.0.2.13]:80'],
  [{ type: 'checkFailed', ...SMTP, ...failure('connectTimeout'), retries: 1 }, 'SMTP_CHECK Connection timeout to server [192.0.2.13]:80'],
  [{ type: 'probeRescheduled', ...SMTP, operation: 'bind', code: 'EADDRNOTAVAIL' }, 'SMTP_CHECK socket bind failed. Rescheduling.'],
  [{ type: 'probeFailed', ...WEB, failure: { type: 'pattern', outcome: 'missing' }, url: 1 }, 'Regex match failed server [192.0.2.13]:tcp:80.'],
  [{ type: 'checkSucceeded', ...SERVER, check: 'REDIS_CHECK' }, 'Redis connection to [192.0.2.13]:tcp:80 success.'],
  [{ type: 'checkFailed', ...SERVER, check: 'MYSQL_CHECK', retries: 1, failure: { type: 'unexpected', detail: 'error 1040 Too many connections' } }, 'MYSQL_CHECK on service [192.0.2.13]:tcp:80 failed after 1 retries: error 1040 Too many connections.'],
  [{ type: 'certificateExpiring', ...WEB, days: 3 }, 'Certificate of [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80 expires in 3 days'],
  [{ type: 'certificateExpiring', ...WEB, days: -2 }, 'Certificate of [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80 has been expired for 2 days'],
  [{ type: 'urlPassed', ...WEB, url: 1, path: '/', criterion: 'pattern' }, 'Regex match success to [192.0.2.13]:tcp:80 url(/)'],
  [{ type: 'checkSucceeded', ...TCP }, 'TCP connection to [192.0.2.13]:tcp:80 success.'],
  [{ type: 'checkSucceeded', ...WEB }, 'Remote Web server [192.0.2.13]:tcp:80 succeed on service.'],
  [{ type: 'probeFailed', ...TCP, ...failure('refused') }, 'TCP connection to [192.0.2.13]:tcp:80 failed.'],
  [{ type: 'probeFailed', ...TCP, ...failure('connectTimeout') }, 'TCP connection to [192.0.2.13]:tcp:80 timeout.'],
  [{ type: 'probeFailed', ...WEB, ...failure('refused'), url: 1 }, 'Connection failed server [192.0.2.13]:tcp:80.'],
  [{ type: 'probeFailed', ...WEB, ...failure('connectTimeout'), url: 1 }, 'Timeout connecting server [192.0.2.13]:tcp:80.'],
  [{ type: 'probeFailed', ...WEB, ...failure('readTimeout'), url: 1 }, 'Timeout WEB read server [192.0.2.13]:tcp:80.'],
  [{ type: 'probeFailed', ...WEB, failure: { type: 'readTimeout', begun: true }, url: 1 }, 'Timeout HTTP read server [192.0.2.13]:tcp:80.'],
  [{ type: 'probeFailed', ...SMTP, ...failure('refused'), target: '[198.51.100.5]:2525' }, 'SMTP_CHECK Could not connect to server [198.51.100.5]:2525'],
  [{ type: 'checkFailed', ...TCP, retries: 3 }, 'TCP_CHECK on service [192.0.2.13]:tcp:80 failed after 3 retries.'],
  [{ type: 'checkFailed', ...TCP, retries: 0 }, 'TCP_CHECK on service [192.0.2.13]:tcp:80 failed.'],
  [{ type: 'checkFailed', ...WEB, retries: 1 }, 'HTTP_CHECK on service [192.0.2.13]:tcp:80 failed after 1 retries.'],
  [{ type: 'probeRescheduled', ...TCP, operation: 'socket', code: 'EMFILE' }, 'TCP connect fail to create socket. Rescheduling.'],
  [{ type: 'probeRescheduled', ...TCP, operation: 'bind', code: 'EADDRNOTAVAIL' }, 'TCP socket bind failed. Rescheduling.'],
  [{ type: 'probeRescheduled', ...WEB, operation: 'socket', code: 'EMFILE' }, 'WEB connection fail to create socket. Rescheduling.'],
  [{ type: 'checkSucceeded', ...UDP }, 'UDP connection to [192.0.2.13]:tcp:80 success.'],
  [{ type: 'checkSucceeded', ...PING }, 'ICMP connection to [192.0.2.13]:tcp:80 success.'],
  [{ type: 'probeFailed', ...UDP, ...failure('refused') }, 'UDP connection to [192.0.2.13]:tcp:80 failed.'],
  [{ type: 'probeFailed', ...UDP, failure: { type: 'otherReply' } }, 'UDP check to [192.0.2.13]:tcp:80 reply data mismatch.'],
  [{ type: 'probeFailed', ...PING, ...failure('readTimeout') }, 'ICMP connection to address [192.0.2.13]:tcp:80 timeout.'],
  [{ type: 'probeFailed', ...PING, ...failure('refused') }, 'ICMP connection to [192.0.2.13]:tcp:80 of [192.0.2.100]:tcp:80 failed.'],
  [{ type: 'probeFailed', ...DNS, ...failure('refused') }, 'DNS_CHECK ([192.0.2.13]:tcp:80) failed to read socket; errno 111 (Connection refused)'],
  [{ type: 'checkFailed', ...UDP, retries: 2 }, 'UDP_CHECK on service [192.0.2.13]:tcp:80 failed after 2 retries.'],
  [{ type: 'checkFailed', ...PING, retries: 2 }, 'ICMP CHECK on service [192.0.2.13]:tcp:80 of [192.0.2.100]:tcp:80 failed after 2 retries.'],
  [{ type: 'checkFailed', ...PING, retries: 0 }, 'ICMP CHECK on service [192.0.2.13]:tcp:80 failed.'],
  [{ type: 'checkFailed', ...DNS, ...failure('readTimeout'), retries: 3 }, 'DNS_CHECK ([192.0.2.13]:tcp:80) read timeout from socket after 3 retries'],
  [
    { type: 'checkFailed', ...DNS, failure: { type: 'dnsError', responseCode: 3 }, retries: 0 },
    'DNS_CHECK ([192.0.2.13]:tcp:80) read error occurred. (rcode = 3)',
  ],
  [{ type: 'serverAdded', ...SERVER }, 'Adding service [192.0.2.13]:tcp:80 to VS [192.0.2.100]:tcp:80'],
  [{ type: 'serverRemoved', ...SERVER }, 'Removing service [192.0.2.13]:tcp:80 from VS [192.0.2.100]:tcp:80'],
  [{ type: 'serverEnabled', ...SERVER }, 'Enabling service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80'],
  [{ type: 'serverDisabled', ...SERVER }, 'Disabling service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80'],
  [
    { type: 'serverShutDown', ...SERVER, inhibited: true },
    'Shutting down (inhibited) service [192.0.2.13]:tcp:80 from VS [192.0.2.100]:tcp:80',
  ],
  [
    { type: 'serverWithdrawn', ...SERVER, inhibited: false },
    'Removing service [192.0.2.13]:tcp:80 from VS [192.0.2.100]:tcp:80',
  ],
  [{ type: 'serverGone', ...SERVER }, 'service [192.0.2.13]:tcp:80 no longer exist'],
  [
    { type: 'serverDraining', ...SERVER, limit: seconds(90) },
    'Draining service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80 for at most 90 s',
  ],
  [
    { type: 'serverDrained', ...SERVER, inTime: true },
    'Drained service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80: no connection is left',
  ],
  [
    { type: 'serverDrained', ...SERVER, inTime: false },
    'Drained service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80: the time is up',
  ],
  [{ type: 'virtualServerGone', virtualServer: '[192.0.2.100]:tcp:80' }, 'Removing Virtual Server [192.0.2.100]:tcp:80'],
  [
    { type: 'weightChanged', ...SERVER, from: 1, to: 2, active: false },
    'Changing weight from 1 to 2 for inactive service [192.0.2.13]:tcp:80 of VS [192.0.2.100]:tcp:80',
  ],
  [{ type: 'quorumGained', ...QUORUM, threshold: 3, weight: 4 }, 'Gained quorum 2+1=3 <= 4 for VS [192.0.2.100]:tcp:80'],
  [{ type: 'quorumLost', ...QUORUM, threshold: 1, weight: 0 }, 'Lost quorum 2-1=1 > 0 for VS [192.0.2.100]:tcp:80'],
  [{ type: 'sorryServerAdded', ...SERVER }, 'Adding sorry server [192.0.2.13]:tcp:80 to VS [192.0.2.100]:tcp:80'],
  [{ type: 'sorryServerRemoved', ...SERVER }, 'Removing sorry server [192.0.2.13]:tcp:80 from VS [192.0.2.100]:tcp:80'],
  [
    { type: 'aliveServersRemoved', virtualServer: '[192.0.2.100]:tcp:80' },
    'Removing alive servers from the pool for VS [192.0.2.100]:tcp:80',
  ],
];

const IPVS_SENTENCES: readonly (readonly [IpvsNote, readonly string[]])[] = [
  [{ type: 'ipvsMissing', code: 'ENOENT' }, ["IPVS: Can't initialize ipvs: ENOENT. Looking for it every second"]],
  [
    { type: 'commandFailed', operation: 'addDestination', service: '192.0.2.100:tcp:80', server: '192.0.2.13:80', code: 'ENOMEM', errno: 12 },
    ['IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: ENOMEM(12) (192.0.2.100:tcp:80 -> 192.0.2.13:80)'],
  ],
  [
    { type: 'driftFound', count: 1, named: [{ repair: 'addService', service: 'Fwm 7' }] },
    ['IPVS: 1 entries were changed by somebody else, putting them right', 'IPVS: service Fwm 7 had disappeared'],
  ],
];

for (const [note, sentences] of VRRP_SENTENCES) {
  test(`VRRP says ${sentences[0] ?? ''} (${note.type})`, () => {
    const lines = narrateVrrp(note).map((entry) => (entry.detail ? `-D ${entry.text}` : entry.text));
    assert.deepEqual(lines, sentences);
  });
}

for (const [note, sentence] of HEALTH_SENTENCES) {
  test(`the checkers say ${sentence}`, () => {
    const entry = narrateHealth(note);
    assert.deepEqual([entry.text, entry.detail], [sentence, false]);
  });
}

for (const [note, sentences] of IPVS_SENTENCES) {
  test(`IPVS: ${sentences[0] ?? ''}`, () => {
    assert.deepEqual(narrateIpvs(note).map((entry) => entry.text), sentences);
  });
}

test('an alarm that came late is told with its lateness', () => {
  const entry = narrateDriver({ type: 'alarmLate', lateness: micros(1_250_042) });
  assert.equal(entry.text, 'A thread timer expired 1.250042 seconds ago');
});

test('fields name what the sentence is about, for those who read JSON', () => {
  const [entry] = narrateVrrp({ type: 'stateChanged', ...V1, from: 'BACKUP', to: 'MASTER' });
  assert.deepEqual(entry?.fields, { instance: 'V1', from: 'BACKUP', state: 'MASTER' });
});
