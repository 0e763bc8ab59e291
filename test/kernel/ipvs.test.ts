import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { type IpvsEvent, openIpvs } from '../../src/io/netlink/ipvs-kernel.js';
import { chooseKernel } from '../lab/kernel.js';
import { runInLab } from '../lab/lab.js';

const script = join(dirname(fileURLToPath(import.meta.url)), 'ipvs-in-lab.js');
const { status, output } = await runInLab(script, { timeout: 900 });
const report = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;

test('services and destinations of every kind are in the kernel as ipvsadm shows them, and read back the same', () => {
  assert.equal(status, 0);
  assert.equal(report['added'], 'opsApplied');
  assert.deepEqual(report['first'], [
    '-A -f 7 -s sh -b sh-fallback,sh-port',
    '-A -t 192.0.2.1:80 -s rr',
    '-A -t [2001:db8::1]:80 -s wlc -p 300 -M 64',
    '-a -f 7 -r 198.51.100.3:0 -i -w 1 --tun-type ipip',
    '-a -f 7 -r 198.51.100.4:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
    '-a -t 192.0.2.1:80 -r 198.51.100.1:80 -g -w 1',
    '-a -t 192.0.2.1:80 -r 198.51.100.2:80 -g -w 3',
    '-a -t [2001:db8::1]:80 -r [2001:db8::11]:8080 -m -w 1',
  ]);
  assert.equal(report['firstDiffers'], 0);
});

test('an edit changes scheduler and weights, and what is not wanted any more goes', () => {
  assert.equal(report['changed'], 'opsApplied');
  assert.deepEqual(report['second'], [
    '-A -t 192.0.2.1:80 -s wrr',
    '-a -t 192.0.2.1:80 -r 198.51.100.2:80 -g -w 0',
    '-a -t 192.0.2.1:80 -r 198.51.100.9:80 -g -w 1',
  ]);
  assert.equal(report['secondDiffers'], 0);
});

test('each refused edit is told by its place and errno, deleting what is not there is none, the rest is performed', () => {
  assert.deepEqual(report['refused'], {
    type: 'opsFailed',
    id: 3,
    code: 'EEXIST',
    failures: [
      { index: 0, code: 'EEXIST', errno: 17 },
      { index: 3, code: 'ENOENT', errno: 2 },
      { index: 4, code: 'ENOENT', errno: 2 },
    ],
  });
});

test('three thousand destinations go in and are read back', () => {
  assert.equal(report['many'], 'opsApplied');
  assert.equal(report['manyDiffers'], 0);
});

test('an edit does not wait for a picture of large tables', () => {
  assert.deepEqual(report['duringPicture'], ['opsApplied', 'snapshotTaken']);
});

test('a look that counts reads what ipvsadm shows, another one nothing', () => {
  const { silent, at, shown, counted, connections } = report['traffic'] as Readonly<Record<string, unknown>>;
  assert.deepEqual(silent, [null, 0]);
  assert.equal(at, 1);
  assert.deepEqual(counted, shown);
  assert.equal((shown as readonly (readonly number[])[])[0]?.[0], 3);
  assert.deepEqual(connections, { active: 1, inactive: 2, persistent: 0 });
});

const skip = chooseKernel() === 'host' ? "this machine's kernel has ip_vs" : false;

test('a kernel without ip_vs answers every question with ENOENT', { skip }, async () => {
  const answers = await new Promise<IpvsEvent[]>((resolve) => {
    const collected: IpvsEvent[] = [];
    const port = openIpvs((event) => {
      collected.push(event);
      if (collected.length < 2) return;
      port.close();
      resolve(collected);
    });
    setImmediate(() => {
      port.snapshot(1);
      port.apply(2, []);
    });
  });
  assert.deepEqual(answers, [
    { type: 'snapshotFailed', id: 1, code: 'ENOENT' },
    { type: 'opsFailed', id: 2, code: 'ENOENT', failures: [] },
  ]);
});
