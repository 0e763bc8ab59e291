/** `npm run demo [-- --keep] [-- --daemon=keepalived]`: starts the lab in which scripts/demo.ts tells its story. */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT, runInLab } from './lab.js';

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, daemon: { type: 'string', default: 'holdfast' } },
});
const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
// A shell at the end needs the terminal; the story alone does not, and can then be piped and interrupted as usual.
const terminal = values.keep && process.stdin.isTTY && process.stdout.isTTY;
const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/lab/scripts/demo.js'), {
  words: [values.daemon, ...(values.keep ? ['keep'] : [])],
  environment: { LAB_COLOUR: coloured ? 'yes' : 'no' },
  timeout: values.keep ? 24 * 3600 : 240,
  terminal,
  onOutput: (text) => process.stdout.write(text),
});
if (status > 1) process.stderr.write(`demo: the lab ended with status ${status}\n${output.slice(-2000)}\n`);
process.exitCode = status;
