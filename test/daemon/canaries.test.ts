/**
 * Secrets of a configuration stay in it: words that stand nowhere else are planted as passwords and keys, everything that
 * says something is made to say it, and none of the words is in any of that, in no spelling.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { holdfast } from '../cli/command.js';
import { until } from '../lab/process.js';
import { openNetwork } from './network.js';
import type { Host } from './network.js';

const PASSWORD = 'cAn4ryPw';
const AH_PASSWORD = 'cAn4ryAh';
const TEXT_KEY = 'cAn4ryTextKey-0123456789abcdef-x';
const HEX_KEY = Buffer.from('cAn4ryHexKey-fedcba9876543210-yz').toString('hex');
const FILE_KEY = 'cAn4ryFileKey-5555aaaa5555aaaa-w';
const TLS_PASSWORD = 'cAn4ryTlsPassphrase';
const MAIL_PASSWORD = 'cAn4ryMailPassword';
const SECRETS = [MAIL_PASSWORD, PASSWORD, AH_PASSWORD, TEXT_KEY, Buffer.from(HEX_KEY, 'hex').toString(), FILE_KEY, TLS_PASSWORD];

/** Every way a program might spell a secret. */
const SPELLINGS = SECRETS.flatMap((secret) => {
  const bytes = Buffer.from(secret);
  // Base64 of the middle: what stands before and behind shifts its ends.
  const inner = [0, 1, 2].map((skip) => bytes.subarray(skip).toString('base64').slice(0, -4));
  const numbers = [...bytes.subarray(0, 8)].join(',');
  return [secret, bytes.toString('hex'), encodeURIComponent(secret), ...inner, numbers].map((spelling) => ({ secret, spelling }));
});

function configuration(host: Host): string {
  return `global_defs {
  control_socket ${join(host.folder, 'control.sock')}
  control_group nogroup
  script_user root
  smtp_server 127.0.0.1
  smtp_user director
  smtp_password_file ${join(host.folder, 'mail')}
  notification_email {
    a@example.com
  }
  notify_fifo ${join(host.folder, 'fifo')}
}
SSL {
  password ${TLS_PASSWORD}
}
vrrp_instance Pass {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 255
  smtp_alert
  authentication {
    auth_type PASS
    auth_pass ${PASSWORD}
  }
  virtual_ipaddress {
    10.9.9.100
  }
  notify ${host.folder}/notify.sh
}
vrrp_instance Ah {
  interface eth0
  virtual_router_id 52
  priority 200
  authentication {
    auth_type AH
    auth_pass ${AH_PASSWORD}
  }
  virtual_ipaddress {
    10.9.9.101
  }
}
vrrp_instance Signed {
  version 3
  interface eth0
  virtual_router_id 53
  priority 200
  auth_hmac {
    key 1 ${TEXT_KEY}
    key 2 hex:${HEX_KEY}
    key 3 file:${host.folder}/key
    active_key 2
  }
  virtual_ipaddress {
    10.9.9.102
  }
}
virtual_server 10.9.9.100 443 {
  delay_loop 1
  lb_algo rr
  lb_kind NAT
  real_server 10.9.9.1 443 {
    SSL_GET {
      url {
        path /
        status_code 200
      }
      connect_timeout 1
    }
  }
}
`;
}

/** Lines on which secrets stand and something is wrong. */
const MISTAKES: readonly (readonly [right: string, wrong: string])[] = [
  [`auth_pass ${PASSWORD}`, `auth_pass ${PASSWORD}-and-longer`],
  [`auth_pass ${PASSWORD}`, `auth_pass ${PASSWORD} ${PASSWORD}`],
  [`auth_pass ${PASSWORD}`, `auth_pas ${PASSWORD}`],
  ['auth_type PASS', `auth_pass ${PASSWORD}`],
  [`  priority 255`, `  auth_pass ${PASSWORD}`],
  [`key 1 ${TEXT_KEY}`, `key 1 ${TEXT_KEY.slice(0, 20)}`],
  [`key 1 ${TEXT_KEY}`, `key 1 ${TEXT_KEY}${TEXT_KEY}${TEXT_KEY}`],
  [`key 1 ${TEXT_KEY}`, `key 300 ${TEXT_KEY}`],
  [`key 1 ${TEXT_KEY}`, `key ${TEXT_KEY}`],
  [`key 1 ${TEXT_KEY}`, `key ${TEXT_KEY} 1`],
  [`key 1 ${TEXT_KEY}`, `key 2 ${TEXT_KEY}`],
  [`key 2 hex:${HEX_KEY}`, `key 2 hex:${HEX_KEY}x`],
  [`password ${TLS_PASSWORD}`, `password ${TLS_PASSWORD} ${TLS_PASSWORD}`],
  [`password ${TLS_PASSWORD}`, `pasword ${TLS_PASSWORD}`],
  ['SSL {', 'SSLX {'],
  ['smtp_user director', `smtp_password ${MAIL_PASSWORD}`],
  // The last one: what follows belongs to the word.
  [`auth_pass ${PASSWORD}`, `auth_pass "${PASSWORD}`],
];

test('no password and no key is in anything that the daemon or a command says', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const said = new Map<string, string>();
  const told = (what: string, { output, errors }: { readonly output: string; readonly errors: string }): void => {
    said.set(what, `${output}\n${errors}`);
  };
  left.write('key', FILE_KEY);
  left.run('chmod', '600', join(left.folder, 'key'));
  left.write('mail', `${MAIL_PASSWORD}\n`);
  left.run('chmod', '600', join(left.folder, 'mail'));
  left.write('notify.sh', `#!/bin/sh\n{ env; echo "$0 $*"; } >>${left.folder}/notified\n`);
  left.run('chmod', '755', join(left.folder, 'notify.sh'));
  const text = configuration(left);

  const daemon = left.daemon(text, { options: ['-n', '-l', '-D', '-D', '-d', '-g', join(left.folder, 'holdfast.log')] });
  await daemon.line(/\(Pass\) Entering MASTER STATE/, 10);
  await daemon.line(/\(Signed\) Entering MASTER STATE/, 10);
  for (const signal of ['SIGUSR1', 'SIGUSR2', 36, 64] as const) process.kill(daemon.pid, signal);
  await until('the dumps are there', 10, () => DUMPS.every((name) => existsSync(join(left.folder, name))) || undefined);
  for (const name of DUMPS) said.set(name, left.read(name));
  const socket = join(left.folder, 'control.sock');
  for (const words of [['status'], ['status', '--json'], ['why', 'Pass'], ['events', '--json', '--recent', '500']]) told(words.join(' '), holdfast([...words, '--socket', socket]));
  for (const pid of [daemon.pid, ...descendants(daemon.pid)]) {
    for (const file of ['cmdline', 'environ']) said.set(`${file} of ${pid}`, readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  }
  const mistaken = MISTAKES.map(([right, wrong]) => text.replace(right, wrong));
  const before = daemon.lines.length;
  left.write('keepalived.conf', mistaken.join(''));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete|New configuration not used/, 10, before);
  daemon.signal('SIGTERM');
  await daemon.exited;
  said.set('log', daemon.text());
  for (const name of readdirSync(left.folder).filter((one) => one.endsWith('.log'))) said.set(name, left.read(name));
  said.set('what the notify script got', left.read('notified'));

  const good = left.write('good.conf', text);
  const bad = left.write('bad.conf', mistaken.join(''));
  for (const format of ['text', 'json', 'sarif', 'github']) told(`check ${format}`, holdfast(['check', '--offline', '--format', format, bad]));
  for (const words of [['check', '--compat', bad], ['-t', '-f', bad], ['dump', '--offline', good], ['dump', '--offline', '--format', 'json', good]]) {
    told(words.join(' '), holdfast(words));
  }
  const other = left.write('other.conf', text.replaceAll(/cAn4ry|hex:../g, (start) => (start === 'cAn4ry' ? 'oTh3r0' : 'hex:00')));
  told('check --pair', holdfast(['check', '--pair', good, other]));
  const findings = said.get('check text') ?? '';
  assert.ok((findings.match(/HF-\d+/g) ?? []).length > MISTAKES.length, findings);
  assert.ok(said.size > 25, `${said.size} things were said`);
  const found = [...said].flatMap(([what, content]) =>
    SPELLINGS.flatMap(({ secret, spelling }) => (content.includes(spelling) ? [`${secret} in ${what}: ${around(content, spelling)}`] : [])),
  );
  assert.deepEqual(found, []);
});

const DUMPS = ['keepalived.data', 'keepalived_check.data', 'keepalived_parent.data', 'keepalived.stats', 'keepalived.json'];

function around(content: string, spelling: string): string {
  const at = content.indexOf(spelling);
  return content.slice(Math.max(0, at - 80), at + 80);
}

function descendants(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((one) => one !== '').map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
