/**
 * The files that signals ask for, compared with those of Debian's keepalived under the same configuration: what programs read
 * from them by name must be there, in its place and with the same value.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { HOLDFAST, openNetwork } from '../daemon/network.js';
import type { Host } from '../daemon/network.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';

const JSON_SIGNAL = 36;

/** Paths without links: keepalived 2.2.7 shows where they lead. */
const VRRP = `
global_defs {
  router_id R1
  script_user root
  enable_script_security
  smtp_server 127.0.0.1
  notification_email {
    a@example.com
  }
}
vrrp_script chk {
  script "/usr/bin/true"
  interval 1
}
track_file number {
  file FOLDER/number
  weight 1
}
vrrp_sync_group G {
  group {
    V3
  }
}
vrrp_instance V1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 200
  garp_master_delay 3
  smtp_alert
  authentication {
    auth_type PASS
    auth_pass geheim
  }
  track_interface {
    lo
  }
  track_script {
    chk weight 4
  }
  track_file {
    number weight 1
  }
  virtual_ipaddress {
    10.9.9.100/24
    10.9.9.101 label eth0:1
  }
  virtual_ipaddress_excluded {
    10.9.9.150
  }
  virtual_routes {
    10.10.0.0/16 via 10.9.9.254 dev eth0
  }
  virtual_rules {
    from 10.10.0.0/16 table 100 priority 100
  }
  notify_master "/usr/bin/true master"
  notify_backup "/usr/bin/true backup"
  notify_fault "/usr/bin/true fault"
  notify_stop "/usr/bin/true stop"
  notify "/usr/bin/true any"
  notify_master_rx_lower_pri "/usr/bin/true lower"
}
vrrp_instance V3 {
  version 3
  state BACKUP
  interface eth0
  virtual_router_id 52
  priority 100
  advert_int 0.5
  nopreempt
  virtual_ipaddress {
    10.9.9.102
  }
}
vrrp_instance V6 {
  version 3
  interface eth0
  virtual_router_id 53
  use_vmac vr6
  garp_master_refresh 20
  garp_lower_prio_repeat 0
  accept
  unicast_peer {
    fe80::77
  }
  virtual_ipaddress {
    fe80::88
    2001:db8::9/64
  }
}
vrrp_instance Down {
  interface lo0
  state BACKUP
  virtual_router_id 54
  priority 90
  virtual_ipaddress {
    10.9.9.104
  }
}
`;

interface Row {
  readonly data: Readonly<Record<string, unknown>>;
  readonly stats: Readonly<Record<string, unknown>>;
}

interface Files {
  readonly json: readonly Row[];
  readonly data: string;
}

test('the JSON and data files are keepalived\'s, field by field and key by key', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  left.write('number', '3\n');
  // An interface that is down: an instance in FAULT.
  left.run('ip', 'link', 'add', 'lo0', 'type', 'veth', 'peer', 'name', 'lo1');
  await until('the IPv6 address may be used', 10, () => left.run('ip', '-6', 'address', 'show', 'dev', 'eth0', 'tentative') === '' || undefined);
  const theirs = await filesOf(left, ['keepalived']);
  const ours = await filesOf(left, HOLDFAST);
  assert.equal(ours.json.length, theirs.json.length);
  for (const [i, expected] of theirs.json.entries()) {
    const found = ours.json[i];
    assert.ok(found !== undefined);
    for (const part of ['data', 'stats'] as const) {
      const known: readonly string[] = Object.keys(found[part]).filter((key) => key in expected[part]);
      assert.deepEqual(known, Object.keys(expected[part]), `order of ${part}`);
      for (const [key, value] of Object.entries(expected[part])) {
        if (!VARIES.has(key)) assert.deepEqual(found[part][key], value, `${String(expected.data['iname'])} ${key}`);
      }
    }
    // keepalived since 2.4.
    if ('auth_data' in expected.data) assert.equal(found.data['auth_data'], '********');
  }
  const lines = mainLines(theirs.data);
  assert.ok(lines.length > 120, `${lines.length} lines are compared`);
  assert.deepEqual(mainLines(ours.data), lines);
});

/** Counters and instants of two different runs; passwords, which 2.2.7 shows. */
const VARIES: ReadonlySet<string> = new Set(['last_transition', 'advert_sent', 'auth_data', 'vrules']);

async function filesOf(host: Host, command: readonly string[]): Promise<Files> {
  for (const name of ['keepalived.json', 'keepalived.data']) rmSync(join(host.folder, name), { force: true });
  const daemon = host.daemon(VRRP.replaceAll('FOLDER', host.folder), { command, options: ['-n', '-l', '-D', '-P'] });
  for (const name of ['V1', 'V3', 'V6']) await daemon.line(new RegExp(`\\(${name}\\) Entering MASTER STATE`), 15);
  await daemon.line(/\(Down\):? [Ee]ntering FAULT/, 5);
  await daemon.line(/VRRP_Script\(chk\) succeeded/, 5);
  const text = await until('a file with every address set', 10, async () => {
    const json = await writtenBy(daemon, host, 'keepalived.json', JSON_SIGNAL, '"pri_zero_sent":');
    return (json.match(/ set"/g) ?? []).length === 6 ? json : undefined;
  });
  const data = await writtenBy(daemon, host, 'keepalived.data', 'SIGUSR1', '------< Interfaces >------');
  daemon.signal('SIGTERM');
  await daemon.exited;
  return { json: JSON.parse(text) as readonly Row[], data };
}

/** keepalived writes into the file itself: it is complete when its last part is there. */
async function writtenBy(daemon: Program, host: Host, name: string, signal: NodeJS.Signals | number, end: string): Promise<string> {
  rmSync(join(host.folder, name), { force: true });
  process.kill(daemon.pid, signal);
  return until(`${name} is there`, 5, () => {
    const text = existsSync(join(host.folder, name)) ? host.read(name) : '';
    return text.includes(end) && text.endsWith('\n') ? text : undefined;
  });
}

/** What both have, in order; of the rest each has its own. */
const KEYS =
  /^ *(VRRP (Instance|Version|Sync Group|Script|member instances)|Using Native IPv6|State|Wantstate|Number of (interface and track script faults|track scripts init)|Last transition|Master down timer|Interface|Using src_ip|Gratuitous ARP [\w ]+|Down timer adverts|Send advert after receive [\w ]+|Virtual (Router ID|IP|Routes|Rules)|Priority|Effective priority|Advert interval|Accept|Preempt|Promote_secondaries|Authentication type|Virtual IP \(\d+\):|Virtual IP Excluded|Command|Rise|Fall|Result|Init state|Status|Tracking instances|Track file|File|Tracked [a-z]+)\b|^ {5}|^-{6}</;

const SECTIONS = ['VRRP Topology', 'VRRP Sync groups', 'VRRP Scripts', 'VRRP Track files'];

function mainLines(data: string): readonly string[] {
  const sections = data.split(/^(?=------<)/m).filter((section) => SECTIONS.some((title) => section.startsWith(`------< ${title} >`)));
  return sections.flatMap((section) =>
    section.split('\n').flatMap((line) => {
      if (!KEYS.test(line) || OURS_OR_THEIRS.test(line)) return [];
      // The instant is another one; the shape of it is compared.
      return [line.replace(/= \d{10}\.\d{6} \(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{6} \d{4}\)/, '= INSTANT')];
    }),
  );
}

/** Flags, peers' limits and the like; which type a rule without one has; that there is no authentication. */
const OURS_OR_THEIRS = /^ {5}(Using unicast|interfaceDown|noSourceAddress|fe80::77|from 10)|Authentication type = none|Sync group = |^ {3}(State = (idle|running))$/;

const LVS = `
virtual_server_group G {
  10.9.9.120 80
  10.9.9.121-130 80
  fwmark 7
}
virtual_server 10.9.9.100 80 {
  delay_loop 1
  lb_algo rr
  lb_kind NAT
  protocol TCP
  persistence_timeout 30
  sorry_server 127.0.0.1 90
  real_server 10.9.9.1 8080 {
    weight 2
    TCP_CHECK {
      connect_timeout 2
      warmup 0
    }
  }
  real_server 10.9.9.2 80 {
    HTTP_GET {
      url {
        path /
        status_code 200
      }
      connect_timeout 2
    }
  }
}
virtual_server fwmark 5 {
  lb_algo wlc
  lb_kind DR
  alpha
  quorum_up "/usr/bin/true up"
  real_server 10.9.9.3 53 {
    inhibit_on_failure
    uthreshold 9
    notify_up "/usr/bin/true rsup"
    DNS_CHECK {
      name example.com
    }
  }
}
virtual_server group G {
  lb_algo wrr
  lb_kind TUN
  protocol TCP
  real_server 10.9.9.4 80 {
    weight 3
  }
}
`;

const LVS_KEYS =
  /^ *(VS (VIP|FWMARK|GROUP)|Virtual Server Group|VIP|VIP Range|FWMARK|RIP|Address family|lvs_sched|flag-\d|One packet scheduling|persistence timeout|protocol|omega is|quorum = |Quorum up|sorry server|connection limit range|RS up notify|initial weight|Alpha = |Delay loop = \d+ us|Warmup|Retries =|Log all failures|Connection$|Dest|Timeout|Keepalive method|Checked url|HTTP Status|Type|Name)|^ *-{6}<|^ .* -> /;

test('the checkers\' data file has keepalived\'s servers and checkers, key by key', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  // keepalived's checkers do not run without ip_vs: to it, a kernel that says yes to everything.
  const standIn = join(left.folder, 'standin-ipvs.so');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', standIn, 'test/bench/tools/standin-ipvs.c']);
  const dump = async (command: readonly string[], environment: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const words = [...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...command];
    const daemon = left.daemon(LVS, { command: ['env', ...words], options: ['-n', '-l', '-D', '-C'] });
    await daemon.line(/Activating healthchecker for service/, 10);
    const data = await writtenBy(daemon, left, 'keepalived_check.data', 'SIGUSR1', 'Name = example.com');
    daemon.signal('SIGTERM');
    await daemon.exited;
    return data
      .slice(data.indexOf('------< LVS Topology'))
      .split('\n')
      .filter((line) => LVS_KEYS.test(line))
      .map((line) => line.replace(/, (IPv4|uid:gid|type).*$/, '').replace(/ EFF WEIGHT = \d+/, ''));
  };
  const theirs = await dump(['keepalived'], { LD_PRELOAD: standIn });
  const ours = await dump(HOLDFAST, {});
  assert.ok(theirs.length > 70, `${theirs.length} lines are compared`);
  assert.deepEqual(ours, theirs);
});
