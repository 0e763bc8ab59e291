/** holdfast top on a real terminal, beside a real daemon. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { onTerminal } from '../cli/terminal.js';
import type { TerminalProgram } from '../cli/terminal.js';
import { until } from '../lab/process.js';
import { inside } from './inside.js';
import { HOLDFAST, instance, openNetwork, pool } from './network.js';
import type { Host } from './network.js';

const POOL = `${pool({ servers: { 81: ['weight 3'], 82: [] } })}virtual_server 2001:db8::101 80 {
lb_algo rr
lb_kind NAT
protocol TCP
real_server 2001:db8:1234:5678:9abc:def0:1234:5678 83 {
}
}
`;

const socketOf = ({ folder }: Host): string => join(folder, 'keepalived.control.sock');

async function director(t: TestContext): Promise<Host> {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  left.daemon(`${instance()}${POOL}`);
  await until('the pool and the master', 20, () => {
    const { output } = inside(left, ['status', '--socket', socketOf(left)]);
    return (output.includes('MASTER') && output.includes(':82')) || undefined;
  });
  return left;
}

function top(t: TestContext, left: Host, environment: Readonly<Record<string, string>> = {}): TerminalProgram {
  const program = onTerminal(['ip', 'netns', 'exec', left.namespace, ...HOLDFAST, 'top', '--socket', socketOf(left)], environment);
  t.after(() => program.kill());
  return program;
}

const shows = (program: TerminalProgram, pattern: RegExp): Promise<true> =>
  until(String(pattern), 20, () => (program.screen().lines.some((line) => pattern.test(line)) ? true : undefined)).catch((error: unknown) => {
    throw new Error(`${String(error)} on\n${program.screen().lines.join('\n')}`);
  });

test('a server is chosen, drained after a yes, not weighed after a no, and the terminal is given back', async (t) => {
  const left = await director(t);
  const program = top(t, left, { NO_COLOR: '1' });
  await shows(program, /^holdfast \S+ {2}V1 MASTER +\d\d:\d\d:\d\d$/);
  await shows(program, /^3 servers, 3 up; 0 active connections, 0 new\/s$/);
  await shows(program, /^ {2}\[2001:db8:1234:5678:\S*~ unchecked/);
  const { lines, alternate, cursorShown } = program.screen();
  assert.deepEqual([alternate, cursorShown], [true, false]);
  assert.equal(lines[1], '3 servers, 3 up; 0 active connections, 0 new/s');
  assert.match(lines[3] ?? '', /^ {2}SERVER +STATE +WEIGHT +ACT +INACT +CONN\/s +IN\/s +OUT\/s$/);
  assert.match(lines[4] ?? '', /^10\.9\.9\.101:80 +up /);
  assert.match(lines[5] ?? '', /^> 10\.9\.9\.1:81 +unchecked +3 /);
  assert.match(lines[8] ?? '', /^ {2}\[2001:db8:1234:5678:\S*~ unchecked/, 'what is too long is cut');
  program.type('\u001b[B');
  await shows(program, /^> 10\.9\.9\.1:82 /);
  program.type('d');
  await shows(program, /^drain 10\.9\.9\.1:82 in 10\.9\.9\.101:80\? \(y\/n\)$/);
  program.type('y');
  await shows(program, /^> 10\.9\.9\.1:82 +draining\* +0 /);
  await shows(program, /^done: drain 10\.9\.9\.1:82 in 10\.9\.9\.101:80$/);
  program.type('kw7\r');
  await shows(program, /^weight 7 10\.9\.9\.1:81 in 10\.9\.9\.101:80\? \(y\/n\)$/);
  program.type('n');
  await shows(program, /^nothing was done$/);
  program.type('w12\ry');
  await shows(program, /^> 10\.9\.9\.1:81 +unchecked\* +12 /);
  program.type('sssss/:82');
  await shows(program, /^sorted by name, only what contains ":82"$/);
  await until('only that one is shown', 10, () => !program.screen().lines.some((line) => line.includes(':81 ')) || undefined);
  program.type('\u001b');
  await shows(program, /10\.9\.9\.1:81 /);
  program.type('?');
  await shows(program, /^ {2}q, Ctrl-C +leave$/);
  program.type('?jjjjs');
  await shows(program, /^sorted by state$/);
  program.type('q');
  assert.equal(await program.ended, 'left 0 cooked 1');
  const after = program.screen();
  assert.deepEqual([after.alternate, after.cursorShown], [false, true]);
  assert.doesNotMatch(program.raw(), /\u001b\[[0-9;]*[1-9][0-9;]*m/, 'NO_COLOR');
});

test('the terminal comes back after Ctrl-C, a signal and a lost daemon; colours are there unless they are not wanted', async (t) => {
  const left = await director(t);
  const interrupted = top(t, left);
  await shows(interrupted, /^> /);
  assert.match(interrupted.raw(), /\u001b\[7m> 10\.9\.9\.1:81/);
  interrupted.type('\u0003');
  assert.equal(await interrupted.ended, 'left 0 cooked 1');
  const killed = top(t, left);
  await shows(killed, /^> /);
  process.kill(left.pidOf('keepalived'), 'SIGTERM');
  await shows(killed, /^! (Nobody listens on|There is no|\S+ does not answer|\S+ cannot be asked)/);
  // The terminal's keeper has one child: the program.
  process.kill(Number(readFileSync(`/proc/${killed.pid}/task/${killed.pid}/children`, 'utf8')), 'SIGTERM');
  assert.equal(await killed.ended, 'left 143 cooked 1');
  assert.deepEqual([killed.screen().alternate, killed.screen().cursorShown], [false, true]);
});

test('without a terminal there is one screen, or JSON, or a reason', async (t) => {
  const left = await director(t);
  const once = inside(left, ['top', '--once', '--socket', socketOf(left)]);
  assert.equal(once.status, 0);
  assert.match(once.output, /\n {2}10\.9\.9\.1:82 +unchecked +1 [^\n]*\n\[2001:db8::101\]:80 [^\n]*\n {2}\[2001:db8:[^\n]*\n$/);
  const { virtualServers } = JSON.parse(inside(left, ['top', '--json', '--socket', socketOf(left)]).output) as { readonly virtualServers: readonly { readonly name: string }[] };
  assert.deepEqual(virtualServers.map(({ name }) => name), ['[10.9.9.101]:tcp:80', '[2001:db8::101]:tcp:80']);
  const none = inside(left, ['top', '--socket', socketOf(left)]);
  assert.deepEqual([none.status, none.errors], [1, 'There is no terminal: --once prints one screen, holdfast status --watch follows.\n']);
});
