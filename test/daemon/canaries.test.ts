/**
 * Secrets of a configuration stay in it: words that stand nowhere else are planted as passwords and keys, everything that
 * says something is made to say it, and none of the words is in any of that, in no spelling.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { holdfast } from '../cli/command.js';
import { busctl, openBus } from '../control/bus.js';
import type { Bus } from '../control/bus.js';
import { until } from '../lab/process.js';
import { descendantsOf, readProcess } from '../support/processes.js';
import { HOLDFAST, openNetwork } from './network.js';
import type { Host } from './network.js';

const PASSWORD = 'cAn4ryPw';
const AH_PASSWORD = 'cAn4ryAh';
const TEXT_KEY = 'cAn4ryTextKey-0123456789abcdef-x';
const HEX_KEY = Buffer.from('cAn4ryHexKey-fedcba9876543210-yz').toString('hex');
const FILE_KEY = 'cAn4ryFileKey-5555aaaa5555aaaa-w';
const TLS_PASSWORD = 'cAn4ryTlsPassphrase';
const MAIL_PASSWORD = 'cAn4ryMailPassword';
const REDIS_PASSWORD = 'cAn4ryRedisWord';
const WEBHOOK_TOKEN = 'cAn4ryWebhookToken';
const SECRETS = [WEBHOOK_TOKEN, MAIL_PASSWORD, REDIS_PASSWORD, PASSWORD, AH_PASSWORD, TEXT_KEY, Buffer.from(HEX_KEY, 'hex').toString(), FILE_KEY, TLS_PASSWORD];

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
  enable_dbus
  smtp_user director
  smtp_password_file ${join(host.folder, 'mail')}
  notification_email {
    a@example.com
  }
  notify_fifo ${join(host.folder, 'fifo')}
  webhook {
    url http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}?key=${WEBHOOK_TOKEN}
    events all
  }
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
virtual_server 10.9.9.100 6379 {
  delay_loop 1
  lb_algo rr
  lb_kind NAT
  protocol TCP
  real_server 10.9.9.1 6379 {
    REDIS_CHECK {
      password ${REDIS_PASSWORD}
      connect_timeout 1
      retry 0
    }
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
  [`password ${REDIS_PASSWORD}`, `password ${REDIS_PASSWORD} ${REDIS_PASSWORD}`],
  ['REDIS_CHECK {', 'REDIS_CHEK {'],
  ['SSL {', 'SSLX {'],
  [`    url http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}`, `    url http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN} ${WEBHOOK_TOKEN}`],
  [`    url http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}`, `    urll http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}`],
  [`    url http://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}`, `    url hook://127.0.0.1:9/hooks/${WEBHOOK_TOKEN}`],
  ['smtp_user director', `smtp_password ${MAIL_PASSWORD}`],
  // The last one: what follows belongs to the word.
  [`auth_pass ${PASSWORD}`, `auth_pass "${PASSWORD}`],
];

type Said = Map<string, string>;

interface Told {
  readonly output: string;
  readonly errors: string;
}

/** A daemon that logs in `format`, and everything that it writes, shows, hands out and answers. */
async function talk(left: Host, format: 'text' | 'json', bus: Bus, said: Said): Promise<void> {
  const text = configuration(left);
  const logs = ['-n', '-l', '-D', '-D', '-d', `-g${join(left.folder, `${format}.log`)}`, `--log-format=${format}`];
  const daemon = left.daemon(text, { options: logs, environment: { DBUS_SYSTEM_BUS_ADDRESS: bus.address } });
  for (const name of ['Pass', 'Signed']) await daemon.line(new RegExp(`\\(${name}\\) Entering MASTER STATE`), 10);
  await daemon.line(/Removing service \[10\.9\.9\.1\]:tcp:6379/, 10);
  for (const name of DUMPS) rmSync(join(left.folder, name), { force: true });
  for (const signal of ['SIGUSR1', 'SIGUSR2', 36, 64] as const) process.kill(daemon.pid, signal);
  await until('the dumps are there', 10, () => DUMPS.every((name) => existsSync(join(left.folder, name))) || undefined);
  for (const name of DUMPS) said.set(`${format} ${name}`, left.read(name));
  await ask(left, said, format);
  const paths = await until('it is on the bus', 10, async () => {
    const found = (await busctl(bus, 'tree', '--list', BUS_NAME)).split('\n').filter((path) => path.endsWith('/IPv4'));
    return found.length >= 3 ? found : undefined;
  });
  for (const path of paths) said.set(`${format} ${path} on D-Bus`, await busctl(bus, 'introspect', BUS_NAME, path.trim()));
  for (const pid of [daemon.pid, ...descendantsOf(daemon.pid)]) {
    for (const file of ['cmdline', 'environ']) said.set(`${format} ${file} of ${pid}`, readProcess(pid, file));
  }
  const before = daemon.lines.length;
  left.write('keepalived.conf', mistaken(text).join(''));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete|New configuration not used/, 10, before);
  if (format === 'json') await ask(left, said, 'after a reload that was refused,');
  daemon.signal('SIGTERM');
  await daemon.exited;
  said.set(`${format} log`, daemon.text());
}

const QUESTIONS = ['status', 'status --json', 'why Pass', 'why 10.9.9.1:6379', 'events --json --recent 500', 'events --recent 500', 'plan OTHER', 'plan --json OTHER', 'drift', 'drift --json', 'health', 'rs drain 10.9.9.1:6379'];
const PATHS = ['/v1', '/v1/status', '/v1/status.txt', '/v1/configuration', '/v1/schema', '/v1/events?follow=no', '/metrics', '/', '/livez', '/readyz', '/nowhere'];

/** Every command that asks the daemon, and every path of its API. */
async function ask(left: Host, said: Said, when: string): Promise<void> {
  const socket = join(left.folder, 'control.sock');
  for (const question of QUESTIONS) {
    const words = question.replace('OTHER', join(left.folder, 'other.conf')).split(' ');
    told(said, `${when} ${question}`, await inside(left, [...words, '--socket', socket]));
  }
  for (const name of [socket, socket.replace('.sock', '.admin.sock')]) {
    for (const path of PATHS) said.set(`${when} ${name} ${path}`, left.run('sh', '-c', `curl -s -m 30 --unix-socket ${name} 'http://localhost${path}' || true`));
  }
}

/** The command in the network of the host; whatever its status is. */
async function inside(left: Host, words: readonly string[]): Promise<Told> {
  const program = left.start([...HOLDFAST, ...words]);
  await program.exited;
  return { output: program.text(), errors: '' };
}

function told(said: Said, what: string, { output, errors }: Told): void {
  said.set(what, `${output}\n${errors}`);
}

const mistaken = (text: string): readonly string[] => MISTAKES.map(([right, wrong]) => text.replace(right, wrong));

/** Every command that reads files. */
async function read(left: Host, said: Said): Promise<void> {
  const text = configuration(left);
  const good = left.write('good.conf', text);
  const bad = left.write('bad.conf', mistaken(text).join(''));
  const other = join(left.folder, 'other.conf');
  for (const format of ['text', 'json', 'sarif', 'github']) told(said, `check ${format}`, holdfast(['check', '--offline', '--format', format, bad]));
  for (const words of [
    ['check', '--compat', bad],
    ['-t', '-f', bad],
    ['dump', '--offline', good],
    ['dump', '--offline', '--format', 'json', good],
    ['check', '--pair', good, other],
    ['plan', '--offline', '--against', good, other],
    ['plan', '--offline', '--json', '--against', good, other],
    ['log', '--fields', join(left.folder, 'json.log')],
  ]) {
    told(said, words.join(' '), holdfast(words));
  }
  for (const words of [['doctor', good], ['doctor', '--json', good], ['doctor', bad]]) told(said, words.join(' '), await inside(left, words));
}

test('no password and no key is in anything that the daemon or a command says', { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const bus = await openBus(t);
  const { left } = network;
  const said: Said = new Map();
  left.write('key', FILE_KEY);
  left.write('mail', `${MAIL_PASSWORD}\n`);
  left.run('chmod', '600', join(left.folder, 'key'), join(left.folder, 'mail'));
  left.write('notify.sh', `#!/bin/sh\n{ env; echo "$0 $*"; } >>${left.folder}/notified\n`);
  left.run('chmod', '755', join(left.folder, 'notify.sh'));
  left.write('other.conf', configuration(left).replaceAll(/cAn4ry|hex:../g, (start) => (start === 'cAn4ry' ? 'oTh3r0' : 'hex:00')));
  for (const format of ['text', 'json'] as const) await talk(left, format, bus, said);
  for (const name of readdirSync(left.folder).filter((one) => one.endsWith('.log'))) said.set(name, left.read(name));
  said.set('what the notify script got', left.read('notified'));
  await read(left, said);
  const findings = said.get('check text') ?? '';
  assert.ok((findings.match(/HF-\d+/g) ?? []).length > MISTAKES.length, findings);
  assert.ok(said.size > 100, `${said.size} things were said`);
  for (const path of ['/metrics', '/v1/status', '/v1/configuration']) {
    const answers = [...said].filter(([what]) => what.endsWith(path)).map(([, content]) => content);
    assert.ok(answers.some((answer) => /holdfast_|"instances"|seal/i.test(answer)), `${path}: ${answers[0] ?? ''}`);
  }
  const found = [...said].flatMap(([what, content]) =>
    SPELLINGS.flatMap(({ secret, spelling }) => (content.includes(spelling) ? [`${secret} in ${what}: ${around(content, spelling)}`] : [])),
  );
  assert.deepEqual(found, []);
});

test('a process that dies under its unit leaves no picture of its memory', () => {
  const units = readdirSync('examples/systemd').filter((name) => name.startsWith('holdfast')).map((name) => ({ name, text: readFileSync(join('examples/systemd', name), 'utf8') }));
  const lasting = units.filter(({ text }) => /^Type=notify/m.test(text));
  assert.ok(lasting.length >= 3);
  assert.deepEqual(lasting.filter(({ text }) => !/^LimitCORE=0$/m.test(text)).map(({ name }) => name), []);
});

const BUS_NAME = 'org.keepalived.Vrrp1';

const DUMPS = ['keepalived.data', 'keepalived_check.data', 'keepalived_parent.data', 'keepalived.stats', 'keepalived.json'];

function around(content: string, spelling: string): string {
  const at = content.indexOf(spelling);
  return content.slice(Math.max(0, at - 80), at + 80);
}
