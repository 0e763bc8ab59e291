import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { Child, ChildrenConfig, ChildrenEffect, ChildrenEvent, Ending } from '../../src/runtime/children-events.js';
import { initialChildren } from '../../src/runtime/children-state.js';
import { childrenDeadline, stepChildren } from '../../src/runtime/children.js';
import { narrateChildren } from '../../src/runtime/narrate/children.js';

const CONFIG: ChildrenConfig = {
  respawn: true,
  childWaitTime: seconds(5),
  aliveTimeout: { vrrp: seconds(2), checkers: undefined, bfd: undefined },
};

/** A supervisor with a clock: what it does and says since the last look. */
function supervisor(config: ChildrenConfig = CONFIG) {
  let state = initialChildren(config);
  let now = seconds(100);
  let effects: ChildrenEffect[] = [];
  let sentences: string[] = [];
  const send = (event: ChildrenEvent): void => {
    const step = stepChildren(state, event, now);
    state = step.state;
    effects.push(...step.effects);
    sentences.push(...step.notes.map((note) => narrateChildren(note).text));
  };
  return {
    send,
    /** Wakes at every deadline on the way, as an alarm would. */
    advance(span: Micros): void {
      const end = now + span;
      for (let deadline = childrenDeadline(state); deadline !== undefined && deadline <= end; deadline = childrenDeadline(state)) {
        now = deadline;
        send({ type: 'timeout' });
      }
      now = end as Micros;
    },
    /** As after a SIGSTOP of the supervisor itself: the clock jumps, then it wakes once. */
    oversleep(span: Micros): void {
      now = (now + span) as Micros;
      send({ type: 'timeout' });
    },
    start(child: Child, pid: number): void {
      send({ type: 'childStarted', child, pid });
      send({ type: 'childReady', child, pid });
    },
    die(child: Child, pid: number, ending: Ending = { type: 'signal', signal: 'SIGKILL' }): void {
      send({ type: 'childExited', child, pid, ending });
    },
    take(): { effects: ChildrenEffect[]; sentences: string[] } {
      const taken = { effects, sentences };
      effects = [];
      sentences = [];
      return taken;
    },
  };
}

function loaded(generation: number, children: readonly Child[] = ['checkers', 'vrrp']): ChildrenEvent {
  return { type: 'loaded', generation, children, childWaitTime: seconds(5), aliveTimeout: { vrrp: seconds(2), checkers: undefined, bfd: undefined } };
}

function running(config: ChildrenConfig = CONFIG): ReturnType<typeof supervisor> {
  const parent = supervisor(config);
  parent.send({ type: 'started' });
  parent.send(loaded(1));
  for (const [child, pid] of [['checkers', 10], ['vrrp', 11]] as const) {
    parent.start(child, pid);
    parent.send({ type: 'childConfigured', child, pid, generation: 1 });
  }
  parent.take();
  return parent;
}

test('checkers start before vrrp, each gets the configuration once it is ready, and the start is announced once both have it', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  assert.deepEqual(parent.take().effects, [{ type: 'load' }]);
  parent.send(loaded(1));
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'checkers' }, { type: 'spawn', child: 'vrrp' }]);
  parent.start('checkers', 10);
  parent.start('vrrp', 11);
  assert.deepEqual(parent.take(), {
    effects: [
      { type: 'configure', child: 'checkers', pid: 10, generation: 1 },
      { type: 'configure', child: 'vrrp', pid: 11, generation: 1 },
    ],
    sentences: ['Starting Healthcheck child process, pid=10', 'Starting VRRP child process, pid=11'],
  });
  parent.send({ type: 'childConfigured', child: 'vrrp', pid: 11, generation: 1 });
  assert.deepEqual(parent.take().sentences, []);
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 10, generation: 1 });
  assert.deepEqual(parent.take().sentences, ['Startup complete']);
});

test('the first restart is immediate, the next wait 1, 2, 4 ... 60 seconds, and a run of 60 seconds forgives', () => {
  const parent = running();
  let pid = 11;
  const delays: (number | 'now')[] = [];
  for (let death = 0; death < 9; death += 1) {
    parent.die('vrrp', pid);
    const { effects, sentences } = parent.take();
    const delay = /delayed (\d+) seconds/.exec(sentences.join('\n'))?.[1];
    delays.push(delay === undefined ? 'now' : Number(delay));
    assert.equal(effects.some((effect) => effect.type === 'spawn'), delay === undefined);
    if (delay !== undefined) {
      parent.advance(seconds(Number(delay) - 0.001));
      assert.deepEqual(parent.take().effects, []);
      parent.advance(seconds(0.001));
      assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
    }
    pid += 1;
    parent.start('vrrp', pid);
    parent.take();
  }
  assert.deepEqual(delays, ['now', 1, 2, 4, 8, 16, 32, 60, 60]);
  for (let second = 0; second < 60; second += 1) {
    parent.send({ type: 'childAlive', child: 'vrrp', pid });
    parent.advance(seconds(1));
  }
  parent.die('vrrp', pid);
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
});

test('a respawned child gets the newest configuration', () => {
  const parent = running();
  parent.send({ type: 'reloadRequested' });
  parent.send(loaded(2));
  parent.die('vrrp', 11);
  parent.take();
  parent.start('vrrp', 12);
  assert.deepEqual(parent.take().effects, [{ type: 'configure', child: 'vrrp', pid: 12, generation: 2 }]);
});

for (const [status, word] of [[1, 'FATAL'], [2, 'CONFIG'], [4, 'missing permission']] as const) {
  test(`a child leaving with status ${status} ends everything with that status`, () => {
    const parent = running();
    parent.die('vrrp', 11, { type: 'status', status });
    assert.deepEqual(parent.take(), {
      effects: [{ type: 'terminate', child: 'checkers', pid: 10 }],
      sentences: [`pid 11 exited with permanent error ${word}. Terminating`],
    });
    parent.die('checkers', 10, { type: 'status', status: 0 });
    assert.deepEqual(parent.take().effects, [{ type: 'exit', status }]);
  });
}

test('another status is not permanent: the child is respawned', () => {
  const parent = running();
  parent.die('checkers', 10, { type: 'status', status: 70 });
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'spawn', child: 'checkers' }],
    sentences: ['pid 10 exited with status 70', 'Healthcheck child process(10) died: Respawning'],
  });
});

test('without respawning the first death ends everything', () => {
  const parent = running({ ...CONFIG, respawn: false });
  parent.die('checkers', 10);
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'terminate', child: 'vrrp', pid: 11 }],
    sentences: ['pid 10 exited due to signal SIGKILL', 'Healthcheck child process(10) died: Exiting'],
  });
});

test('a stop terminates VRRP, then the checkers, kills after childWaitTime what is left, and exits once nothing runs', () => {
  const parent = running();
  parent.send({ type: 'stopRequested' });
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'terminate', child: 'vrrp', pid: 11 }],
    sentences: ['Stopping'],
  });
  parent.advance(seconds(4.999));
  assert.deepEqual(parent.take().effects, []);
  parent.advance(seconds(0.001));
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'kill', child: 'vrrp', pid: 11 }],
    sentences: ['VRRP process failed to die - forcing termination'],
  });
  parent.die('vrrp', 11);
  assert.deepEqual(parent.take().effects, [{ type: 'terminate', child: 'checkers', pid: 10 }]);
  parent.die('checkers', 10, { type: 'status', status: 0 });
  assert.deepEqual(parent.take().effects, [{ type: 'exit', status: 0 }]);
});

test('a second stop changes nothing, and a child that was just being started is stopped too', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  parent.send(loaded(1, ['vrrp']));
  parent.send({ type: 'stopRequested' });
  parent.send({ type: 'stopRequested' });
  parent.take();
  parent.send({ type: 'childStarted', child: 'vrrp', pid: 11 });
  assert.deepEqual(parent.take().effects, [{ type: 'terminate', child: 'vrrp', pid: 11 }]);
  parent.advance(seconds(5));
  assert.deepEqual(parent.take().effects, [{ type: 'kill', child: 'vrrp', pid: 11 }]);
  parent.die('vrrp', 11);
  assert.deepEqual(parent.take().effects, [{ type: 'exit', status: 0 }]);
});

test('reloads during a reload are one reload after it', () => {
  const parent = running();
  parent.send({ type: 'reloadRequested' });
  assert.deepEqual(parent.take(), { effects: [{ type: 'load' }], sentences: ['Reloading ...'] });
  parent.send({ type: 'reloadRequested' });
  parent.send(loaded(2));
  parent.send({ type: 'reloadRequested' });
  parent.send({ type: 'childConfigured', child: 'vrrp', pid: 11, generation: 2 });
  assert.equal(parent.take().effects.filter((effect) => effect.type === 'load').length, 0);
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 10, generation: 2 });
  assert.deepEqual(parent.take(), { effects: [{ type: 'load' }], sentences: ['Reload complete', 'Reloading ...'] });
  parent.send(loaded(3));
  for (const [child, pid] of [['checkers', 10], ['vrrp', 11]] as const) {
    parent.send({ type: 'childConfigured', child, pid, generation: 3 });
  }
  assert.deepEqual(parent.take().sentences, ['Reload complete']);
});

test('a reload that fails leaves the children alone', () => {
  const parent = running();
  parent.send({ type: 'reloadRequested' });
  parent.take();
  parent.send({ type: 'loadFailed', status: 2 });
  assert.deepEqual(parent.take(), { effects: [], sentences: ['New configuration not used: the one before it stays'] });
  parent.send({ type: 'reloadRequested' });
  assert.deepEqual(parent.take().effects, [{ type: 'load' }]);
});

test('a start that fails to load exits with its status', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  parent.take();
  parent.send({ type: 'loadFailed', status: 6 });
  assert.deepEqual(parent.take().effects, [{ type: 'exit', status: 6 }]);
});

test('a configuration that keeps killing its child can be replaced by a reload', () => {
  const parent = running();
  parent.die('vrrp', 11);
  parent.send({ type: 'childStarted', child: 'vrrp', pid: 12 });
  parent.die('vrrp', 12);
  parent.take();
  parent.send({ type: 'reloadRequested' });
  assert.deepEqual(parent.take().effects, [{ type: 'load' }]);
});

test('a reload starts children that became needed and ends those that are not, without respawning them', () => {
  const parent = running();
  parent.send({ type: 'reloadRequested' });
  parent.take();
  parent.send(loaded(2, ['checkers']));
  assert.deepEqual(parent.take().effects, [
    { type: 'configure', child: 'checkers', pid: 10, generation: 2 },
    { type: 'terminate', child: 'vrrp', pid: 11 },
  ]);
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 10, generation: 2 });
  parent.advance(seconds(5));
  assert.deepEqual(parent.take().effects, [{ type: 'kill', child: 'vrrp', pid: 11 }]);
  parent.die('vrrp', 11);
  assert.deepEqual(parent.take().effects, []);
  parent.send({ type: 'reloadRequested' });
  parent.send(loaded(3));
  assert.deepEqual(parent.take().effects.slice(1), [
    { type: 'configure', child: 'checkers', pid: 10, generation: 3 },
    { type: 'spawn', child: 'vrrp' },
  ]);
});

test('a child wanted again while it is still leaving is started afresh once it is gone', () => {
  const parent = running();
  for (const [generation, children] of [[2, ['checkers']], [3, ['checkers', 'vrrp']]] as const) {
    parent.send({ type: 'reloadRequested' });
    parent.send(loaded(generation, children));
    parent.send({ type: 'childConfigured', child: 'checkers', pid: 10, generation });
  }
  parent.take();
  parent.die('vrrp', 11, { type: 'status', status: 0 });
  assert.deepEqual(parent.take(), { effects: [{ type: 'spawn', child: 'vrrp' }], sentences: [] });
});

test('a child that falls silent is killed and respawned; one without a heartbeat rule is not', () => {
  const parent = running();
  parent.advance(seconds(1.5));
  parent.send({ type: 'childAlive', child: 'vrrp', pid: 11 });
  parent.advance(seconds(1.999));
  assert.deepEqual(parent.take().effects, []);
  parent.advance(seconds(0.001));
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'kill', child: 'vrrp', pid: 11 }],
    sentences: ['VRRP process silent for 2.000000 seconds - killing it'],
  });
  parent.die('vrrp', 11);
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
});

test('a child that never says that it is ready is replaced', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  parent.send(loaded(1, ['vrrp']));
  parent.send({ type: 'childStarted', child: 'vrrp', pid: 11 });
  parent.advance(seconds(29.9));
  parent.take();
  parent.advance(seconds(0.1));
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'kill', child: 'vrrp', pid: 11 }],
    sentences: ['VRRP process silent for 30.000000 seconds - killing it'],
  });
  parent.die('vrrp', 11);
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
});

test('checkers have the time that starting takes until they have their first configuration, VRRP has not', () => {
  const aliveTimeout = { vrrp: seconds(2), checkers: seconds(3), bfd: undefined };
  const parent = supervisor({ ...CONFIG, aliveTimeout });
  parent.send({ type: 'started' });
  parent.send({ type: 'loaded', generation: 1, children: ['checkers', 'vrrp'], childWaitTime: seconds(5), aliveTimeout });
  parent.start('checkers', 10);
  parent.start('vrrp', 11);
  parent.take();
  parent.advance(seconds(29.9));
  assert.deepEqual(parent.take().effects, [{ type: 'kill', child: 'vrrp', pid: 11 }]);
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 10, generation: 1 });
  parent.advance(seconds(2.9));
  assert.deepEqual(parent.take().effects, []);
  parent.advance(seconds(0.1));
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'kill', child: 'checkers', pid: 10 }],
    sentences: ['Healthcheck process silent for 3.000000 seconds - killing it'],
  });
});

test('a supervisor that was asleep itself does not accuse its children', () => {
  const parent = running();
  parent.oversleep(seconds(60));
  assert.deepEqual(parent.take().effects, []);
  parent.advance(seconds(2));
  assert.deepEqual(parent.take().effects, [{ type: 'kill', child: 'vrrp', pid: 11 }]);
});

test('news about a process that is gone changes nothing', () => {
  const parent = running();
  parent.die('vrrp', 11);
  parent.start('vrrp', 12);
  parent.take();
  parent.die('vrrp', 11);
  parent.send({ type: 'childReady', child: 'vrrp', pid: 11 });
  parent.send({ type: 'childConfigured', child: 'vrrp', pid: 11, generation: 1 });
  assert.deepEqual(parent.take(), { effects: [], sentences: [] });
});

test('a child that cannot be started is tried again with growing delays', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  parent.send(loaded(1, ['vrrp']));
  parent.take();
  const failure: ChildrenEvent = { type: 'childExited', child: 'vrrp', ending: { type: 'status', status: 1 } };
  parent.send(failure);
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
  parent.send(failure);
  assert.deepEqual(parent.take().effects, []);
  parent.advance(seconds(1));
  assert.deepEqual(parent.take().effects, [{ type: 'spawn', child: 'vrrp' }]);
});

test('nothing to run leaves an idle supervisor', () => {
  const parent = supervisor();
  parent.send({ type: 'started' });
  parent.send(loaded(1, []));
  assert.deepEqual(parent.take(), {
    effects: [{ type: 'load' }],
    sentences: ['Warning - keepalived has no configuration to run', 'Startup complete'],
  });
  parent.send({ type: 'stopRequested' });
  assert.deepEqual(parent.take().effects, [{ type: 'exit', status: 0 }]);
});
