/** Trackers in any order of events, against a model that knows only their last word. */

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { TrackedObject, TrackScriptConfig } from '../../src/vrrp/config/track.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import { director, group, instance, link, virtual } from '../support/vrrp-configuration.js';
import { rig } from './rig.js';

type Happening =
  | { readonly type: 'script'; readonly passed: boolean }
  | { readonly type: 'value'; readonly file: 'F' | 'G'; readonly value: number }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'session'; readonly up: boolean }
  | { readonly type: 'wait'; readonly span: number }
  | { readonly type: 'reload' };

const script: TrackScriptConfig = { name: 'S', command: { argv: ['/s'] }, interval: seconds(1), timeout: seconds(1), rise: 1, fall: 1, initFail: false };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ type: fc.constant('script' as const), passed: fc.boolean() }),
  fc.record({ type: fc.constant('value' as const), file: fc.constantFrom('F' as const, 'G' as const), value: fc.integer({ min: -300, max: 300 }) }),
  fc.record({ type: fc.constant('count' as const), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ type: fc.constant('session' as const), up: fc.boolean() }),
  fc.record({ type: fc.constant('wait' as const), span: fc.integer({ min: 1, max: 5_000_000 }) }),
  fc.constant({ type: 'reload' as const }),
);

const weights = fc.record({
  base: fc.integer({ min: 1, max: 254 }),
  S: fc.integer({ min: -253, max: 253 }),
  F: fc.integer({ min: -254, max: 254 }),
  P: fc.integer({ min: -254, max: 254 }),
  B: fc.integer({ min: -253, max: 253 }),
  reverse: fc.boolean(),
  ofGroup: fc.boolean(),
});

function configured({ base, S, F, P, B, reverse, ofGroup }: typeof weights extends fc.Arbitrary<infer W> ? W : never): DirectorConfig {
  const of = (name: string, weight: number): readonly TrackedObject[] => [{ name, weight, reverse }];
  const tracks = { scripts: of('S', S), files: of('F', F), processes: of('P', P), bfd: of('B', B) };
  const members = [
    instance({ priority: base, ...(ofGroup ? {} : { tracks }) }),
    // Holds the group in FAULT while G is not 0; its own priority never moves.
    instance({ name: 'V2', virtualRouterId: 52, virtualAddresses: [virtual('192.0.2.101')], tracks: { files: [{ name: 'G', weight: 0, reverse: false }] } }),
  ];
  const groups = ofGroup ? [{ ...group('T', 'V1'), tracks }] : [group('T', 'V1', 'V2')];
  const delay = { forkDelay: micros(0), terminateDelay: micros(0) };
  const process = { name: 'P', program: 'p', parameters: [], wholeCommand: false, quorum: 1, quorumMax: 2, ...delay };
  const files = [{ name: 'F', path: '/f' }, { name: 'G', path: '/g' }];
  return director(members, { groups, tracked: { scripts: [script], files, processes: [process] } });
}

test('whatever is reported, the priority is the clamped sum, and FAULT is what a tracker of weight 0 says', () => {
  fc.assert(
    fc.property(weights, fc.array(happening, { maxLength: 25 }), (drawn, happenings) => {
      const config = configured(drawn);
      const { base, S, F, P, B, reverse, ofGroup } = drawn;
      const run = rig();
      const known = { script: undefined as boolean | undefined, F: 0, G: 0, count: 0, session: false };
      run.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
      run.send({ type: 'reconfigured', config });
      run.send({ type: 'fileRead', file: 'F', value: 0 });
      run.send({ type: 'fileRead', file: 'G', value: 0 });
      run.send({ type: 'processesCounted', process: 'P', count: 0 });
      for (const each of happenings) {
        if (each.type === 'value') {
          known[each.file] = each.value;
          run.send({ type: 'fileRead', file: each.file, value: each.value });
        } else if (each.type === 'count') {
          known.count = each.count;
          run.send({ type: 'processesCounted', process: 'P', count: each.count });
        } else if (each.type === 'session') {
          known.session = each.up;
          run.send({ type: 'sessionChanged', session: 'B', up: each.up, at: run.now() });
        } else if (each.type === 'wait') {
          run.advance(micros(each.span));
        } else if (each.type === 'reload') {
          run.send({ type: 'reconfigured', config });
        } else {
          // A run goes on at most until the next is due.
          if (run.state().trackers.scripts.get('S')?.run === undefined) run.advance(seconds(1));
          const id = run.state().trackers.scripts.get('S')?.run?.id;
          assert.ok(id !== undefined);
          known.script = each.passed;
          run.send({ type: 'scriptEnded', run: id, ending: { type: 'exited', status: each.passed ? 0 : 1 } });
        }
        run.settle();
        const states: readonly (readonly [number, boolean | undefined])[] = [
          [S, known.script],
          [P, known.count >= 1 && known.count <= 2],
          [B, known.session],
        ];
        let sum = base;
        let fault = false;
        for (const [weight, up] of states) {
          if (weight === 0) fault ||= up === undefined || up === reverse;
          else if (up !== undefined && up !== reverse) sum += Math.max(0, weight);
          else if (up !== undefined) sum += Math.min(0, weight);
        }
        const product = known.F * (reverse ? -F : F);
        if (F === 0 ? (known.F !== 0) !== reverse : product <= -254) fault = true;
        else if (F !== 0) sum += Math.min(253, product);
        const [first, second] = run.state().instances;
        assert.equal(first?.priority, Math.max(1, Math.min(254, sum)));
        const other = known.G !== 0;
        assert.equal(first.state.role === 'fault', fault || (!ofGroup && other));
        assert.equal(second?.state.role === 'fault', other || (!ofGroup && fault));
      }
    }),
    { numRuns: 300 },
  );
});

test('a delay of a process counts once, whatever the count does meanwhile', () => {
  const run = rig();
  const delay = { forkDelay: milliseconds(500), terminateDelay: seconds(2) };
  const process = { name: 'P', program: 'p', parameters: [], wholeCommand: false, quorum: 2, ...delay };
  const tracks = { processes: [{ name: 'P', weight: -50, reverse: false }] };
  run.send({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
  run.send({ type: 'reconfigured', config: director([instance({ tracks })], { tracked: { scripts: [], files: [], processes: [process] } }) });
  const count = (n: number): void => run.send({ type: 'processesCounted', process: 'P', count: n });
  const priority = (): number | undefined => run.state().instances[0]?.priority;
  count(2);
  count(1);
  run.advance(seconds(1));
  count(0);
  run.advance(milliseconds(999));
  assert.equal(priority(), 150, 'not yet');
  run.advance(milliseconds(1));
  assert.equal(priority(), 100, 'from the moment the quorum was lost');
});
