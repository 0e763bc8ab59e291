/** The control process as a service of its own: one API over both halves of a split daemon, whoever of the three is started again. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { SCHEMA } from '../../src/control/schema.js';
import type { ControlEvent, Status } from '../../src/control/status.js';
import { holdfast } from '../cli/command.js';
import { complaints } from '../control/conforms.js';
import { until } from '../lab/process.js';
import type { Program } from '../lab/process.js';
import { HOLDFAST, VIP, instance, openNetwork, pool } from './network.js';
import type { Host } from './network.js';

const CHECKED = pool({ servers: { 81: ['weight 3', 'TCP_CHECK {', 'connect_timeout 1', 'retry 0', '}'] } });

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

const pathOf = ({ folder }: Host, name: string): string => join(folder, name);

/** Both ends of the service are in the host's folder; it is in a network of its own, as its unit has it. */
function serve(left: Host): Program {
  return left.start(['unshare', '--net', ...HOLDFAST, 'serve', '-l', '--feed', pathOf(left, 'feed.sock'), '--socket', pathOf(left, 'control.sock'), '--group', 'nogroup']);
}

/** One half of the daemon, with a pid file of its own. */
function half(left: Host, which: 'vrrp' | 'check'): Program {
  return left.start([...HOLDFAST, '-n', '-l', '-D', `--${which}`, '-f', pathOf(left, 'keepalived.conf'), '-p', pathOf(left, `${which}.pid`), '-r', pathOf(left, `${which}-r.pid`), '-c', pathOf(left, `${which}-c.pid`), '-b', pathOf(left, `${which}-b.pid`), '--control-service', pathOf(left, 'feed.sock')]);
}

function ask(left: Host, ...words: readonly string[]): ReturnType<typeof holdfast> {
  return holdfast([...words, '--socket', pathOf(left, 'control.sock')]);
}

/** What the status says as soon as `found` finds in it what it looks for. */
async function status<T>(left: Host, what: string, found: (status: Status) => T | undefined): Promise<T> {
  return until(what, 30, () => {
    const { status: code, output } = ask(left, 'status', '--json');
    return code === 0 ? found(JSON.parse(output) as Status) : undefined;
  });
}

/** What each half tells when it begins. */
const TOLD = [['vrrp', 'stateChanged'], ['checkers', 'serverRemoved']] as const;

const whole = ({ vrrp, lvs }: Status): true | undefined =>
  (vrrp?.instances.some(({ state, addresses }) => state === 'MASTER' && addresses.every(({ held }) => held)) === true && lvs?.virtualServers[0]?.realServers.some(({ state }) => state === 'down') === true) || undefined;

const events = (left: Host): readonly ControlEvent[] =>
  ask(left, 'events', '--json', '--recent', '1000').output.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ControlEvent);

test('two daemons behind one API: the state of both, commands to whom they concern, and readiness by the addresses that are there', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  left.write('keepalived.conf', `${instance()}${CHECKED}`);
  const [vrrp, checkers] = [half(left, 'vrrp'), half(left, 'check')];
  await vrrp.line(/Entering MASTER STATE/, 20);
  await vrrp.line(/No control service at .*feed\.sock \(ENOENT\)/, 20);
  const service = serve(left);
  await status(left, 'both halves', whole);
  assert.deepEqual(complaints(JSON.parse(ask(left, 'status', '--json').output), SCHEMA.$defs.status), []);
  assert.match(ask(left, 'status').output, /^daemons vrrp pid \d+, checkers pid \d+$/m);
  // What is told may come behind the picture that shows it.
  const told = await until('both halves tell', 20, () => {
    const all = events(left);
    return TOLD.every(([process, name]) => all.some((each) => each.process === process && each.event === name)) ? all : undefined;
  });
  assert.deepEqual(told.map(({ id }) => id), [...new Set(told.map(({ id }) => id))].sort((a, b) => a - b), 'numbers grow, and none is there twice');

  assert.deepEqual(statSync(pathOf(left, 'feed.sock')).mode & 0o777, 0o660);
  const facts = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  assert.match(facts, /^CapPrm:\t0+\nCapEff:\t0+$/m);
  assert.match(facts, /^Uid:\t65534\t/m);
  assert.match(facts, /^Seccomp:\t2$/m);

  assert.equal(ask(left, 'rs', 'disable', '10.9.9.1:81').status, 0);
  await checkers.line(/disable/, 10);
  assert.equal(ask(left, 'vrrp', 'yield', 'V1').status, 0);
  await vrrp.line(/yield/i, 10);
  await status(left, 'the words of both', ({ byHand }) => byHand?.length === 2 || undefined);
  assert.equal(ask(left, 'vrrp', 'resume', 'V1').status, 0);
  assert.equal(ask(left, 'rs', 'enable', '10.9.9.1:81').status, 0);
  await status(left, 'all as before', whole);

  // The machine of the test may have no IPVS: that alone is held against it. The address is there, though not in the service's own network.
  assert.doesNotMatch(ask(left, 'health', 'ready').output, /V1|daemon|interfaces/);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  const why = await until('it is not ready', 20, () => {
    const { output } = ask(left, 'health', 'ready');
    return output.includes('V1') ? output : undefined;
  });
  assert.match(why, /V1 is in FAULT|V1 is MASTER and 10\.9\.9\.100 is not on eth0/);
});

test('whoever of the three is started again finds the others, and nobody is harmed while one is away', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  left.write('keepalived.conf', `${instance()}${CHECKED}`);
  const first = serve(left);
  const [vrrp, checkers] = [half(left, 'vrrp'), half(left, 'check')];
  await status(left, 'both halves', whole);
  const before = events(left);
  const last = before.at(-1)?.id ?? 0;

  first.signal('SIGKILL');
  await first.exited;
  for (const daemon of [vrrp, checkers]) await daemon.line(/No control service at/, 20);
  assert.ok(left.addresses().includes(VIP));
  serve(left);
  for (const daemon of [vrrp, checkers]) await daemon.line(/Control service at .* joined/, 20, daemon.lines.findLastIndex(({ text }) => text.includes('No control service at')));
  await status(left, 'both halves, from the next service', whole);
  await until('what was told before is known', 20, () => before.every(({ event, text }) => events(left).some((each) => each.event === event && each.text === text)) || undefined);
  assert.ok(events(left).some(({ id }) => id > last), 'a reader who comes back with the last number it had hears what is new');

  checkers.signal('SIGTERM');
  assert.equal(await checkers.exited, 0);
  await status(left, 'no pool any more', ({ lvs, vrrp: shown }) => (lvs === undefined && shown !== undefined) || undefined);
  assert.match(ask(left, 'health', 'ready').output, /the daemon checkers is gone/);
  assert.equal(ask(left, 'health', 'live').status, 0, 'it was stopped in order');
  assert.match(ask(left, 'rs', 'disable', '10.9.9.1:81').output + ask(left, 'rs', 'disable', '10.9.9.1:81').errors, /is not there/);
  half(left, 'check');
  await status(left, 'both halves again', whole);
  await until('nobody is gone', 20, () => !ask(left, 'health', 'ready').output.includes('gone') || undefined);

  vrrp.signal('SIGKILL');
  await vrrp.exited;
  await until('it does not live', 20, () => ask(left, 'health', 'live').status === 1 || undefined);
});

test('a service that does not listen costs a daemon nothing, and other settings reach it without a new connection', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  left.write('keepalived.conf', `${instance()}${CHECKED}`);
  const service = serve(left);
  const daemon = left.start([...HOLDFAST, '-n', '-l', '-D', '-f', pathOf(left, 'keepalived.conf'), '-p', pathOf(left, 'all.pid'), '-r', pathOf(left, 'r.pid'), '-c', pathOf(left, 'c.pid'), '-b', pathOf(left, 'b.pid'), '--control-service', pathOf(left, 'feed.sock')]);
  await status(left, 'all of it', whole);
  assert.ok(!existsSync(pathOf(left, 'all.control.sock')), 'it has no control process of its own');
  service.signal('SIGSTOP');
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 20, before);
  left.write('keepalived.conf', `global_defs {\nmetrics_names keepalived_exporter\n}\n${instance()}${CHECKED}`);
  const later = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 20, later);
  assert.ok(left.addresses().includes(VIP));
  service.signal('SIGCONT');
  const scrape = (): string => left.run('curl', '-s', '-m', '10', '--unix-socket', pathOf(left, 'control.sock'), 'http://localhost/metrics');
  await until('the other names are spoken', 20, () => /^keepalived_up /m.test(scrape()) || undefined);
  await status(left, 'the third configuration', ({ daemon: facts }) => facts?.configuration.generation === 3 || undefined);
  assert.equal(daemon.lines.filter(({ text }) => text.includes('joined')).length, 1);
  service.signal('SIGTERM');
  assert.equal(await service.exited, 0);
});

test('a daemon feeds nobody but root', { timeout: 600_000 }, async (t) => {
  const left = host(t);
  left.write('keepalived.conf', instance());
  left.run('chmod', '777', left.folder);
  serve(left);
  await until('it listens', 20, () => existsSync(pathOf(left, 'control.admin.sock')) || undefined);
  const daemon = half(left, 'vrrp');
  await daemon.line(/No control service at .* \(others than root may write into /, 20);
  await daemon.line(/Entering MASTER STATE/, 20);
  left.run('chmod', '700', left.folder);
  await daemon.line(/Control service at .* joined/, 20);
});
