import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { micros, seconds } from '../../src/base/time.js';
import type { Child, ChildrenEffect, ChildrenEvent } from '../../src/runtime/children-events.js';
import { CHILDREN } from '../../src/runtime/children-events.js';
import { initialChildren } from '../../src/runtime/children-state.js';
import { childrenDeadline, stepChildren } from '../../src/runtime/children.js';

/** What an environment may do next; the pick chooses among what is possible then. */
const MOVES = ['load', 'failLoad', 'start', 'failStart', 'ready', 'configured', 'alive', 'die', 'stop', 'reload', 'wait', 'replace', 'failReplace'] as const;
const move = fc.record({ kind: fc.constantFrom(...MOVES), pick: fc.nat(), span: fc.integer({ min: 0, max: 70_000_000 }) });

interface Life {
  readonly child: Child;
  pid: number | undefined;
  generation: number;
}

/** Plays the operating system and the children to a supervisor, and asserts what must hold at every step. */
class Environment {
  #state = initialChildren({
    respawn: true,
    childWaitTime: seconds(5),
    aliveTimeout: { vrrp: seconds(3), checkers: seconds(10), bfd: seconds(3) },
  });
  #now = 0;
  #lastPid = 100;
  #generation = 0;
  #lives: Life[] = [];
  #loads = 0;
  exits = 0;

  send(event: ChildrenEvent): void {
    const step = stepChildren(this.#state, event, micros(this.#now));
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  play({ kind, pick, span }: { readonly kind: (typeof MOVES)[number]; readonly pick: number; readonly span: number }): void {
    const life = this.#lives[pick % Math.max(1, this.#lives.length)];
    const { child = 'vrrp', pid } = life ?? {};
    if (kind === 'wait') this.#wait(span);
    if (kind === 'stop') this.send({ type: 'stopRequested' });
    if (kind === 'replace') this.send({ type: 'replacementRequested' });
    if (kind === 'failReplace') this.send({ type: 'replacementFailed' });
    if (kind === 'reload') this.send({ type: 'reloadRequested' });
    if (kind === 'load' || kind === 'failLoad') this.#answerLoad(kind === 'load', pick);
    if (life === undefined) return;
    if (kind === 'start' && pid === undefined) this.#start(life);
    if (kind === 'failStart' && pid === undefined) this.#end(life, 70);
    if (pid === undefined) return;
    if (kind === 'ready') this.send({ type: 'childReady', child, pid });
    if (kind === 'alive') this.send({ type: 'childAlive', child, pid });
    if (kind === 'configured') this.send({ type: 'childConfigured', child, pid, generation: life.generation });
    if (kind === 'die') this.#end(life, pick % 3 === 0 ? 70 : 0);
  }

  /** Everything answers and dies when told: then a stop must come to its end. */
  finish(): void {
    this.send({ type: 'stopRequested' });
    for (let round = 0; round < 4; round += 1) {
      for (const life of [...this.#lives]) if (life.pid === undefined) this.#start(life);
      this.#wait(6_000_000);
    }
    assert.equal(this.exits, 1, 'a stop ends in one exit');
  }

  #wait(span: number): void {
    const end = this.#now + span;
    for (let due = childrenDeadline(this.#state); due !== undefined && due <= end; due = childrenDeadline(this.#state)) {
      this.#now = Math.max(this.#now, due);
      this.send({ type: 'timeout' });
    }
    this.#now = end;
  }

  #answerLoad(good: boolean, pick: number): void {
    if (this.#loads === 0) return;
    this.#loads -= 1;
    this.#generation += 1;
    const children = CHILDREN.filter((_, index) => ((pick >> index) & 1) === 0);
    if (good) this.send({ type: 'loaded', generation: this.#generation, children, childWaitTime: seconds(5), aliveTimeout: { vrrp: seconds(3), checkers: seconds(10), bfd: seconds(3) } });
    else this.send({ type: 'loadFailed', status: 2 });
  }

  #start(life: Life): void {
    this.#lastPid += 1;
    life.pid = this.#lastPid;
    this.send({ type: 'childStarted', child: life.child, pid: life.pid });
  }

  #end(life: Life, status: number): void {
    this.#lives = this.#lives.filter((other) => other !== life);
    const { child, pid } = life;
    const ending = { type: 'status', status } as const;
    this.send(pid === undefined ? { type: 'childExited', child, ending } : { type: 'childExited', child, pid, ending });
  }

  #perform(effect: ChildrenEffect): void {
    assert.equal(this.exits, 0, 'nothing is asked for after the exit');
    switch (effect.type) {
      case 'load':
        this.#loads += 1;
        assert.equal(this.#loads, 1, 'one load at a time');
        break;
      case 'spawn':
        assert.ok(!this.#lives.some(({ child }) => child === effect.child), `a second ${effect.child} is started`);
        this.#lives.push({ child: effect.child, pid: undefined, generation: 0 });
        break;
      case 'configure':
        this.#life(effect).generation = effect.generation;
        break;
      case 'terminate':
      case 'relieve':
      case 'retain':
        this.#life(effect);
        break;
      case 'kill':
        this.#end(this.#life(effect), 137);
        break;
      case 'replace':
        assert.ok(this.#lives.every(({ child }) => child === 'vrrp'), 'another program takes over while others than VRRP are still there');
        break;
      case 'exit':
        assert.equal(this.#lives.length, 0, 'the supervisor leaves children behind');
        this.exits += 1;
        break;
    }
  }

  #life(effect: { readonly child: Child; readonly pid: number }): Life {
    const life = this.#lives.find(({ child, pid }) => child === effect.child && pid === effect.pid);
    assert.ok(life !== undefined, `${effect.child} ${effect.pid} does not live`);
    return life;
  }
}

test('whatever happens: one process per child, one load at a time, and a stop that ends with nobody left behind', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
      const environment = new Environment();
      environment.send({ type: 'started' });
      for (const each of moves) {
        if (environment.exits > 0) return;
        environment.play(each);
      }
      if (environment.exits === 0) environment.finish();
    }),
    { numRuns: 2_000 },
  );
});
