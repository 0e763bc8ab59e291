/** Network namespaces of a lab, by `ip netns`, and commands run in them. Only for use inside a lab. */

import { execFile } from 'node:child_process';

/** A command that ended with a status other than zero; the message carries what it wrote. */
class CommandFailed extends Error {}

/** Runs a command in a namespace (undefined: the lab's first one) and resolves with its stdout; `input` is its stdin. */
export function run(namespace: string | undefined, words: readonly string[], input = ''): Promise<string> {
  const [program = '', ...rest] = inNamespace(namespace, words);
  return new Promise((done, failed) => {
    const child = execFile(program, rest, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else failed(new CommandFailed(`${namespace ?? 'lab'}: ${words.join(' ')}: ${error.message.split('\n')[0] ?? ''}\n${stderr}`));
    });
    // A command may end without having read its input; its status tells whether that was trouble.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** Lines of `ip`, all in one process; with a namespace they apply inside it. */
export async function ip(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace];
  if (lines.length > 0) await run(undefined, ['ip', ...where, '-batch', '-'], lines.join('\n') + '\n');
}

/** The words that run `words` in a namespace; the process started is the command itself, not a wrapper. */
export function inNamespace(namespace: string | undefined, words: readonly string[]): readonly string[] {
  return namespace === undefined ? words : ['ip', 'netns', 'exec', namespace, ...words];
}
