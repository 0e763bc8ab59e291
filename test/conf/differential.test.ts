/** The verdict of `-t`, case by case, against that of the keepalived installed here (2.2.7). */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { loadConfiguration } from '../../src/conf/load.js';
import { keepalivedStatus } from '../../src/conf/verdict.js';
import { CASES } from './differential-cases.js';

const SINCE_2_2_7 = [
  'dbus_no_interface_name', 'iproute_etc_dir', 'iproute_usr_dir', 'json_dump_file', 'json_version', 'set_supplementary_groups',
  'state_dump_file', 'stats_dump_file', 'use_symlink_paths', 'vrrp_delay_after_boot',
] as const;

/** Where the two may differ, and why: reviewed one by one. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'group: 10.0.0.0/8 80': 'more services than are made here; keepalived would try to make 16 million',
  'global_defs: snmp_vs_stats_update_interval alone': 'a keyword since 2.3.0',
  'global_defs: snmp_rs_stats_update_interval alone': 'a keyword since 2.3.0',
  'header: group nope': '2.2.7 does not check under -t that the group exists',
  'vrrp_instance: no_virtual_ipaddress alone': 'a keyword since 2.2.8',
  'global_defs: startup_script /bin/nosuch': 'whether a script is there shows when it is started',
  'global_defs: process_name alone': 'means the default name since 2.3',
  'global_defs: umask IRWXO': '2.2.7 does not know this one bit, an oversight',
  'global_defs: script_user root :': 'supplementary groups came after 2.4.3',
  'global_defs: script_user root :root': 'supplementary groups came after 2.4.3',
  'global_defs: notification_email_from a@b c': 'refused since 2.3',
  'outermost level: net_namespace foo\nnet_namespace bar': '2.2.7 forgets what only its first pass has found',
  ...Object.fromEntries(SINCE_2_2_7.map((name) => [`global_defs: ${name} alone`, 'a keyword of later releases'])),
};

/** Accounts and groups of every machine, as far as the cases name them. */
const ACCOUNTS: readonly string[] = ['root', 'daemon'];

const namespace = `hf-conf-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-conf-'));

before(() => {
  execFileSync('ip', ['netns', 'add', namespace]);
  execFileSync('ip', ['-n', namespace, '-batch', '-'], {
    input: 'link set lo up\nlink add eth0 type veth peer name eth1\nlink set eth0 up\nlink set eth1 up\naddress add 192.0.2.1/24 dev eth0\n',
  });
});

after(() => {
  execFileSync('ip', ['netns', 'del', namespace]);
  rmSync(folder, { recursive: true });
});

interface Verdict {
  readonly status: number | undefined;
  readonly output: string;
}

function askKeepalived(file: string): Promise<Verdict> {
  const words = ['netns', 'exec', namespace, 'keepalived', '-t', '-f', file];
  return new Promise((resolve) => {
    const child = execFile('ip', words, { timeout: 20_000 }, (_error, _stdout, output) => {
      resolve({ status: child.exitCode ?? undefined, output });
    });
  });
}

function ourVerdict(file: string, text: string): Verdict {
  const { diagnostics } = loadConfiguration((pattern) => (pattern === file ? [{ path: file, text }] : []), file, {
    interfaces: ['lo', 'eth0', 'eth1'],
    processors: cpus().length,
    accountExists: ({ user, group = 'root' }) => ACCOUNTS.includes(user) && ACCOUNTS.includes(group),
  });
  return { status: keepalivedStatus(diagnostics), output: diagnostics.map(({ at, code, message }) => `${at.line}:${at.column} ${code} ${message}`).join('\n') };
}

test('-t gives the status that keepalived gives', { timeout: 300_000 }, async () => {
  const different: string[] = [];
  const pending = Object.entries(CASES);
  async function work(number: number): Promise<void> {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [name, text] = next;
      const file = join(folder, `${number}.conf`);
      writeFileSync(file, text, { mode: 0o644 });
      const theirs = await askKeepalived(file);
      const ours = ourVerdict(file, text);
      if (theirs.status === ours.status || name in EXCEPTIONS) continue;
      different.push(`${name}\nkeepalived ${theirs.status ?? 'killed'}: ${theirs.output}\nholdfast ${ours.status ?? ''}: ${ours.output}`);
    }
  }
  await Promise.all([1, 2, 3].map(work));
  assert.deepEqual(different, []);
});

test('every exception is about a case that exists', () => {
  for (const name of Object.keys(EXCEPTIONS)) assert.ok(name in CASES, name);
});
