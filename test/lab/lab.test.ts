/** The lab itself: what a script may rely on, and that nothing of it outlives it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { given } from '../../src/base/given.js';
import type { LabKernel } from './kernel.js';
import { CHECKOUT, LAB_TIMED_OUT, runInLab } from './lab.js';

const KERNELS: readonly LabKernel[] = ['host', 'uml', 'machine'];

function shell(text: string, kernel: LabKernel, timeout?: number): ReturnType<typeof runInLab> {
  return runInLab('/bin/sh', { words: ['-c', text], kernel, ...given({ timeout }) });
}

for (const kernel of KERNELS) {
  test(`a lab in the ${kernel} kernel hands out a script's words and its exit status`, async () => {
    const { status, output } = await runInLab('/bin/sh', {
      words: ['-c', 'echo "$0 $1 $VARIABLE"; echo trouble >&2; exit 3', "it's", 'two words'],
      environment: { VARIABLE: '$HOME "quoted"' },
      kernel,
    });
    assert.deepEqual({ status, output }, { status: 3, output: `it's two words $HOME "quoted"\ntrouble\n` });
  });

  for (const signal of kernel === 'machine' ? (['SIGKILL'] as const) : (['SIGINT', 'SIGKILL'] as const)) {
    test(`a lab in the ${kernel} kernel ends with its launcher's ${signal}`, async () => {
      const words = [`--kernel=${kernel}`, '/bin/sh', '-c', 'echo $LAB_RUN; sleep 60'];
      const launcher = spawn(process.execPath, [join(CHECKOUT, 'dist/test/lab/main.js'), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [runDirectory] = (await once(createInterface({ input: launcher.stdout }), 'line')) as [string];
      assert.notDeepEqual(processesNaming(runDirectory), [], 'the lab runs');
      launcher.kill(signal);
      await once(launcher, 'exit');
      for (let tries = 0; tries < 300 && processesNaming(runDirectory).length > 0; tries += 1) await pause(100);
      assert.deepEqual(processesNaming(runDirectory), []);
      // Nothing can tidy up after SIGKILL, so the few small files in the temporary directory stay.
      if (signal === 'SIGINT') assert.equal(existsSync(runDirectory), false);
      else rmSync(runDirectory, { recursive: true });
    });
  }
}

for (const kernel of ['host', 'uml'] as const) {
  test(`a lab in the ${kernel} kernel keeps namespaces and temporary files to itself`, async () => {
    const mark = `holdfast-lab-mark-${process.pid}`;
    const places = ['/run', '/tmp', '/var/tmp', '/var/log'].map((directory) => join(directory, mark));
    const { status, output } = await shell(`ip netns add ${mark} && ip netns && touch ${places.join(' ')}`, kernel);
    assert.equal(status, 0, output);
    assert.match(output, new RegExp(mark));
    for (const place of [...places, join('/run/netns', mark)]) assert.equal(existsSync(place), false, place);
  });

  test(`a lab in the ${kernel} kernel that takes too long is killed and says so`, async () => {
    // Time to boot in; on a busy machine that takes more.
    let limit = kernel === 'host' ? 8 : 25;
    const overdue = (): ReturnType<typeof runInLab> => shell('echo begun; sleep 600', kernel, limit);
    let { status, output } = await overdue();
    while (!output.startsWith('begun') && limit < 200) {
      limit *= 2;
      ({ status, output } = await overdue());
    }
    assert.equal(status, LAB_TIMED_OUT);
    assert.match(output, new RegExp(`^begun\\n[^]*killed after ${limit} s`));
  });
}

for (const kernel of ['uml', 'machine'] as const) {
  test(`the root of a lab in the ${kernel} kernel is the host's and cannot be written`, async () => {
    const { output } = await shell(`cat ${join(CHECKOUT, 'package.json')}; touch /etc/holdfast-lab-mark`, kernel);
    assert.ok(output.startsWith(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')));
    assert.match(output, /Read-only file system/);
  });
}

test('a user-mode lab has ip_vs in every namespace', async () => {
  const { status, output } = await shell(
    'ip netns add one; ip netns exec one ipvsadm -A -t 192.0.2.1:80 -s mh; ip netns exec one ipvsadm -Sn; ipvsadm -Sn',
    'uml',
  );
  assert.deepEqual({ status, output }, { status: 0, output: '-A -t 192.0.2.1:80 -s mh\n' });
});

function processesNaming(text: string): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(text);
    } catch {
      // It ended between the listing and the look.
      return false;
    }
  });
}
