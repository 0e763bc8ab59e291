/** Virtual servers through Debian's snmpd, in a kernel with ip_vs: keepalived and holdfast show the same and tell the same. */

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { runInLab } from './lab.js';

interface Told {
  readonly objects: readonly string[];
  readonly down: readonly string[];
  readonly set: string;
  readonly traps: readonly string[];
}

const CHECK = '.1.3.6.1.4.1.9586.100.5.3';

/** Where the two say something else, and why. */
const DIFFERENCES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\.3\.3\.1\.12\.|\.3\.4\.1\.41\./, 'virtualhost is part of the checks here'],
  [/\.3\.3\.1\.51\./, 'keepalived has a length of prefixes for what is IPv4 or a mark'],
  [/\.3\.3\.1\.60\./, 'the default weight is part of the servers here'],
  [/\.3\.3\.1\.67\.|\.3\.4\.1\.51\./, 'keepalived shows its default where the check has a time of its own'],
];

const script = join(dirname(fileURLToPath(import.meta.url)), 'snmp-in-lab.js');

test('virtual servers through snmpd are those of keepalived, its traps come, and a manager may set a weight until the next reload', { timeout: 960_000 }, async () => {
  const { status, output } = await runInLab(script, { timeout: 900 });
  assert.equal(status, 0, output.slice(-2_000));
  const { keepalived, holdfast } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { readonly keepalived: Told; readonly holdfast: Told };
  const [theirs, ours] = [new Set(keepalived.objects), new Set(holdfast.objects)];
  assert.ok(theirs.size > 400, `keepalived shows ${theirs.size} objects`);
  const differing = [...[...theirs].filter((line) => !ours.has(line)), ...[...ours].filter((line) => !theirs.has(line))];
  assert.deepEqual(differing.filter((line) => !DIFFERENCES.some(([pattern]) => pattern.test(line))), []);
  for (const [pattern, reason] of DIFFERENCES) assert.ok(differing.some((line) => pattern.test(line)), `no longer a difference: ${reason}`);
  const told = contents(holdfast.traps);
  assert.deepEqual(contents(keepalived.traps).filter((trap) => isAboutFirst(trap) && !told.includes(trap)), []);
  assert.match(holdfast.set, /INTEGER: 7/);
  assert.ok(holdfast.down.includes(`${CHECK}.4.1.7.1.2 = INTEGER: 7`));
  assert.ok(holdfast.down.includes(`${CHECK}.4.1.6.1.2 = INTEGER: 2`));
});

/** Without times and who sent them. */
function contents(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => /Timeticks: \S+ \S+\s+(.*?)\s*$/.exec(line)?.[1] ?? []);
}

/** Changes of state of the virtual server that is checked. The numbers of servers that are up depend on who is first. */
function isAboutFirst(trap: string): boolean {
  return trap.includes(`${CHECK}.5.0.2`) && !trap.includes('.3.3.1.23 = INTEGER: 3');
}
