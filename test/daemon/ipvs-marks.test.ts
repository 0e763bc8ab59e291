/** nftables_ipvs in the kernel's packet filter: what gets which mark, through reloads and until the stop. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import type { Host } from './network.js';
import { openNetwork } from './network.js';

/** What the packets that come in and that go out are marked with. */
const WITNESS = `table ip witness {
  chain in { type filter hook input priority 50
    meta mark 1000 counter
    meta mark 1001 counter
  }
  chain out { type filter hook output priority 50
    meta mark 1000 counter
  }
}`;

function configuration(group: readonly string[], other: readonly string[] = []): string {
  const server = 'real_server 10.9.9.2 9 {\n}';
  const block = (name: string, entries: readonly string[]): string =>
    `virtual_server_group ${name} {\n${entries.join('\n')}\n}\nvirtual_server group ${name} {\nlb_algo rr\nlb_kind NAT\nprotocol UDP\npersistence_timeout 60\n${server}\n}\n`;
  return `global_defs {\nnftables_ipvs marks\n}\n${block('A', group)}${other.length === 0 ? '' : block('B', other)}`;
}

function counts(host: Host): readonly number[] {
  return [...host.run('nft', 'list', 'table', 'ip', 'witness').matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
}

function say(host: Host, address: string, port: number): void {
  host.run('bash', '-c', `echo x > /dev/udp/${address}/${port}`);
}

test('packets to the addresses of a group are marked where they come in and where they are made, and no others', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const daemon = left.daemon(configuration(['10.9.9.1 5000', '10.9.9.2-3 5000']));
  await daemon.line(/Startup complete/, 10);
  left.run('nft', WITNESS);
  say(right, '10.9.9.1', 5000);
  await until('a marked packet', 5, () => counts(left)[0] === 1 || undefined);
  say(right, '10.9.9.1', 5001);
  say(left, '10.9.9.2', 5000);
  await until('a marked packet of our own', 5, () => counts(left)[2] === 1 || undefined);
  assert.deepEqual(counts(left), [1, 0, 1]);

  const before = daemon.lines.length;
  left.write('keepalived.conf', configuration(['10.9.9.2-3 5000'], ['10.9.9.1 0']));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  say(right, '10.9.9.1', 5001);
  await until('the mark of another group', 5, () => counts(left)[1] === 1 || undefined);
  assert.deepEqual(counts(left), [1, 1, 1]);

  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.doesNotMatch(left.run('nft', 'list', 'ruleset'), /table \S+ marks/);
});

test('a group keeps its mark when the checkers process, or the whole daemon, is replaced after a reload that changed the order', async (t) => {
  const { left, close } = openNetwork();
  t.after(close);
  const reordered = configuration(['10.9.9.1 5000'], ['10.9.9.3 5000']).replaceAll(/\b([AB])\b/g, (name) => (name === 'A' ? 'B' : 'C'));
  const daemon = left.daemon(configuration(['10.9.9.2 5000'], ['10.9.9.1 5000']));
  await daemon.line(/Startup complete/, 30);
  const marks = (): readonly string[] =>
    [...left.run('nft', 'list', 'ruleset').matchAll(/(10\.9\.9\.\d) \. 5000 : (0x\w+)/g)].map(([, address, mark]) => `${address ?? ''} ${Number(mark)}`).sort();
  assert.deepEqual(marks(), ['10.9.9.1 1001', '10.9.9.2 1000']);
  left.write('keepalived.conf', reordered);
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 30);
  const wanted = ['10.9.9.1 1001', '10.9.9.3 1000'];
  assert.deepEqual(marks(), wanted);

  const before = daemon.lines.length;
  const dead = left.pidOf('checkers');
  process.kill(dead, 'SIGKILL');
  await until('another checkers process', 30, () => left.pidOf('checkers') !== dead || undefined);
  await daemon.line(/Activating|Gained quorum/, 30, before);
  assert.deepEqual(marks(), wanted);

  daemon.signalGroup('SIGKILL');
  await daemon.exited;
  const next = left.daemon(reordered);
  await next.line(/Startup complete/, 30);
  assert.deepEqual(marks(), wanted);
  next.signal('SIGTERM');
  await next.exited;
  assert.match(left.read('keepalived.pools.json'), /"marks":\[\]/);
});

test('both families and thousands of addresses fit, and a second start takes the place of what a first left', async (t) => {
  const { left, close } = openNetwork();
  t.after(close);
  const text = configuration(['10.8.0.0-10.8.7.255 80', 'fd00:8::1-9 80']);
  const daemon = left.daemon(text);
  await daemon.line(/Startup complete/, 10);
  const elements = (): number => left.run('nft', 'list', 'ruleset').match(/ : 0x000003e8/g)?.length ?? 0;
  assert.equal(elements(), 2048 + 9);
  daemon.signalGroup('SIGKILL');
  await daemon.exited;
  const next = left.daemon(text);
  await next.line(/Startup complete/, 10);
  assert.equal(elements(), 2048 + 9);
});
