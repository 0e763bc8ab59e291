/** What an operator's command line starts: help, a configuration test, the supervisor here or the supervisor detached. */

import { basename } from 'node:path';

import { kernelText } from '../../io/netlink/kernel-text.js';
import { openClock } from '../../io/clock.js';
import { inheritedChildren } from '../../io/processes/replace.js';
import { allowCoreDumps, setCorePattern } from '../../io/processes/core-dumps.js';
import { openServiceManager } from '../../io/processes/service-manager.js';
import { loadAddon } from '../../io/native.js';
import { reportPublished, startInBackground } from './background.js';
import { DETACHED, REHEARSAL } from './internal-words.js';
import { parseOptions } from './options.js';
import type { Options } from './options.js';
import { createPreparedChildren, likelyChildren } from '../children/prepared-children.js';
import { versionOf, versionText } from './version.js';

/**
 * `argv` is without interpreter and script, `commands` the end of --help. Sets the exit status or leaves the supervisor
 * running.
 */
export async function runCommand(argv: readonly string[], commands: string): Promise<void> {
  const detached = argv[0] === DETACHED;
  const rehearsed = argv[0] === REHEARSAL;
  const words = detached || rehearsed ? argv.slice(1) : argv;
  const startedAs = basename(process.argv[1] ?? '');
  const request = parseOptions(words, versionText(startedAs, kernelText()), commands);
  switch (request.type) {
    case 'leave':
      process.stdout.write(request.output);
      process.stderr.write(request.errors);
      process.exitCode = request.status;
      return;
    case 'test': {
      if (rehearsed) {
        if (!hasAddon()) return;
        const { answerRehearsal } = await import('./rehearsal-answer.js');
        await answerRehearsal(request.options);
        return;
      }
      const { testConfiguration } = await import('./configuration-test.js');
      process.exitCode = testConfiguration(request);
      return;
    }
    case 'run': {
      const { options } = request;
      if (!hasAddon()) return;
      if (!options.foreground && !detached) {
        for (const remark of request.remarks) process.stderr.write(`${remark}\n`);
        startInBackground(words);
        return;
      }
      // Before there are children, who have what this process has.
      const remarks = [...request.remarks, ...dumpCores(options)];
      // Before there are children of our own.
      const inherited = inheritedChildren();
      // Before anything is started that could speak in its name.
      const manager = openServiceManager(process.env, openClock());
      // Before anything else is loaded: they load at the same time.
      const prepared = createPreparedChildren();
      for (const child of likelyChildren(options)) prepared.prepare(child);
      const { runSupervisor } = await import('../supervisor.js');
      runSupervisor({ options, version: versionOf(startedAs), words, remarks, prepared, manager, inherited, onPublished: reportPublished });
    }
  }
}

/** What the system refuses, in words. */
function dumpCores({ coreDumps, corePattern }: Options): readonly string[] {
  const pattern = corePattern === undefined ? undefined : setCorePattern(corePattern);
  const limit = coreDumps ? allowCoreDumps() : undefined;
  return [
    ...(pattern === undefined ? [] : [`Unable to read/write core_pattern (${pattern})`]),
    ...(limit === undefined ? [] : [`No core dumps: their limit cannot be raised (${limit})`]),
  ];
}

/** Nothing runs without the native addon; that it is missing is a matter of installation, not a bug. */
function hasAddon(): boolean {
  try {
    loadAddon();
    return true;
  } catch (error) {
    process.stderr.write(`The native addon cannot be loaded: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write('Build it with: npm run build:native\n');
    process.exitCode = 1;
    return false;
  }
}
