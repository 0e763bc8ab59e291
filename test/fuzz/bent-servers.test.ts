/** Whole checks against servers whose bytes are bent: each has one verdict, in its time, and nothing else comes of it. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { after, milliseconds } from '../../src/base/time.js';
import type { Verdict } from '../../src/health/events.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { createChoices } from '../conf/generator/choices.js';
import { clock } from '../io/support/sinks.js';
import { until } from '../io/support/until.js';
import { openBentServers } from './bent-servers.js';

const SEED = Number(process.env['SEED'] ?? 1);
const EXECUTIONS = Number(process.env['EXECUTIONS'] ?? 300);
const AT_ONCE = 40;
/** Milliseconds of a step and of the whole. */
const LIMIT = { step: 500, whole: 1_000 };

// What Node does after this can wait for ever, seen once with 20.20: for a socket of a server, shut by both sides.
process.once('exit', (status) => process.exit(status));

test('whatever a server makes of TLS, HTTP and HTTP/2, its check has one verdict, in time', { timeout: 300_000 }, async (t) => {
  const servers = await openBentServers(t, createChoices(SEED));
  const verdicts = new Map<number, Verdict[]>();
  const probes = openProbes(clock, (id, verdict) => void verdicts.get(id)?.push(verdict));
  t.after(probes.close);
  for (let id = 0; id < EXECUTIONS; id += 1) {
    const server = servers[id % servers.length];
    assert.ok(server);
    verdicts.set(id, []);
    probes.start(id, server.ask(LIMIT.step), after(clock.now(), milliseconds(LIMIT.whole)));
    const open = (): number => [...verdicts.values()].filter((told) => told.length === 0).length;
    await until(() => open() < AT_ONCE);
  }
  await until(() => [...verdicts.values()].every((told) => told.length > 0));
  const outcomes = new Map<string, number>();
  for (const [id, told] of verdicts) {
    assert.equal(told.length, 1, `${servers[id % servers.length]?.name}: ${JSON.stringify(told)}`);
    const outcome = told[0]?.type === 'failed' ? told[0].failure.type : String(told[0]?.type);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
  // Had the servers never answered, or never wrongly, this would have shown nothing.
  for (const outcome of ['passed', 'tlsFailed', 'readTimeout']) assert.ok(outcomes.has(outcome), outcome);
});
