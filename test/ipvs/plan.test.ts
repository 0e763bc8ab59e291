import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { applyOps, planOps } from '../../src/ipvs/plan.js';
import type { Op } from '../../src/ipvs/plan.js';
import type { ServiceKey, Tables } from '../../src/ipvs/tables.js';
import { destination, service, smallTables, tables } from './samples.js';

const owned = fc.uniqueArray(fc.integer({ min: 1, max: 6 })).map((ports) => new Set(ports.map((p) => `tcp 192.0.2.1:${p}`)));

/** An independent oracle: the ops as text, found by comparing everything with everything. */
function oracle(desired: Tables, actual: Tables, ours: ReadonlySet<ServiceKey>): string[] {
  const lines: string[] = [];
  for (const key of new Set([...desired.keys(), ...actual.keys()])) {
    const want = desired.get(key);
    const have = actual.get(key);
    if (want === undefined) {
      if (ours.has(key)) lines.push(`deleteService ${key}`);
      continue;
    }
    if (have === undefined) lines.push(`addService ${key}`);
    else if (JSON.stringify(want.service) !== JSON.stringify(have.service)) lines.push(`editService ${key}`);
    for (const server of new Set([...want.destinations.keys(), ...(have?.destinations.keys() ?? [])])) {
      const wanted = want.destinations.get(server);
      const had = have?.destinations.get(server);
      if (JSON.stringify(wanted) === JSON.stringify(had)) continue;
      const verb = had === undefined ? 'add' : wanted === undefined ? 'delete' : 'edit';
      lines.push(`${verb}Destination ${key} ${server}`);
    }
  }
  return lines.sort();
}

function asText(op: Op): string {
  return 'destinationKey' in op ? `${op.type} ${op.key} ${op.destinationKey}` : `${op.type} ${op.key}`;
}

function contents(value: Tables): unknown {
  return [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, entry.service, [...entry.destinations].sort()]);
}

test('a plan holds exactly the ops that a comparison of everything with everything finds', () => {
  fc.assert(
    fc.property(smallTables, smallTables, owned, (desired, actual, ours) => {
      assert.deepEqual(planOps(desired, actual, ours).map(asText).sort(), oracle(desired, actual, ours));
    }),
    { numRuns: 500 },
  );
});

test('a plan applied gives what is desired, plus what belongs to others', () => {
  fc.assert(
    fc.property(smallTables, smallTables, owned, (desired, actual, ours) => {
      const result = applyOps(actual, planOps(desired, actual, ours));
      const foreign = [...actual].filter(([key]) => !desired.has(key) && !ours.has(key));
      assert.deepEqual(contents(result), contents(new Map([...desired, ...foreign])));
      for (const [key, entry] of foreign) assert.equal(result.get(key), entry);
    }),
    { numRuns: 500 },
  );
});

test('nothing that is in both tables is ever deleted, and no key gets two ops', () => {
  fc.assert(
    fc.property(smallTables, smallTables, owned, (desired, actual, ours) => {
      const ops = planOps(desired, actual, ours);
      const keys = ops.map((op) => ('destinationKey' in op ? `${op.key} ${op.destinationKey}` : op.key));
      assert.equal(new Set(keys).size, keys.length);
      for (const op of ops) {
        if (op.type === 'deleteService') assert.ok(!desired.has(op.key));
        if (op.type === 'deleteDestination') assert.ok(desired.get(op.key)?.destinations.has(op.destinationKey) === false);
      }
    }),
    { numRuns: 500 },
  );
});

test('the waves come in order: add services, add or edit destinations, delete destinations, delete services', () => {
  const wave = { addService: 0, editService: 0, addDestination: 1, editDestination: 1, deleteDestination: 2, deleteService: 3 };
  fc.assert(
    fc.property(smallTables, smallTables, owned, (desired, actual, ours) => {
      const waves = planOps(desired, actual, ours).map((op) => wave[op.type]);
      assert.deepEqual(waves, [...waves].sort());
    }),
  );
});

test('a changed weight is an edit of that destination and nothing else', () => {
  const before = tables([service(80), [destination(1), destination(2)]]);
  const wanted = tables([service(80), [destination(1), destination(2, { weight: 0 })]]);
  assert.deepEqual(planOps(wanted, before, new Set(before.keys())).map(asText), [
    'editDestination tcp 192.0.2.1:80 198.51.100.2:80',
  ]);
});

test('every property of a service and of a destination that changes is noticed', () => {
  const base = tables([service(80), [destination(1, { method: 'tunnel' })]]);
  const serviceChanges = [
    { scheduler: 'wrr' },
    { flags: 4 },
    { persistenceTimeout: 1 },
    { persistenceGranularity: '255.255.255.0' },
    { persistenceEngine: 'sip' },
  ];
  for (const change of serviceChanges) {
    const wanted = tables([service(80, change), [destination(1, { method: 'tunnel' })]]);
    assert.deepEqual(planOps(wanted, base, new Set()).map(({ type }) => type), ['editService'], JSON.stringify(change));
  }
  const destinationChanges = [
    { method: 'nat' as const },
    { weight: 7 },
    { upperThreshold: 9 },
    { lowerThreshold: 9 },
    { tunnel: { type: 'gue' as const, port: 6080, checksum: 'none' as const } },
    { tunnel: { type: 'gre' as const, port: 0, checksum: 'none' as const } },
  ];
  for (const change of destinationChanges) {
    const wanted = tables([service(80), [destination(1, { method: 'tunnel', ...change })]]);
    assert.deepEqual(planOps(wanted, base, new Set()).map(({ type }) => type), ['editDestination'], JSON.stringify(change));
  }
});

test('a tunnel without description is plain IPIP', () => {
  const silent = tables([service(80), [destination(1, { method: 'tunnel' })]]);
  const spoken = tables([service(80), [destination(1, { method: 'tunnel', tunnel: { type: 'ipip', port: 0, checksum: 'none' } })]]);
  assert.deepEqual(planOps(silent, spoken, new Set()), []);
});

test('an entry that is the same object is not looked into, however many servers it has', () => {
  const entry = {
    service: service(80),
    get destinations(): never {
      throw new Error('looked into');
    },
  };
  const both: Tables = new Map([['tcp 192.0.2.1:80', entry]]);
  assert.deepEqual(planOps(both, new Map(both), new Set(both.keys())), []);
});
