/** SMTP_CHECK and ha_suspend through the built command. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import { openNetwork } from './network.js';

/** A real mail server's protocol engine, from Python's library. It prints nothing; what it is asked shows in the checks. */
const SERVER = ['python3', '-W', 'ignore', '-c', `
import asyncore, smtpd, sys
smtpd.SMTPServer(('10.9.9.2', 2525), None)
print('listening', flush=True)
asyncore.loop()`];

function service(lines: string, check: string): string {
  return `virtual_server 10.9.9.200 2525 {
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    ${lines}
    real_server 10.9.9.2 2525 {
      SMTP_CHECK {
        connect_timeout 5
        retry 1
        delay_before_retry 1
        warmup 0
        ${check}
      }
    }
  }\n`;
}

test('a mail server is seen alive, dead, and alive again', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const server = right.start(SERVER);
  await server.line(/listening/, 10);
  const daemon = left.daemon(service('', 'helo_name probe.example.org'));
  await daemon.line(/Remote SMTP server \[10\.9\.9\.2\]:tcp:2525 succeed on service\./, 8);
  server.signal('SIGKILL');
  await daemon.line(/SMTP_CHECK Could not connect to server \[10\.9\.9\.2\]:2525$/, 10);
  await daemon.line(/Removing service \[10\.9\.9\.2\]:tcp:2525 from VS \[10\.9\.9\.200\]:tcp:2525/, 10);
  const again = right.start(SERVER);
  await again.line(/listening/, 10);
  await daemon.line(/Adding service \[10\.9\.9\.2\]:tcp:2525 to VS \[10\.9\.9\.200\]:tcp:2525/, 10);
});

test('ha_suspend: checks begin when the address comes to this host and rest when it goes', async (t) => {
  const { left, close } = openNetwork();
  t.after(close);
  // The kernel doubles what it is given.
  const buffer = 'global_defs {\nlvs_netlink_monitor_rcv_bufs 123456\nlvs_netlink_monitor_rcv_bufs_force\n}\n';
  const daemon = left.daemon(`${buffer}${service('ha_suspend', '')}`);
  await daemon.line(/Suspending healthchecker for service \[10\.9\.9\.2\]:tcp:2525 for VS \[10\.9\.9\.200\]:tcp:2525/, 8);
  assert.match(left.run('ss', '-f', 'netlink', '-mn'), /rb246912/);
  left.run('ip', 'address', 'add', '10.9.9.200/32', 'dev', 'eth0');
  await daemon.line(/Activating healthchecker for service \[10\.9\.9\.2\]:tcp:2525/, 8);
  await daemon.line(/SMTP_CHECK Could not connect to server/, 8);
  left.run('ip', 'address', 'del', '10.9.9.200/32', 'dev', 'eth0');
  const count = (): number => daemon.lines.filter(({ text }) => text.includes('Suspending healthchecker')).length;
  await until('it rests again', 5, () => count() === 2 || undefined);
});
