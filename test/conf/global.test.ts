/** global_defs and the outermost level: what the daemon is told, and what of it is refused. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { GlobalConfig } from '../../src/conf/model.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import type { LoadOptions } from '../../src/conf/load.js';
import { hostWithAccounts, load } from './support.js';

const MACHINE: LoadOptions = {
  processors: 4,
  host: hostWithAccounts((user, group = 'adm') => ['root', 'alice'].includes(user) && group === 'adm'),
};

interface Globals {
  readonly global: GlobalConfig;
  readonly director: DirectorConfig;
  readonly refused: readonly string[];
}

function globals(lines: string, outermost = ''): Globals {
  const { model, diagnostics } = load(`${outermost}\nglobal_defs {\n${lines}\n}\n`, MACHINE);
  assert.ok(model !== undefined, lines);
  const refused = diagnostics.map(({ message }) => message);
  return { global: model.global, director: model.director, refused };
}

test('each process has its own scheduling, and says nothing of what is not configured', () => {
  const { global, refused } = globals(
    'vrrp_priority -5\nvrrp_rt_priority 20\nvrrp_cpu_affinity 3 1 1\nvrrp_rlimit_rtime 1\nvrrp_no_swap\nchecker_priority 3\nmax_auto_priority\nmin_auto_priority_delay 500',
  );
  assert.deepEqual(refused, []);
  assert.deepEqual(global.scheduling, {
    vrrp: { realTimeLimit: 2, lockMemory: true, niceValue: -5, realTimePriority: 20, cpus: [1, 3] },
    checkers: { lockMemory: false, niceValue: 3 },
    bfd: { lockMemory: false },
    automatic: { lateness: 500, highest: 99 },
  });
});

test('a real-time priority is moved into its range, a set of CPUs with one that is none is dropped whole', () => {
  const { global, refused } = globals('vrrp_rt_priority 120\nchecker_rt_priority 0\nvrrp_cpu_affinity 1 4\nchecker_cpu_affinity 0 x');
  assert.deepEqual([global.scheduling?.vrrp, global.scheduling?.checkers], [
    { lockMemory: false, realTimePriority: 99 },
    { lockMemory: false, realTimePriority: 1 },
  ]);
  assert.deepEqual(refused, [
    'vrrp_rt_priority: 120 is not within 1 to 99; 99 is used',
    'checker_rt_priority: 0 is not within 1 to 99; 1 is used',
    'there is no CPU 4 on this machine; the line is ignored',
    "checker_cpu_affinity: 'x' is not a whole number; it is ignored",
  ]);
});

test('max_auto_priority -1 is an answer, no line is none', () => {
  assert.equal(globals('max_auto_priority -1').global.scheduling?.automatic.highest, 0);
  assert.equal(globals('').global.scheduling?.automatic.highest, undefined);
});

test('mails: a server with port, recipients of all lines, and whose alerts are on', () => {
  const { global, refused } = globals(
    'notification_email {\n a@example.com b@example.com\n c@example.com\n}\nsmtp_server mail.example.com 587\nsmtp_connect_timeout 0\nsmtp_alert\nsmtp_alert_vrrp off\nno_email_faults',
  );
  assert.deepEqual(global.mail, {
    recipients: ['a@example.com', 'b@example.com', 'c@example.com'],
    timeout: 1,
    server: { host: 'mail.example.com', port: 587 },
    defaults: { all: true, vrrp: false, noFaults: true },
  });
  assert.deepEqual(refused, ['smtp_connect_timeout must be at least 1; 1 is used']);
  assert.deepEqual(globals('smtp_server 192.0.2.1 70000').global.mail, { recipients: [], timeout: 30 });
});

test('scripts and FIFOs carry their accounts, those without one that of script_user', () => {
  const { global, refused } = globals(
    'enable_script_security\nscript_user alice :\nstartup_script "/bin/a b" root :adm\nshutdown_script /bin/c\nshutdown_script_timeout 3\nnotify_fifo /run/f alice adm\nnotify_fifo_script /bin/r',
  );
  const alice = { user: 'alice', supplementaryGroups: true };
  assert.deepEqual(refused, []);
  assert.deepEqual(global.scriptUser, alice);
  assert.deepEqual(global.scripts, {
    startup: { command: { argv: ['/bin/a', 'b'], user: 'root', group: 'adm', supplementaryGroups: true }, limit: 10 },
    shutdown: { command: { argv: ['/bin/c'], ...alice }, limit: 3 },
  });
  assert.deepEqual(global.notifyFifo, { path: '/run/f', owner: { user: 'alice', group: 'adm' }, reader: { argv: ['/bin/r'], ...alice } });
});

test('set_supplementary_groups does for every account what a colon does for one', () => {
  const { global } = globals('set_supplementary_groups\nscript_user alice\nshutdown_script /bin/c root');
  assert.deepEqual(global.scriptUser, { user: 'alice', supplementaryGroups: true });
  assert.deepEqual(global.scripts?.shutdown?.command, { argv: ['/bin/c'], user: 'root', supplementaryGroups: true });
});

test('an account that the machine does not have drops its line, and script security does not fall back on root', () => {
  const { global, refused } = globals('enable_script_security\nscript_user bob\nstartup_script /bin/a alice wheel\nshutdown_script /bin/b alice');
  assert.deepEqual([global.scriptUser, global.scripts?.startup, global.scripts?.shutdown?.command.user], [undefined, undefined, 'alice']);
  assert.deepEqual(refused, [
    'there is no account bob on this machine; the line is ignored',
    'there is no account alice with group wheel on this machine; the script is left out',
  ]);
  assert.deepEqual(globals('enable_script_security\nshutdown_script /bin/b').refused, [
    'there is no account keepalived_script, and script security forbids to run scripts as root instead',
  ]);
});

test('one path is one FIFO, and a program without a FIFO is told', () => {
  const { global, refused } = globals('notify_fifo /run/f\nvrrp_notify_fifo /run/f\nlvs_notify_fifo /run/l\nvrrp_notify_fifo_script /bin/r');
  assert.deepEqual([global.notifyFifo, global.vrrpNotifyFifo, global.lvsNotifyFifo], [{ path: '/run/f' }, undefined, { path: '/run/l' }]);
  assert.deepEqual(refused, []);
  assert.deepEqual(globals('enable_script_security\nscript_user root\nlvs_notify_fifo_script /bin/r').refused, ['there is no FIFO for this program to read']);
});

test('a file mode mask is a number as in C, or names of bits', () => {
  for (const [text, mask] of [['022', 0o22], ['0x12', 0x12], ['18', 18], ['IWGRP|IWOTH', 0o22], ['IRWXO | IWGRP', 0o27]] as const) {
    assert.equal(globals(`umask ${text}`).global.files?.umask, mask, text);
  }
  for (const text of ['777', '01000', '8x', 'IWGRP|', 'XUSR']) {
    assert.deepEqual(globals(`umask ${text}`).refused, [`umask: '${text}' is no file mode mask; it is ignored`], text);
  }
});

test('receive buffers: bytes win over words, MTU over ADVERT', () => {
  assert.deepEqual(globals('vrrp_rx_bufs_policy advert\nvrrp_rx_bufs_multiplier 5').director.advertBuffers, { policy: 'ADVERT', multiplier: 5 });
  assert.deepEqual(globals('vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy ADVERT').director.advertBuffers, { policy: 'MTU', multiplier: 3 });
  const both = globals('vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy 500\nvrrp_netlink_cmd_rcv_bufs 4096\nvrrp_netlink_cmd_rcv_bufs_force');
  assert.deepEqual([both.director.advertBuffers, both.refused.length], [{ bytes: 500 }, 1]);
  assert.deepEqual(both.global.sockets?.vrrpCommands, { bytes: 4_096, force: true });
  // Nothing is forced where no size is given, and 0 bytes are none.
  assert.deepEqual(globals('vrrp_netlink_monitor_rcv_bufs_force\nlvs_netlink_cmd_rcv_bufs 0').global.sockets, {});
});

test('a network namespace sends pid files to the pid directory, and IPVS may live in another one', () => {
  const { global } = globals('', 'net_namespace blue\nnet_namespace_ipvs');
  assert.deepEqual([global.networkNamespace, global.ipvsNamespace, global.usePidDirectory], ['blue', {}, true]);
  assert.deepEqual(globals('', 'net_namespace_ipvs green').global.ipvsNamespace, { name: 'green' });
});

test('SNMP and D-Bus are in the model only when asked for', () => {
  const { global } = globals('enable_snmp_rfc\nsnmp_socket udp:localhost:705\nenable_dbus');
  assert.deepEqual(global.snmp, { traps: false, vrrp: false, checkers: false, rfc2787: true, rfc6527: true, socket: 'udp:localhost:705' });
  assert.deepEqual(global.dbus, { serviceName: 'org.keepalived.Vrrp1', noInterfaceName: 'none' });
  assert.deepEqual([globals('').global.snmp, globals('dbus_service_name a.b').global.dbus], [undefined, undefined]);
});
