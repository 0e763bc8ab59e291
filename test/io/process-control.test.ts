import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';

const control = new URL('../../src/io/process-control.js', import.meta.url).href;
const script = new URL('../../src/io/script.js', import.meta.url).href;

/** Standard output of a program with everything of process-control in scope. */
function output(program: string): string {
  const text = `import * as control from '${control}'; import { readFileSync } from 'node:fs';\n${program}`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  return child.stdout.toString().trim();
}

test('the main thread gets SCHED_RR, its helpers and scripts do not', () => {
  const seen = output(`
    import { execFileSync } from 'node:child_process';
    import { startScript } from '${script}';
    const policies = () => execFileSync('ps', ['-L', '-o', 'lwp=,cls=', '-p', String(process.pid)]).toString().trim().split('\\n')
      .map((line) => line.trim().split(/ +/)).map(([id, policy]) => (Number(id) === process.pid ? 'main ' : 'helper ') + policy);
    control.setRoundRobinPriority(10);
    console.log([...new Set(policies())].join());
    const check = 'import os, sys; sys.exit(os.sched_getscheduler(0))';
    startScript(['python3', '-c', check], undefined, (ending) => {
      console.log(ending.status);
      control.setRoundRobinPriority(0);
      console.log([...new Set(policies())].join());
      process.exit();
    });
    setInterval(() => {}, 1000);`);
  assert.equal(seen, 'main RR,helper TS\n0\nmain TS,helper TS');
});

test('an impossible priority is refused by name', () => {
  assert.match(output('try { control.setRoundRobinPriority(100); } catch (error) { console.log(error.code); }'), /^EINVAL$/);
});

test('locked memory is what is in use, not what V8 reserves', () => {
  const seen = output(`
    control.lockMemory();
    const status = readFileSync('/proc/self/status', 'utf8');
    const kilobytes = (name) => Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(status)[1]);
    console.log(kilobytes('VmLck') > 0, kilobytes('VmRSS') < 120000);`);
  assert.equal(seen, 'true true');
});

test('a process is told when its parent ends', async () => {
  const child = `
    import { setParentDeathSignal } from '${control}';
    process.on('SIGTERM', () => { console.log('told'); process.exit(); });
    setParentDeathSignal('SIGTERM');
    console.log('ready');
    setTimeout(() => process.exit(), 20000);`;
  const parent = `
    import { spawn } from 'node:child_process';
    spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(child)}], { stdio: ['ignore', 'inherit', 'inherit'] });
    setInterval(() => {}, 1000);`;
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  process_.stdout.on('data', (chunk: Buffer) => {
    lines.push(chunk.toString());
    if (lines.length === 1) process_.kill('SIGKILL');
  });
  await once(process_.stdout, 'close');
  assert.equal(lines.join(''), 'ready\ntold\n');
});
