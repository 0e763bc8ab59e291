/** What a monitoring system is told of a director, from values alone. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { lastServerWarnings } from '../../src/cli/last-server.js';
import { judge } from '../../src/cli/monitor/judge.js';
import type { Kind, Seen, Severity, Wishes } from '../../src/cli/monitor/judge.js';
import { figuresText, judgementText, pluginLine } from '../../src/cli/monitor/line.js';
import type { Health } from '../../src/control/health.js';
import type { ControlEvent, InstanceStatus, RealServerStatus, Status, VirtualServerStatus } from '../../src/control/status.js';
import { holdfast } from './command.js';

const SINCE = '2026-03-01T00:00:00.000Z';
const NOW = Date.parse('2026-03-01T01:00:00.000Z');
const HEALTHY: Health = { version: 1, live: true, ready: true, problems: [] };

function server(last: number, fields: Partial<RealServerStatus> = {}): RealServerStatus {
  const address = `192.0.2.${last}`;
  return { name: `[${address}]:tcp:80`, address, port: 80, method: 'nat', state: 'up', since: SINCE, weight: { configured: 1, effective: 1 }, checks: [], ...fields };
}

const down = (last: number): RealServerStatus => server(last, { state: 'down', reason: 'TCP_CHECK: connection refused', weight: { configured: 1, effective: 0 } });

function pool(realServers: readonly RealServerStatus[], fields: Partial<VirtualServerStatus> = {}): VirtualServerStatus {
  return { name: '[192.0.2.100]:tcp:80', services: [], state: 'up', since: SINCE, quorum: 1, aliveWeight: realServers.length, realServers, ...fields };
}

const INSTANCE: InstanceStatus = {
  name: 'V1', interface: 'eth0', family: 'ipv4', virtualRouterId: 51, protocolVersion: 2, state: 'MASTER', reason: 'no router with a better priority is heard', since: SINCE,
  priority: { configured: 100, effective: 100, reasons: [] }, faults: [], preempt: true, advertIntervalSeconds: 1, masterDownSeconds: 3,
  gratuitousArpDelaySeconds: 5, addressesStatus: 'applied', statistics: {}, addresses: [],
};

function status(virtualServers: readonly VirtualServerStatus[], fields: Partial<Status> = {}): Status {
  return {
    version: 1,
    vrrp: { asOf: SINCE, groups: [], scripts: [], instances: [INSTANCE, { ...INSTANCE, name: 'V2', state: 'BACKUP' }] },
    lvs: { asOf: SINCE, kernel: { known: true, ownServices: 1, refusedCommands: 0, repairs: 4 }, virtualServers },
    ...fields,
  };
}

function wish(fields: Partial<Wishes> = {}): Wishes {
  return { warning: 1, critical: 0, within: 600_000, certificateDays: 14, instances: [], virtualServers: [], severities: new Map<Kind, Severity>(), ...fields };
}

function line(seen: Partial<Seen> & Pick<Seen, 'status'>, wishes = wish()): string {
  const { severity, problems } = judge({ health: HEALTHY, events: [], ...seen }, wishes, NOW);
  return pluginLine(severity, judgementText(problems, seen.status, wishes), figuresText(seen.status, wishes));
}

const event = (name: string, text: string, time: string, fields: ControlEvent['fields'] = {}): ControlEvent => ({ id: 1, time, process: 'checkers', level: 'warn', event: name, text, fields });

test('all is well: one line with roles, servers and figures', () => {
  assert.equal(
    line({ status: status([pool([server(11), server(12)])]) }),
    'HOLDFAST OK - V1 MASTER, V2 BACKUP, 1 virtual server, 2 of 2 real servers up | masters=1;;;0;2 faults=0;;;0;2 virtual_servers_down=0;;;0;1 real_servers_down=0;;;0;2 connections=0;;;0 ipvs_repairs=4c\n',
  );
});

test('a server that is down is a warning, and critical below the share of -c; who is disabled by hand does not count', () => {
  const thin = status([pool([server(11), down(12), server(13, { state: 'disabled' })])]);
  assert.match(line({ status: thin }), /^HOLDFAST WARNING - 192\.0\.2\.100:80 has 1 of 2 servers up: 192\.0\.2\.12:80 \(TCP_CHECK: connection refused\) \|/);
  assert.match(line({ status: thin }, wish({ critical: 0.6 })), /^HOLDFAST CRITICAL - 192\.0\.2\.100:80 has 1 of 2 /);
  assert.match(line({ status: thin }, wish({ warning: 0.5 })), /^HOLDFAST OK - /);
});

test('a virtual server without quorum is critical, told before its sorry server', () => {
  const gone = pool([down(11), down(12)], { state: 'down', aliveWeight: 0, sorryServer: { name: '[192.0.2.200]:tcp:80', active: true } });
  assert.match(
    line({ status: status([gone]) }),
    /^HOLDFAST CRITICAL - 192\.0\.2\.100:80 is down \(weight 0 of quorum 1\), 0 of 2 servers up: [^;]+; sorry server 192\.0\.2\.200:80 serves in place of 192\.0\.2\.100:80 \|/,
  );
});

test('what the daemon is not ready for is critical, and one instance can be asked about alone', () => {
  const health: Health = { version: 1, live: true, ready: false, problems: [{ kind: 'instance', instance: 'V2', text: 'V2 is in FAULT: interface eth0 down' }] };
  const seen = { status: status([]), health };
  assert.match(line(seen), /^HOLDFAST CRITICAL - V2 is in FAULT: interface eth0 down \|/);
  assert.match(line(seen, wish({ instances: ['V1'] })), /^HOLDFAST OK - V1 MASTER \| masters=1;;;0;1 /);
  assert.match(line(seen, wish({ severities: new Map([['fault', 'warning']]) })), /^HOLDFAST WARNING /);
});

test('another role than the wished one is critical', () => {
  assert.match(line({ status: status([]) }, wish({ role: 'MASTER' })), /^HOLDFAST CRITICAL - V2 is BACKUP, not MASTER: /);
});

test('what others changed is told for a while, and what the kernel refuses as long as it does', () => {
  const events = [
    event('driftFound', 'IPVS: 1 entry was changed by somebody else, putting it right', '2026-03-01T00:40:00.000Z'),
    event('driftFound', 'IPVS: 2 entries were changed by somebody else, putting them right', '2026-03-01T00:55:00.000Z'),
  ];
  assert.match(line({ status: status([]), events }), /^HOLDFAST WARNING - IPVS: 2 entries were changed by somebody else, putting them right \|/);
  assert.match(line({ status: status([]), events }, wish({ within: 3_600_000 })), / \(2 such events\) \|/);
  assert.match(line({ status: status([]), events }, wish({ within: 60_000 })), /^HOLDFAST OK /);
  assert.match(line({ status: status([]), events }, wish({ severities: new Map([['drift', 'ok']]) })), /^HOLDFAST OK /);
  const refusing = status([], { lvs: { asOf: SINCE, kernel: { known: true, ownServices: 1, refusedCommands: 3, repairs: 0 }, virtualServers: [] } });
  assert.match(line({ status: refusing }), /^HOLDFAST WARNING - the kernel refuses 3 changes /);
});

test('a conflict is critical and told once for each other router', () => {
  const fields = { instance: 'V1', kind: 'twoMasters', by: '192.0.2.2' };
  const events = [1, 2].map((minute) => event('conflictFound', `(V1) CONFLICT: two masters | ${minute}`, `2026-03-01T00:5${minute}:00.000Z`, fields));
  assert.match(line({ status: status([]), events }), /^HOLDFAST CRITICAL - \(V1\) CONFLICT: two masters \/ 2 \|/, 'a bar in the text is none of the line');
});

test('a refused reload is told until one succeeds', () => {
  const refused = event('reloadFailed', 'New configuration not used: the one before it stays', '2026-03-01T00:10:00.000Z');
  const loaded = event('configurationComplete', 'Reload complete', '2026-03-01T00:20:00.000Z');
  assert.match(line({ status: status([]), events: [refused] }), /^HOLDFAST WARNING - the reload at 2026-03-01T00:10:00\.000Z was refused/);
  assert.match(line({ status: status([]), events: [refused, loaded] }), /^HOLDFAST OK /);
});

test('certificates, processes and words of operators', () => {
  const ending = pool([server(11, { checks: [{ check: 'SSL_GET', up: true, hasRun: true, retriesUsed: 0, certificateDays: 9 }] })]);
  assert.match(line({ status: status([ending]) }), /^HOLDFAST WARNING - the certificate of 192\.0\.2\.11:80 ends in 9 days \|/);
  assert.match(line({ status: status([ending]) }, wish({ certificateDays: 9 })), /^HOLDFAST OK /);
  const byHand = [{ action: 'drain', server: '[192.0.2.11]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80', since: SINCE, kept: false }] as const;
  assert.match(line({ status: status([], { byHand }) }), /^HOLDFAST OK /);
  assert.match(line({ status: status([], { byHand }) }, wish({ severities: new Map([['byhand', 'warning']]) })), /^HOLDFAST WARNING - by hand: drain 192\.0\.2\.11:80 \|/);
});

test('many problems are one line still', () => {
  const pools = Array.from({ length: 9 }, (_, i) => pool([down(i)], { name: `[192.0.2.10${i}]:tcp:80` }));
  const text = line({ status: status(pools) });
  assert.match(text, /; and 4 more \|/);
  assert.equal(text.trimEnd().split('\n').length, 1);
});

test('a daemon that is not there is critical, a question that is not understood unknown', () => {
  const absent = holdfast(['monitor', '--socket', '/nonexistent/control.sock']);
  assert.deepEqual([absent.status, absent.errors], [2, '']);
  assert.match(absent.output, /^HOLDFAST CRITICAL - There is no \/nonexistent\/control\.sock: the daemon does not run/);
  for (const words of [['--as', 'everything=ok'], ['-w', '120%'], ['--role', 'fault'], ['--as', 'drift=unknown']]) assert.equal(holdfast(['monitor', ...words]).status, 3, words.join(' '));
});

test('who takes the last server of a pool is told, and who stands behind it', () => {
  const asked = { action: 'drain', server: '192.0.2.11' } as const;
  const last = status([pool([server(11), down(12)])]);
  assert.deepEqual(lastServerWarnings(asked, last), ['192.0.2.100:80 has no other server for new connections, and nobody stands behind']);
  assert.deepEqual(lastServerWarnings({ ...asked, action: 'weight', weight: 2 }, last), []);
  assert.deepEqual(lastServerWarnings(asked, status([pool([server(11), server(12)])])), []);
  assert.deepEqual(lastServerWarnings({ ...asked, server: '192.0.2.12' }, last), [], 'a server that is down takes nothing away');
  const behind = pool([server(11)], { sorryServer: { name: '[192.0.2.200]:tcp:80', active: false } });
  assert.deepEqual(lastServerWarnings({ ...asked, virtualServer: '192.0.2.100:80' }, status([behind])), ['192.0.2.100:80 has no other server for new connections: sorry server 192.0.2.200:80 takes them']);
  assert.deepEqual(lastServerWarnings(asked, status([pool([server(11), server(12, { tier: 1 })])])), ['192.0.2.100:80 has no other server for new connections: its backup servers take them']);
});
