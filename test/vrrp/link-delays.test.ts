/** interface_up_down_delays on a virtual clock. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, micros, seconds, type Micros } from '../../src/base/time.js';
import { directorDeadline, initialDirector, stepDirector } from '../../src/vrrp/director.js';
import type { LinkState } from '../../src/vrrp/config.js';
import { director, instance, link } from '../support/vrrp-configuration.js';

/** A backup on eth0 whose link counts as down after 500 ms and as up after 2 s; `told` says what was told, and when. */
function backup() {
  const told: string[] = [];
  let state = initialDirector(1);
  let now = micros(0);
  const hear = (event: Parameters<typeof stepDirector>[1]): void => {
    const step = stepDirector(state, event, now);
    state = step.state;
    for (const note of step.notes) {
      if (note.type === 'linkStateChanged') told.push(`${now / 1000} ${note.interface} ${note.up ? 'up' : 'down'}`);
      if (note.type === 'stateChanged') told.push(`${now / 1000} ${note.to}`);
    }
  };
  const config = { ...director([instance({ priority: 50 })]), linkDelays: [{ interface: 'eth0', down: milliseconds(500), up: seconds(2) }] };
  hear({ type: 'linkChanged', interface: 'eth0', link: link('eth0') });
  hear({ type: 'reconfigured', config });
  return {
    told,
    at: (end: Micros, change?: Partial<LinkState> | 'gone'): void => {
      for (let due = directorDeadline(state); due !== undefined && due < end; due = directorDeadline(state)) {
        now = due;
        hear({ type: 'timeout' });
      }
      now = end;
      if (change === 'gone') hear({ type: 'linkChanged', interface: 'eth0' });
      else if (change !== undefined) hear({ type: 'linkChanged', interface: 'eth0', link: link('eth0', change) });
    },
  };
}

test('a link that stays down counts after its delay, and one that comes back after the other', () => {
  const { at, told } = backup();
  at(milliseconds(100), { up: false });
  at(milliseconds(300), { up: false });
  at(seconds(1), { up: true });
  at(seconds(3.1));
  assert.deepEqual(told, ['600 eth0 down', '600 FAULT', '3000 eth0 up', '3000 BACKUP']);
});

test('a link that is back within the delay has never been away', () => {
  const { at, told } = backup();
  at(milliseconds(100), { up: false });
  at(milliseconds(550), { up: true });
  at(milliseconds(800), { up: false });
  at(milliseconds(1_250), { up: true });
  at(seconds(3));
  assert.deepEqual(told, []);
});

test('an interface that goes away counts at once', () => {
  const { at, told } = backup();
  at(milliseconds(100), 'gone');
  assert.deepEqual(told, ['100 FAULT']);
});
