/** What SIGUSR1 and SIGRTMIN+2 write: keepalived's sections, keys and fields, and nothing secret. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { GlobalConfig } from '../../src/conf/model.js';
import { vrrpDataText } from '../../src/runtime/vrrp-data-text.js';
import { vrrpJson } from '../../src/runtime/vrrp-json.js';
import { director, group, instance, virtual } from '../support/vrrp-configuration.js';
import { started } from '../vrrp/rig.js';

const GLOBAL: GlobalConfig = {
  processName: 'keepalived',
  vrrpProcessName: 'keepalived',
  checkerProcessName: 'keepalived',
  usePidDirectory: false,
  childWaitTime: 5,
  enableScriptSecurity: false,
  lvsFlush: false,
  lvsFlushOnStop: 'off',
  routerId: 'R1',
};

const CONFIG = director(
  [
    instance({
      name: 'V1',
      virtualAddresses: [virtual('192.0.2.100/24'), virtual('192.0.2.101/32', { label: 'eth0:1' })],
      excludedAddresses: [virtual('192.0.2.150/32')],
      authentication: { type: 'pass', password: 'geheim' },
      notify: { any: { argv: ['/usr/bin/true', 'any/where'] } },
    }),
  ],
  { groups: [group('G', 'V1')] },
);

function master(): ReturnType<typeof started> {
  const rig = started(CONFIG);
  rig.advance(seconds(5));
  rig.settle();
  return rig;
}

test('the VRRP data file has keepalived\'s sections and keys', () => {
  const text = vrrpDataText(master().state(), GLOBAL, (instant) => `at ${instant}`);
  assert.deepEqual(text.split('\n'), [
    '------< Global definitions >------',
    ' Network namespace = (default)',
    ' Router ID = R1',
    ' LVS flush = false',
    ' LVS flush on stop = disabled',
    ' Child wait time = 5',
    ' Script security disabled',
    '------< VRRP Topology >------',
    ' VRRP Instance = V1',
    '   VRRP Version = 2',
    '   Sync group = G',
    '   State = MASTER',
    '   Wantstate = MASTER',
    '   Number of interface and track script faults = 0',
    '   Number of track scripts init = 0',
    '   Last transition = at 3414062',
    '   Master down timer = 3414062 usecs',
    '   Interface = eth0',
    '   Using src_ip = 192.0.2.1',
    '   Gratuitous ARP delay = 5',
    '   Gratuitous ARP repeat = 5',
    '   Gratuitous ARP refresh = 0',
    '   Gratuitous ARP refresh repeat = 1',
    '   Gratuitous ARP lower priority delay = 5',
    '   Gratuitous ARP lower priority repeat = 5',
    '   Down timer adverts = 3',
    '   Send advert after receive lower priority advert = true',
    '   Send advert after receive higher priority advert = false',
    '   Virtual Router ID = 51',
    '   Priority = 150',
    '   Effective priority = 150',
    '   Advert interval = 1 sec',
    '   Accept = enabled',
    '   Preempt = enabled',
    '   Promote_secondaries = disabled',
    '   Authentication type = SIMPLE_PASSWORD',
    '   Password = ********',
    '   Virtual IP (2):',
    '     192.0.2.100/24 dev eth0 scope global set',
    '     192.0.2.101 dev eth0 scope global label eth0:1 set',
    '   Virtual IP Excluded :',
    '     192.0.2.150 dev eth0 scope global set',
    '   Generic state transition script = \'/usr/bin/true\' \'any/where\'',
    '------< VRRP Sync groups >------',
    ' VRRP Sync Group = G, MASTER',
    '   VRRP member instances :',
    '     V1',
    '   Using smtp notification = no',
    '------< Interfaces >------',
    ' Name = eth0',
    '   index = 2',
    '   IPv4 address = 192.0.2.1',
    '   IPv6 address = (none)',
    '   MAC = 02:00:00:00:00:0a',
    '   State = UP, RUNNING',
    '',
  ]);
});

test('the JSON file has one line with keepalived\'s fields in its order, slashes escaped and the password masked', () => {
  const text = vrrpJson(master().state(), 1, (instant) => 1_795_252_000 + instant / 1e6) ?? '';
  assert.match(text, /^\[\{"data":\{"iname":"V1","dont_track_primary":0,.*"pri_zero_sent":0\}\}\]\n$/);
  assert.match(text, /"192\.0\.2\.100\\\/24 dev eth0 scope global set"/);
  assert.match(text, /"script":"'\\\/usr\\\/bin\\\/true' 'any\\\/where'"/);
  assert.match(text, /"auth_type":1,"auth_data":"\*\*\*\*\*\*\*\*"\}/);
  assert.doesNotMatch(text, /geheim/);
  const [row] = JSON.parse(text) as [{ readonly data: Readonly<Record<string, unknown>> }];
  assert.equal(row.data['state'], 2);
  assert.equal(row.data['last_transition'], 1_795_252_003.414062);
});

test('json_version 2 is an object with instances and tracked processes', () => {
  const tracked = {
    scripts: [],
    files: [],
    processes: [
      { name: 'proxy', program: 'haproxy', parameters: ['-W'], match: 'initial' as const, wholeCommand: true, quorum: 2, forkDelay: seconds(1), terminateDelay: seconds(0), weight: 7 },
    ],
  };
  const rig = started(director([instance({ tracks: { processes: [{ name: 'proxy', weight: 7, reverse: false }] } })], { tracked }));
  rig.send({ type: 'processesCounted', process: 'proxy', count: 3 });
  const read = JSON.parse(vrrpJson(rig.state(), 2, Number) ?? '') as { readonly vrrp: readonly object[]; readonly track_process: readonly object[] };
  assert.equal(read.vrrp.length, 1);
  assert.deepEqual(read.track_process, [
    {
      process: 'haproxy',
      parameters: '-W',
      param_match: 3,
      min_processes: 2,
      max_processes: 4_294_967_295,
      current_processes: 3,
      have_quorum: true,
      weight: 7,
      terminate_delay: 0,
      fork_delay: 1,
      fork_delay_timer_running: false,
      terminate_delay_timer_running: false,
      full_command: true,
    },
  ]);
});

test('without an instance there is no JSON file to write', () => {
  assert.equal(vrrpJson(started(director([])).state(), 1, Number), undefined);
});
