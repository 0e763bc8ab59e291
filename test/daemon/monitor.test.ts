/** holdfast monitor beside a real director: what a plugin of Nagios would report as things go wrong and are mended. */

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { holdfast } from '../cli/command.js';
import { startProgram, until } from '../lab/process.js';
import { VIP, instance, openNetwork, pool } from './network.js';

test('a director in order is OK, one that lost an address for a moment a WARNING, one in FAULT or gone CRITICAL', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const socket = join(left.folder, 'keepalived.control.sock');
  // Nothing has ip_vs here.
  const monitor = (...words: string[]): ReturnType<typeof holdfast> => holdfast(['monitor', '--as', 'tables=ok', '--socket', socket, ...words]);
  const says = (what: string, status: number, pattern: RegExp, ...words: string[]): Promise<string> =>
    until(what, 30, () => {
      const answer = monitor(...words);
      return answer.status === status && pattern.test(answer.output) ? answer.output : undefined;
    });
  assert.equal(monitor().status, 2, 'nobody answers yet');
  const daemon = left.daemon(`${instance({ priority: 100 })}${pool({ servers: { 81: [], 82: [] } })}`);
  const well = await says('all is well', 0, /2 of 2 real servers up/);
  assert.match(well, /^HOLDFAST OK - V1 (MASTER|BACKUP), 1 virtual server, 2 of 2 real servers up \| masters=\d;;;0;1 faults=0;;;0;1 virtual_servers_down=0;;;0;1 real_servers_down=0;;;0;2 connections=0;;;0 ipvs_repairs=0c\n$/);
  await says('the role', 0, /V1 MASTER/, '--role', 'master');
  assert.equal(monitor('--role', 'backup').status, 2);
  assert.deepEqual([monitor('--instance', 'V7').status, monitor('--instance', 'V7').output], [3, 'HOLDFAST UNKNOWN - nothing is called V7\n']);
  // As Nagios calls it.
  const link = join(left.folder, 'check_holdfast');
  symlinkSync(join(process.cwd(), 'dist', 'main.js'), link);
  const plugin = startProgram([link, '--socket', socket, '--instance', 'V1', '--as', 'tables=ok'], {});
  assert.equal(await plugin.exited, 0);
  assert.match(plugin.text(), /^HOLDFAST OK - V1 MASTER \| masters=1;;;0;1 faults=0;;;0;1$/m);
  left.run('ip', 'address', 'del', `${VIP}/32`, 'dev', 'eth0');
  await says('somebody took the address', 1, /^HOLDFAST WARNING - Netlink reflector reports IP 10\.9\.9\.100 removed from eth0/);
  await says('that may be nothing', 0, /^HOLDFAST OK/, '--as', 'drift=ok');
  right.run('ip', 'link', 'set', 'eth0', 'down');
  await says('the cable', 2, /^HOLDFAST CRITICAL - V1 is in FAULT: interface eth0 down/);
  daemon.signal('SIGKILL');
  await daemon.exited;
  await says('nobody', 2, /^HOLDFAST CRITICAL - .*does not run/);
});
