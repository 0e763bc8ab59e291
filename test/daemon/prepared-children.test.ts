/** Processes that are forked ahead of need: none stays that is not needed, and they are where the others are. */

import assert from 'node:assert/strict';
import { readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { startProgram, until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import type { Network } from './network.js';
import { HOLDFAST, VIP, instance, openNetwork } from './network.js';
import { untilTold } from './told.js';

const MASTER = /\(V1\) Entering MASTER STATE/;

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

/** The children of the main thread of `pid` that are Node processes, without the one that is asked and does nothing. */
function nodesOf(pid: number): readonly number[] {
  return childrenOf(pid).filter((child) => {
    try {
      if (readProcess(child, 'cmdline').includes('\0control\0')) return false;
      return readlinkSync(`/proc/${child}/exe`) === readlinkSync('/proc/self/exe');
    } catch {
      // It has just ended.
      return false;
    }
  });
}

/**
 * The same process ten times on end, asleep each time and without having run in between: one that has been forked looks like its
 * parent until it is another program, and one that still loads cannot take anybody's place.
 */
function atRest(find: () => number | undefined): () => number | undefined {
  let last = '';
  let times = 0;
  return () => {
    const pid = find();
    // State, and the time it has run for: fields 3, 14 and 15 of proc(5).
    const fields = pid === undefined ? [] : readProcess(pid, 'stat').replace(/^.*\) /s, '').split(' ');
    const now = [pid, fields[0], fields[11], fields[12]].join(' ');
    times = now === last && fields[0] === 'S' ? times + 1 : 1;
    last = now;
    return times >= 10 ? pid : undefined;
  };
}

test('a file that only looks as if it had work for the checkers leaves no process of theirs', async (t) => {
  const { left } = network(t);
  // So slow that it needs no spare process.
  const daemon = left.daemon(`# virtual_server\n${instance({ advertInterval: 2 })}`);
  await daemon.line(MASTER, 8);
  await until('the VRRP process is alone', 3, () => nodesOf(daemon.pid).length === 1 || undefined);
  assert.deepEqual(nodesOf(daemon.pid), [left.pidOf('vrrp')]);
});

test('a namespace that only an included file names is where the children are', async (t) => {
  const { left } = network(t);
  const directory = join('/run/keepalived', left.namespace);
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  left.write('namespace.conf', `net_namespace ${left.namespace}\n`);
  const file = left.write('keepalived.conf', `include namespace.conf\n${instance()}`);
  const daemon = startProgram([...HOLDFAST, '-n', '-l', '-D', '-G', '-f', file]);
  t.after(async () => {
    daemon.signalGroup('SIGTERM');
    await daemon.exited;
  });
  await daemon.line(MASTER, 8);
  await until('the address is set inside', 3, () => left.addresses().includes(VIP) || undefined);
  const [vrrp = 0] = nodesOf(daemon.pid);
  assert.equal(readlinkSync(`/proc/${vrrp}/ns/net`), readlinkSync(`/proc/${daemon.pid}/ns/net`));
});

test('a VRRP process that is killed is replaced by one that was there before, unless there is time to start one', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 8);
  const first = left.pidOf('vrrp');
  const spare = await until('a spare process is there', 8, atRest(() => nodesOf(daemon.pid).find((pid) => pid !== first)));
  await untilTold(left);
  const before = daemon.lines.length;
  process.kill(first, 'SIGKILL');
  await daemon.line(new RegExp(`Starting VRRP child process, pid=${spare}`), 5, before);
  await daemon.line(/\(V1\) adopted in MASTER STATE/, 5, before);
  await until('it serves', 3, () => left.pidOf('vrrp') === spare || undefined);
  await until('the next spare process is there', 8, () => nodesOf(daemon.pid).length === 2 || undefined);
  left.write('keepalived.conf', instance({ advertInterval: 2 }));
  daemon.signal('SIGHUP');
  await until('none is needed any more', 8, () => nodesOf(daemon.pid).length === 1 || undefined);
});
