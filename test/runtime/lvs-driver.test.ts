import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig } from '../../src/health/config.js';
import type { Op } from '../../src/ipvs/plan.js';
import { applyOps } from '../../src/ipvs/plan.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { createLvsDriver } from '../../src/runtime/lvs-driver.js';
import type { LvsPorts } from '../../src/runtime/ports.js';
import { address } from '../support/address.js';


function checker(port: number): CheckerConfig {
  return {
    check: {
      type: 'TCP_CHECK',
      connection: { address: address('192.0.2.13'), port, fwmark: 0, connectTimeout: seconds(3) },
    },
    delayLoop: seconds(6),
    retry: 1,
    delayBeforeRetry: seconds(3),
    warmup: seconds(0),
    alpha: false,
    logAllFailures: false,
  };
}

function realServer(port: number): RealServerConfig {
  return {
    address: address('192.0.2.13'),
    port,
    weight: 1,
    method: 'nat',
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibitOnFailure: false,
    checkers: [checker(port)],
  };
}

function pool(servers: number): PoolConfig {
  return {
    virtualServers: [
      {
        name: '[192.0.2.100]:tcp:80',
        services: [
          {
            identity: { kind: 'address', protocol: 'tcp', address: address('192.0.2.100'), port: 80 },
            scheduler: 'rr',
            flags: 0,
            persistenceTimeout: 0,
            persistenceGranularity: '255.255.255.255',
          },
        ],
        realServers: Array.from({ length: servers }, (_, index) => realServer(1_000 + index)),
        quorum: 1,
        hysteresis: 0,
        omega: false,
      },
    ],
  };
}

/** A driver before an obedient kernel and probes that wait for the test's verdict. */
function bench() {
  let now = 0;
  let deadline: Micros | undefined;
  let kernel: Tables = new Map();
  let stopped = 0;
  const plans: (readonly Op[])[] = [];
  const probes: number[] = [];
  const sentences: string[] = [];
  const fifo: string[] = [];
  const mails: string[] = [];
  const ports: LvsPorts = {
    clock: { now: () => now as Micros },
    alarm: {
      set: (next) => {
        deadline = next;
      },
    },
    ipvs: {
      snapshot: (id) => driver.deliver({ type: 'snapshotTaken', id, tables: kernel }),
      apply: (id, ops) => {
        plans.push(ops);
        kernel = applyOps(kernel, ops);
        driver.deliver({ type: 'opsApplied', id });
      },
    },
    probes: { start: (id) => probes.push(id), cancel: () => undefined },
    commands: { run: () => undefined },
    fifo: { write: (line) => fifo.push(line) },
    reports: { send: () => undefined },
    alerts: { send: ({ subject, body }) => mails.push(`${subject} ${body}`) },
    logger: { log: (entry) => sentences.push(entry.text) },
  };
  const driver = createLvsDriver(ports, {
    seed: 1,
    lvsFlush: false,
    onStopped: () => {
      stopped += 1;
    },
  });
  return {
    driver,
    probes,
    plans,
    sentences,
    fifo,
    kernel: () => kernel,
    deadline: () => deadline,
    stopped: () => stopped,
    /** Lets every alarm up to `instant` fire. */
    advanceTo: (instant: number) => {
      while (deadline !== undefined && deadline <= instant) {
        now = Math.max(now, deadline);
        deadline = undefined;
        driver.onAlarm();
      }
      now = instant;
    },
    servers: () => [...(kernel.get('tcp 192.0.2.100:80')?.destinations.keys() ?? [])],
  };
}

test('services are in the kernel before the first check has run', () => {
  const { driver, servers, probes } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  assert.deepEqual(servers(), ['192.0.2.13:1000', '192.0.2.13:1001']);
  assert.deepEqual(probes, []);
});

test('a reload that changes nothing sends nothing to the kernel, keeps timers and asks nothing anew', () => {
  const { driver, plans, probes, deadline, advanceTo } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(3) });
  advanceTo(seconds(2));
  const [sent, asked, due] = [plans.length, probes.length, deadline()];
  driver.deliver({ type: 'reconfigured', config: pool(3) });
  advanceTo(seconds(2));
  assert.deepEqual([plans.length, probes.length, deadline()], [sent, asked, due]);
});

test('a failed check takes its server out of the kernel, a passed one puts it back, in keepalived\'s words', () => {
  const { driver, servers, probes, advanceTo, sentences } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  advanceTo(seconds(1));
  assert.equal(probes.length, 2);
  const failed = { type: 'failed', failure: { type: 'refused' }, latency: micros(100) } as const;
  const passed = { type: 'passed', latency: micros(100) } as const;
  driver.deliver({ type: 'probeAnswered', id: probes[0] ?? 0, verdict: failed });
  driver.deliver({ type: 'probeAnswered', id: probes[1] ?? 0, verdict: passed });
  advanceTo(seconds(1));
  assert.deepEqual(servers(), ['192.0.2.13:1001']);
  assert.ok(sentences.includes('Removing service [192.0.2.13]:tcp:1000 from VS [192.0.2.100]:tcp:80'));
  advanceTo(seconds(7.5));
  assert.equal(probes.length, 4);
  for (const id of probes.slice(2)) driver.deliver({ type: 'probeAnswered', id, verdict: passed });
  advanceTo(seconds(7.5));
  assert.deepEqual(servers(), ['192.0.2.13:1001', '192.0.2.13:1000']);
  assert.ok(sentences.includes('Adding service [192.0.2.13]:tcp:1000 to VS [192.0.2.100]:tcp:80'));
});

test('the notify FIFO hears of servers and quorums in keepalived\'s lines', () => {
  const { driver, probes, advanceTo, fifo } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(1) });
  assert.deepEqual(fifo.splice(0), ['VS [192.0.2.100]:tcp:80 UP']);
  advanceTo(seconds(1));
  const verdict = { type: 'failed', failure: { type: 'refused' }, latency: micros(100) } as const;
  driver.deliver({ type: 'probeAnswered', id: probes[0] ?? 0, verdict });
  assert.deepEqual(fifo, ['RS [192.0.2.13]:tcp:1000 [192.0.2.100]:tcp:80 DOWN', 'VS [192.0.2.100]:tcp:80 DOWN']);
});

test('checks that fail together reach the kernel together', () => {
  const { driver, probes, plans, advanceTo } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(500) });
  advanceTo(seconds(1));
  assert.equal(probes.length, 500);
  const before = plans.length;
  const verdict = { type: 'failed', failure: { type: 'connectTimeout' }, latency: seconds(3) } as const;
  for (const id of probes.slice(0, 400)) driver.deliver({ type: 'probeAnswered', id, verdict });
  assert.equal(plans.length, before);
  advanceTo(seconds(1));
  assert.deepEqual(plans.slice(before).map((plan) => plan.length), [400]);
  for (const id of probes.slice(400)) {
    driver.deliver({ type: 'probeAnswered', id, verdict });
    advanceTo(seconds(1));
  }
  assert.equal(plans.length, before + 1, 'soon after a telling the next one waits');
  advanceTo(seconds(1.01));
  assert.deepEqual(plans.slice(before).map((plan) => plan.length), [400, 100]);
});

test('a stop removes our services and is then over', () => {
  const { driver, kernel, stopped, advanceTo } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  driver.deliver({ type: 'stopRequested', release: 'own' });
  advanceTo(seconds(0.1));
  assert.equal(kernel().size, 0);
  assert.equal(stopped(), 1);
});

test('a stop that keeps the tables leaves them and says nothing of servers shut down', () => {
  const { driver, servers, stopped, sentences } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  driver.deliver({ type: 'stopRequested', release: 'nothing' });
  assert.equal(servers().length, 2);
  assert.equal(stopped(), 1);
  assert.ok(!sentences.some((sentence) => sentence.startsWith('Shutting down')));
});
