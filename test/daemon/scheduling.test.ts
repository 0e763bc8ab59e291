/** How the kernel runs the processes of a daemon: what the configuration says is what the kernel says. */

import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { pause, until } from '../lab/process.js';
import type { Host } from './network.js';
import { HOLDFAST, instance, openNetwork } from './network.js';

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

interface Scheduled {
  /** Of the main thread: SCHED_OTHER 0, SCHED_RR 2. */
  readonly policy: number;
  readonly realTimePriority: number;
  readonly nice: number;
  readonly cpus: string;
  /** kB. */
  readonly locked: number;
  /** Soft limit in µs. */
  readonly realTimeLimit: string;
}

function scheduled(pid: number): Scheduled {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  return {
    // Fields 41, 40 and 19 of proc(5), counted from the third.
    policy: fields[38] ?? NaN,
    realTimePriority: fields[37] ?? NaN,
    nice: fields[16] ?? NaN,
    cpus: /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1] ?? '',
    locked: Number(/^VmLck:\s*(\d+)/m.exec(status)?.[1]),
    realTimeLimit: /^Max realtime timeout +(\S+)/m.exec(limits)?.[1] ?? '',
  };
}

const server = 'virtual_server 10.9.9.200 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.9.9.2 80 {\nTCP_CHECK {\n}\n}\n}\n';

const globals = (...lines: readonly string[]): string => `global_defs {\n${lines.join('\n')}\n}\n`;

test('priority, CPUs, memory lock and limit of each process are those of the configuration, and a reload changes them', async (t) => {
  const left = host(t);
  const ordinary = scheduled(process.pid);
  const configured = globals('vrrp_priority -7', 'vrrp_rt_priority 20', 'vrrp_cpu_affinity 0', 'vrrp_rlimit_rttime 2000000', 'vrrp_no_swap', 'checker_priority 5');
  const daemon = left.daemon(`${configured}${instance()}${server}`);
  await daemon.line(/Startup complete/, 10);
  const vrrp = left.pidOf('vrrp');
  const { locked, ...rest } = scheduled(vrrp);
  assert.deepEqual(rest, { policy: 2, realTimePriority: 20, nice: -7, cpus: '0', realTimeLimit: '1000000' });
  assert.ok(locked > 10_000, `${locked} kB locked`);
  for (const thread of readdirSync(`/proc/${vrrp}/task`)) {
    assert.equal(scheduled(Number(thread)).cpus, '0', 'the collector does not run elsewhere');
  }
  assert.deepEqual(scheduled(left.pidOf('checkers')), { ...ordinary, nice: 5, realTimeLimit: '50000' });
  assert.equal(scheduled(daemon.pid).nice, ordinary.nice, 'the supervisor stays as it was');

  const before = daemon.lines.length;
  left.write('keepalived.conf', `${globals('checker_rt_priority 3')}${instance()}${server}`);
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  assert.deepEqual(scheduled(vrrp), { ...ordinary, realTimeLimit: '50000' }, 'everything is as before the configuration');
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.deepEqual(scheduled(left.pidOf('checkers')), { ...ordinary, policy: 2, realTimePriority: 3, realTimeLimit: '50000' });
});

test('a script of a real-time process runs as an ordinary one', async (t) => {
  const left = host(t);
  const script = left.write('show', `#!/bin/sh\n{ cat /proc/$$/stat /proc/$$/limits; } > ${left.folder}/seen.tmp\nmv ${left.folder}/seen.tmp ${left.folder}/seen\n`);
  chmodSync(script, 0o755);
  const daemon = left.daemon(`${globals('vrrp_rt_priority 20', 'vrrp_priority -7')}${instance({ lines: [`notify_master ${script} root`] })}`);
  await daemon.line(/Entering MASTER STATE/, 10);
  const seen = await until('the script has run', 5, () => (existsSync(join(left.folder, 'seen')) ? left.read('seen') : undefined));
  const fields = seen.replace(/^.*?\) /s, '').split(' ').map(Number);
  assert.deepEqual([fields[38], fields[37], fields[16]], [0, 0, 0], 'policy, real-time priority, nice value');
  assert.match(seen, /^Max realtime timeout +unlimited/m);
});

async function stall(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await pause(0.4);
  process.kill(pid, 'SIGCONT');
}

test('a process that is kept from running raises itself step by step, up to the limit', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals('max_auto_priority 2', 'min_auto_priority_delay 50000')}${instance({ advertInterval: 0.1, lines: ['version 3'] })}`);
  await daemon.line(/Entering MASTER STATE/, 10);
  const vrrp = left.pidOf('vrrp');
  // A busy machine may keep it from running, too: then it has taken a step before.
  for (const priority of [1, 2]) {
    await stall(vrrp);
    await daemon.line(new RegExp(`Set realtime priority ${priority}$`), 5);
  }
  const steps = daemon.lines.flatMap(({ text }) => /Set realtime priority (\d+)$/.exec(text)?.[1] ?? []);
  assert.deepEqual(steps, ['1', '2']);
  const { policy, realTimePriority } = scheduled(vrrp);
  assert.deepEqual({ policy, realTimePriority }, { policy: 2, realTimePriority: 2 });
  const before = daemon.lines.length;
  await stall(vrrp);
  await daemon.line(/A thread timer expired/, 5, before);
  assert.equal(scheduled(vrrp).realTimePriority, 2);
  assert.doesNotMatch(daemon.text(), /Set realtime priority 3/);
});

test('who says nothing about automatic priorities is told of them once, like with keepalived', async (t) => {
  const left = host(t);
  const daemon = left.daemon(instance());
  await daemon.line(/Startup complete/, 10);
  assert.equal(daemon.text().match(/NOTICE: setting config option max_auto_priority/g)?.length, 1);
  const other = left.start([...HOLDFAST, '-n', '-l', '-G', '-f', left.write('silent.conf', globals('max_auto_priority -1')), '-p', `${left.folder}/other.pid`]);
  await other.line(/no configuration to run/, 10);
  assert.doesNotMatch(other.text(), /NOTICE/);
});
