import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
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
  /** What was told of our services, and how many the kernel had at that moment. */
  const owned: { readonly services: readonly string[]; readonly kernel: number }[] = [];
  const mails: string[] = [];
  let answers = true;
  let sentenceTakes = 0;
  let lastApplied = 0;
  /** How many destinations the kernel had when each sentence came. */
  const whenTold: number[] = [];
  const count = (): number => [...kernel.values()].reduce((sum, { destinations }) => sum + destinations.size, 0);
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
        lastApplied = id;
        kernel = applyOps(kernel, ops);
        if (answers) driver.deliver({ type: 'opsApplied', id });
      },
    },
    probes: { start: (id) => probes.push(id), attend: () => undefined, seen: () => [], drain: () => undefined, cancel: () => undefined },
    commands: { run: () => undefined },
    fifo: { write: (line) => fifo.push(line) },
    reports: {
      send: () => undefined,
      sendServices: (services) => owned.push({ services, kernel: kernel.size }),
    },
    alerts: { send: ({ subject, body }) => mails.push(`${subject} ${body}`) },
    logger: {
      log: (entry) => {
        sentences.push(entry.text);
        now += sentenceTakes;
        whenTold.push(count());
      },
    },
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
    owned,
    whenTold,
    /** Each sentence takes half a millisecond. */
    tellSlowly: () => {
      sentenceTakes = milliseconds(0.5);
    },
    holdAnswers: () => {
      answers = false;
    },
    /** To the last edits. */
    answer: () => driver.deliver({ type: 'opsApplied', id: lastApplied }),
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

test('what a configuration brings is told, and called done, when the kernel has answered', () => {
  const { driver, sentences, holdAnswers, answer } = bench();
  let done = 0;
  const finish = (): void => {
    done += 1;
  };
  holdAnswers();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  driver.whenWritten(finish);
  assert.equal(sentences.length, 0);
  assert.equal(done, 0);
  answer();
  assert.equal(sentences.filter((text) => text.startsWith('Activating healthchecker')).length, 2);
  assert.equal(done, 1);
  driver.whenWritten(finish);
  assert.equal(done, 2, 'nothing is on its way any more');
});

test('a kernel that does not answer keeps nobody waiting for what a configuration brings', () => {
  const { driver, sentences, holdAnswers, advanceTo } = bench();
  let done = 0;
  holdAnswers();
  driver.deliver({ type: 'reconfigured', config: pool(1) });
  driver.whenWritten(() => {
    done += 1;
  });
  advanceTo(seconds(30));
  assert.ok(sentences.some((text) => text.startsWith('Activating healthchecker')));
  assert.equal(done, 1);
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
  advanceTo(seconds(1));
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

test('servers that fail are out of the kernel before anybody is told, and all is told in the order in which it happened', () => {
  const { driver, probes, advanceTo, sentences, fifo, servers, whenTold } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(3) });
  advanceTo(seconds(1));
  for (const each of [sentences, fifo, whenTold]) each.length = 0;
  const verdict = { type: 'failed', failure: { type: 'refused' }, latency: micros(100) } as const;
  for (const id of probes.slice(0, 2)) driver.deliver({ type: 'probeAnswered', id, verdict });
  assert.deepEqual([sentences, fifo, servers().length], [[], [], 3]);
  advanceTo(seconds(1));
  assert.deepEqual(servers(), ['192.0.2.13:1002']);
  assert.deepEqual(new Set(whenTold), new Set([1]));
  const removed = sentences.filter((sentence) => sentence.startsWith('Removing'));
  assert.deepEqual(removed, [1000, 1001].map((port) => `Removing service [192.0.2.13]:tcp:${port} from VS [192.0.2.100]:tcp:80`));
  assert.deepEqual(fifo.map((line) => line.split(' ')[1]), ['[192.0.2.13]:tcp:1000', '[192.0.2.13]:tcp:1001']);
});

test('a kernel that does not answer holds up sentences for a moment only', () => {
  const { driver, probes, advanceTo, sentences, holdAnswers } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  advanceTo(seconds(1));
  holdAnswers();
  const verdict = { type: 'failed', failure: { type: 'refused' }, latency: micros(100) } as const;
  driver.deliver({ type: 'probeAnswered', id: probes[0] ?? 0, verdict });
  const isTold = (): boolean => sentences.some((sentence) => sentence.startsWith('Removing service'));
  advanceTo(seconds(1.2));
  assert.equal(isTold(), false);
  advanceTo(seconds(1.25));
  assert.equal(isTold(), true);
});

test('a long telling gives way to servers that fail meanwhile, and goes on in order', () => {
  const { driver, probes, advanceTo, sentences, servers, whenTold, tellSlowly } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(100) });
  advanceTo(seconds(1));
  for (const each of [sentences, whenTold]) each.length = 0;
  tellSlowly();
  const verdict = { type: 'failed', failure: { type: 'refused' }, latency: micros(100) } as const;
  for (const id of probes.slice(0, 60)) driver.deliver({ type: 'probeAnswered', id, verdict });
  advanceTo(seconds(1));
  assert.equal(servers().length, 40);
  const told = sentences.length;
  assert.ok(told > 0 && told < 60, `${told} sentences in one go`);
  for (const id of probes.slice(60, 99)) driver.deliver({ type: 'probeAnswered', id, verdict });
  assert.equal(sentences.length, told, 'one answer after another is heard without a pause between them');
  advanceTo(seconds(1.2));
  assert.equal(servers().length, 1);
  const removed = sentences.filter((sentence) => sentence.startsWith('Removing')).map((sentence) => Number(/tcp:(\d+) /.exec(sentence)?.[1]));
  assert.deepEqual(removed, Array.from({ length: 99 }, (_, i) => 1_000 + i));
  assert.ok(whenTold.filter((count) => count === 40).length < 60, 'the later ones were out before the earlier ones were all told');
});

test('the services are told before the kernel has them, and again when it has them no longer', () => {
  const { driver, owned, kernel, advanceTo } = bench();
  driver.deliver({ type: 'reconfigured', config: pool(2) });
  assert.deepEqual(owned, [{ services: ['tcp 192.0.2.100:80'], kernel: 0 }]);
  assert.equal(kernel().size, 1);
  driver.deliver({ type: 'reconfigured', config: { virtualServers: [] } });
  advanceTo(seconds(1));
  assert.deepEqual(owned.slice(1), [{ services: [], kernel: 0 }]);
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
