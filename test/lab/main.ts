/** The lab's command line: `node dist/test/lab/main.js [--kernel=uml|uml-seccomp|machine|host] [--timeout=S] SCRIPT [WORDS]`, or `--shell`. */

import { parseArgs } from 'node:util';
import { kernelNamed } from './kernel.js';
import { runInLab } from './lab.js';

const USAGE = 'usage: node dist/test/lab/main.js [--kernel=uml|uml-seccomp|machine|host] [--timeout=SECONDS] SCRIPT [WORDS...]\n       node dist/test/lab/main.js --shell\n';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shell: { type: 'boolean', default: false }, kernel: { type: 'string' }, timeout: { type: 'string' } },
  // Options after the script's name are the script's.
  args: process.argv.slice(2, endOfOptions()),
});

function endOfOptions(): number {
  const script = process.argv.findIndex((word, index) => index >= 2 && !word.startsWith('--'));
  return script === -1 ? process.argv.length : script + 1;
}

const script = values.shell ? '/bin/bash' : positionals[0];
if (script === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const result = await runInLab(script, {
    kernel: kernelNamed(values.kernel),
    timeout: Number(values.timeout ?? (values.shell ? 86_400 : 600)),
    words: values.shell ? ['--noprofile', '--norc', '-i'] : process.argv.slice(endOfOptions()),
    terminal: values.shell,
    onOutput: (text) => process.stdout.write(text),
  });
  process.exitCode = result.status;
}
