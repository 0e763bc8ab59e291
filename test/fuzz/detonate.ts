/** Loads one bomb in a process of its own and prints what it cost. */

import { loadConfiguration } from '../../src/conf/load.js';
import { BOMBS } from './bombs.js';

const text = BOMBS[process.argv[2] ?? '']?.() ?? '';
const { user, system } = process.cpuUsage();
const { diagnostics } = loadConfiguration((pattern) => (pattern === 'k.conf' ? [{ path: 'k.conf', text }] : []), 'k.conf', {
  interfaces: ['lo', 'eth0'],
  lints: {},
});
const spent = process.cpuUsage({ user, system });
const figures = {
  seconds: (spent.user + spent.system) / 1e6,
  mebibytes: process.resourceUsage().maxRSS / 1024,
  findings: diagnostics.length,
};
process.stdout.write(JSON.stringify(figures));
