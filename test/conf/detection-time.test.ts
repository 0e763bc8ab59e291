/** The worst-case detection time that the lints print, against the machine that does the detecting. */

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import * as detection from '../../src/conf/lints/detection-time.js';
import { checkerDeadline, initialChecker, stepChecker } from '../../src/health/checker.js';
import type { Check, CheckerConfig } from '../../src/health/config-check.js';
import type { Verdict } from '../../src/health/events.js';

function worstDetectionTime(config: CheckerConfig): detection.DetectionTime {
  return present(detection.worstDetectionTime(config), 'every check here notices silence');
}

type Way = 'silent' | 'dripping';

/**
 * Runs one checker of a server that answers at once until `deathAt` and never after that; the time of the verdict. A
 * vanished server fails an attempt after one connect timeout, a dripping one at the deadline the machine has set.
 */
function detectedAt(config: CheckerConfig, way: Way, deathAt: (answered: Micros) => Micros): { death: Micros; verdict: Micros } {
  let { state } = initialChecker({ ...config, warmup: micros(0) }, { up: true, atStart: false }, 1, micros(0));
  let death: Micros | undefined;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const now = checkerDeadline(config, state);
    const started = stepChecker(config, state, { type: 'timeout', probeId: turn }, now);
    const [probe] = started.effects;
    assert.ok(probe?.type === 'startProbe');
    const dead = death !== undefined && now >= death;
    const patience = way === 'silent' ? detection.attemptLimit(config.check) : micros(probe.deadline - now);
    const answeredAt = dead ? micros(now + patience) : now;
    const latency = micros(answeredAt - now);
    const verdict: Verdict = dead ? { type: 'failed', failure: { type: 'connectTimeout' }, latency } : { type: 'passed', latency };
    ({ state } = stepChecker(config, started.state, { type: 'probeAnswered', id: probe.id, verdict }, answeredAt));
    if (!state.up) return { death: present(death, 'only a dead server is failed'), verdict: answeredAt };
    if (!dead && turn >= 2) death ??= deathAt(answeredAt);
  }
  return assert.fail('a dead server is never detected');
}

const connection = { address: present(parseAddress('192.0.2.1'), 'an address'), port: 80, fwmark: 0 };

function checkOf(kind: number, connectTimeout: Micros): Check {
  const connected = { ...connection, connectTimeout };
  if (kind === 0) return { type: 'TCP_CHECK', connection: connected };
  if (kind === -1) return { type: 'PING_CHECK', connection: connected };
  if (kind === -2) return { type: 'DNS_CHECK', connection: connected, queryType: 'SOA', name: '' };
  if (kind === -3) return { type: 'UDP_CHECK', connection: connected, payload: '', reply: { minLength: 0, maxLength: 255 } };
  const urls = Array.from({ length: kind }, (_, i) => ({ path: `/${i}`, statusCodes: [] }));
  return { type: 'HTTP_GET', connection: connected, urls, protocol: '1.0', serverNames: urls.map(() => undefined), fastRecovery: false };
}

const configurations = fc
  .record({
    kind: fc.integer({ min: -3, max: 3 }),
    timeout: fc.integer({ min: 1, max: 20_000 }),
    delayLoop: fc.integer({ min: 1, max: 60_000 }),
    retry: fc.integer({ min: 0, max: 5 }),
    delayBeforeRetry: fc.integer({ min: 0, max: 10_000 }),
  })
  .map(({ kind, timeout, delayLoop, retry, delayBeforeRetry }): CheckerConfig => {
    const check = checkOf(kind, milliseconds(timeout));
    const schedule = { delayLoop: milliseconds(delayLoop), delayBeforeRetry: milliseconds(delayBeforeRetry), warmup: micros(0) };
    return { check, retry, ...schedule, alpha: false, logAllFailures: false };
  });
const ways = fc.constantFrom<Way>('silent', 'dripping');

test('a server that dies right after a passed check is detected exactly after the printed time', () => {
  fc.assert(
    fc.property(configurations, ways, (config, way) => {
      const { death, verdict } = detectedAt(config, way, (answered) => answered);
      assert.equal(verdict - death, worstDetectionTime(config)[way]);
    }),
  );
});

test('a server that dies at any other moment is detected sooner', () => {
  fc.assert(
    fc.property(configurations, ways, fc.double({ min: 0, max: 1, noNaN: true }), (config, way, part) => {
      const { death, verdict } = detectedAt(config, way, (answered) => micros(answered + part * config.delayLoop));
      assert.ok(verdict - death <= worstDetectionTime(config)[way]);
    }),
  );
});

test('a typical TCP check: one pause, then two attempts with one retry between them', () => {
  const config = { check: checkOf(0, seconds(3)), retry: 1, delayBeforeRetry: seconds(2), delayLoop: seconds(6) };
  assert.equal(worstDetectionTime({ ...config, warmup: seconds(6), alpha: false, logAllFailures: false }).silent, seconds(14));
});

test('a UDP check that wants no answer has no such time: silence passes', () => {
  const check: Check = { type: 'UDP_CHECK', connection: { ...connection, connectTimeout: seconds(3) }, payload: '' };
  const schedule = { retry: 1, delayBeforeRetry: seconds(2), delayLoop: seconds(6), warmup: seconds(6), alpha: false, logAllFailures: false };
  assert.equal(detection.worstDetectionTime({ check, ...schedule }), undefined);
});
