import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import type { AccountName, Command } from '../../src/base/command.js';
import { type NotifyProblem, openNotifier } from '../../src/io/processes/notifier.js';
import { type Account, type ScriptEnding, findAccount, startScript } from '../../src/io/processes/script.js';
import { until } from './support/until.js';

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-script-'));
  chmodSync(folder, 0o777);
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

async function run(argv: readonly string[], account?: Account): Promise<ScriptEnding> {
  const keepAlive = setInterval(() => undefined, 1_000);
  try {
    return await new Promise((resolve, reject) => {
      const script = startScript(argv, account, resolve);
      if ('code' in script) reject(new Error(script.code));
    });
  } finally {
    clearInterval(keepAlive);
  }
}

function accountOf(name: AccountName): Account {
  const account = findAccount(name);
  if ('code' in account) throw new Error(account.code);
  return account;
}

const linesOf = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);

/** Writes what a program sees of itself to the file named by its first argument. */
const SHOW_YOURSELF = `
import json, os, resource, sys
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\\t' in line)
json.dump({
  'argv': sys.argv[2:], 'group leader': os.getpgid(0) == os.getpid(), 'ids': [os.getresuid(), os.getresgid(), sorted(os.getgroups())],
  'descriptors': sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:3] + [os.readlink('/proc/self/fd/%d' % fd) for fd in range(3)],
  'extra descriptors': [fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3],
  'signals': [int(status[name], 16) & ~(1 << 12 | 1 << 24) for name in ('SigBlk', 'SigIgn')],
  'limit': resource.getrlimit(resource.RLIMIT_NOFILE)[0], 'policy': os.sched_getscheduler(0),
  'environment': sorted(name for name in os.environ if name.startswith(('LD_', 'NODE_', 'HF_')) or name in ('IFS', 'PATH', 'BASH_ENV')),
}, open(sys.argv[1], 'w'))`;

interface Seen {
  readonly argv: readonly string[];
  readonly ids: readonly [number[], number[], number[]];
}

async function shown(t: TestContext, words: readonly string[], account?: Account): Promise<Seen> {
  const folder = scratch(t);
  const output = join(folder, 'seen.json');
  assert.deepEqual(await run(['python3', '-I', '-c', SHOW_YOURSELF, output, ...words], account), { type: 'exited', status: 0 });
  return JSON.parse(readFileSync(output, 'utf8')) as Seen;
}

test('a script gets its arguments untouched and nothing else of the daemon', async (t) => {
  Object.assign(process.env, { IFS: 'x', LD_LIBRARY_PATH: '/nowhere', NODE_OPTIONS: '', BASH_ENV: '/x', HF_KEPT: '1' });
  t.after(() => {
    for (const name of ['IFS', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'BASH_ENV', 'HF_KEPT']) Reflect.deleteProperty(process.env, name);
  });
  const words = ['', `it's "quoted"`, '$(id) `id` \\', 'two\nlines', 'naïve ✓', 'x'.repeat(100_000)];
  const { argv, ids, ...rest } = await shown(t, words);
  assert.deepEqual(argv, words);
  assert.deepEqual(ids.slice(0, 2), [Array(3).fill(process.getuid?.()), Array(3).fill(process.getgid?.())]);
  assert.deepEqual(rest, {
    'group leader': true,
    descriptors: [0, 1, 2, '/dev/null', '/dev/null', '/dev/null'],
    'extra descriptors': [],
    signals: [0, 0],
    limit: 1_024,
    policy: 0,
    environment: ['HF_KEPT', 'PATH'],
  });
});

test('a script runs as the account asked for, with the groups of that account, and the daemon stays who it is', async (t) => {
  const numbers = (option: string): number[] => {
    return execFileSync('id', [option, 'nobody']).toString().trim().split(' ').map(Number);
  };
  const [uid = 0] = numbers('-u');
  const groups = numbers('-G').sort((a, b) => a - b);
  const [gid = 0] = numbers('-g');
  assert.deepEqual((await shown(t, [], accountOf({ user: 'nobody' }))).ids, [Array(3).fill(uid), Array(3).fill(gid), groups]);
  const inDaemon = await shown(t, [], accountOf({ user: 'nobody', group: 'daemon' }));
  assert.deepEqual(inDaemon.ids[1], [1, 1, 1]);
  assert.equal(process.getuid?.(), 0);
  assert.deepEqual(findAccount({ user: 'hf-nobody-at-all' }), { code: 'ENOENT' });
  assert.deepEqual(findAccount({ user: 'nobody', group: 'hf-no-group' }), { code: 'ENOENT' });
});

test('how a script ended is told', async () => {
  assert.deepEqual(await run(['sh', '-c', 'exit 3']), { type: 'exited', status: 3 });
  assert.deepEqual(await run(['sh', '-c', 'kill -9 $$']), { type: 'killed', signal: 9 });
});

test('what cannot be executed is told at once', (t) => {
  const folder = scratch(t);
  const file = join(folder, 'secret.sh');
  writeFileSync(file, '#!/bin/sh\n', { mode: 0o600 });
  const ignore = (): void => undefined;
  assert.deepEqual(startScript(['/nonexistent/script'], undefined, ignore), { code: 'ENOENT' });
  assert.deepEqual(startScript(['hf-no-such-program'], undefined, ignore), { code: 'ENOENT' });
  assert.deepEqual(startScript([file], undefined, ignore), { code: 'EACCES' });
  chmodSync(file, 0o700);
  assert.deepEqual(startScript([file], accountOf({ user: 'nobody' }), ignore), { code: 'EACCES' }, 'executable for root alone');
  assert.deepEqual(startScript(['sh\0-c'], undefined, ignore), { code: 'EINVAL' });
});

test('a script without interpreter line runs by the shell', async (t) => {
  const file = join(scratch(t), 'plain');
  writeFileSync(file, 'exit 5\n', { mode: 0o755 });
  assert.deepEqual(await run([file]), { type: 'exited', status: 5 });
});

test('killing reaches what the script started', async (t) => {
  const pidFile = join(scratch(t), 'pid');
  const ended: ScriptEnding[] = [];
  const script = startScript(['sh', '-c', `sleep 60 & echo $! > ${pidFile}; wait`], undefined, (ending) => ended.push(ending));
  if ('code' in script) throw new Error(script.code);
  await until(() => linesOf(pidFile).length === 1);
  script.kill('SIGTERM');
  await until(() => ended.length === 1);
  assert.deepEqual(ended, [{ type: 'killed', signal: 15 }]);
  await until(() => !existsSync(`/proc/${linesOf(pidFile)[0] ?? ''}`));
  script.kill('SIGKILL');
});

test('hundreds of scripts at once all end and leave no zombie', async () => {
  const endings = await Promise.all(Array.from({ length: 300 }, (_, i) => run(['sh', '-c', `exit ${i % 7}`])));
  assert.deepEqual(endings, Array.from({ length: 300 }, (_, i) => ({ type: 'exited', status: i % 7 })));
  const zombies = readdirSync('/proc').filter((name) => {
    try {
      // pid (comm) state ppid ...
      const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return state === 'Z' && Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
  assert.deepEqual(zombies, []);
});

test('a script does not outlive the daemon', async (t) => {
  const pidFile = join(scratch(t), 'pid');
  const module = new URL('../../src/io/processes/script.js', import.meta.url).href;
  const program =
    `import { startScript } from '${module}';` +
    `import { existsSync } from 'node:fs';` +
    `startScript(['sh', '-c', 'echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 60'], undefined, () => {});` +
    `setInterval(() => existsSync('${pidFile}') && process.kill(process.pid, 'SIGKILL'), 5);`;
  assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '-e', program]), { signal: 'SIGKILL' });
  assert.equal(linesOf(pidFile).length, 1);
  await until(() => !existsSync(`/proc/${linesOf(pidFile)[0] ?? ''}`));
});

function sh(text: string): Command {
  return { argv: ['sh', '-c', text] };
}

test('commands of one object run one after the other, those of another do not wait', async (t) => {
  const file = join(scratch(t), 'order');
  const notifier = openNotifier({}, ({ code }) => assert.fail(code));
  notifier.run('VI_1', sh(`until grep -q other ${file}; do sleep 0.02; done; echo backup >> ${file}`));
  notifier.run('VI_1', sh(`sleep 0.1; echo master >> ${file}`));
  notifier.run('VI_1', sh(`echo fault >> ${file}`));
  notifier.run('VI_2', sh(`echo other >> ${file}`));
  await until(() => linesOf(file).length === 4);
  assert.deepEqual(linesOf(file), ['other', 'backup', 'master', 'fault']);
});

test('a command that stays does not hold up the next for ever', async (t) => {
  const file = join(scratch(t), 'order');
  const notifier = openNotifier({}, ({ code }) => assert.fail(code));
  notifier.run('VI_1', sh('exec sleep 60'));
  notifier.run('VI_1', sh(`echo backup >> ${file}`));
  await until(() => linesOf(file).length === 1);
  await new Promise<void>((resolve) => {
    notifier.finish(0, resolve);
  });
});

test('a waiting command that is asked for again runs once, last', async (t) => {
  const file = join(scratch(t), 'order');
  const notifier = openNotifier({}, ({ code }) => assert.fail(code));
  notifier.run('VI_1', sh(`sleep 0.1; echo first >> ${file}`));
  for (const state of ['master', 'backup', 'master', 'backup', 'master']) notifier.run('VI_1', sh(`echo ${state} >> ${file}`));
  notifier.run('VI_1', sh(`echo end >> ${file}`));
  await until(() => linesOf(file).at(-1) === 'end');
  assert.deepEqual(linesOf(file), ['first', 'backup', 'master', 'end']);
});

test('what cannot be run is told, and the next command runs', async (t) => {
  const file = join(scratch(t), 'order');
  const problems: NotifyProblem[] = [];
  const notifier = openNotifier({}, (problem) => problems.push(problem));
  const strange: Command = { argv: ['true'], user: 'hf-nobody-at-all' };
  notifier.run('VI_1', strange);
  notifier.run('VI_1', { argv: ['/nonexistent'] });
  notifier.run('VI_1', sh(`echo ran >> ${file}`));
  await until(() => linesOf(file).length === 1);
  assert.deepEqual(problems, [
    { key: 'VI_1', command: strange, code: 'no such user' },
    { key: 'VI_1', command: { argv: ['/nonexistent'] }, code: 'ENOENT' },
  ]);
  notifier.configure({ scriptUser: { user: 'hf-nobody-at-all' } });
  notifier.run('VI_2', sh('true'));
  assert.equal(problems.at(-1)?.code, 'no such user');
});

test('too many waiting commands cost the oldest', async (t) => {
  const file = join(scratch(t), 'order');
  const problems: NotifyProblem[] = [];
  const notifier = openNotifier({}, (problem) => problems.push(problem));
  for (let i = 0; i < 67; i += 1) notifier.run('VI_1', sh(`sleep 0.01; echo ${i} >> ${file}`));
  assert.deepEqual(problems.map(({ code }) => code), ['too many waiting', 'too many waiting']);
  await until(() => linesOf(file).length === 65);
  assert.deepEqual(linesOf(file).slice(0, 3), ['0', '3', '4']);
});

test('leaving starts what waits, waits for it no longer than allowed and ends the rest', async (t) => {
  const folder = scratch(t);
  const file = join(folder, 'order');
  const notifier = openNotifier({}, ({ code }) => assert.fail(code));
  notifier.run('VI_1', sh(`trap 'echo ended >> ${file}; exit' TERM; echo on >> ${file}; while :; do sleep 0.02; done`));
  notifier.run('VI_1', sh(`echo stop >> ${file}`));
  await until(() => linesOf(file).length === 1);
  await new Promise<void>((resolve) => {
    notifier.finish(300, resolve);
  });
  await until(() => linesOf(file).length === 3);
  assert.deepEqual(linesOf(file), ['on', 'stop', 'ended']);

  const idle = openNotifier({}, ({ code }) => assert.fail(code));
  await new Promise<void>((resolve) => {
    idle.finish(60_000, resolve);
  });
});
