/** What an operator's command line starts: help, a configuration test, the supervisor here or the supervisor detached. */

import { DETACHED, reportPublished, startInBackground } from './background.js';
import { parseOptions } from './options.js';
import { VERSION } from './version.js';

/** `argv` is without interpreter and script. Sets the exit status or leaves the supervisor running. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const detached = argv[0] === DETACHED;
  const words = detached ? argv.slice(1) : argv;
  const request = parseOptions(words, VERSION);
  switch (request.type) {
    case 'leave':
      process.stdout.write(request.output);
      process.stderr.write(request.errors);
      process.exitCode = request.status;
      return;
    case 'test': {
      const { testConfiguration } = await import('./configuration-test.js');
      process.exitCode = testConfiguration(request);
      return;
    }
    case 'run': {
      for (const remark of request.remarks) process.stderr.write(`${remark}\n`);
      if (!request.options.foreground && !detached) {
        startInBackground(words);
        return;
      }
      const { runSupervisor } = await import('./supervisor.js');
      const { options, remarks } = request;
      runSupervisor({ options, version: VERSION, words, remarks, onPublished: reportPublished });
    }
  }
}
