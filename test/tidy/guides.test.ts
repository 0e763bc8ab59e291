/**
 * The commands of the guides, run as they stand there on machines of their own: namespaces with a /run and an /etc/keepalived that
 * nobody else sees, and a stand-in for systemctl that starts what the units start.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { COMMANDS } from '../../src/cli/commands.js';
import { VIP, instance, openNetwork } from '../daemon/network.js';
import type { Host } from '../daemon/network.js';
import { watchAddresses } from '../daemon/witnesses.js';
import { until } from '../lab/process.js';

const GUIDES = 'examples/guides';

function commandsOf(guide: string): readonly (readonly string[])[] {
  const text = readFileSync(join(GUIDES, guide), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block.trimEnd().split('\n').map((line) => line.replace(/ +# .*$/, '')));
}

/** Starts and stops as systemd would, with the words behind ExecStart of the unit; for keepalived its own foreground mode. */
const SYSTEMCTL = `#!/bin/sh
set -eu
verb=$1
for last; do unit=$last; done
stop() {
  [ -s /run/keepalived.pid ] || return 0
  pid=$(cat /run/keepalived.pid)
  kill "$pid" 2> /dev/null || return 0
  while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
}
start() {
  case $unit in
    keepalived) set -- keepalived --dont-fork ;;
    *) . /etc/default/holdfast; set -- $(sed -n 's/^ExecStart=//p' UNITS/$unit.service | sed "s|[$]DAEMON_ARGS|$DAEMON_ARGS|") ;;
  esac
  setsid "$@" --log-console --no-syslog >> /run/$unit.log 2>&1 &
  until [ -s /run/keepalived.pid ]; do sleep 0.05; done
}
case $verb in
  disable) stop ;;
  enable) start ;;
  restart) stop; start ;;
  try-restart) unit=holdfast; if [ -s /run/keepalived.pid ]; then stop; start; fi ;;
  daemon-reload) ;;
  *) echo "unknown: $verb" >&2; exit 1 ;;
esac
`;

/** A machine: commands see its own /run, /etc/keepalived, /etc/default and /usr/sbin/holdfast. */
interface Machine {
  readonly run: (command: string) => { readonly status: number; readonly output: string };
  readonly host: Host;
}

function machine(host: Host, configuration: string): Machine {
  const programs = join(host.folder, 'bin');
  for (const name of ['run', 'keepalived', 'default', 'bin']) mkdirSync(join(host.folder, name));
  writeFileSync(join(host.folder, 'keepalived', 'keepalived.conf'), configuration);
  writeFileSync(join(host.folder, 'default', 'holdfast'), readFileSync('src/packaging/debian/default'));
  symlinkSync(join(process.cwd(), 'dist', 'main.js'), join(programs, 'holdfast'));
  writeFileSync(join(programs, 'systemctl'), SYSTEMCTL.replace('UNITS', join(process.cwd(), 'examples/systemd')).replace('ExecStart=//p', 'ExecStart=[^ ]*sbin.//p'));
  chmodSync(join(programs, 'systemctl'), 0o755);
  const binds = [`${host.folder}/run /run`, `${host.folder}/keepalived /etc/keepalived`, `${host.folder}/default /etc/default`];
  const mounts = binds.map((bind) => `mount --bind ${bind}`).join(' && ');
  const path = `${programs}:${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`;
  return {
    host,
    run: (command) => {
      const script = `${mounts} && cd / && ${command}`;
      try {
        const output = execFileSync('ip', ['netns', 'exec', host.namespace, 'unshare', '-m', 'sh', '-c', script], {
          encoding: 'utf8',
          env: { ...process.env, PATH: path, TMPDIR: host.folder },
          stdio: ['ignore', 'pipe', 'pipe'],
          timeout: 60_000,
        });
        return { status: 0, output };
      } catch (error) {
        const { status, stdout, stderr } = error as { readonly status: number | null; readonly stdout: string; readonly stderr: string };
        return { status: status ?? -1, output: `${stdout}${stderr}` };
      }
    },
  };
}

function pair(t: TestContext, advertInterval = 1): { readonly master: Machine; readonly backup: Machine } {
  const network = openNetwork();
  const master = machine(network.left, instance({ priority: 150, advertInterval }));
  const backup = machine(network.right, instance({ priority: 100, advertInterval }));
  t.after(async () => {
    // Whichever of the two runs: the stand-in stops what has the pid file.
    for (const { run } of [master, backup]) run('systemctl disable --now holdfast');
    await network.close();
  });
  return { master, backup };
}

const holds = ({ host }: Machine): boolean => host.addresses().includes(VIP);

/** Runs the lines one after the other; what asks a daemon that has just started may have to ask again. */
async function follow({ run }: Machine, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    await until(line, 30, () => {
      const { status, output } = run(line);
      if (status !== 0 && !line.startsWith('holdfast')) throw new Error(`${line}: ${output}`);
      return status === 0 || undefined;
    });
  }
}

test('the migration guide takes a running pair to holdfast and back, the addresses on one of the two all the time', async (t) => {
  const [before = [], onBackup = [], onMaster = [], back = []] = commandsOf('migration.md');
  const { master, backup } = pair(t);
  master.run('systemctl enable --now keepalived');
  backup.run('systemctl enable --now keepalived');
  await until('keepalived is master', 30, () => holds(master) || undefined);
  for (const one of [master, backup]) {
    for (const line of before) assert.equal(one.run(line).status, line.includes('--compat') || !line.includes('check') ? 0 : one.run(line).status, line);
  }
  await follow(backup, onBackup);
  assert.deepEqual([holds(master), holds(backup)], [true, false], 'the master has noticed nothing');
  const [stop = '', ...start] = onMaster;
  await follow(master, [stop]);
  await until('the other director has them', 30, () => (holds(backup) && !holds(master)) || undefined);
  await follow(master, start);
  await until('the master has them again', 30, () => (holds(master) && !holds(backup)) || undefined);
  assert.match(backup.host.read('run/holdfast.log'), /Entering MASTER STATE[^]*Entering BACKUP STATE/);
  await follow(backup, back);
  await follow(master, back);
  await until('keepalived is master again', 30, () => (holds(master) && !holds(backup)) || undefined);
});

/** When the virtual address came and went on a host, as its kernel told. */
async function watchAddress({ host }: Machine): Promise<() => readonly { readonly at: number; readonly held: boolean }[]> {
  const monitor = await watchAddresses(host);
  return () =>
    monitor.lines.flatMap(({ text }) => {
      const [, time = ''] = /^\[([^\]]+)\]/.exec(text) ?? [];
      return text.includes(`inet ${VIP}/`) ? [{ at: Date.parse(`${time.slice(0, 23)}Z`) * 1_000 + Number(time.slice(23)), held: !text.includes('Deleted') }] : [];
    });
}

test('an upgrade of the package restarts what runs, and the addresses go from one director to the other and back without a pause', async (t) => {
  const { master, backup } = pair(t, 2);
  await follow(master, ['systemctl enable --now holdfast']);
  await until('it is master', 30, () => holds(master) || undefined);
  await follow(backup, ['systemctl enable --now holdfast', 'holdfast health']);
  const watches = [await watchAddress(master), await watchAddress(backup)];
  for (const one of [backup, master]) {
    const before = one.host.read('run/keepalived.pid');
    // The group is this machine's business.
    writeFileSync(join(one.host.folder, 'bin', 'getent'), '#!/bin/sh\n', { mode: 0o755 });
    mkdirSync(join(one.host.folder, 'run', 'systemd', 'system'), { recursive: true });
    await follow(one, [`sh ${process.cwd()}/src/packaging/debian/postinst configure 0.0.1`]);
    assert.notEqual(one.host.read('run/keepalived.pid'), before, 'it was restarted');
    await follow(one, ['holdfast health']);
  }
  await until('the master has them again', 60, () => (holds(master) && !holds(backup)) || undefined);
  // The monitors may tell of the last change after it can be seen.
  const changes = await until('both monitors have told of everything', 30, () => {
    const told = watches.flatMap((changesOf, director) => changesOf().map((change) => ({ ...change, director })));
    return told.length >= 4 && told.findLast(({ director }) => director === 0)?.held === true && told.at(-1)?.held === false ? told : undefined;
  });
  const holders = new Set([0]);
  let alone = 0;
  let longest = 0;
  for (const { at, held, director } of changes.sort((a, b) => a.at - b.at)) {
    if (holders.size === 0) longest = Math.max(longest, at - alone);
    if (held) holders.add(director);
    else holders.delete(director);
    alone = at;
  }
  // Two programs tell of it, each when it is run: without a handover it would be the 7 s of a silent master.
  assert.ok(longest < 4_000_000, JSON.stringify(changes));
});

test('the commands of the operations guide answer on a running director', async (t) => {
  const { master } = pair(t);
  await follow(master, ['systemctl enable --now holdfast']);
  await until('it is master', 30, () => holds(master) || undefined);
  const [looks = [], changes = [], byHand = []] = commandsOf('operations.md');
  for (const line of looks) {
    const { status, output } = master.run(line.replace('192.0.2.100', VIP));
    // Findings are an answer of check.
    assert.ok(status === 0 || (line === 'holdfast check' && status === 1), `${line}: ${output}`);
    assert.notEqual(output, '', line);
  }
  for (const line of changes) assert.equal(master.run(line).status, 0, line);
  assert.match(master.host.read('run/holdfast.log'), /By hand: yield V1[^]*By hand: resume V1/);
  for (const line of byHand) assert.equal(master.run(line).status, 0, line);
  await until('the files are there', 30, () => ['keepalived.data', 'keepalived_parent.data', 'keepalived.stats'].every((name) => existsSync(join(master.host.folder, name))) || undefined);
  assert.match(master.host.read('run/holdfast.log'), /Reload complete/);
});

test('every command of holdfast that a guide names exists', () => {
  const known = new Set(COMMANDS.map(({ name }) => name));
  for (const guide of readdirSync(GUIDES).filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(GUIDES, guide), 'utf8');
    const code = [...commandsOf(guide).flat(), ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, words = '']) => words)];
    for (const [, name = ''] of code.join('\n').matchAll(/(?:^|\| )holdfast (\w+)/gm)) assert.ok(known.has(name), `${guide}: holdfast ${name}`);
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) assert.ok(existsSync(join(GUIDES, target)), `${guide}: ${target}`);
  }
});
