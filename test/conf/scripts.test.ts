/** Programs of the configuration on a machine whose files and accounts are known: which run, and what is said of the others. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';

import type { HostFacts, PathFacts } from '../../src/conf/host.js';
import type { Model } from '../../src/conf/model.js';
import { compare } from './generator/compare.js';
import { MAIN } from './generator/text.js';
import { openKeepalived } from './keepalived.js';
import { load } from './support.js';

const root = (kind: PathFacts['kind'], mode: number, target?: string): PathFacts => ({ kind, uid: 0, gid: 0, mode, ...(target === undefined ? {} : { target }) });

const FILES: Readonly<Record<string, PathFacts>> = {
  '/': root('directory', 0o755),
  '/bin': root('link', 0o777, 'usr/bin'),
  '/usr': root('directory', 0o755),
  '/usr/bin': root('directory', 0o755),
  '/usr/bin/good': root('file', 0o755),
  '/usr/bin/open': root('file', 0o757),
  '/usr/bin/data': root('file', 0o644),
  '/usr/bin/private': root('file', 0o700),
  '/usr/bin/alias': root('link', 0o777, 'good'),
  '/opt': root('directory', 0o755),
  '/opt/elsewhere': root('link', 0o777, '../usr/bin/good'),
  '/opt/foreign': { ...root('link', 0o777, '/usr/bin/good'), uid: 1 },
};

const HOST: HostFacts = {
  path: (path) => FILES[path],
  account: (user) => ({ root: { uid: 0, groups: [0] }, daemon: { uid: 1, groups: [1] } })[user],
  ownAccount: { uid: 0, groups: [0] },
  searchPath: ['/sbin', '/usr/bin'],
  content: () => undefined,
};

const globals = (...lines: readonly string[]): string => `global_defs {\n${lines.join('\n')}\n}\n`;
const SECURE = ['enable_script_security', 'script_user root'];
const service = (server: string, lines = ''): string =>
  `virtual_server 192.0.2.100 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n${lines}\nreal_server 192.0.2.10 80 {\n${server}\n}\n}\n`;
const misc = (...lines: readonly string[]): string => service(`MISC_CHECK {\n${lines.join('\n')}\n}`);

/** The argument vectors of one text's scripts, and the codes of what was said. */
function judged(text: string, pick: (model: Model) => unknown): readonly [scripts: unknown, codes: readonly string[]] {
  const { model, diagnostics } = load(text, { host: HOST });
  assert.ok(model);
  return [pick(model), diagnostics.map(({ code }) => code).sort()];
}

const server = ({ pool }: Model): unknown => pool.virtualServers[0]?.realServers[0]?.notifyUp?.argv;
const check = ({ pool }: Model): unknown => pool.virtualServers[0]?.realServers[0]?.checkers.length;

test('notify scripts of services and servers are judged like those of instances', () => {
  assert.deepEqual(judged(globals(...SECURE) + service('notify_up "/bin/good a"'), server), [['/usr/bin/good', 'a'], []]);
  for (const [script, code] of [
    ['/bin/open', 'HF-428'],
    ['/bin/data', 'HF-427'],
    ['/bin/nosuch', 'HF-427'],
    ['nosuch', 'HF-427'],
    ['/usr', 'HF-427'],
    ['"/bin/private" daemon', 'HF-427'],
    ['"/bin/good" nosuch', 'HF-427'],
  ] as const) {
    assert.deepEqual(judged(globals(...SECURE) + service(`notify_up ${script}`), server), [undefined, [code]], script);
  }
  const quorum = judged(globals(...SECURE) + service('', 'quorum_up /bin/open\nquorum_down /bin/good'), ({ pool }) => {
    const [{ quorumUp, quorumDown } = {}] = pool.virtualServers;
    return [quorumUp?.argv, quorumDown?.argv];
  });
  assert.deepEqual(quorum, [[undefined, ['/usr/bin/good']], ['HF-428']]);
});

test('without script security an unsafe script runs, and both are said; one without an account needs security off', () => {
  assert.deepEqual(judged(globals('script_user root') + service('notify_up /bin/open'), server), [['/usr/bin/open'], ['HF-320', 'HF-428']]);
  assert.deepEqual(judged(globals('enable_script_security') + service('notify_up /bin/good'), server), [undefined, ['HF-429']]);
  assert.deepEqual(judged(service('notify_up /bin/good'), server), [['/usr/bin/good'], ['HF-320']]);
});

test('a program without a slash is searched, and one that is not there counts for nothing', () => {
  assert.deepEqual(judged(globals(...SECURE) + service('notify_up good'), server), [['/usr/bin/good'], ['HF-427']]);
  assert.deepEqual(judged(globals('script_user root') + service('notify_up nosuch'), server), [undefined, ['HF-427']]);
});

test('what runs is what was judged: links are resolved, but for another name in the same directory; use_symlink_paths keeps those of root', () => {
  const runs = (script: string, ...lines: readonly string[]): unknown => {
    const [scripts, codes] = judged(globals(...SECURE, ...lines) + service(`notify_up ${script}`), server);
    assert.deepEqual(codes, []);
    return (scripts as readonly string[])[0];
  };
  assert.equal(runs('/usr/bin/alias'), '/usr/bin/alias');
  assert.equal(runs('/bin/alias'), '/usr/bin/alias');
  assert.equal(runs('/opt/../bin/alias'), '/usr/bin/alias');
  assert.equal(runs('/opt/elsewhere'), '/usr/bin/good');
  assert.equal(runs('/opt/elsewhere', 'use_symlink_paths'), '/opt/elsewhere');
  assert.equal(runs('/bin/alias', 'use_symlink_paths on'), '/bin/alias');
  assert.equal(runs('/opt/foreign', 'use_symlink_paths'), '/usr/bin/good');
  assert.equal(runs('/opt/elsewhere', 'use_symlink_paths off'), '/usr/bin/good');
});

test('MISC_CHECK without a script that can run is left out, and says so', () => {
  assert.deepEqual(judged(globals(...SECURE) + misc('misc_path /bin/good'), check), [1, []]);
  assert.deepEqual(judged(globals(...SECURE) + misc('misc_path /bin/open'), check), [0, ['HF-427', 'HF-428']]);
  assert.deepEqual(judged(globals(...SECURE) + misc('misc_path /bin/good', 'user nosuch'), check), [0, ['HF-427', 'HF-429']]);
  assert.deepEqual(judged(globals(...SECURE) + misc('misc_path /bin/private', 'user daemon'), check), [0, ['HF-427', 'HF-427']]);
});

test('programs of the daemon itself are judged too', () => {
  const of = (line: string, pick: (model: Model) => unknown): unknown => judged(globals(...SECURE, line) + service(''), pick);
  assert.deepEqual(of('startup_script /bin/good', ({ global }) => global.scripts?.startup?.command.argv), [['/usr/bin/good'], []]);
  assert.deepEqual(of('startup_script /bin/open', ({ global }) => global.scripts?.startup), [undefined, ['HF-428']]);
  assert.deepEqual(of('notify_fifo /run/x\nnotify_fifo_script /bin/nosuch', ({ global }) => global.notifyFifo), [{ path: '/run/x' }, ['HF-427']]);
});

const keepalived = openKeepalived('scripts');
// Not below a directory that everybody may write.
const folder = mkdtempSync('/run/holdfast-scripts-');
after(() => {
  keepalived.close();
  rmSync(folder, { recursive: true });
});

test('-t gives the status that keepalived gives for scripts on this machine', { timeout: 120_000 }, async () => {
  execFileSync('chmod', ['755', folder]);
  for (const [name, mode] of [['good', 0o755], ['open', 0o777], ['data', 0o644]] as const) {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), mode);
  }
  mkdirSync(join(folder, 'folder'));
  const scripts = [...['good', 'open', 'data', 'folder', 'nosuch'].map((name) => join(folder, name)), 'true', 'nosuch', '"/bin/true" nosuch'];
  const places: readonly ((script: string) => string)[] = [
    (script) => globals('SECURITY') + service(`notify_up ${script}`),
    (script) => globals('SECURITY') + service('', `quorum_down ${script}`),
    (script) => globals('SECURITY') + misc(`misc_path ${script}`),
    (script) => globals('SECURITY') + misc(`misc_path ${script}`, 'user nosuch'),
    (script) => globals('SECURITY', `startup_script ${script}`) + service(''),
    (script) => globals('SECURITY') + instance(`notify_master ${script}`),
    (script) => `${globals('SECURITY')}vrrp_script s {\nscript ${script}\n}\n${instance('track_script {\ns\n}')}`,
    (script) => `${globals('SECURITY')}vrrp_script s {\nscript ${script}\nuser nosuch\n}\n${instance('track_script {\ns\n}')}`,
  ];
  const different: string[] = [];
  for (const place of places) {
    for (const script of scripts) {
      for (const security of ['', 'script_user root', 'enable_script_security', 'enable_script_security\nscript_user root']) {
        const text = place(script).replace('SECURITY', security);
        const { ours, theirs } = await compare(keepalived, { [MAIN]: text });
        if (ours.status !== theirs.status) different.push(`${text}keepalived ${theirs.status ?? 'killed'}, holdfast ${ours.status}\n${theirs.output}`);
      }
    }
  }
  assert.equal(different.length, 0, `${different.length}\n${different.join('\n')}`);
});

function instance(lines: string): string {
  return `vrrp_instance a {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress {\n192.0.2.50/24\n}\n${lines}\n}\n`;
}
