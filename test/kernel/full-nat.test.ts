/**
 * The table and the settings of FULLNAT on this kernel. Translation by IPVS itself needs ip_vs (test/lab); here a DNAT rule of
 * the test's stands for it, which leaves the same trace in the connection tracking.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import type { TranslatedService } from '../../src/health/full-nat.js';
import { createFullNat } from '../../src/io/netlink/full-nat.js';
import type { FullNat, FullNatNote } from '../../src/io/netlink/full-nat.js';
import { inNetworkNamespace } from '../../src/io/network-namespace.js';
import { until } from '../lab/process.js';
import { address } from '../support/address.js';

const CLIENT = `hf-fullnat-${process.pid}-c`;
const DIRECTOR = `hf-fullnat-${process.pid}-d`;
const SERVER = `hf-fullnat-${process.pid}-s`;

const WEB: TranslatedService = {
  identity: { kind: 'address', protocol: 'tcp', address: address('192.0.2.1'), port: 80 },
  family: 'ipv4',
  servers: [address('10.8.2.2'), address('10.8.2.3')],
};
const MARK: TranslatedService = { identity: { kind: 'fwmark', fwmark: 7, family: 'ipv4' }, family: 'ipv4', servers: [address('10.8.2.2')] };
const SIX: TranslatedService = {
  identity: { kind: 'address', protocol: 'udp', address: address('2001:db8::1'), port: 0 },
  family: 'ipv6',
  servers: [address('2001:db8:2::2')],
};

function run(namespace: string, ...words: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', namespace, ...words], { encoding: 'utf8' });
}

/** Client and server on wires of their own to the director; the server has no route to anybody beyond its wire. */
function network(t: TestContext): void {
  for (const name of [CLIENT, DIRECTOR, SERVER]) execFileSync('ip', ['netns', 'add', name]);
  t.after(() => [CLIENT, DIRECTOR, SERVER].forEach((name) => execFileSync('ip', ['netns', 'del', name])));
  const lines = (namespace: string, ...commands: readonly string[]): void =>
    void execFileSync('ip', ['-n', namespace, '-batch', '-'], { input: ['link set lo up', ...commands].join('\n') });
  lines(DIRECTOR, `link add c type veth peer name eth0 netns ${CLIENT}`, `link add s type veth peer name eth0 netns ${SERVER}`);
  lines(DIRECTOR, 'address add 10.8.1.1/24 dev c', 'address add 10.8.2.1/24 dev s', 'address add 192.0.2.1/32 dev c', 'link set c up', 'link set s up');
  lines(CLIENT, 'address add 10.8.1.9/24 dev eth0', 'link set eth0 up', 'route add default via 10.8.1.1');
  lines(SERVER, 'address add 10.8.2.2/24 dev eth0', 'link set eth0 up');
}

interface Bench {
  readonly notes: FullNatNote[];
  /** What the file held as each setting changed. */
  readonly kept: string[];
  readonly statePath: string;
  /** Another process in the place of the one before. */
  readonly open: () => FullNat;
}

function bench(t: TestContext): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-fullnat-'));
  const statePath = join(directory, 'state');
  const notes: FullNatNote[] = [];
  const kept: string[] = [];
  t.after(() => rmSync(directory, { recursive: true }));
  const within = <T>(action: () => T): T => inNetworkNamespace(`/run/netns/${DIRECTOR}`, action);
  const open = (): FullNat => {
    const tell = (note: FullNatNote): void => {
      notes.push(note);
      if (note.type === 'settingChanged') kept.push(existsSync(statePath) && statSync(statePath).isFile() ? readFileSync(statePath, 'utf8') : '');
    };
    const fullNat = createFullNat({ statePath, within, tell });
    t.after(() => fullNat.release(true));
    return fullNat;
  };
  return { notes, kept, statePath, open };
}

const ruleset = (): string => run(DIRECTOR, 'nft', '-nn', 'list', 'ruleset');
const forwards = (): string => run(DIRECTOR, 'sysctl', '-n', 'net.ipv4.ip_forward').trim();

test('each service has a rule that masquerades what goes to its servers, and nothing is left of it in the end', (t) => {
  network(t);
  const { open, statePath } = bench(t);
  const before = forwards();
  run(DIRECTOR, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  const fullNat = open();
  fullNat.configure([]);
  assert.equal(ruleset(), '', 'nothing is touched while nothing is wanted');
  fullNat.configure([WEB, MARK, SIX]);
  const rules = ruleset().replace(/packets \d+ bytes \d+/g, '');
  assert.match(rules, /type nat hook postrouting priority (100|srcnat); policy accept;/);
  assert.match(rules, /ct original ip daddr 192\.0\.2\.1 meta l4proto 6 ct original proto-dst 80 ip daddr @servers1 counter\s+masquerade/);
  assert.match(rules, /elements = \{ 10\.8\.2\.2, 10\.8\.2\.3 \}/);
  assert.match(rules, /meta mark 0x0*7 ip daddr @servers2 counter\s+masquerade/);
  assert.match(rules, /ct original ip6 daddr 2001:db8::1 meta l4proto 17 ip6 daddr @servers1 counter\s+masquerade/);
  assert.equal(forwards(), '1');
  fullNat.configure([WEB]);
  assert.ok(!ruleset().includes('mark') && !ruleset().includes('ip6'), 'a reload takes away what is no longer wanted');
  fullNat.release(false);
  assert.equal(ruleset(), '');
  assert.equal(forwards(), '0', 'put back as it was');
  assert.equal(existsSync(statePath), false);
  run(DIRECTOR, 'sysctl', '-qw', `net.ipv4.ip_forward=${before}`);
});

test('a thousand services are one change of the packet filter', (t) => {
  network(t);
  const { open, notes } = bench(t);
  const services = Array.from({ length: 1_000 }, (_, index): TranslatedService => {
    const identity = { kind: 'address', protocol: 'tcp', address: address(`192.0.2.${(index % 250) + 1}`), port: 1_000 + index } as const;
    return { ...WEB, identity };
  });
  open().configure(services);
  assert.deepEqual(notes.filter(({ type }) => type === 'filterRefused'), []);
  assert.equal(ruleset().match(/masquerade/g)?.length, services.length);
});

test('a place where nothing can be kept is told, and everything is put back all the same', (t) => {
  network(t);
  const { open, notes, statePath } = bench(t);
  mkdirSync(statePath);
  run(DIRECTOR, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  const fullNat = open();
  fullNat.configure([WEB]);
  fullNat.release(false);
  assert.ok(notes.some((note) => note.type === 'unwritable' && note.path === statePath));
  assert.equal(ruleset(), '');
  assert.equal(forwards(), '0');
});

test('a server without a route back to the client answers it, and sees the director', async (t) => {
  network(t);
  const { open } = bench(t);
  const nat = 'table ip t { chain p { type nat hook prerouting priority -100; ip daddr 192.0.2.1 tcp dport 80 dnat to 10.8.2.2:8080; }; }';
  execFileSync('ip', ['netns', 'exec', DIRECTOR, 'nft', '-f', '-'], { input: nat });
  const program = "require('node:http').createServer((q, a) => a.end(q.socket.remoteAddress)).listen(8080, '10.8.2.2')";
  const server = spawn('ip', ['netns', 'exec', SERVER, process.execPath, '-e', program], { stdio: 'ignore' });
  t.after(() => server.kill('SIGKILL'));
  const ask = (): string => run(CLIENT, 'sh', '-c', 'curl -s --max-time 1 http://192.0.2.1/ || true');
  await until('the server listens', 15, () => Promise.resolve(run(SERVER, 'ss', '-Hltn').includes(':8080') || undefined));
  run(DIRECTOR, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  assert.equal(ask(), '', 'without FULLNAT its answer goes nowhere');
  open().configure([WEB]);
  assert.equal(await until('an answer', 10, () => Promise.resolve(ask() || undefined)), '10.8.2.1');
});

test('what a setting was is on disk before it changes, lest a crash in between lose it', (t) => {
  network(t);
  const { open, kept } = bench(t);
  run(DIRECTOR, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  open().configure([WEB]);
  assert.deepEqual(kept, ['[["ipv4/ip_forward","0"]]']);
});

test('rules that somebody removes are put back; a process in the place of a dead one knows what to put back at the end', async (t) => {
  network(t);
  const { open, notes, statePath } = bench(t);
  run(DIRECTOR, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  const first = open();
  first.configure([WEB]);
  run(DIRECTOR, 'nft', 'flush', 'ruleset');
  await until('the rules are back', 10, () => Promise.resolve(ruleset().includes('masquerade') || undefined));
  assert.ok(notes.some(({ type }) => type === 'filterRepaired'));
  first.release(true);
  assert.ok(ruleset().includes('masquerade'), 'kept, as a crash would leave it');
  const second = open();
  second.configure([]);
  assert.equal(ruleset(), '', 'the new configuration wants none');
  assert.equal(forwards(), '0');
  assert.equal(existsSync(statePath), false);
  writeFileSync(statePath, '[["../../etc/passwd","x"]]');
  const third = open();
  third.configure([]);
  assert.equal(forwards(), '0', 'a file that nobody could have written is not believed');
});
