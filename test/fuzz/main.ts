/**
 * `npm run fuzz -- --seconds N --seed S [--keep]`: fuzzes the reader of configurations for a while; `--keep` writes new texts
 * into test/corpus. With `--parsers` it is each of the other parsers, for N seconds.
 */

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CORPUS, runFuzzer } from './fuzzer.js';
import { bend } from './parse.js';
import { withParsers } from './parsers.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, keep: { type: 'boolean', default: false }, parsers: { type: 'boolean', default: false } },
});

/** Whether all was well. */
function fuzzParsers(): boolean {
  return withParsers((parsers) =>
    parsers
      .map((parser) => {
        const { executions, failures } = bend(parser, { seed: Number(values.seed), executions: Number.MAX_SAFE_INTEGER, milliseconds: Number(values.seconds) * 1_000 });
        process.stdout.write(`${parser.name}: ${executions} executions\n${failures.join('\n')}`);
        return failures.length === 0;
      })
      .every(Boolean),
  );
}

async function fuzzConfigurations(): Promise<boolean> {
  const outcomes = await runFuzzer({
    seed: Number(values.seed),
    milliseconds: Number(values.seconds) * 1_000,
    executions: Number.MAX_SAFE_INTEGER,
    threads: 2,
  });
  for (const { executions, branches, cells, found } of outcomes) {
    process.stdout.write(`${executions} executions, ${branches} of ${cells} branches, ${found.length} new texts\n`);
  }
  if (values.keep) {
    // The threads found much the same, each for itself.
    for (const text of outcomes[0]?.found ?? []) {
      writeFileSync(`${CORPUS}/${createHash('sha256').update(text).digest('hex').slice(0, 12)}.conf`, text);
    }
  }
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  for (const { text, error } of failures) process.stdout.write(`\n${error}\n${JSON.stringify(text)}\n`);
  return failures.length === 0;
}

process.exitCode = (values.parsers ? fuzzParsers() : await fuzzConfigurations()) ? 0 : 1;
